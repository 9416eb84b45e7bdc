"""The SQL of a request grows as the request does: each piece that is added to it adds as much SQL as the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from api.catalog import Dialect
from api.errors import ApiError
from api.plan.tree import ReadPlan
from api.request.operators import OPERATORS
from api.sql.read import select_count, select_embedded, select_keys, select_rows
from api.sql.server import Server
from api.statement import size
from api.values.casts import CASTS
from tests.unit.reading import CATALOG, catalog, plan

HELD = {Dialect.MYSQL: CATALOG, Dialect.MARIADB: catalog(Dialect.MARIADB)}
TO_ONE = "a:customer!id"
TO_MANY = "a:customer!boss_id"

Query = Callable[[int], str]


def repeated(before: str, piece: str, after: str = "") -> Query:
    return lambda times: before + piece * times + after


def siblings(embed: str, *parameters: str) -> Query:
    """Sibling embeds; `@` is the alias of each."""

    def query(times: int) -> str:
        select = ",".join(embed.replace("@", f"r{number:02}") for number in range(times))
        more = [each.replace("@", f"r{number:02}") for number in range(times) for each in parameters]
        return "&".join([f"select={select}", *more])

    return query


def nested(embed: str, *parameters: str, alias: str = "a") -> Query:
    """Embeds within each other; `@` is the path to each, `^` the path to its parent with a dot."""

    def query(times: int) -> str:
        select = f"{embed}(id)"
        for _ in range(times - 1):
            select = f"{embed}(id,{select})"
        more = [
            each.replace("@", ".".join([alias] * depth)).replace("^", "a." * (depth - 1))
            for depth in range(1, times + 1)
            for each in parameters
        ]
        return "&".join([f"select=id,{select}", *more])

    return query


VALUES = {
    "is": "null", "in": "(a,b)", "cs": "[1]", "cd": "[1]", "ov": "[1]",
    "within": "(1,2,3,4)", "intersects": "(1,2,3,4)", "dwithin": "(1,2,3)",
}  # fmt: skip
COLUMNS = {"search": "note", "containment": "tags", "spatial": "at"}


def features() -> Iterator[tuple[str, str, Query]]:
    """The features of the grammar: a name, a table, and the query with this many of them."""
    yield "columns", "customer", repeated("select=id", ",name")
    yield "stars", "customer", repeated("select=*", ",*")
    yield "JSON paths", "customer", repeated("select=data", "->a")
    yield "JSON paths as text", "customer", repeated("select=data->a", ",x:data->a->>b")
    yield "path of a filter", "customer", repeated("data", "->a", "=eq.1")
    yield "path of an order", "customer", repeated("order=data", "->a")
    yield "order", "customer", repeated("order=id", ",name.desc.nullsfirst,boss_id.asc.nullslast")
    yield "order by JSON", "customer", repeated("order=data", ",data->a.desc")
    yield (
        "order by a relation",
        "purchase",
        repeated("select=id,customer(name)&order=customer(name)", ",customer(name)"),
    )
    yield "cast to uuid", "device", repeated("select=id", ",id::uuid")
    for cast in CASTS.keys() - {"uuid"}:
        yield f"cast to {cast}", "customer", repeated("select=id", f",data->>a::{cast.replace(' ', '%20')}")
    for aggregate in ("count", "sum", "avg", "min", "max"):
        yield aggregate, "purchase", repeated("select=customer_id", f",total.{aggregate}()")
    yield "aggregate with casts", "customer", repeated("select=name", ",data->>a::int.sum()::text")
    for name, operator in OPERATORS.items():
        column = COLUMNS.get(
            operator.family,
            "sku" if operator.family == "list" else "tags->>a" if operator.family == "pattern" else "active",
        )
        leaf = f"{column}.not.{name}.{VALUES.get(name, '1')}"
        table = "device" if operator.family == "spatial" else "product"
        yield name, table, repeated(f"or=({leaf}", f",{leaf}", ")")
        yield f"{name} again and again", table, repeated("", "&" + leaf.replace(".", "=", 1))
        if operator.quantifiable:
            yield f"{name}(any)", "product", repeated(f"sku={name}(any).{{a", ",bc", "}")
            yield f"{name}(all)", "product", repeated(f"sku={name}(all).{{a", ",bc", "}")
    yield "order by aggregates", "purchase", repeated("select=id,count()&order=count()", ",total.sum().desc")
    yield "filters on aggregates", "purchase", repeated("select=id,count()", "&total.sum()=gt.1&count()=gt.2")
    yield "trees on aggregates", "purchase", repeated("select=id,count()&or=(id.eq.1", ",total.sum().gt.1", ")")
    yield (
        "positions of a polygon",
        "device",
        repeated('at=within.{"type":"Polygon","coordinates":[[[0,0]', ",[1,1]", ",[1,0],[0,0]]]}"),
    )
    yield "list", "customer", repeated("id=in.(1", ",1", ")")
    yield "members of a JSON array", "product", repeated("tags=cs.[1", ",1", "]")
    yield "members of a SET", "product", repeated("colours=ov.{red", ",red", "}")
    yield "words of a search", "product", repeated("note=wfts.a", "%20or%20a")
    yield "nested logic", "customer", lambda times: f"or=({'not.and(or(' * times}id.eq.1{'))' * times})"
    for embed in (TO_ONE, TO_MANY):
        for mark in ("", "!inner"):
            yield (
                f"siblings {embed}{mark}",
                "customer",
                siblings(f"@:{embed[2:]}{mark}(id)", "@.id=gt.1", "@=not.is.null"),
            )
            yield f"nested {embed}{mark}", "customer", nested(embed + mark, "@.id=gt.1", "@.order=name")
            yield f"tests {embed}{mark}", "customer", nested(embed + mark, "@=not.is.null")
            yield f"double tests {embed}{mark}", "customer", nested(embed + mark, "@=not.is.null", "@=not.is.null")
            yield f"pages {embed}{mark}", "customer", nested(embed + mark, "@.limit=5", "@.offset=1", "@=is.null")
        yield f"spreads {embed}", "customer", nested(f"...{embed[2:]}", "@.id=gt.1", alias="customer")
        either = "^or=(a.is.null,and(a.not.is.null,id.gt.1),a.is.null)"
        yield f"tests in an or {embed}", "customer", nested(embed, "@.or=(boss_id.is.null,id.gt.1)", either)
        yield (
            f"one test many times {embed}",
            "customer",
            repeated(f"select=id,{embed}(id)&or=(id.eq.1", ",a.is.null", ")"),
        )
    yield "many-to-many", "product", siblings("@:label(id)", "@.id=gt.1", "@=is.null")
    yield "aggregates of embeds", "customer", siblings("@:purchase(total.sum())", "@.id=gt.1")
    yield "ordered by relations", "purchase", siblings("@:customer(id)", "order=@(name)")


FEATURES = {name: (table, query) for name, table, query in features()}


def embedded_size(read: ReadPlan, server: Server, *, cells: bool) -> int:
    """The bytes of the statements for the rows of all embeds, with one key each."""
    total = 0
    for each in read.embeds:
        if not each.embed.inline:
            keys = ((1,) * len(each.embed.relationship.origin_columns),)
            total += size(select_embedded(each, keys, server, cells=cells).statement)
        total += embedded_size(each.plan, server, cells=cells)
    return total


def sql_size(query: str, table: str, dialect: Dialect) -> int:
    """The bytes of every statement that a request can need: rows as text and as cells, a count, keys to lock."""
    held, server = HELD[dialect], Server(dialect)
    read = plan(query, table, held)
    total = size(select_count(read, server))
    if not read.level.grouped:
        key = tuple(read.level.table.by_name[name] for name in read.level.table.primary_key)
        total += size(select_keys(read, key, server, for_update=True))
    for cells in (False, True):
        total += size(select_rows(read, server, cells=cells).statement) + embedded_size(read, server, cells=cells)
    return total


def growth(query: Query, measure: Callable[[str], int]) -> float:
    """How much more the last pieces add for each byte of the request than the first ones: about 1 is linear."""
    few, some, many = ((len(text), measure(text)) for text in map(query, (12, 24, 48)))
    first = (some[1] - few[1]) / (some[0] - few[0])
    last = (many[1] - some[1]) / (many[0] - some[0])
    return last / max(first, 1)


MOST_GROWTH = 1.4
"""Between 1 and 2, which is quadratic."""


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("name", FEATURES)
def test_sql_grows_with_the_request(name: str, dialect: Dialect) -> None:
    table, query = FEATURES[name]
    assert growth(query, lambda text: sql_size(text, table, dialect)) <= MOST_GROWTH


def test_quadratic_growth_is_noticed() -> None:
    assert growth(repeated("id=in.(1", ",1", ")"), lambda text: len(text) ** 2) > MOST_GROWTH


def test_a_search_with_repeated_tests_of_a_relation_is_refused() -> None:
    query = "select=sku,item(line)&or=(item.is.null,and(item.not.is.null,note.fts.blue))"
    with pytest.raises(ApiError) as refused:
        plan(query, "product")
    assert refused.value.code == "PGRST127"
    plan("select=sku,item(line)&item=is.null&item=not.is.null&or=(active.is.null,note.fts.blue)", "product")
