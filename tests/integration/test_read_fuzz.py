"""Any query string is answered or refused, never an internal error; no value ever becomes part of a statement's SQL."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from local.server import Server
from tests.integration.client import Client, client_of
from tests.quoting import quoted

TABLES = (
    "customer", "profile", "address", "purchase", "product", "item", "label", "room", "person", "booking", "friend",
    "visit", "account", "transfer", "device", "measurement", "calendar", "keyless", "customer_names", "purchase_detail",
    "customer_totals", "order", "types", "branch", "region", "nothing",
)  # fmt: skip
NAMES = (
    "id", "name", "code", "data", "data->a", "data->>s", "data->b->c->0", "born", "score", "referrer_id", "total",
    "status", "placed", "sku", "qty", "price", "active", "tags", "colours", "description", "word", "building", "number",
    "first", "select", '"50%"', '"☃"', "UPPER", "enum_", "set_", "bit12", "json_", "point_", "binary_", "float_",
    "time_", "timestamp_", "nope",
)  # fmt: skip
RELATIONS = (
    "purchase", "profile", "customer", "address!billing_id", "billing_id", "item", "product", "label", "friend",
    "customer!friend", "visit", "keyless", "customer_totals", "person", "room", "referrer_id", "purchase!inner",
    "customer!inner", "item!inner", "product!left", "x:customer", "...customer", "...item", "nope",
)  # fmt: skip
VALUES = (
    "1", "0", "-1", "1.5", "x", "", "null", "true", "Ann", "2024-01-01", "2024-01-01T00:00:00Z", "10:00:00", "AAEC",
    "a*", "%", "_", "\\", "'", '"', "`", "{}", "{a}", "{1,2}", "[1]", '{"a":1}', "(1,2)", "(a,b)", '("a","b,c")', "()",
    "not_null", "😀", "\x00", "x" * 300, "99999999999999999999", "1e400", "ape", "red", "[", "(?", "@ +",
)  # fmt: skip
OPERATORS = (
    "eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "match", "imatch", "in", "is", "isdistinct", "fts", "plfts",
    "phfts", "wfts", "cs", "cd", "ov", "sl", "eq(any)", "like(all)", "gt(any)", "fts(english)", "nope",
)  # fmt: skip

name = st.sampled_from(NAMES)
operation = st.builds(
    lambda negated, operator, value: f"{negated}{operator}.{value}",
    st.sampled_from(["", "", "not."]),
    st.sampled_from(OPERATORS),
    st.sampled_from(VALUES) | st.text(max_size=8),
)
tree = st.recursive(
    st.builds(lambda field, rest: f"{field}.{rest}", name, operation),
    lambda inner: st.builds(
        lambda word, operands: f"{word}({','.join(operands)})",
        st.sampled_from(["and", "or", "not.and", "not.or"]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=4,
)
column = st.builds(
    lambda field, cast, aggregate: f"{field}{cast}{aggregate}",
    name | st.just("*"),
    st.sampled_from(["", "", "", "::text", "::int", "::json", "::date", "::nope"]),
    st.sampled_from(["", "", "", ".count()", ".sum()", ".max()"]),
)
select = st.recursive(
    column | st.just("count()"),
    lambda inner: st.builds(
        lambda relation, items: f"{relation}({','.join(items)})",
        st.sampled_from(RELATIONS),
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)
path = st.sampled_from(["", "", "", "purchase.", "customer.", "item.", "purchase.item.", "x."])
term = st.builds(
    lambda field, relation, direction: f"{relation}({field}){direction}" if relation else f"{field}{direction}",
    name,
    st.sampled_from(["", "", "", "customer", "profile", "purchase", "x"]),
    st.sampled_from(["", ".desc", ".asc.nullsfirst", ".nullslast", ".up"]),
)
parameter = (
    st.builds(lambda where, field, rest: (where + field, rest), path, name, operation)
    | st.builds(
        lambda where, word, node: (where + word, f"({node})"), path, st.sampled_from(["and", "or", "not.or"]), tree
    )
    | st.builds(lambda items: ("select", ",".join(items)), st.lists(select, min_size=1, max_size=4))
    | st.builds(lambda where, terms: (where + "order", ",".join(terms)), path, st.lists(term, min_size=1, max_size=3))
    | st.tuples(
        st.builds(str.__add__, path, st.sampled_from(["limit", "offset"])), st.sampled_from(["0", "1", "3", "-1", "x"])
    )
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "Prefer": st.sampled_from(["count=exact", "count=planned", "count=estimated", "timezone=Asia/Tokyo", "handling=strict"]),
        "Accept": st.sampled_from(
            ["text/csv", "application/vnd.pgrst.object+json", "application/vnd.pgrst.array+json;nulls=stripped",
             "application/vnd.pgrst.plan+json"]
        ),
        "Range": st.sampled_from(["0-0", "1-", "5-2", "x"]),
    },
)  # fmt: skip


@settings(max_examples=60)
@given(table=st.sampled_from(TABLES), parameters=st.lists(parameter, max_size=5), sent=headers)
def test_any_query_is_answered_or_refused(
    shop: Client, table: str, parameters: list[tuple[str, str]], sent: dict[str, str]
) -> None:
    query = "&".join(f"{quote(key, safe='')}={quote(text, safe='', errors='replace')}" for key, text in parameters)
    response = shop.request("GET", f"/{table}?{query}", sent)
    assert response.status < 500, (table, parameters, response.body)
    if response.status >= 300:
        assert set(response.json) == {"code", "message", "details", "hint"}


@settings(max_examples=60)
@given(query=st.text(max_size=60))
def test_any_garbage_is_answered_or_refused(shop: Client, query: str) -> None:
    escaped = quote(query, safe='&=(),.!*:-><{}"', errors="replace")
    assert shop.get(f"/customer?{escaped}").status < 500


TEXTS = st.text(st.characters(codec="utf-8"), max_size=30) | st.text(
    st.sampled_from("\"'\\%_*`,(){}[].:;@#-+/&=?| \x00\n\r\t\x1aé😀ßaA0"), max_size=12
)


@pytest.fixture(scope="module")
def texts(server: Server) -> Iterator[Client]:
    """A table that the test fills directly, so that stored values never pass through a filter."""
    with client_of(
        server,
        "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,"
        " j JSON NULL, b VARBINARY(400) NULL)",
        "CREATE TABLE d (id INT PRIMARY KEY, n DOUBLE)",
    ) as client:
        yield client


@settings(max_examples=60)
@given(text=TEXTS)
@example(text="SHOW GRANTS")
def test_any_value_finds_itself_and_does_not_change_the_statement(texts: Client, text: str) -> None:
    with texts.server.connect(texts.database) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE t")
        cursor.execute(
            "INSERT INTO t (v, j) VALUES ('', NULL), (%s, JSON_OBJECT('k', %s)), ('other', NULL)", (text, text)
        )
    pattern = quote("".join(f"\\{c}" if c in "\\%_" else c for c in text).replace("*", "_"), safe="")
    value, inside = quote(text, safe=""), quote(quoted(text), safe="")
    expected = [text] if text.rstrip(" ") else [found for found in ("", text) if found == text or not text.strip(" ")]
    conditions = (
        f"v=eq.{value}",
        f"v=in.(zz,{inside})",
        f"or=(v.eq.{inside},v.eq.zz)",
        f"v=eq(any).{{{inside},zz}}",
        f"v=not.isdistinct.{value}",
    )
    for condition in conditions:
        found = texts.values(f"/t?select=v&{condition}")
        assert text in found
        assert {each.rstrip(" ") for each in found} == {each.rstrip(" ") for each in expected}
    assert text in texts.values(f"/t?select=v&v=like.{pattern}")
    assert texts.values(f"/t?select=v&j->>k=eq.{value}") == [text]
    statements = {
        shape
        for each in ("plain", value)
        for shape in [len(texts.get(f"/t?select=v&v=eq.{each}&j->>k=eq.{each}").statements)]
    }
    assert statements == {1}


@settings(max_examples=60)
@given(data=st.binary(max_size=40))
def test_any_bytes_find_themselves(texts: Client, data: bytes) -> None:
    with texts.server.connect(texts.database) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE t")
        cursor.execute("INSERT INTO t (v, b) VALUES ('', %s)", (data,))
    (row,) = texts.rows("/t?select=b")
    assert texts.rows(f"/t?select=b&b=eq.{quote(row['b'], safe='')}") == [row]


@settings(max_examples=60)
@given(number=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1).map(float))
def test_any_double_finds_itself(texts: Client, number: float) -> None:
    with texts.server.connect(texts.database) as connection, connection.cursor() as cursor:
        cursor.execute("REPLACE INTO d (id, n) VALUES (1, %s)", (number,))
    (row,) = texts.rows("/d?select=n")
    assert row["n"] == number
    assert texts.rows(f"/d?select=n&n=eq.{quote(repr(number))}") == [row]
