"""One FLOAT is the same text wherever it is returned, and that text identifies it."""

from __future__ import annotations

import json
import math
import random
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

CERTAIN = (-2.8449405730180705e-27, 0.1, 16777216, 3.4028235e38, 1e-45, 1.17549435e-38, 2.1848423e-9, -62774877093888.0)
HOW_MANY = 300
LIMITS = (1e-3, 0.0009999999999999998, 0.0010000000000000002, 1e15, 999999999999999.9, 1000000000000000.1, 1e16)
STATEMENTS = (
    "CREATE TABLE owner (id INT PRIMARY KEY)",
    (
        "CREATE TABLE measured (id INT PRIMARY KEY, owner_id INT NULL, f FLOAT NULL, v INT NULL, d DOUBLE NULL,"
        " CONSTRAINT measured_owner FOREIGN KEY (owner_id) REFERENCES owner (id))"
    ),
    "CREATE TABLE copied (id INT PRIMARY KEY, f FLOAT NULL)",
    "INSERT INTO owner VALUES (1)",
    "CREATE FUNCTION f_of(wanted INT) RETURNS FLOAT READS SQL DATA RETURN (SELECT f FROM measured WHERE id = wanted)",
    "CREATE PROCEDURE f_rows() READS SQL DATA SELECT id, f + 0e0 AS f FROM measured ORDER BY id",
)


def random_floats(how_many: int) -> list[float]:
    """FLOATs of every size, and some with few digits."""
    found = [struct.unpack("f", struct.pack("f", number))[0] for number in CERTAIN]
    while len(found) < how_many:
        bits = struct.pack("I", random.getrandbits(32))
        short = struct.pack("f", round(random.uniform(-1e6, 1e6), random.randint(0, 5)))
        for (number,) in map(struct.Struct("f").unpack, (bits, short)):
            if number == number and abs(number) <= 3.4e38:
                found.append(number)
    return found


@pytest.fixture(scope="module")
def floats() -> list[float]:
    return random_floats(HOW_MANY)


@pytest.fixture(scope="module")
def client(server: Server, floats: list[float]) -> Iterator[Client]:
    rows = ",".join(f"({number},1,{value!r},0,{value!r})" for number, value in enumerate(floats))
    with client_of(server, *STATEMENTS, f"INSERT INTO measured VALUES {rows}") as client:
        yield client


def bits(number: float) -> bytes:
    return struct.pack("d", number + 0.0)  # without the sign of zero


def single(number: float) -> bytes:
    return struct.pack("f", number)


def parsed(body: bytes) -> Any:
    """JSON in which numbers stay text."""
    return json.loads(body, parse_float=str, parse_int=str)


def listed(client: Client, address: str, **headers: str) -> list[str]:
    response = client.get(address, **headers)
    assert response.status == 200, response.body
    return [row["f"] for row in parsed(response.body)]


def of_csv(client: Client) -> list[str]:
    _, *lines = client.get("/measured?select=f&order=id", Accept="text/csv").body.decode().splitlines()
    return lines


def of_an_embed(client: Client) -> list[str]:
    ((owner),) = parsed(client.get("/owner?select=measured(f)&measured.order=id").body)
    return [row["f"] for row in owner["measured"]]


def of_a_spread(client: Client) -> list[str]:
    ((owner),) = parsed(client.get("/owner?select=...measured(f)&measured.order=id").body)
    return list(owner["f"])


def of_an_update(client: Client) -> list[str]:
    response = client.send("PATCH", "/measured?id=gte.0&order=id&select=f", {"v": 1}, "return=representation")
    return [row["f"] for row in parsed(response.body)]


def of_an_insert(client: Client) -> list[str]:
    rows = [{"id": row["id"], "f": row["f"]} for row in json.loads(client.get("/measured?select=id,f&order=id").body)]
    response = client.send("POST", "/copied?select=f", rows, "return=representation, tx=rollback")
    return [row["f"] for row in parsed(response.body)]


