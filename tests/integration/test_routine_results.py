"""The values of a procedure's result have the JSON of their columns' types, and are filtered and ordered as such."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

STATEMENTS = (
    "CREATE TABLE flags (id INT PRIMARY KEY, flag TINYINT(1) NULL, one BIT(1) NULL, bits BIT(9) NULL, small TINYINT NULL)",
    "INSERT INTO flags VALUES (1, 1, b'1', 511, 1), (2, 0, b'0', 0, 0), (3, NULL, NULL, NULL, NULL), (4, 7, b'1', 256, -128)",
    "CREATE PROCEDURE all_flags() READS SQL DATA SELECT * FROM flags ORDER BY id",
)


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with client_of(server, *STATEMENTS) as found:
        yield found


def test_tinyint_1_and_bit_1_are_booleans_and_others_are_numbers(client: Client) -> None:
    expected = [
        {"id": 1, "flag": True, "one": True, "bits": 511, "small": 1},
        {"id": 2, "flag": False, "one": False, "bits": 0, "small": 0},
        {"id": 3, "flag": None, "one": None, "bits": None, "small": None},
        {"id": 4, "flag": True, "one": True, "bits": 256, "small": -128},
    ]
    assert client.rows("/rpc/all_flags") == expected == client.rows("/flags?order=id")


@pytest.mark.parametrize(
    "query, ids",
    [
        ("flag=is.true", [1, 4]),
        ("flag=is.false", [2]),
        ("flag=is.null", [3]),
        ("one=eq.true", [1, 4]),
        ("one=eq.false", [2]),
        ("one=not.is.null", [1, 2, 4]),
        ("bits=gt.255", [1, 4]),
        ("small=lt.0", [4]),
        ("order=small.desc.nullslast", [1, 2, 4, 3]),
        ("order=bits.nullsfirst", [3, 2, 4, 1]),
        ("order=one.asc.nullslast,id.desc", [2, 4, 1, 3]),
        ("order=id.desc&limit=2", [4, 3]),
        ("order=id&offset=3", [4]),
    ],
)
def test_booleans_and_bits_are_filtered_and_ordered_as_in_a_table(client: Client, query: str, ids: list[int]) -> None:
    assert client.values(f"/rpc/all_flags?{query}&select=id") == ids
    assert client.values(f"/flags?{query}&select=id") == ids
