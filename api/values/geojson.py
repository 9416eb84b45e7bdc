"""The shape of a GeoJSON geometry (RFC 7946). It is checked here because MariaDB stores NULL for some wrong ones."""

from __future__ import annotations

from decimal import Decimal

_DEPTH = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""How many arrays of positions are nested in the coordinates of each type."""
_LEAST_POSITIONS = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}
_MOST_LEVELS = 20


def problem(geometry: object, level: int = 0) -> str | None:
    """What is wrong with a geometry; None if nothing is.

    >>> problem({"type": "Point", "coordinates": [1, 2]})
    >>> problem({"type": "Point"})
    "A Point requires 'coordinates'."
    >>> problem({"type": "LineString", "coordinates": [[0, 0]]})
    'A LineString requires at least 2 positions.'
    """
    if not isinstance(geometry, dict) or not isinstance(geometry.get("type"), str):
        return "Send a geometry as a GeoJSON object."
    type_ = geometry["type"]
    if type_ == "GeometryCollection":
        members = geometry.get("geometries")
        if not isinstance(members, list) or level > _MOST_LEVELS:
            return "A GeometryCollection requires an array 'geometries'."
        return next((found for member in members if (found := problem(member, level + 1))), None)
    if type_ not in _DEPTH:
        return f"The types are: {', '.join([*_DEPTH, 'GeometryCollection'])}."
    if not isinstance(geometry.get("coordinates"), list):
        return f"A {type_} requires 'coordinates'."
    return _positions(geometry["coordinates"], _DEPTH[type_], type_)


def _positions(coordinates: object, depth: int, type_: str) -> str | None:
    if not isinstance(coordinates, list):
        return f"The coordinates of a {type_} are nested arrays of numbers."
    if depth == 0:
        numbers = all(isinstance(each, int | float | Decimal) and not isinstance(each, bool) for each in coordinates)
        return None if numbers and len(coordinates) >= 2 else "A position is an array of at least two numbers."
    least = _LEAST_POSITIONS.get(type_, 1) if depth == 1 else 1
    if len(coordinates) < least:
        return f"A {type_} requires at least {least} positions." if depth == 1 else f"A {type_} cannot be empty."
    return next((found for each in coordinates if (found := _positions(each, depth - 1, type_))), None)
