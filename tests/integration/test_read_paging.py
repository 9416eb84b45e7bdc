"""Paging: limits, ranges, counts, statuses, and links followed to the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.server import Server
from tests.integration.client import Client, client_of

ROWS = 57


@pytest.fixture(scope="module")
def many(server: Server) -> Iterator[Client]:
    """57 rows with ties, NULLs, odd strings and a composite key."""
    texts = ["a", "A", "b", "50%", "x,y", 'q"', "\\", "", "é", "😀", "a b", "(z)", "+"]
    rows = [
        (
            f"({n // 10},'k{n % 10}','{texts[n % 13].replace(chr(92), chr(92) * 2)}',"
            f"{'NULL' if n % 4 == 0 else n % 5},"
            f"{'NULL' if n % 7 == 0 else (n % 3) / 10},'2024-01-{n % 28 + 1:02} 10:00:00.{n % 3}',"
            f"{n % 2},'{['s', 'm', 'l'][n % 3]}',{n}.5)"
        )
        for n in range(ROWS)
    ]
    with client_of(
        server,
        "CREATE TABLE many (a INT NOT NULL, k VARCHAR(5) NOT NULL, word VARCHAR(9) NOT NULL, n INT NULL,"
        " f FLOAT NULL, at TIMESTAMP(1) NOT NULL, flag TINYINT(1) NOT NULL, size ENUM('s','m','l') NOT NULL,"
        " price DECIMAL(9,1) NOT NULL UNIQUE, PRIMARY KEY (a, k))",
        f"INSERT INTO many VALUES {','.join(rows)}",
        "CREATE TABLE keyless (n INT NOT NULL)",
        f"INSERT INTO keyless VALUES {','.join(f'({n})' for n in range(9))}",
        "CREATE TABLE nothing (id INT PRIMARY KEY)",
        "ANALYZE TABLE many",
    ) as client:
        yield client


def test_limit_and_offset_select_rows(many: Client) -> None:
    whole = many.rows("/many?select=a,k")
    assert len(whole) == ROWS
    assert many.rows("/many?select=a,k&limit=5") == whole[:5]
    assert many.rows("/many?select=a,k&offset=50") == whole[50:]
    assert many.rows("/many?select=a,k&limit=5&offset=7") == whole[7:12]
    assert many.rows("/many?select=a,k&limit=0") == []
    assert many.rows("/many?select=a,k", Range="10-19") == whole[10:20]
    assert many.rows("/many?select=a,k", Range="50-") == whole[50:]
    assert many.rows("/many?select=a,k&limit=5&offset=2", Range="4-99") == whole[4:7]
    assert many.rows("/many?select=a,k", Range="10-19", Range_Unit="bytes") == whole


@pytest.mark.parametrize(
    "address, headers, status, content_range",
    [
        ("/many?limit=10", {}, 200, "0-9/*"),
        ("/many", {}, 200, "0-56/*"),
        ("/many?offset=50", {}, 200, "50-56/*"),
        ("/many?a=eq.99", {}, 200, "*/*"),
        ("/many?limit=0", {}, 200, "*/*"),
        ("/many", {"Prefer": "count=exact"}, 200, "0-56/57"),
        ("/many?limit=10", {"Prefer": "count=exact"}, 206, "0-9/57"),
        ("/many?limit=10&offset=50", {"Prefer": "count=exact"}, 206, "50-56/57"),
        ("/many?offset=57", {"Prefer": "count=exact"}, 206, "*/57"),
        ("/many?a=eq.99", {"Prefer": "count=exact"}, 200, "*/0"),
        ("/many?a=eq.0&limit=3", {"Prefer": "count=exact"}, 206, "0-2/10"),
        ("/many", {"Prefer": "count=exact", "Range": "0-9"}, 206, "0-9/57"),
        ("/many", {"Prefer": "count=exact", "Range": "0-99"}, 200, "0-56/57"),
        ("/many", {"Prefer": "count=exact", "Range": "5-"}, 206, "5-56/57"),
        ("/many?select=flag,count()&limit=1", {"Prefer": "count=exact"}, 206, "0-0/2"),
        ("/many?select=count()", {"Prefer": "count=exact"}, 200, "0-0/1"),
        ("/many", {"Prefer": "count=planned"}, 200, "0-56/57"),
        ("/many?limit=1", {"Prefer": "count=planned"}, 206, "0-0/57"),
        ("/many?limit=1", {"Prefer": "count=estimated"}, 206, "0-0/57"),
        ("/many?limit=1&a=eq.0", {"Prefer": "count=estimated"}, 206, "0-0/10"),
        ("/nothing", {"Prefer": "count=exact"}, 200, "*/0"),
        ("/nothing", {}, 200, "*/*"),
    ],
)
def test_the_range_and_the_count_of_rows_are_returned(
    many: Client, address: str, headers: dict[str, str], status: int, content_range: str
) -> None:
    response = many.request("GET", address, headers)
    assert (response.status, response.headers["Content-Range"]) == (status, content_range)
    if "Prefer" in headers:
        assert response.headers["Preference-Applied"] == headers["Prefer"]
    head = many.request("HEAD", address, {name: text for name, text in headers.items() if name != "Range"})
    assert head.body == b""
    if "Range" not in headers:
        assert (head.status, head.headers["Content-Range"]) == (status, content_range)


@pytest.mark.parametrize(
    "address, headers",
    [
        ("/many?limit=-1", {}),
        ("/many?offset=58", {"Prefer": "count=exact"}),
        ("/many", {"Range": "5-4"}),
        ("/many?limit=2", {"Range": "5-9"}),
        ("/nothing?offset=1", {"Prefer": "count=exact"}),
    ],
)
def test_an_impossible_range_has_status_416(many: Client, address: str, headers: dict[str, str]) -> None:
    response = many.request("GET", address, headers)
    assert (response.status, response.json["code"]) == (416, "PGRST103")


def test_a_planned_count_with_a_filter_is_the_optimizers_estimate(many: Client) -> None:
    response = many.get("/many?a=eq.0&limit=1", Prefer="count=planned")
    assert int(response.headers["Content-Range"].partition("/")[2]) in range(1, ROWS + 1)
    assert response.statements[1].startswith("EXPLAIN ")


def test_a_page_and_its_total_are_read_in_one_statement(many: Client) -> None:
    for address in ("/many?limit=60", "/many?limit=50", "/many?limit=5&offset=10&a=gt.3"):
        assert len(many.get(address, Prefer="count=exact").statements) == 1


def test_a_list_read_to_its_end_is_not_counted(many: Client) -> None:
    (statement,) = many.get("/many?a=gt.3", Prefer="count=exact").statements
    assert "COUNT" not in statement


ORDERS = (
    "",
    "a,k",
    "a.desc,k.desc",
    "a.desc,k",
    "k.desc",
    "word",
    "word.desc,k.desc",
    "at.desc",
    "at,flag.desc,size",
    "size.desc,word",
    "n,word",
    "n.desc,at",
    "n.nullsfirst",
    "n.desc.nullslast,f",
    "f.desc,n",
    "f.nullsfirst,price.desc",
    "price",
    "flag,n.desc.nullslast,a,k.desc",
)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("select", ["a,k", "*"])
def test_links_visit_every_row_once(many: Client, order: str, select: str) -> None:
    ordered = f"&order={order}" if order else ""
    whole = many.rows(f"/many?select={select}{ordered}")
    assert len(whole) == ROWS
    assert many.pages(f"/many?select={select}{ordered}&limit=7") == whole
    assert many.pages(f"/many?select={select}{ordered}&flag=eq.1&limit=4") == many.rows(
        f"/many?select={select}{ordered}&flag=eq.1"
    )
    assert many.pages(f"/many?select={select}{ordered}", Range="0-9") == whole
    assert many.pages(f"/many?select={select}{ordered}&offset=50&limit=2") == whole[50:]


def test_a_link_continues_after_the_last_rows_key_not_its_offset(many: Client) -> None:
    assert (
        many.get("/many?select=word&order=price&limit=2").next == "/many?select=word&order=price&price=gt.1.5&limit=2"
    )
    assert many.get("/many?order=at.desc&limit=3&flag=eq.0").next is not None
    assert many.get("/many?select=a&limit=57").next is not None
    assert many.get("/many?select=a&limit=58").next is None
    assert many.get("/many?select=a").next is None
    assert many.get("/many?select=a&limit=57", Prefer="count=exact").next is None


def test_a_page_link_keeps_the_filters_of_the_request(many: Client) -> None:
    """A condition of the client that looks like a page link's condition is kept."""
    own = "/many?select=k&order=k,a&k=gte.k2&or=(k.gt.k5,a.gt.2)"
    assert many.pages(f"{own}&limit=3") == many.rows(own)


def test_a_table_without_a_key_has_no_link_and_loses_no_rows(many: Client) -> None:
    assert many.get("/keyless?limit=3").next is None
    assert many.get("/keyless?limit=3&order=n").next is None


@settings(max_examples=40)
@given(data=st.data())
def test_links_visit_every_row_once_in_any_order(many: Client, data: st.DataObject) -> None:
    columns = data.draw(
        st.lists(st.sampled_from(["a", "k", "word", "n", "f", "at", "flag", "size", "price"]), unique=True)
    )
    terms = [
        column
        + data.draw(st.sampled_from(["", ".desc"]))
        + data.draw(st.sampled_from(["", ".nullsfirst", ".nullslast"]))
        for column in columns
    ]
    address = "/many?select=a,k" + (f"&order={','.join(terms)}" if terms else "")
    limit = data.draw(st.integers(5, 30))
    assert many.pages(f"{address}&limit={limit}") == many.rows(address)
