"""The Accept header: the available media type that the client prefers."""

from __future__ import annotations

import re
from functools import lru_cache

from api import errors
from api.request.query import MediaType

JSON = "application/json"
CSV = "text/csv"
NDJSON = "application/x-ndjson"
GEOJSON = "application/geo+json"
OBJECT = "application/vnd.pgrst.object+json"
ARRAY = "application/vnd.pgrst.array+json"
"""Only as `ARRAY;nulls=stripped`; without that parameter it is JSON."""
PLAN_JSON = "application/vnd.pgrst.plan+json"
PLAN_TEXT = "application/vnd.pgrst.plan+text"
PLAN_OPTIONS = ("analyze", "verbose", "settings", "buffers", "wal")
"""PostgreSQL's. Only `analyze` changes what MySQL shows."""
_ROWS = (JSON, CSV, NDJSON, GEOJSON, OBJECT, ARRAY)
_PLANS = (PLAN_JSON, PLAN_TEXT)
OFFERED = (*_ROWS, *_PLANS)

LINES = (NDJSON, "application/ndjson", "application/jsonl")
"""The names in use for lines of JSON objects."""

_ALIASES = {
    **dict.fromkeys(LINES, NDJSON),
    "application/vnd.pgrst.object": OBJECT,
    "application/vnd.pgrst.array": ARRAY,
    "application/vnd.pgrst.plan": PLAN_TEXT,
}
_WILDCARDS = {"*/*": (JSON, CSV), "application/*": (JSON,), "text/*": (CSV,)}
_ELEMENT = re.compile(r'(?:[^,"]+|"[^"]*"|")+')
_PARAMETER = re.compile(r';\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^;"\s]*))')
_DEFAULT = MediaType(JSON)


@lru_cache(maxsize=512)
def negotiate(accept: str | None, *, plan: bool = False) -> MediaType:
    """The media type of the answer; `plan`: execution plans are available, too.

    >>> negotiate("text/html, text/csv;q=0.5, application/vnd.pgrst.array+json;nulls=stripped")
    MediaType(name='application/vnd.pgrst.array+json', nulls_stripped=True, plan_for=None, plan_options=(), bom=False)
    >>> negotiate("image/png")
    Traceback (most recent call last):
    ...
    api.errors.error.ApiError: PGRST107: None of these media types are available: image/png

    Raises: `ApiError` PGRST107.
    """
    if accept is None or not accept.strip():
        return _DEFAULT
    wanted = accepted(accept)
    refused = {name for name, quality, _ in wanted if not quality}
    for name, quality, parameters in wanted:
        if not quality:
            break
        media = _offered(name, parameters, refused, plan)
        if media is not None:
            return media
    error = errors.not_acceptable(errors.shorten(accept), OFFERED if plan else _ROWS)
    if not plan and any(_ALIASES.get(name, name) in _PLANS for name, _, _ in wanted):
        error.hint = (
            f"{error.hint}. Execution plans are off: the configuration key 'plan' (AUROREST_PLAN=true) turns them on."
        )
    raise error


def is_plan(media: MediaType) -> bool:
    """Whether the client asks for the execution plan."""
    return media.name in _PLANS


def unavailable(media: MediaType) -> errors.ApiError:
    """PGRST107: this request has no execution plan to show, or no geometries."""
    return errors.not_acceptable(media.name, [each for each in _ROWS if each != media.name])


def accepted(accept: str) -> list[tuple[str, float, dict[str, str]]]:
    """Each media range in lower case, its quality from 0 to 1, its other parameters. The best come first."""
    found = [_tokens(element) for element in _ELEMENT.findall(accept)]
    ranges = [(name, _quality(parameters.pop("q", "1")), parameters) for name, parameters in found if name]
    return sorted(ranges, key=lambda each: -each[1])


def media_name(content_type: str | None) -> str:
    """A Content-Type in lower case, without its parameters; empty if there is none."""
    return (content_type or "").partition(";")[0].strip().lower()


def _tokens(element: str) -> tuple[str, dict[str, str]]:
    name, separator, rest = element.partition(";")
    parameters = {key.lower(): quoted or plain for key, quoted, plain in _PARAMETER.findall(separator + rest)}
    return name.strip().lower(), parameters


def _quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 1.0
    return min(quality, 1.0) if quality > 0 else 0.0


def _offered(name: str, parameters: dict[str, str], refused: set[str], plan: bool) -> MediaType | None:
    name = _ALIASES.get(name, name)
    stripped = parameters.get("nulls", "").lower() == "stripped"
    if name in _WILDCARDS:
        return next((MediaType(each) for each in _WILDCARDS[name] if each not in refused), None)
    if name == CSV:
        return MediaType(CSV, bom=parameters.get("bom", "").lower() == "true")
    if name in (JSON, NDJSON, GEOJSON):
        return MediaType(name)
    if name == OBJECT:
        return MediaType(OBJECT, stripped)
    if name == ARRAY:
        return MediaType(ARRAY, nulls_stripped=True) if stripped else MediaType(JSON)
    if name in _PLANS and plan:
        of, _ = _tokens(parameters.get("for", JSON))
        of = _ALIASES.get(of, of)
        if of in _ROWS:
            asked = parameters.get("options", "").lower().split("|")
            options = tuple(option for option in PLAN_OPTIONS if option in asked)
            return MediaType(name, plan_for=of, plan_options=options)
    return None
