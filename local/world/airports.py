"""Rows of airports (airportsdata), each linked to the GeoNames city with the name of its municipality, if any."""

import struct
from collections.abc import Iterator

from local.world.places import airports_by_code, geonames_cities, plain
from local.world.rows import Row


def airports() -> Iterator[Row]:
    """icao, iata, code_systems, name, municipality, subdivision, country_code, city_id, elevation_ft, location,
    timezone
    """
    city_of: dict[tuple[str, str], int] = {}
    for city in geonames_cities():  # of two cities with the same name, the larger comes first and is meant
        city_of.setdefault((city["countrycode"], plain(city["name"])), city["geonameid"])
    for code, one in airports_by_code().items():
        systems = (
            ("icao", code != one["lid"]),
            ("iata", bool(one["iata"])),
            ("lid", bool(one["lid"])),
        )
        yield (
            code,
            one["iata"] or None,
            ",".join(name for name, gave in systems if gave),
            one["name"],
            one["city"] or None,
            one["subd"] or None,
            one["country"],
            city_of.get((one["country"], plain(one["city"]))),
            one["elevation"],
            _point(one["lon"], one["lat"]),
            one["tz"],
        )


def _point(x: float, y: float) -> bytes:
    """A point in the storage format of MySQL and MariaDB: SRID 0, then WKB (little endian, type 1).

    https://dev.mysql.com/doc/refman/8.4/en/gis-data-formats.html#gis-internal-format
    """
    return struct.pack("<IBIdd", 0, 1, 1, x, y)