ELSEWHERE: dict[str, Callable[[Client], list[str]]] = {
    "cells": lambda client: listed(
        client, "/measured?select=f&order=id", Accept="application/vnd.pgrst.array+json;nulls=stripped"
    ),
    "sorted": lambda client: listed(client, "/measured?select=id,f&order=f.asc.nullsfirst,id&limit=1000"),
    "an aggregate": lambda client: listed(client, "/measured?select=id,f:f.max()&order=id"),
    "CSV": of_csv,
    "an embed": of_an_embed,
    "a spread": of_a_spread,
    "an update": of_an_update,
    "an insert": of_an_insert,
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_float_is_the_same_text_as_in_a_list(client: Client, where: str) -> None:
    expected = listed(client, "/measured?select=f&order=id")
    found = ELSEWHERE[where](client)
    assert (sorted(found) if where == "sorted" else found) == (sorted(expected) if where == "sorted" else expected)


def test_a_single_row_and_a_function_write_it_so_too(client: Client, floats: list[float]) -> None:
    expected = listed(client, "/measured?select=f&order=id")
    for number in [*random.sample(range(len(floats)), 25), 0]:
        assert parsed(client.get(f"/measured/{number}?select=f").body)["f"] == expected[number]
        assert client.get(f"/rpc/f_of?wanted={number}").body.decode() == expected[number]
        assert (
            client.get(f"/rpc/f_of?wanted={number}", Accept="text/csv").body.decode().splitlines()[1]
            == expected[number]
        )


def test_the_text_identifies_the_float(client: Client, floats: list[float]) -> None:
    texts = listed(client, "/measured?select=f&order=id")
    assert [single(float(text)) for text in texts] == [single(number) for number in floats]
    for number in random.sample(range(len(floats)), 25):
        assert number in client.values(f"/measured?select=id&f=eq.{texts[number].replace('+', '%2B')}")


def test_a_null_is_null_everywhere(client: Client) -> None:
    assert client.get("/rpc/f_of?wanted=-1").body == b"null"


def test_a_procedure_returns_the_digits_of_a_double(client: Client, floats: list[float]) -> None:
    found = listed(client, "/rpc/f_rows?limit=1000")
    assert [float(text) for text in found] == floats


def random_doubles(how_many: int) -> list[float]:
    """Doubles of every size, those at the limits of the usual size, and some with few digits."""
    found = [0.0, -0.0, 5e-324, 1.7976931348623157e308, *(sign * limit for sign in (1, -1) for limit in LIMITS)]
    while len(found) < how_many:
        (of_any_size,) = struct.unpack("d", struct.pack("Q", random.getrandbits(64)))
        usual = random.uniform(-1, 1) * 10 ** random.randint(-6, 18)
        found += [usual, round(usual, 4), *([of_any_size] if math.isfinite(of_any_size) else [])]
    return found[:how_many]


def test_every_double_is_written_with_all_its_digits(server: Server) -> None:
    doubles = random_doubles(1000)
    rows = ",".join(f"({number},1,{value!r},{value!r})" for number, value in enumerate(doubles))
    tables = (
        "CREATE TABLE owner (id INT PRIMARY KEY)",
        (
            "CREATE TABLE sized (id INT PRIMARY KEY, owner_id INT, d DOUBLE NULL, n DOUBLE NOT NULL, z DOUBLE GENERATED"
            " ALWAYS AS (d) VIRTUAL, CONSTRAINT sized_owner FOREIGN KEY (owner_id) REFERENCES owner (id))"
        ),
        "INSERT INTO owner VALUES (1)",
        f"INSERT INTO sized (id, owner_id, d, n) VALUES {rows}",
    )
    with client_of(server, *tables) as client:
        listed = parsed(client.get("/sized?select=d,n,z&order=id&limit=1000").body)
        ((owner),) = parsed(client.get("/owner?select=sized(d,n,z)&sized.order=id").body)
    assert owner["sized"] == listed
    for name in ("d", "n", "z"):
        assert [bits(float(row[name])) for row in listed] == [bits(value) for value in doubles]


def test_a_double_is_the_same_text_in_an_embed(client: Client, floats: list[float]) -> None:
    expected = [row["d"] for row in parsed(client.get("/measured?select=d&order=id").body)]
    ((owner),) = parsed(client.get("/owner?select=measured(d)&measured.order=id").body)
    assert [row["d"] for row in owner["measured"]] == expected
    assert [float(text) for text in expected] == floats
