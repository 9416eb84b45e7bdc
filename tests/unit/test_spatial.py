"""Boxes, circles and the box around a geometry."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import ApiError
from api.values.spatial import Box, Circle, area, circle

EARTH_RADIUS = 6_371_000


def test_the_box_around_a_geometry_contains_all_of_it() -> None:
    parts = [{"type": "Point", "coordinates": [1, 2]}, {"type": "LineString", "coordinates": [[-3, 4], [5, -6, 7]]}]
    collection = {"type": "GeometryCollection", "geometries": parts}
    assert area(json.dumps(collection), "c", surface=False).box == Box(-3, -6, 5, 4)


@pytest.mark.parametrize(
    "box, indexable",
    [
        (Box(16, 48, 17, 49), True), (Box(-100, -85, 60, 85), True), (Box(-100, 0, 100, 1), False),
        (Box(179, 0, 181, 1), False), (Box(179, 0, -179, 1), False), (Box(0, 80, 1, 86), False),
        (Box(-181, 0, -179, 1), False), (Box(0, 0, 0, 0), False),
    ],
)  # fmt: skip
def test_only_a_box_without_the_poles_and_the_antimeridian_is_indexed(box: Box, indexable: bool) -> None:
    assert box.indexable is indexable


@given(
    longitude=st.floats(-179, 180), latitude=st.floats(-90, 90), metres=st.floats(0, 5_000_000), bearing=st.floats(0, 7),
    part=st.floats(0, 1),
)  # fmt: skip
def test_the_box_of_a_circle_contains_every_place_in_it(
    longitude: float, latitude: float, metres: float, bearing: float, part: float
) -> None:
    box = Circle(longitude, latitude, metres).box
    if not box.indexable:
        return
    angle, start = metres * part / EARTH_RADIUS, math.radians(latitude)
    end = math.asin(math.sin(start) * math.cos(angle) + math.cos(start) * math.sin(angle) * math.cos(bearing))
    turn = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(start), math.cos(angle) - math.sin(start) * math.sin(end)
    )
    assert box.south <= math.degrees(end) + 1e-9
    assert math.degrees(end) <= box.north + 1e-9
    assert box.west - 1e-9 <= longitude + math.degrees(turn) <= box.east + 1e-9


def test_numbers_keep_their_digits_and_blanks_are_allowed() -> None:
    assert circle(" ( 16.37 , -48.2, 5e3 ) ", "c") == Circle(16.37, -48.2, 5000)


@pytest.mark.parametrize("place", ["(180,90,0)", "(-179.999,-90,0)"])
def test_a_place_may_be_a_pole_or_on_the_antimeridian(place: str) -> None:
    assert circle(place, "c").metres == 0


@pytest.mark.parametrize("place", ["(180.001,0,1)", "(-180,0,1)", "(0,90.001,1)", "(0,-90.001,1)", "(0,0,-1)"])
def test_a_place_that_is_not_on_the_globe_is_an_error(place: str) -> None:
    with pytest.raises(ApiError, match="22P02"):
        circle(place, "c")
