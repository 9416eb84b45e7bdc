"""ETag, If-None-Match and If-Match: on reads, on every kind of write, and in races, on real servers."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from local.server import Server
from tests.integration.client import Client, Response, client_of
from tests.integration.protecting import protect

OBJECT = "application/vnd.pgrst.object+json"
SHOWN = "return=representation"
WRITERS = 8
INCREMENTS = int(os.environ.get("AUROREST_TEST_INCREMENTS", "400"))
"""Of the race. `docs/testing.md` says how to run it for longer."""


def tag(response: Response) -> str:
    assert response.status in (200, 201), response.body
    return response.headers["ETag"]


def refusal(response: Response) -> tuple[int, str]:
    assert "Nothing was written" in response.json["details"]
    return response.status, response.json["code"]


def title(store: Client, book: int = 1) -> str:
    found: str = store.rows(f"/book?id=eq.{book}&select=title")[0]["title"]
    return found


# -- reads ---------------------------------------------------------------------------------------------------------


def test_a_row_has_a_strong_tag_until_it_changes(store: Client) -> None:
    first = tag(store.get("/book/1"))
    assert first.startswith('"')
    assert tag(store.get("/book/1")) == tag(store.get("/book/1?select=*")) == first
    assert tag(store.get("/book?id=eq.1&limit=1", Accept=OBJECT)) == first
    assert tag(store.get("/book/2")) != first
    store.send("PATCH", "/book/1", {"title": "Other"})
    assert tag(store.get("/book/1")) != first
    store.send("PATCH", "/book/1", {"title": "One"})
    assert tag(store.get("/book/1")) == first


def test_each_format_and_select_has_a_different_tag(store: Client) -> None:
    answers = [
        store.get("/book/1"),
        store.get("/book/1", Accept="text/csv"),
        store.get("/book/1", Accept=f"{OBJECT};nulls=stripped"),
        store.get("/book/1?select=id,title"),
        store.get("/book/1?select=title,id"),
        store.get("/book/1?select=*,author(name)"),
    ]
    assert len({tag(each) for each in answers}) == len({each.body for each in answers}) == len(answers)


def test_a_list_has_a_weak_tag_of_its_rows_and_positions(store: Client) -> None:
    first = tag(store.get("/book?select=id"))
    assert first.startswith('W/"')
    assert tag(store.get("/book?select=id")) == first
    assert tag(store.get("/book?select=id&id=lt.3")) != first
    assert store.get("/book?select=id&limit=2", Prefer="count=exact").headers["ETag"] != store.get(
        "/book?select=id&limit=2"
    ).headers["ETag"]  # fmt: skip
    store.send("DELETE", "/book/3")
    assert tag(store.get("/book?select=id")) != first


@pytest.mark.parametrize("address", ["/book/1", "/book/1?select=id,title", "/book", "/rpc/add_up?a=1&b=2"])
def test_an_unchanged_answer_is_304_without_a_body(store: Client, address: str) -> None:
    held = tag(store.get(address))
    for sent in (held, f'"other", {held}', f"W/{held.removeprefix('W/')}", "*"):
        for method in ("GET", "HEAD"):
            response = store.request(method, address, {"If-None-Match": sent})
            assert (response.status, response.body, response.headers["ETag"]) == (304, b"", held)
    assert store.get(address, If_None_Match='"other"').status == 200


def test_a_changed_row_is_sent_whole(store: Client) -> None:
    held = tag(store.get("/book/1"))
    store.send("PATCH", "/book/1", {"title": "Other"})
    response = store.get("/book/1", If_None_Match=held)
    assert (response.status, response.json["title"]) == (200, "Other")


def test_a_compressed_answer_has_another_strong_tag_which_means_the_same(store: Client) -> None:
    store.send("POST", "/document", {"id": 1, "content": "abc" * 1000})
    plain, packed = store.get("/document/1"), store.get("/document/1", Accept_Encoding="gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert tag(packed) == f'"gzip.{tag(plain)[1:]}'
    for held in (tag(plain), tag(packed)):
        response = store.get("/document/1", If_None_Match=held, Accept_Encoding="gzip")
        assert (response.status, response.headers["ETag"]) == (304, held)
    assert store.send("PATCH", "/document/1", {"content": "x"}, If_Match=tag(packed)).status == 204


def test_if_match_on_a_read_requires_the_tag(store: Client) -> None:
    held = tag(store.get("/book/1"))
    assert store.get("/book/1", If_Match=held).status == store.get("/book/1", If_Match="*").status == 200
    response = store.get("/book/1", If_Match='"other"')
    assert (response.status, response.json["code"], response.headers["ETag"]) == (412, "AR412", held)
    assert store.get("/book", If_Match=store.get("/book").headers["ETag"]).status == 412


# -- If-Match on writes --------------------------------------------------------------------------------------------

WRITES: tuple[tuple[str, str, object, str], ...] = (
    ("PATCH", "/book/1", {"title": "New"}, ""),
    ("PATCH", "/book?id=eq.1", {"title": "New"}, SHOWN),
    ("PATCH", "/book?title=eq.One&order=id&limit=1", {"title": "New"}, ""),
    ("PATCH", "/book/1?select=id", {"title": "New"}, SHOWN),
    ("PATCH", "/book/1", {}, ""),
    ("PUT", "/book/1", {"author_id": 2, "title": "New"}, ""),
    ("PUT", "/book?id=eq.1", {"id": 1, "author_id": 2, "title": "New"}, SHOWN),
    ("DELETE", "/book/1", None, ""),
    ("DELETE", "/book?id=eq.1", None, SHOWN),
)
SELECTS = ("", "?select=title,id", "?select=*,author(name,book(title))&author.book.order=id.desc")


@pytest.mark.parametrize("method, address, body, prefer", WRITES)
@pytest.mark.parametrize("select", SELECTS)
def test_a_write_with_the_current_tag_is_done(
    store: Client, method: str, address: str, body: object, prefer: str, select: str
) -> None:
    held = tag(store.get(f"/book/1{select}"))
    response = store.send(method, address, body, prefer, If_Match=f'"other", {held}')
    assert response.status in (200, 204), response.body
    if body != {}:
        assert [row["title"] for row in store.rows("/book?id=eq.1")] == ([] if method == "DELETE" else ["New"])


@pytest.mark.parametrize("method, address, body, prefer", WRITES)
@pytest.mark.parametrize("select", SELECTS)
def test_a_write_with_an_old_tag_is_412_with_the_current_one(
    store: Client, method: str, address: str, body: object, prefer: str, select: str
) -> None:
    held = tag(store.get(f"/book/1{select}"))
    store.send("PATCH", "/book/1", {"title": "One"})
    assert tag(store.get(f"/book/1{select}")) == held
    store.server.execute("UPDATE book SET title = 'oNE' WHERE id = 1", database=store.database)
    response = store.send(method, address, body, prefer, If_Match=held)
    assert refusal(response) == (412, "AR412")
    assert response.headers["ETag"] == tag(store.get(f"/book/1{select}"))
    assert title(store) == "oNE"
    assert store.send(method, address, body, prefer, If_Match=response.headers["ETag"]).status in (200, 204)


def test_a_tag_covers_what_its_select_showed_and_nothing_else(store: Client) -> None:
    few, related = tag(store.get("/book/1?select=id,title")), tag(store.get("/book/1?select=id,author(name)"))
    store.send("PATCH", "/book/1", {"price": 6})
    assert store.send("PATCH", "/book/1", {"price": 7}, If_Match=few).status == 204
    assert store.send("PATCH", "/book/1", {"price": 8}, If_Match=related).status == 204
    store.send("PATCH", "/author/1", {"name": "Anna"})
    assert store.send("PATCH", "/book/1", {"price": 9}, If_Match=few).status == 204
    assert refusal(store.send("PATCH", "/book/1", {"price": 0}, If_Match=related)) == (412, "AR412")


@pytest.mark.parametrize("address", ["/book/3", "/book/3?bom=true&select=id,title"])
def test_a_tag_of_csv_covers_its_byte_order_mark(store: Client, address: str) -> None:
    held = tag(store.get(address, Accept="text/csv"))
    assert store.send("PATCH", "/book/3", {"title": "New"}, If_Match=held).status == 204
    assert refusal(store.send("PATCH", "/book/3", {"title": "Newer"}, If_Match=held)) == (412, "AR412")


@pytest.mark.parametrize(
    "accept", ["text/csv", f"{OBJECT};nulls=stripped", "application/vnd.pgrst.array+json;nulls=stripped"]
)
def test_a_tag_of_any_format_guards_the_row(store: Client, accept: str) -> None:
    held = tag(store.get("/book/3", Accept=accept))
    assert store.send("PATCH", "/book/3", {"title": "New"}, If_Match=held).status == 204
    assert refusal(store.send("PATCH", "/book/3", {"title": "Newer"}, If_Match=held)) == (412, "AR412")


@pytest.mark.parametrize("method, body", [("PATCH", {"guest": "New"}), ("PUT", {"guest": "New"}), ("DELETE", None)])
@pytest.mark.parametrize("address", ["/seat/nowhere,9", "/seat?hall=eq.nowhere&number=eq.9"])
@pytest.mark.parametrize("sent", ["*", '"a"'])
def test_if_match_requires_that_the_row_exists(
    store: Client, method: str, body: object, address: str, sent: str
) -> None:
    if method == "PUT" and "?" in address:
        body = {"hall": "nowhere", "number": 9, "guest": "New"}
    assert refusal(store.send(method, address, body, If_Match=sent)) == (412, "AR412")
    assert store.rows("/seat") == []


def test_an_asterisk_is_met_by_any_row(store: Client) -> None:
    assert store.send("PATCH", "/book/1", {"title": "New"}, If_Match="*").status == 204
    assert store.send("PATCH", "/book?id=gt.1", {"title": "New"}, If_Match="*").status == 204
    assert store.send("PUT", "/book/1", {"author_id": 1, "title": "Newer"}, If_Match="*").status == 204
    assert [title(store, book) for book in (1, 2, 3)] == ["Newer", "New", "New"]
    assert store.send("DELETE", "/book?id=gt.0", If_Match="*").status == 204


def test_a_tag_is_never_compared_with_several_rows(store: Client) -> None:
    held = tag(store.get("/book/1"))
    response = store.send("PATCH", "/book?id=lt.3", {"title": "New"}, If_Match=held)
    assert refusal(response) == (412, "AR412")
    assert "2 rows" in response.json["details"]


@pytest.mark.parametrize(
    "sent",
    [
        'W/"a"',
        '"a?select=nothing"',
        '"a?select=id&select=title"',
        '"a?author.id=eq.1"',
        '"x.a"',
        '""',
        '"a?select=count()"',
    ],
)
def test_a_foreign_or_weak_tag_matches_nothing(store: Client, sent: str) -> None:
    response = store.send("PATCH", "/book/1", {"title": "New"}, If_Match=sent)
    assert refusal(response) == (412, "AR412")
    assert response.headers["ETag"] == tag(store.get("/book/1"))
    assert store.send("PATCH", "/book/1", {"title": "New"}, If_Match=f"W/{tag(store.get('/book/1'))}").status == 412


def test_a_tag_cannot_make_a_write_find_another_row(store: Client) -> None:
    held = tag(store.get("/book?id=eq.2&select=title", Accept=OBJECT))
    for shape in (
        "id=eq.2&select=title",
        "select=title&or=(id.eq.2,id.eq.1)",
        "select=title&offset=1",
        "select=title&limit=0",
    ):
        sent = f'{held.partition("?")[0]}?{shape}"'
        assert store.send("PATCH", "/book/1", {"title": "New"}, If_Match=sent).status == 412
    assert title(store) == "One"


def test_a_change_is_answered_with_the_new_tag(store: Client) -> None:
    changed = store.send("PATCH", "/book/1", {"title": "New"}, SHOWN)
    assert tag(changed) == tag(store.get("/book/1"))
    again = store.send(
        "PATCH", "/book?id=eq.1&select=id,title", {"title": "Newer"}, SHOWN, Accept=OBJECT, If_Match=tag(changed)
    )
    assert tag(again) == tag(store.get("/book/1?select=id,title"))
    created = store.send("POST", "/author", {"name": "Di"}, SHOWN, Accept=OBJECT)
    assert tag(created) == tag(store.get(f"/author/{created.json['id']}"))
    assert "ETag" not in store.send("PATCH", "/book/1", {"title": "Z"}, f"{SHOWN}, tx=rollback").headers
    assert "ETag" not in store.send("PUT", "/book/1", {"author_id": 1, "title": "Z"}, SHOWN).headers
    assert "ETag" not in store.send("PATCH", "/book?id=eq.1", {"title": "Z"}, SHOWN).headers


def test_keys_of_every_kind_are_compared(store: Client) -> None:
    store.send("POST", "/seat", {"hall": "a,b", "number": 1})
    store.send("POST", "/padded", {"code": "x", "bytes": "AQI="})
    store.send("POST", "/amount", {"value": 1.5, "flag": True})
    store.request("POST", "/odd %s name", {}, b'{"key %":1,"va`l":"x"}')
    for address, body in (
        ('/seat/"a,b",1', {"guest": "x"}),
        ("/padded?code=eq.x", {"code": "y"}),
        ("/amount/1.5", {"flag": False}),
        ("/odd %s name/1", {"va`l": "y"}),
        ("/cheap_book/1", {"title": "New"}),
    ):
        held = tag(store.get(address, Accept=OBJECT))
        assert store.send("PATCH", address, body, If_Match='"a"').status == 412
        assert store.send("PATCH", address, body, If_Match=held).status == 204, address


# -- If-None-Match on writes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, address, body",
    [
        ("PUT", "/seat/a,1", {"guest": "New"}),
        ("PUT", "/seat?hall=eq.a&number=eq.1", {"hall": "a", "number": 1, "guest": "New"}),
        ("POST", "/seat", {"hall": "a", "number": 1, "guest": "New"}),
        ("POST", "/seat", {"hall": "A", "number": 1, "guest": "New"}),
    ],
)
def test_if_none_match_only_inserts(store: Client, method: str, address: str, body: object) -> None:
    created = store.send(method, address, body, SHOWN, If_None_Match="*")
    assert created.status == 201, created.body
    response = store.send(method, address, body, If_None_Match="*")
    assert refusal(response) == (412, "AR412")
    assert response.headers["ETag"] == tag(store.get("/seat/a,1"))
    assert [row["guest"] for row in store.rows("/seat")] == ["New"]


def test_if_none_match_of_several_rows_inserts_all_or_none(store: Client) -> None:
    rows = [{"hall": "a", "number": number} for number in range(3)]
    assert store.send("POST", "/seat", rows[:1], If_None_Match="*").status == 201
    response = store.send("POST", "/seat", rows, If_None_Match="*")
    assert refusal(response) == (412, "AR412")
    assert "ETag" not in response.headers
    assert store.send("POST", "/seat", rows[1:], If_None_Match="*").status == 201
    assert len(store.rows("/seat")) == 3
    assert store.send("POST", "/seat", [{"hall": "b", "number": 1}] * 2, If_None_Match="*").json["code"] == "21000"


def test_if_none_match_is_about_the_key_only(store: Client) -> None:
    response = store.send("POST", "/author", {"id": 9, "name": "Di", "email": "ann@x.org"}, If_None_Match="*")
    assert (response.status, response.json["code"]) == (409, "23505")
    taken = store.send("POST", "/author?on_conflict=email", {"name": "Di", "email": "ann@x.org"}, If_None_Match="*")
    assert refusal(taken) == (412, "AR412")
    assert taken.headers["ETag"] == tag(store.get("/author/1"))
    assert (
        store.send("POST", "/author?on_conflict=email", {"name": "Di", "email": "di@x.org"}, If_None_Match="*").status
        == 201
    )
    unknown = store.send("POST", "/author", {"name": "Ed"}, If_None_Match="*")
    assert (unknown.status, unknown.json["code"]) == (400, "PGRST102")
    assert len(store.rows("/author")) == 4


# -- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, address, header, sent, code",
    [
        ("POST", "/author", "If-Match", "*", "PGRST127"),
        ("POST", "/author", "If-Match", '"a"', "PGRST127"),
        ("POST", "/author", "If-None-Match", '"a"', "PGRST127"),
        ("PUT", "/author/7", "If-None-Match", '"a"', "PGRST127"),
        ("PATCH", "/author/1", "If-None-Match", "*", "PGRST127"),
        ("DELETE", "/author/1", "If-None-Match", "*", "PGRST127"),
        ("PATCH", "/author/1", "If-Unmodified-Since", "Thu, 26 Nov 2026 00:00:00 GMT", "PGRST127"),
        ("GET", "/author/1", "If-Unmodified-Since", "Thu, 26 Nov 2026 00:00:00 GMT", "PGRST127"),
        ("GET", "/author", "If-Range", '"a"', "PGRST127"),
        ("POST", "/rpc/add_author", "If-Match", "*", "PGRST127"),
        ("POST", "/rpc/add_author", "If-None-Match", "*", "PGRST127"),
        ("PATCH", "/reading?sensor=eq.1", "If-Match", "*", "PGRST127"),
        ("DELETE", "/reading?sensor=eq.1", "If-Match", '"a"', "PGRST127"),
        ("POST", "/reading", "If-None-Match", "*", "PGRST127"),
        ("PATCH", "/author", "If-Match", "*", "PGRST127"),
        ("PATCH", "/author/1", "If-Match", "abc", "PGRST100"),
        ("PATCH", "/author/1", "If-Match", '"a" "b"', "PGRST100"),
        ("PATCH", "/author/1", "If-Match", "", "PGRST100"),
        ("PATCH", "/author/1", "If-Match", ",".join(f'"{each}"' for each in range(9)), "PGRST100"),
        ("GET", "/author", "If-None-Match", '"a', "PGRST100"),
    ],
)
def test_a_condition_that_cannot_be_kept_is_refused(
    store: Client, method: str, address: str, header: str, sent: str, code: str
) -> None:
    store.send("POST", "/reading", {"sensor": 1})
    body = b'{"sensor":2}' if "reading" in address else b'{"name":"New"}'
    if (method, address) == ("PATCH", "/author"):
        body = b'[{"id":1,"name":"New"},{"id":2,"name":"New"}]'
    response = store.request(method, address, {header: sent}, b"" if method in ("GET", "DELETE") else body)
    assert (response.status, response.json["code"]) == (400, code), response.body
    assert len(store.rows("/author")) == 3
    assert store.values("/reading?select=sensor") == [1]
    assert "New" not in store.values("/author?select=name")


def test_a_plan_has_no_conditions_and_rows_inside_of_rows_have_none(store: Client) -> None:
    plan = "application/vnd.pgrst.plan+json"
    for header, sent in (("If-Match", "*"), ("Idempotency-Key", "k1")):
        response = store.request("PATCH", "/author/1", {header: sent, "Accept": plan}, b'{"name":"New"}')
        assert (response.status, response.json["code"]) == (400, "PGRST127")
    nested = store.send("POST", "/author", {"id": 9, "name": "Di", "book": [{"title": "x"}]}, If_None_Match="*")
    assert (nested.status, nested.json["code"]) == (400, "PGRST127")
    assert len(store.rows("/author")) == 3


def test_contradictory_conditions_are_refused(store: Client) -> None:
    response = store.send("PUT", "/seat/a,1", {}, If_Match="*", If_None_Match="*")
    assert (response.status, response.json["code"]) == (400, "PGRST127")
    merging = store.send("POST", "/seat", {"number": 1}, "resolution=merge-duplicates", If_None_Match="*")
    assert (merging.status, merging.json["code"]) == (400, "PGRST127")
    assert store.rows("/seat") == []


# -- policies and roles --------------------------------------------------------------------------------------------


@pytest.fixture
def notes(server: Server) -> Iterator[Client]:
    with client_of(
        server,
        "CREATE TABLE note (id INT NOT NULL PRIMARY KEY, owner VARCHAR(9) NOT NULL, line VARCHAR(9) NOT NULL)",
        "INSERT INTO note VALUES (1, 'ann', 'a'), (2, 'bob', 'b')",
    ) as client:
        protect(
            client,
            (
                "ALTER TABLE note ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY own ON note USING (owner = auth.claim('name'))",
            ),
        )
        client.claims = {"name": "ann"}
        yield client


def test_a_hidden_row_does_not_exist_for_a_condition(notes: Client) -> None:
    held = tag(notes.get("/note/1"))
    for sent in ("*", held):
        response = notes.send("PATCH", "/note/2", {"line": "x"}, If_Match=sent)
        assert refusal(response) == (412, "AR412")
        assert "ETag" not in response.headers
    assert notes.send("PATCH", "/note/1", {"line": "x"}, If_Match=held).status == 204
    response = notes.send("POST", "/note", {"id": 2, "owner": "ann", "line": "x"}, If_None_Match="*")
    assert refusal(response) == (412, "AR412")
    assert "ETag" not in response.headers
    notes.claims = {"name": "bob"}
    assert notes.rows("/note") == [{"id": 2, "owner": "bob", "line": "b"}]


# -- races ---------------------------------------------------------------------------------------------------------


def increment(client: Client, times: int) -> int:
    """Count up by reading, writing with If-Match, and trying again. Returns how often another writer was first."""
    lost = 0
    for _ in range(times):
        while True:
            row = client.get("/author/1?select=rank_number")
            written = client.send("PATCH", "/author/1", {"rank_number": row.json["rank_number"] + 1}, If_Match=tag(row))
            if written.status == 204:
                break
            assert written.status in (412, 503), written.body
            lost += 1
    return lost


def test_no_increment_is_lost(store: Client) -> None:
    barrier = threading.Barrier(WRITERS)

    def run(_: int) -> int:
        with closing(Client(store.server, store.database)) as client:
            client.get("/author?limit=1")
            barrier.wait()
            return increment(client, INCREMENTS // WRITERS)

    before = store.rows("/author?id=eq.1")[0]["rank_number"]
    with ThreadPoolExecutor(WRITERS) as pool:
        lost = sum(pool.map(run, range(WRITERS)))
    assert store.rows("/author?id=eq.1")[0]["rank_number"] == before + INCREMENTS // WRITERS * WRITERS
    assert lost > 0


def test_one_of_several_exclusive_inserts_wins(store: Client) -> None:
    barrier = threading.Barrier(WRITERS)

    def run(writer: int) -> list[int]:
        with closing(Client(store.server, store.database)) as client:
            client.get("/seat?limit=1")
            statuses = []
            for number in range(10):
                barrier.wait()
                method, address = ("PUT", f"/seat/a,{number}") if writer % 2 else ("POST", "/seat")
                body = {"hall": "a", "number": number, "guest": str(writer)}
                statuses.append(client.send(method, address, body, If_None_Match="*").status)
            return statuses

    with ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(run, range(WRITERS)))
    for statuses in zip(*results, strict=True):
        assert sorted(status in (201, 204) for status in statuses) == [False] * (WRITERS - 1) + [True]
        assert all(status in (201, 204, 412) for status in statuses)


# -- cost ----------------------------------------------------------------------------------------------------------


def test_a_condition_costs_three_statements_and_its_absence_none(store: Client) -> None:
    held = tag(store.get("/book/1"))
    assert len(store.get("/book/1").statements) == 1
    assert len(store.send("PATCH", "/book/1", {"title": "One"}).statements) <= 3
    guarded = store.send("PATCH", "/book/1", {"title": "One"}, If_Match=held).statements
    words = ["SELECT" if text.startswith("SET STATEMENT") else text.split()[0] for text in guarded]
    assert words == ["BEGIN", "SELECT", "SELECT", "SELECT", "UPDATE", "COMMIT"]
