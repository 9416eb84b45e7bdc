"""The values of spatial filters: a box, a GeoJSON geometry, or a distance around a point. Longitude comes first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import cos, isfinite, radians

from api.errors import invalid_value
from api.values.geojson import problem
from api.values.json_document import json_text_of
from api.values.texts import check_json

METRES_PER_DEGREE = 110_000
"""Slightly less than a degree of latitude anywhere on the ellipsoid, so a box made with it is never too small."""

_NUMBER = r"\s*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)\s*"
_BOX = re.compile(rf"\s*\({_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}\)\s*\Z", re.ASCII)
_CIRCLE = re.compile(rf"\s*\({_NUMBER},{_NUMBER},{_NUMBER}\)\s*\Z", re.ASCII)
_LONGEST_NUMBERS = 500
"""Characters of a box or circle."""

_FARTHEST_LATITUDE, _FARTHEST_LONGITUDE, _WIDEST = 85.0, 179.9, 170.0
"""Within these, the server's box around a polygon on the globe contains that of its longitudes and latitudes."""


@dataclass(frozen=True, slots=True)
class Box:
    """West, south, east, north."""

    west: float
    south: float
    east: float
    north: float

    @property
    def indexable(self) -> bool:
        """A spatial index on the globe finds everything in the box."""
        return (
            0 < self.east - self.west <= _WIDEST
            and max(abs(self.west), abs(self.east)) <= _FARTHEST_LONGITUDE
            and max(abs(self.south), abs(self.north)) <= _FARTHEST_LATITUDE
        )

    def geojson(self) -> str:
        """The box as a polygon; one whose west is greater than its east crosses the antimeridian, as in RFC 7946."""
        if self.west > self.east:
            halves = (Box(self.west, self.south, 180, self.north), Box(-180, self.south, self.east, self.north))
            return f'{{"type":"MultiPolygon","coordinates":[[{halves[0]._ring()}],[{halves[1]._ring()}]]}}'
        return f'{{"type":"Polygon","coordinates":[{self._ring()}]}}'

    def _ring(self) -> str:
        w, s, e, n = self.west, self.south, self.east, self.north
        return f"[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]"


@dataclass(frozen=True, slots=True)
class Area:
    """A geometry as GeoJSON, and the box around it."""

    geojson: str
    box: Box


@dataclass(frozen=True, slots=True)
class Circle:
    """All places at most this far, in metres, from a point."""

    longitude: float
    latitude: float
    metres: float

    @property
    def box(self) -> Box:
        """A box that contains the circle."""
        height = self.metres / METRES_PER_DEGREE
        farthest = min(abs(self.latitude) + height, 90)
        width = height / cos(radians(farthest)) if farthest < 90 else 360
        return Box(self.longitude - width, self.latitude - height, self.longitude + width, self.latitude + height)

    def geojson(self) -> str:
        """The centre."""
        return f'{{"type":"Point","coordinates":[{self.longitude},{self.latitude}]}}'


def area(text: str, column: str, *, surface: bool) -> Area:
    """The geometry of `(west,south,east,north)` or of GeoJSON; `surface`: only a polygon, or several.

    >>> area("(16,48,17,49)", "at", surface=True).geojson
    '{"type":"Polygon","coordinates":[[[16.0,48.0],[17.0,48.0],[17.0,49.0],[16.0,49.0],[16.0,48.0]]]}'

    Raises:
        ApiError: 22P02, it is neither.
    """
    if text.lstrip().startswith("{"):
        document = check_json(text, column)
        wrong = problem(document)
        if wrong is None and surface and isinstance(document, dict) and "Polygon" not in str(document["type"]):
            wrong = "Only a Polygon or a MultiPolygon can contain something."
        if wrong is not None:
            raise invalid_value("geometry", text, column, wrong)
        return Area(json_text_of(document, column), _around(document))
    west, south, east, north = _numbers(
        _BOX, text, column, "A box is (west,south,east,north), as in (16.2,48.1,16.5,48.3)."
    )
    if south >= north or west == east:
        raise invalid_value("box", text, column, "A box is (west,south,east,north); its south is less than its north.")
    box = Box(west, south, east, north)
    return Area(box.geojson(), box)


def circle(text: str, column: str) -> Circle:
    """The circle of `(longitude,latitude,metres)`.

    Raises:
        ApiError: 22P02, it has another form; a point that is not on the globe.
    """
    how = "A distance is (longitude,latitude,metres), as in (16.37,48.2,5000)."
    longitude, latitude, metres = _numbers(_CIRCLE, text, column, how)
    if not (-180 < longitude <= 180 and -90 <= latitude <= 90 and metres >= 0):
        raise invalid_value("point", text, column, how)
    return Circle(longitude, latitude, metres)


def _numbers(form: re.Pattern[str], text: str, column: str, how: str) -> list[float]:
    found = form.match(text) if len(text) <= _LONGEST_NUMBERS else None
    numbers = [float(each) for each in found.groups()] if found is not None else []
    if not numbers or not all(map(isfinite, numbers)):
        raise invalid_value("geometry", text, column, f"{how} A geometry is a GeoJSON object.")
    return numbers


def _around(geometry: object) -> Box:
    """The box around a valid geometry."""
    longitudes: list[float] = []
    latitudes: list[float] = []
    waiting = [geometry]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += [each.get("coordinates"), *each.get("geometries", ())]
        elif isinstance(each, list) and each:
            if isinstance(each[0], list):
                waiting += each
            else:
                longitudes.append(float(each[0]))
                latitudes.append(float(each[1]))
    if not longitudes:
        return Box(-180, -90, 180, 90)
    return Box(min(longitudes), min(latitudes), max(longitudes), max(latitudes))
