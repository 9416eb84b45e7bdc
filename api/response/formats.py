"""Rows in the media type that the client asks for: how one row is written, and how written rows become a body."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from json.encoder import encode_basestring as quote
from urllib.parse import quote as percent_encoded

from api.request.media import CSV, GEOJSON, NDJSON, OBJECT
from api.request.query import ApiRequest, MediaType
from api.response.answer import Headers, csv_lines, json_array, single_object
from api.response.csv_text import Member, csv_row

RowWriter = Callable[[Sequence[Member]], str]
"""From the members of a row's object to the row as text."""


def row_writer(media: MediaType, geometry: str | None) -> RowWriter | None:
    """How rows are written; None: as JSON objects, which the server makes. `geometry` is the member of a feature's."""
    if media.name == CSV:
        return csv_row
    return partial(_feature, geometry=geometry) if media.name == GEOJSON else None


def json_object(members: Iterable[Member]) -> str:
    """A row as a JSON object."""
    return "{" + json_members(members) + "}"


def json_members(members: Iterable[Member]) -> str:
    """What is between the braces of an object."""
    return ",".join([f"{quote(name)}:{text}" for name, text in members])


def _feature(members: Sequence[Member], geometry: str | None) -> str:
    r"""A row as a GeoJSON feature: one of its geometries, and all other members as properties.

    >>> _feature([("id", "1"), ("at", '{"type":"Point","coordinates":[1,2]}')], "at")
    '{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"id":1}}'
    """
    found = next((text for name, text in members if name == geometry), "null")
    others = json_members(member for member in members if member[0] != geometry)
    return f'{{"type":"Feature","geometry":{found},"properties":{{{others}}}}}'


def rows_body(rows: Sequence[bytes], media: MediaType, names: Sequence[str]) -> bytes:
    """Written rows, each in UTF-8, as a body. `names` are those of CSV's header line.

    Raises: `ApiError` PGRST116 for a single object unless there is exactly one row.
    """
    if media.name == CSV:
        return (codecs.BOM_UTF8 if media.bom else b"") + csv_lines(names, rows)
    if media.name == NDJSON:
        return b"".join([row + b"\n" for row in rows])
    if media.name == GEOJSON:
        return b'{"type":"FeatureCollection","features":' + json_array(rows) + b"}"
    return single_object(rows) if media.name == OBJECT else json_array(rows)


def download_headers(request: ApiRequest) -> Headers:
    """`Content-Disposition`, for an address that names a file: `/rest/v1/cities.csv`."""
    if request.download is None:
        return ()
    name = request.download
    plain = "".join([each if each.isascii() and each.isprintable() and each not in '"\\' else "_" for each in name])
    encoded = "" if plain == name else f"; filename*=UTF-8''{percent_encoded(name, safe='')}"
    return (("Content-Disposition", f'attachment; filename="{plain}"{encoded}'),)
