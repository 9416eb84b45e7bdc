"""Spatial filters: within a box or polygon, touching a geometry, and at a distance."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

PLACES = {
    1: "POINT(16.37 48.21)",  # Vienna
    2: "POINT(16.57 48.11)",  # its airport, 19 km away
    3: "POINT(17.11 48.14)",  # Bratislava, 55 km away
    4: "POINT(179.5 -17.8)",  # west and east of the antimeridian
    5: "POINT(-179.9 -16.8)",
}
AREAS = {1: "POLYGON((16.2 48.1,16.6 48.1,16.6 48.3,16.2 48.3,16.2 48.1))", 2: "POLYGON((0 0,1 0,1 1,0 1,0 0))"}
STATEMENTS = (
    "CREATE TABLE place (id INT NOT NULL PRIMARY KEY, at POINT NULL, mixed GEOMETRY NULL, area POLYGON NULL)",
    *(
        f"INSERT INTO place (id, at, mixed) VALUES ({id_}, ST_GeomFromText('{at}'), ST_GeomFromText('{at}'))"
        for id_, at in PLACES.items()
    ),
    *(f"UPDATE place SET area = ST_GeomFromText('{area}') WHERE id = {id_}" for id_, area in AREAS.items()),
    "INSERT INTO place (id) VALUES (6)",
    f"INSERT INTO place (id, mixed) VALUES (7, ST_GeomFromText('{AREAS[1]}'))",
)
TRIANGLE = {"type": "Polygon", "coordinates": [[[16, 48], [17, 48], [16, 49], [16, 48]]]}
CASES = [
    ("at=within.(16.2,48,16.6,48.3)", [1, 2]),
    ("at=within.(16.37,48,16.6,48.3)", [1, 2]),  # the border counts
    ("at=within.(16.38,48,16.6,48.3)", [2]),
    ("at=within.(179,-20,-179,-10)", [4, 5]),
    ("at=not.within.(16.2,48,16.6,48.3)", [3, 4, 5]),
    (f"at=within.{json.dumps(TRIANGLE)}", [1, 2]),
    ("at=intersects.(16.2,48,16.6,48.3)", [1, 2]),
    ('at=intersects.{"type":"Point","coordinates":[16.37,48.21]}', [1]),
    ('at=intersects.{"type":"LineString","coordinates":[[16.37,48],[16.37,49]]}', [1]),
    ("at=dwithin.(16.37,48.21,0)", [1]),
    ("at=dwithin.(16.37,48.21,18000)", [1]),
    ("at=dwithin.(16.37,48.21,19500)", [1, 2]),
    ("at=dwithin.(16.37, 48.21, 6e4)", [1, 2, 3]),
    ("at=not.dwithin.(16.37,48.21,6e4)", [4, 5]),
    ("at=dwithin.(180,-17,100000)", [5]),
    ("at=dwithin.(0,90,2e7)", [1, 2, 3, 4, 5]),
    (f"or=(at.within.(17,48,18,49),at.dwithin.(16.37,48.21,1),at.within.{json.dumps(TRIANGLE)})", [1, 2, 3]),
    ('or=(at.within."(17,48,18,49)",id.eq.6)', [3, 6]),
]


@pytest.mark.parametrize("condition, found", CASES)
def test_a_filter_finds_points(strange: Client, condition: str, found: list[int]) -> None:
    assert strange.values(f"/place?select=id&order=id&{condition}") == found


@pytest.mark.parametrize(
    "condition, found",
    [
        ("area=within.(16,48,17,49)", [1]),
        ("area=within.(16.2,48.1,16.6,48.3)", [1]),
        ("area=within.(16.3,48,17,49)", []),
        ("area=intersects.(16.3,48,17,49)", [1]),
        ('area=intersects.{"type":"Point","coordinates":[0.5,0.5]}', [2]),
        ("mixed=within.(16.37,48,16.6,48.3)", [1, 2]),
        ("mixed=within.(16.2,48.1,16.6,48.3)", [1, 2, 7]),
        ("mixed=intersects.(16.5,48.25,17,49)", [7]),
        ("mixed=dwithin.(16.37,48.21,19500)&id=lt.6", [1, 2]),
    ],
)
def test_a_filter_finds_other_geometries(strange: Client, condition: str, found: list[int]) -> None:
    assert strange.values(f"/place?select=id&order=id&{condition}") == found


def test_rows_written_by_the_api_are_found(strange: Client) -> None:
    row = {"id": 9, "at": {"type": "Point", "coordinates": [30, 60]}}
    shown = "return=representation,tx=rollback"
    assert strange.send("POST", "/place?select=id", row, shown).json == [{"id": 9}]
    strange.send("POST", "/place", row)
    try:
        assert strange.values("/place?select=id&at=within.(29,59,31,61)") == [9]
        assert strange.values("/place?select=id&at=dwithin.(30,60,1)") == [9]
        changed = strange.send("PATCH", "/place?select=id&at=dwithin.(30,60,1)", {"mixed": row["at"]}, shown)
        assert changed.json == [{"id": 9}]
    finally:
        assert strange.send("DELETE", "/place?at=within.(29,59,31,61)", None).status == 204
    assert strange.get("/place?id=eq.9").json == []


@pytest.mark.parametrize(
    "condition, code",
    [
        ("at=within.16,48,17,49", "22P02"),
        ("at=within.(16,48,17)", "22P02"),
        ("at=within.(16,48,17,x)", "22P02"),
        ("at=within.(16,48,17,1e999)", "22P02"),
        ("at=within.(16,49,17,48)", "22P02"),
        ("at=within.(16,48,16,49)", "22P02"),
        ('at=within.{"type":"Point","coordinates":[1,2]}', "22P02"),
        ('at=within.{"type":"Polygon"}', "22P02"),
        ("at=within.{", "22P02"),
        ("at=intersects.{}", "22P02"),
        ("at=dwithin.(16,48)", "22P02"),
        ("at=dwithin.(16,91,5)", "22P02"),
        ("at=dwithin.(16,48,-1)", "22P02"),
        ("id=within.(16,48,17,49)", "42883"),
        ("at=eq.x", "42883"),
        ("area=dwithin.(16.37,48.21,5)", "42883"),
        ("or=(at.within.(16,48,17,49", "PGRST100"),
        ("or=(at.within.16)", "PGRST100"),
        ("at=within(any).{1}", "PGRST100"),
    ],
)
def test_a_bad_shape_is_refused(strange: Client, condition: str, code: str) -> None:
    refused = strange.get(f"/place?{condition}")
    assert (refused.status, refused.json["code"]) == (400, code)


def test_an_error_shows_the_form_of_a_shape(strange: Client) -> None:
    assert "(16.2,48.1,16.5,48.3)" in strange.get("/place?at=within.(1,2)").json["details"]
    assert "(16.37,48.2,5000)" in strange.get("/place?at=dwithin.(1,2)").json["details"]
    assert "within" in strange.get("/place?at=eq.x").json["hint"]
    assert "at=dwithin.(1,2" in strange.get("/place?at=near.(1,2,3)").json["hint"]
    assert "at=within.(1,2" in strange.get("/place?at=bbox.(1,2,3,4)").json["hint"]


@pytest.fixture(scope="module")
def globe(mysql_server: Server) -> Iterator[Client]:
    """The same places in columns with a spatial reference system and an index; many others make the index worth it."""
    rows = [f"({id_}, ST_SRID(ST_GeomFromText('{at}'), 4326))" for id_, at in PLACES.items()]
    rows += [f"({100 + n}, ST_SRID(POINT({n % 60 - 100}, {n // 60}), 4326))" for n in range(2000)]
    with client_of(
        mysql_server,
        "CREATE TABLE place (id INT NOT NULL PRIMARY KEY, at POINT NOT NULL SRID 4326, SPATIAL INDEX (at))",
        f"INSERT INTO place VALUES {','.join(rows)}",
        "CREATE TABLE zone (id INT NOT NULL PRIMARY KEY, area POLYGON NOT NULL SRID 4326)",
        f"INSERT INTO zone VALUES (1, ST_SRID(ST_GeomFromText('{AREAS[1]}'), 4326))",
        "ANALYZE TABLE place",
    ) as client:
        yield client


@pytest.mark.parametrize("condition, found", [case for case in CASES if "id.eq.6" not in case[0]])
def test_a_column_on_the_globe_is_filtered_in_the_same_way(globe: Client, condition: str, found: list[int]) -> None:
    farther = "at=dwithin.(180,-17,100000)"
    wanted = [4, 5] if condition == farther and 4 in globe.values(f"/place?select=id&{farther}") else found
    assert globe.values(f"/place?select=id&order=id&id=lt.100&{condition}") == wanted


def test_a_wide_box_is_a_box_and_not_what_its_edges_enclose_on_the_globe(globe: Client) -> None:
    """The shortest way between two places of a parallel leads towards the pole."""
    assert globe.values("/place?select=id&id=lt.100&at=within.(-60,48.2,90,60)") == [1]
    assert globe.values("/place?select=id&id=lt.100&at=within.(-60,40,90,48.13)") == [2]


@pytest.mark.parametrize(
    "condition", ["at=within.(16,48,17,49)", "at=intersects.(16,48,17,49)", "at=dwithin.(16.37,48.21,20000)"]
)
def test_the_spatial_index_is_used(globe: Client, condition: str) -> None:
    plan = globe.get(f"/place?select=id&{condition}", Accept="application/vnd.pgrst.plan+json").body
    assert b"at" in plan
    (statement,) = globe.get(f"/place?select=id&{condition}").statements
    with globe.server.connect(globe.database) as connection, connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN FORMAT=TRADITIONAL {statement}")
        explained = cursor.fetchone()
    assert explained is not None
    assert "at" in explained


def test_distances_of_polygons_are_measured_on_the_globe(globe: Client) -> None:
    assert globe.values("/zone?select=id&area=dwithin.(16.7,48.2,7000)") == []
    assert globe.values("/zone?select=id&area=dwithin.(16.7,48.2,8000)") == [1]
