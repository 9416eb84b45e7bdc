"""To-many embeds read in the statement of their parents: the same rows as if they were read apart, and never cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.database import connection, state
from api.plan.tree import ReadPlan
from api.reading.rows import Reader, Rows
from api.sql import nested
from local.server import Server
from tests.integration.client import Client, client_of
from tests.integration.conftest import statements

CHILDREN = 3
COLUMNS = (
    "tiny", "flag", "small", "medium", "whole", "big", "ubig", "dec_", "float_", "double_", "bit1", "bit12", "year_",
    "date_", "time_", "time3", "datetime_", "datetime6", "timestamp_", "timestamp3", "char_", "varchar_", "bin_text",
    "latin_", "text_", "longtext_", "binary_", "varbinary_", "blob_", "enum_", "set_", "json_", "point_",
)  # fmt: skip
LIMITS = ("", "&t.limit=2", "&t.offset=1", "&t.limit=1&t.offset=2", "&t.limit=0")


@pytest.fixture(scope="module")
def family(server: Server) -> Iterator[Client]:
    """Parents with rows of every type, which have children themselves."""
    with client_of(
        server,
        *statements("types.sql"),
        "CREATE TABLE p (id INT PRIMARY KEY)",
        "INSERT INTO p VALUES (1), (2), (3)",
        "ALTER TABLE types RENAME TO t",
        "ALTER TABLE t ADD COLUMN p_id INT NULL, ADD FOREIGN KEY (p_id) REFERENCES p (id)",
        "UPDATE t SET p_id = IF(id = 3, 2, 1)",
        "INSERT INTO t (id, p_id, varchar_, latin_) VALUES (5, 2, 'a', 'a'), (6, 1, 'Å', 'å')",
        "CREATE TABLE c (id INT PRIMARY KEY, t_id INT NOT NULL, word VARCHAR(2000) NOT NULL,"
        " FOREIGN KEY (t_id) REFERENCES t (id))",
        "INSERT INTO c SELECT 10 * t.id + p.id, t.id, REPEAT(p.id, 5) FROM t, p",
        "CREATE VIEW counted AS SELECT t_id, COUNT(*) AS n, MAX(id) AS last FROM c GROUP BY t_id",
    ) as client:
        client.rows("/p")  # opens its connection before a test changes how sessions start
        yield client


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A patch after which embeds are read apart, until it is undone."""

    def read(reader: Reader, plan: ReadPlan, order_values: bool, total: object) -> Rows:
        del total
        return replace(reader, nest=False).read(plan, order_values=order_values)

    monkeypatch.setattr(Reader, "_read_nested", read)
    return monkeypatch


def addresses() -> Iterator[str]:
    for column in COLUMNS:
        yield f"/p?select=id,t(id,{column})"
        yield f"/p?select=id,...t({column})&t.order=id.desc"
        for limit in LIMITS[1:] if column != "point_" else ():
            yield f"/p?select=id,t(id)&t.order={column}.desc.nullslast{limit}"
            yield f"/p?select=id,...t({column},id)&t.order={column},id.desc{limit}"
    for limit in LIMITS:
        yield f"/p?select=id,t(id,c(word))&order=id.desc{limit}&t.c.order=id.desc&t.c.limit=2"
        yield f"/p?select=id,...t(id,c(id)){limit}&t.order=id.desc"
        yield f"/p?select=id,t(count(),whole.sum()){limit}"
        yield f"/p?select=id,t(p_id,count()){limit}"
        yield f"/t?select=id,...p(id,t(id)){limit.replace('t.', 'p.t.')}"
        yield f"/t?select=id,p(t(id)){limit.replace('t.', 'p.')}"
    yield "/t?select=p_id,count(),p(t(id))"
    yield "/t?select=id,p!inner(id,t(id))&order=p(id).desc,id&limit=3"
    yield "/t?select=id,p(id,t(id))&order=p(id).desc,id&limit=3&p.t.order=varchar_"
    yield "/p?select=id,t!inner(id,c(id))&t.whole=gt.0&order=id&limit=1"
    yield "/t?select=id,counted(n,last)&order=id"


def test_nested_rows_are_those_that_are_read_apart(family: Client, apart: pytest.MonkeyPatch) -> None:
    expected = {address: family.rows(address) for address in addresses()}
    counted = {address: len(family.get(address).statements) for address in list(expected)[:2]}
    assert set(counted.values()) == {2}
    apart.undo()
    for address, rows in expected.items():
        response = family.get(address)
        assert response.json == rows, (address, response.statements)


