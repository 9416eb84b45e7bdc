"""Groups of rows: ordered by aggregates and filtered by them."""

from __future__ import annotations

import pytest

from tests.integration.client import Client

STATEMENTS = (
    "CREATE TABLE country (code CHAR(2) NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    """CREATE TABLE city (id INT NOT NULL PRIMARY KEY, country CHAR(2) NULL, name VARCHAR(20) NOT NULL,
       population INT NULL, area DECIMAL(6,1) NULL, capital TINYINT(1) NOT NULL, size ENUM('big', 'small') NULL,
       data JSON NULL, CONSTRAINT city_country FOREIGN KEY (country) REFERENCES country (code))""",
    "INSERT INTO country VALUES ('AT', 'Austria'), ('CH', 'Switzerland'), ('DE', 'Germany'), ('LI', 'Liechtenstein')",
    """INSERT INTO city VALUES
       (1, 'AT', 'Wien', 1900, 414.8, 1, 'big', '{"k": "x", "n": 1}'), (2, 'AT', 'Graz', 290, 127.5, 0, 'small', '{"k": "x", "n": 2}'),
       (3, 'AT', 'Linz', 200, 96.0, 0, 'small', '{"k": "y", "n": 3}'), (4, 'CH', 'Bern', 140, 51.6, 1, 'small', NULL),
       (5, 'CH', 'Basel', 170, NULL, 0, 'small', NULL), (6, 'DE', 'Berlin', 3600, 891.7, 1, 'big', NULL),
       (7, NULL, 'Atlantis', NULL, NULL, 0, NULL, NULL)""",
    "CREATE VIEW cities AS SELECT id, country, population FROM city",
    "CREATE PROCEDURE cities_of(c CHAR(2)) READS SQL DATA SELECT id, population FROM city WHERE country = c",
)
BY_COUNTRY = "/city?select=country,population.sum()"


@pytest.mark.parametrize(
    "order, found",
    [
        ("population.sum().desc", [None, "DE", "AT", "CH"]),
        ("population.sum().desc.nullslast", ["DE", "AT", "CH", None]),
        ("population.sum()", ["CH", "AT", "DE", None]),
        ("count().desc,country", ["AT", "CH", "DE", None]),
        ("population.max().asc.nullsfirst", [None, "CH", "AT", "DE"]),
        ("area.avg().desc.nullslast", ["DE", "AT", "CH", None]),
        ("name.min()", [None, "CH", "DE", "AT"]),
        ("capital.max().desc,count()", ["DE", "CH", "AT", None]),
        ("data->n.max().desc.nullslast,country.desc", None),
        ("data->>n::int.sum().desc.nullslast,country.desc.nullslast", ["AT", "DE", "CH", None]),
    ],
)
def test_groups_are_ordered_by_aggregates(strange: Client, order: str, found: list[str | None] | None) -> None:
    if found is None:
        assert strange.error(f"{BY_COUNTRY}&order={order}") == (400, "42883")
    else:
        assert strange.values(f"{BY_COUNTRY}&order={order}") == found


def test_the_biggest_are_the_first_page(strange: Client) -> None:
    page = strange.get(f"{BY_COUNTRY}&order=population.sum().desc.nullslast&limit=2", Prefer="count=exact")
    assert page.json == [{"country": "DE", "sum": 3600}, {"country": "AT", "sum": 2390}]
    assert page.headers["Content-Range"] == "0-1/4"
    rows = strange.pages(f"{BY_COUNTRY}&order=population.sum().desc&limit=1")
    assert [row["country"] for row in rows] == [None, "DE", "AT", "CH"]


@pytest.mark.parametrize(
    "condition, found",
    [
        ("count()=gt.1", ["AT", "CH"]),
        ("count()=eq.1", ["DE", None]),
        ("count()=in.(1,3)", ["AT", "DE", None]),
        ("count()=not.gt.1", ["DE", None]),
        ("count()=gt.-99999999999999999999999", ["AT", "CH", "DE", None]),
        ("population.sum()=gte.2390", ["AT", "DE"]),
        ("population.sum()=is.null", [None]),
        ("population.sum()=not.is.null", ["AT", "CH", "DE"]),
        ("population.avg()=lt.200", ["CH"]),
        ("area.sum()=eq.638.3", ["AT"]),
        ("name.max()=like.W*", ["AT"]),
        ("capital.max()=is.true", ["AT", "CH", "DE"]),
        ("data->>n::int.sum()=eq.6", ["AT"]),
        ("population.sum()=gt.100&count()=lt.3", ["CH", "DE"]),
        ("population=gt.150&count()=eq.1", ["CH", "DE"]),
        ("or=(count().eq.3,population.sum().gt.3000)", ["AT", "DE"]),
        ("or=(count().eq.3,country.eq.CH)", ["AT", "CH"]),
        ("not.or=(count().eq.3,population.sum().gt.3000)", ["CH"]),
        ("and=(count().gt.1,not.or=(country.eq.CH))", None),
        ("and=(count().gt.1,not.or(country.eq.CH,count().eq.9))", ["AT"]),
    ],
)
def test_groups_are_filtered_by_aggregates(strange: Client, condition: str, found: list[str | None] | None) -> None:
    address = f"{BY_COUNTRY}&order=country&{condition}"
    if found is None:
        assert strange.error(address) == (400, "PGRST100")
        return
    response = strange.get(address, Prefer="count=exact")
    assert [row["country"] for row in response.json] == found
    assert response.headers["Content-Range"].endswith(f"/{len(found)}")
    csv = strange.get(address, Accept="text/csv").body.decode().splitlines()
    assert [line.partition(",")[0] or None for line in csv[1:]] == found


def test_all_rows_are_one_group(strange: Client) -> None:
    assert strange.rows("/city?select=count()&count()=eq.7") == [{"count": 7}]
    assert strange.rows("/city?select=count()&count()=gt.7") == []
    assert strange.rows("/city?select=population.max()&id=eq.0&population.max()=is.null") == [{"max": None}]


def test_groups_by_an_expression_are_filtered_by_it(strange: Client) -> None:
    assert strange.rows("/city?select=key:data->>k,count()&or=(count().gt.9,data->>k.eq.x)") == [
        {"key": "x", "count": 2}
    ]
    assert strange.rows("/city?select=capital,count()&or=(count().gt.9,capital.is.true)") == [
        {"capital": True, "count": 3}
    ]
    assert strange.rows("/city?select=size,count()&or=(count().gt.9,size.eq.big)") == [{"size": "big", "count": 2}]


def test_a_view_is_grouped_like_a_table(strange: Client) -> None:
    address = "/cities?select=country,population.sum()&count()=gt.1&order=population.sum().desc"
    assert strange.rows(address) == [{"country": "AT", "sum": 2390}, {"country": "CH", "sum": 310}]


def test_embedded_groups_are_ordered_and_filtered(strange: Client) -> None:
    address = "/country?select=name,city(size,count())&city.order=count().desc&order=code&code=lt.CI"
    assert strange.rows(address) == [
        {"name": "Austria", "city": [{"size": "small", "count": 2}, {"size": "big", "count": 1}]},
        {"name": "Switzerland", "city": [{"size": "small", "count": 2}]},
    ]
    assert strange.rows(f"{address}&city.count()=gt.1&city.limit=1") == [
        {"name": "Austria", "city": [{"size": "small", "count": 2}]},
        {"name": "Switzerland", "city": [{"size": "small", "count": 2}]},
    ]
    assert strange.rows("/country?select=name,city(size,count())&city.count()=gt.2&code=eq.AT") == [
        {"name": "Austria", "city": []}
    ]


def test_an_inner_embed_finds_the_rows_with_many(strange: Client) -> None:
    address = "/country?select=name,city!inner(count())&city.count()=gte.2&order=name"
    response = strange.get(address, Prefer="count=exact")
    assert response.json == [
        {"name": "Austria", "city": [{"count": 3}]},
        {"name": "Switzerland", "city": [{"count": 2}]},
    ]
    assert response.headers["Content-Range"] == "0-1/2"
    grouped = "/country?select=name,city!inner(size,count())&city.count()=gte.2&city.population=lt.250&order=name"
    assert strange.rows(grouped) == [{"name": "Switzerland", "city": [{"size": "small", "count": 2}]}]


@pytest.mark.parametrize(
    "address, code",
    [
        ("/city?order=population.sum()", "42803"),
        ("/city?population.sum()=gt.1", "42803"),
        ("/city?select=country&count()=gt.1", "42803"),
        ("/city?select=country,count()&or=(count().gt.1,population.gt.5)", "42803"),
        ("/city?select=country,count()&or=(count().gt.1,name.fts.x)", "PGRST127"),
        ("/city?select=country,count()&order=population", "42803"),
        ("/city?select=country,count()&name.sum()=gt.1", "42883"),
        ("/city?select=country,count()&nam.max()=gt.1", "42703"),
        ("/city?select=country,count()&count()=gt.x", "22P02"),
        ("/city?select=country,count()&name.max()=wfts.x", "PGRST127"),
        ("/city?select=country,count()&population.sun()=gt.1", "PGRST100"),
        ("/country?select=name,city(count())&city.count()=gt.1", "PGRST127"),
        ("/country?select=name,city!inner(count())&city.count()=gt.1&city.offset=1", "PGRST127"),
        ("/city?select=...country(code,count())&country.code.max()=gt.A", "PGRST127"),
        ("/city?select=data->k,count()&or=(count().gt.1,data->k.eq.1)", "PGRST127"),
        ("/country?select=name,city(name)&city.count()=gt.1", "42803"),
        ("/country?select=code,count(),city()&or=(count().gt.1,city.is.null)", "PGRST127"),
        ("/city/1?count()=gt.1", "42803"),
        ("/rpc/cities_of?c=AT&population.sum()=gt.1", "PGRST127"),
        ("/rpc/cities_of?c=AT&order=population.sum()", "PGRST127"),
    ],
)
def test_what_has_no_groups_is_refused(strange: Client, address: str, code: str) -> None:
    assert strange.error(address) == (400, code)


def test_the_hint_says_how_rows_become_groups(strange: Client) -> None:
    assert "select=category,count()" in strange.get("/city?count()=gt.1").json["hint"]
    assert "population.max()" in strange.get("/city?select=country,count()&order=population").json["hint"]
    for order in ("total.desc", "total"):
        refused = strange.get(f"/city?select=country,total:population.sum()&order={order}")
        assert (refused.status, refused.json["hint"]) == (
            400, "Order by the aggregate itself: order=population.sum().desc",
        )  # fmt: skip
    for query in ("having=count().gt.5", "group_by=country"):
        assert "count()=gt.5" in strange.get(f"/city?{query}").json["hint"]
    for name in ("sum(population)", "population.summ()", "SUM(population)"):
        hint = "Perhaps you meant population.sum()=gt.5."
        assert strange.get(f"/city?{name}=gt.5").json["hint"] == hint


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(
    "query",
    [
        "count()=gt.1", "id=gt.1&count()=gt.1", "id=gt.1&select=country,count()&count()=gt.1",
        "id=gt.1&select=count()&order=population.sum()&limit=1", "or=(id.eq.1,count().gt.1)", "id.max()=eq.1",
    ],
)  # fmt: skip
def test_a_write_changes_rows_and_not_groups(strange: Client, method: str, query: str) -> None:
    body = {"name": "x"} if method == "PATCH" else None
    refused = strange.send(method, f"/city?{query}", body, "return=representation,tx=rollback")
    assert (refused.status, refused.json["code"]) in ((400, "PGRST127"), (400, "42803"))
    assert strange.send("PUT", "/city?id.max()=eq.1", {"id": 1}).status == 405


def test_a_filter_on_embedded_groups_does_not_restrict_a_write_unless_it_is_inner(strange: Client) -> None:
    shown = "return=representation,tx=rollback"
    address = "/country?select=code,city{}(size,count())&city.count()=gt.1"
    refused = strange.send("PATCH", address.format(""), {"name": "x"}, shown)
    assert (refused.status, refused.json["code"]) == (400, "21000")
    changed = strange.send("PATCH", address.format("!inner"), {"name": "x"}, shown)
    assert [row["code"] for row in changed.json] == ["AT", "CH"]
