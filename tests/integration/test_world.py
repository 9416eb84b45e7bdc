"""The sample database, on both servers: real data, every kind of relationship, valid on each."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal

import pytest

from local.server import Server
from local.world.load import SCHEMA, SOURCES, is_loaded, load
from migrator.files import load as read_migrations
from migrator.run import migrate

Rows = tuple[tuple[object, ...], ...]


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[str]:
    with server.temporary_database() as name, closing(server.connect(name)) as connection:
        migrate(connection, name, read_migrations(SCHEMA), series="world")
        assert not is_loaded(connection)
        reported: list[str] = []
        total = load(connection, reported.append)
        assert is_loaded(connection)
        assert total > 75_000
        assert len(reported) == len(SOURCES)
        yield name


def query(server: Server, world: str, statement: str) -> Rows:
    with server.connect(world) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchall())


def test_every_table_has_a_realistic_number_of_rows(server: Server, world: str) -> None:
    least = {
        "continents": 7,
        "countries": 250,
        "country_neighbours": 600,
        "subdivisions": 5000,
        "timezones": 400,
        "cities": 32_000,
        "capitals": 240,
        "languages": 7900,
        "country_languages": 1400,
        "currencies": 300,
        "country_currencies": 400,
        "airports": 28_000,
    }
    assert least.keys() == {source.table for source in SOURCES}
    for table, count in least.items():
        assert query(server, world, f"SELECT COUNT(*) FROM {table}")[0][0] >= count, table  # type: ignore[operator]


def test_a_country_has_values_of_every_type(server: Server, world: str) -> None:
    rows = query(
        server,
        world,
        "SELECT code3, numeric_code, continent_code, area_km2, population_density, flag, weekend, first_weekday,"
        " names, facts FROM countries WHERE code = 'CH'",
    )
    *plain, names, facts = rows[0]
    assert plain == ["CHE", 756, "EU", Decimal("41290.00"), Decimal("206.262"), "🇨🇭", "saturday,sunday", "monday"]
    assert json.loads(str(names))["fr"] == "Suisse"
    assert json.loads(str(facts))["internet_domain"] == ".ch"


def test_weekends_differ_between_countries(server: Server, world: str) -> None:
    rows = query(server, world, "SELECT code, weekend FROM countries WHERE code IN ('EG', 'IN', 'AQ') ORDER BY code")
    assert rows == (("AQ", ""), ("EG", "friday,saturday"), ("IN", "sunday"))


def test_countries_and_languages_are_many_to_many(server: Server, world: str) -> None:
    rows = query(
        server,
        world,
        "SELECT languages.code2, share, status FROM country_languages"
        " JOIN languages ON languages.code = language_code"
        " WHERE country_code = 'CH' AND status = 'official' ORDER BY share DESC",
    )
    assert [row[0] for row in rows] == ["de", "fr", "it"]
    assert rows[0][1] == Decimal("76.000")


def test_a_language_has_its_native_name(server: Server, world: str) -> None:
    assert query(server, world, "SELECT native_name, scope, kind FROM languages WHERE code2 = 'el'") == (
        ("Ελληνικά", "individual", "living"),
    )


def test_neighbours_are_symmetric(server: Server, world: str) -> None:
    one_sided = query(
        server,
        world,
        "SELECT a.country_code, a.neighbour_code FROM country_neighbours a LEFT JOIN country_neighbours b"
        " ON b.country_code = a.neighbour_code AND b.neighbour_code = a.country_code WHERE b.country_code IS NULL",
    )
    assert one_sided == ()
    rows = query(server, world, "SELECT neighbour_code FROM country_neighbours WHERE country_code = 'PT'")
    assert rows == (("ES",),)


def test_subdivisions_are_a_tree(server: Server, world: str) -> None:
    rows = query(
        server,
        world,
        "SELECT child.name, parent.name FROM subdivisions child JOIN subdivisions parent"
        " ON parent.code = child.parent_code WHERE child.code = 'FR-75C'",
    )
    assert rows == (("Paris", "Île-de-France"),)


def test_a_time_zone_west_of_greenwich_has_a_negative_time(server: Server, world: str) -> None:
    rows = query(
        server,
        world,
        "SELECT CAST(january_offset AS CHAR), CAST(july_offset AS CHAR), changes_clocks FROM timezones"
        " WHERE name IN ('America/St_Johns', 'Asia/Kolkata') ORDER BY name",
    )
    assert rows == (("-03:30:00", "-02:30:00", 1), ("05:30:00", "05:30:00", 0))


def test_currencies_have_a_history(server: Server, world: str) -> None:
    rows = query(
        server,
        world,
        "SELECT currency_code, valid_from, valid_until, in_use FROM country_currencies"
        " JOIN currencies ON currencies.code = currency_code WHERE country_code = 'DE' ORDER BY 1",
    )
    assert rows == (
        ("DEM", dt.date(1948, 6, 20), dt.date(2002, 2, 28), 0),
        ("EUR", dt.date(1999, 1, 1), None, 1),
    )


def test_a_capital_is_a_city_of_its_country(server: Server, world: str) -> None:
    strangers = query(
        server,
        world,
        "SELECT * FROM capitals JOIN cities ON cities.id = city_id WHERE cities.country_code <> capitals.country_code",
    )
    assert strangers == ()
    rows = query(
        server,
        world,
        "SELECT country_code, name FROM capitals NATURAL JOIN (SELECT id AS city_id, name FROM cities) named"
        " WHERE country_code IN ('CO', 'IS', 'FR') ORDER BY 1",
    )
    assert rows == (("CO", "Bogotá"), ("FR", "Paris"), ("IS", "Reykjavík"))


def test_an_airport_has_its_location_and_city(server: Server, world: str) -> None:
    rows = query(
        server,
        world,
        "SELECT iata, code_systems, ROUND(ST_X(location), 2), ROUND(ST_Y(location), 2), cities.name FROM airports"
        " JOIN cities ON cities.id = city_id WHERE icao = 'LSZH'",
    )
    assert rows == (("ZRH", "icao,iata", 8.55, 47.46, "Zürich"),)


def test_full_text_finds_words_of_names(server: Server, world: str) -> None:
    search = "SELECT icao FROM airports WHERE MATCH (name) AGAINST ('+charles +gaulle' IN BOOLEAN MODE)"
    # After a large load, MariaDB writes the words to the index in the background; meanwhile a search may miss them.
    deadline = time.monotonic() + 30
    while not (rows := query(server, world, search)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert rows == (("LFPG",),)


def test_the_function_returns_the_great_circle_distance(server: Server, world: str) -> None:
    [[distance]] = query(server, world, "SELECT ROUND(distance_km(52.52, 13.405, 48.8566, 2.3522))")
    assert distance == 877


def test_the_procedure_returns_the_nearest_first(server: Server, world: str) -> None:
    rows = query(server, world, "CALL cities_near(47.37, 8.54, 5)")
    assert rows[0][1:3] == ("Zürich", "CH")
    distances = [float(str(row[4])) for row in rows]
    assert distances == sorted(distances)
    assert distances[-1] <= 5


def test_one_view_is_writable_and_the_other_is_not(server: Server, world: str) -> None:
    rows = query(
        server,
        world,
        "SELECT table_name, is_updatable FROM information_schema.views"
        f" WHERE table_schema = '{world}' ORDER BY table_name",
    )
    assert rows == (("continent_statistics", "NO"), ("large_cities", "YES"))
    [[count]] = query(server, world, "SELECT COUNT(*) FROM large_cities")
    assert 400 < int(str(count)) < 1500


def test_every_table_has_a_comment(server: Server, world: str) -> None:
    silent = query(
        server,
        world,
        "SELECT table_name FROM information_schema.tables"
        f" WHERE table_schema = '{world}' AND table_type = 'BASE TABLE' AND table_comment = ''",
    )
    assert silent == ()