def small(monkeypatch: pytest.MonkeyPatch, server: Server, database: str, size: int) -> Client:
    """A client whose sessions make arrays of at most this many bytes."""
    setting = state.DIRECT_SESSION.replace(str(state.GROUP_CONCAT_BYTES), str(size))
    monkeypatch.setattr(connection, "DIRECT_SESSION", setting)
    return Client(server, database)


@pytest.mark.parametrize(
    "address",
    [
        "/p?select=id,t(id,varchar_,text_)&order=id",
        "/p?select=id,t(id,varchar_,text_)&order=id&t.order=varchar_.desc&t.limit=2",
        "/p?select=id,...t(id,varchar_)&order=id",
        # only an inner array is cut
        "/p?select=id,t(c(word))&order=id&t.limit=1",
        "/t?select=id,p!inner(t(varchar_))&order=p(id),id&limit=2",
    ],
)
def test_an_array_that_the_server_cuts_is_read_apart(
    family: Client, server: Server, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    client = small(monkeypatch, server, family.database, 30)
    response, whole = client.get(address), family.get(address)
    client.close()
    assert len(whole.statements) == 1
    assert len(response.statements) >= 3
    assert response.json == whole.json
    assert response.headers["Content-Range"] == whole.headers["Content-Range"]


def test_a_written_row_is_shown_whole_where_the_server_cuts_an_array(
    family: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = small(monkeypatch, server, family.database, 4)
    address = "/p?id=eq.3&select=id,t(id)"
    shown = client.send("PATCH", "/p?id=eq.1&select=id,t(id)", {"id": 1}, "return=representation")
    client.close()
    assert shown.json == family.rows(address.replace("eq.3", "eq.1"))


def test_a_row_with_very_many_related_rows_is_read_apart(family: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "/p?select=id,t(id,c(id))&order=id"
    expected = family.rows(address)
    monkeypatch.setattr(nested, "MOST_ROWS", CHILDREN)
    response = family.get(f"{address}&limit=7")  # another plan
    assert response.json == expected
    assert len(response.statements) == 4
    limited = family.get(f"{address}&limit=8&t.limit={CHILDREN}")
    assert [len(row["t"]) for row in limited.json] == [3, 2, 0]
    few = family.get("/p?select=id,t(id,c(id))&order=id&id=eq.2")
    assert len(few.statements) == 1


def test_a_row_with_more_related_rows_inside_is_read_apart(family: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "/p?select=id,t(id,c(id))&id=eq.2&order=id.desc"
    expected = family.rows(address)
    monkeypatch.setattr(nested, "MOST_ROWS", CHILDREN - 1)
    response = family.get(f"{address}&limit=7")
    assert response.json == expected
    assert len(response.statements) == 4


@pytest.mark.parametrize("levels", [9, 10, 11, 24, 49])
def test_embeds_of_many_levels_are_read(family: Client, levels: int) -> None:
    path = [("t", "p")[level % 2] for level in range(levels)]
    select = "id"
    for name in reversed(path):
        select = f"id,{name}({select})"
    limits = "".join(f"&{'.'.join(path[:level])}.limit=1" for level in range(1, levels + 1, 2))
    (row,) = family.rows(f"/p?select={select}&id=eq.2{limits}")
    for name in path:
        found = row[name]
        row = found[0] if isinstance(found, list) else found
    assert row["id"] == (2 if path[-1] == "p" else 3)


def test_rows_and_their_total_are_of_one_statement(family: Client) -> None:
    response = family.get("/t?select=id,c(id)&order=id&limit=2&id=gt.1", Prefer="count=exact")
    assert response.headers["Content-Range"] == "0-1/5"
    assert len(response.statements) == 1
    values = family.get("/t?select=whole&order=varchar_,id&limit=2", Prefer="count=exact")
    assert len(values.statements) == 1
    assert values.headers["Content-Range"] == "0-1/6"
    assert values.next is not None
    csv = family.get("/t?select=id,c(id)&order=id&limit=2", Prefer="count=exact", Accept="text/csv")
    assert (csv.headers["Content-Range"], len(csv.statements)) == ("0-1/6", 1)
