"""Fill the empty tables of the sample database, parents before children, many rows per statement."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pymysql

from local.world.airports import airports
from local.world.people import country_currencies, country_languages, currencies, languages
from local.world.places import (
    capitals,
    cities,
    continents,
    countries,
    country_neighbours,
    subdivisions,
    timezones,
)
from local.world.rows import Row

SCHEMA = Path(__file__).resolve().parent / "schema"
ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a table come from; the function's docstring names its columns in order."""

    table: str
    rows: Callable[[], Iterator[Row]]
    columns: str

    @property
    def insert(self) -> str:
        """The INSERT statement for one row, which the driver extends to many."""
        values = ", ".join(["%s"] * len(self.columns.split(",")))
        return f"INSERT INTO {self.table} ({self.columns}) VALUES ({values})"  # noqa: S608 - constants of this module


SOURCES = (
    Source("continents", continents, "code, name, names"),
    Source(
        "countries",
        countries,
        "code, code3, numeric_code, name, official_name, continent_code, capital, area_km2, population, flag, weekend,"
        " first_weekday, names, facts",
    ),
    Source("country_neighbours", country_neighbours, "country_code, neighbour_code"),
    Source("subdivisions", subdivisions, "code, country_code, parent_code, name, kind"),
    Source("timezones", timezones, "name, country_code, january_offset, july_offset"),
    Source("cities", cities, "id, name, country_code, latitude, longitude, population, timezone, other_names"),
    Source("capitals", capitals, "country_code, city_id"),
    Source("languages", languages, "code, code2, name, native_name, scope, kind"),
    Source("country_languages", country_languages, "country_code, language_code, share, status"),
    Source("currencies", currencies, "code, name, symbol, decimal_digits, in_use"),
    Source(
        "country_currencies",
        country_currencies,
        "country_code, currency_code, valid_from, valid_until, legal_tender",
    ),
    Source(
        "airports",
        airports,
        "icao, iata, code_systems, name, municipality, subdivision, country_code, city_id, elevation_ft, location,"
        " timezone",
    ),
)


def load(connection: "pymysql.Connection[Any]", report: Callable[[str], None]) -> int:
    """Fill every table in one transaction and return the number of rows; `report` is called with a line per table."""
    total = 0
    with connection.cursor() as cursor:
        connection.begin()
        for source in SOURCES:
            rows, count = source.rows(), 0
            while batch := tuple(islice(rows, ROWS_AT_ONCE)):
                cursor.executemany(source.insert, batch)
                count += len(batch)
            report(f"{source.table}: {count:,} rows")
            total += count
        connection.commit()
        for source in SOURCES:
            cursor.execute(f"ANALYZE TABLE {source.table}")
    return total


def is_loaded(connection: "pymysql.Connection[Any]") -> bool:
    """Whether `load` has completed in this database; it is one transaction, so a single row proves it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT * FROM continents)")
        return bool(cursor.fetchone() == (1,))
