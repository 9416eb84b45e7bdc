"""Full-text indexes over several columns: searched by name or through a column, and ordered by relevance."""

from __future__ import annotations

import pytest

from tests.integration.client import Client

STATEMENTS = (
    "CREATE TABLE studio (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    """CREATE TABLE film_text (film_id INT NOT NULL PRIMARY KEY, title VARCHAR(255) NOT NULL, description TEXT NULL,
       tagline TEXT NULL, studio_id INT NULL, FULLTEXT KEY idx_title_description (title, description),
       FULLTEXT KEY tagline (tagline), CONSTRAINT film_studio FOREIGN KEY (studio_id) REFERENCES studio (id))""",
    """CREATE TABLE page (id INT NOT NULL PRIMARY KEY, head TEXT NULL, body TEXT NULL, foot TEXT NULL,
       FULLTEXT KEY upper_part (head, body), FULLTEXT KEY lower_part (body, foot), FULLTEXT KEY only_foot (foot))""",
    "INSERT INTO studio VALUES (1, 'Ark'), (2, 'Bell')",
    """INSERT INTO film_text VALUES
       (1, 'Academy Dinosaur', 'A drama of a teacher and a dinosaur', 'old bones', 1),
       (2, 'Cat Coneheads', 'A dog and a cat fight another cat', 'cat cat cat', 1),
       (3, 'Moon', 'A cat on the moon', 'far away', 2),
       (4, 'Dog Days', NULL, NULL, 2),
       (5, 'Silence', 'nothing', 'cat', NULL)""",
    "INSERT INTO page VALUES (1, 'alpha', 'beta', 'gamma'), (2, NULL, NULL, 'delta'), (3, NULL, NULL, NULL)",
)


@pytest.mark.parametrize(
    "condition, found",
    [
        ("idx_title_description=wfts.cat dog", [2]),
        ("idx_title_description=wfts.cat -dog", [3]),
        ("idx_title_description=plfts.dinosaur academy", [1]),
        ("idx_title_description=fts(english).dog|moon", [2, 3, 4]),
        ("idx_title_description=phfts.cat coneheads", [2]),
        ("title=wfts.moon", [3]),
        ("description=wfts.academy", [1]),
        ("tagline=wfts.cat", [2, 5]),
        ("idx_title_description=not.wfts.cat", [1, 4, 5]),
        ("or=(idx_title_description.wfts.moon,film_id.eq.5)", [3, 5]),
        ("not.and=(idx_title_description.wfts.cat,tagline.wfts.cat)", [1, 3, 4, 5]),
    ],
)
def test_an_index_is_searched_by_its_name_and_through_its_columns(
    strange: Client, condition: str, found: list[int]
) -> None:
    assert strange.values(f"/film_text?select=film_id&order=film_id&{condition}") == found


def test_a_search_is_unknown_only_where_every_column_is_null(strange: Client) -> None:
    assert strange.values("/page?select=id&order=id&upper_part=not.wfts.alpha") == []
    assert strange.values("/page?select=id&order=id&lower_part=not.wfts.alpha") == [1, 2]


def test_rows_are_ordered_by_relevance(strange: Client) -> None:
    search = "/film_text?select=film_id&idx_title_description=wfts.cat"
    assert strange.values(f"{search}&order=idx_title_description.desc") == [2, 3]
    assert strange.values(f"{search}&order=idx_title_description") == [3, 2]
    either = "/film_text?select=film_id&or=(idx_title_description.wfts.cat,film_id.lt.9)"
    assert strange.values(f"{either}&order=idx_title_description.desc,film_id.desc") == [2, 3, 5, 4, 1]


def test_pages_by_relevance_continue_by_offset(strange: Client) -> None:
    address = "/film_text?select=film_id&idx_title_description=wfts.cat&order=idx_title_description.desc&limit=1"
    assert "offset=1" in str(strange.get(address).next)
    assert strange.pages(address) == [{"film_id": 2}, {"film_id": 3}]
    assert strange.get(address, Prefer="count=exact").headers["Content-Range"] == "0-0/2"
    by_tagline = "/film_text?select=film_id&idx_title_description=wfts.cat&order=tagline.desc"
    assert strange.values(by_tagline) == [3, 2]  # the column of this name, not the index


def test_embedded_rows_are_searched_and_ordered_by_relevance(strange: Client) -> None:
    films = "films:film_text(film_id)&films.idx_title_description=wfts.cat or dinosaur"
    assert strange.rows(f"/studio?select=name,{films}&films.order=idx_title_description.desc&order=id") == [
        {"name": "Ark", "films": [{"film_id": 1}, {"film_id": 2}]}, {"name": "Bell", "films": [{"film_id": 3}]},
    ]  # fmt: skip
    limited = f"/studio?select=name,{films}&films.order=idx_title_description&films.limit=1&id=eq.1"
    assert strange.rows(limited) == [{"name": "Ark", "films": [{"film_id": 2}]}]
    inner = "/studio?select=name,film_text!inner()&film_text.idx_title_description=wfts.moon"
    assert strange.values(inner) == ["Bell"]


def test_rows_that_are_found_by_a_search_can_be_changed(strange: Client) -> None:
    address = "/film_text?select=film_id&idx_title_description=wfts.cat"
    shown = "return=representation,tx=rollback"
    assert len(strange.send("PATCH", address, {"tagline": "x"}, shown).json) == 2
    first = f"{address}&order=idx_title_description.desc&limit=1"
    assert strange.send("DELETE", first, None, shown).json == [{"film_id": 2}]


@pytest.mark.parametrize(
    "address, code, hint",
    [
        ("/page?body=wfts.x", "42883", "lower_part=wfts.word"),
        ("/page?upper_part=eq.x", "42883", "upper_part=wfts.word"),
        ("/page?order=upper_part", "42883", "upper_part=wfts.word"),
        ("/page?upper_part=wfts.x&order=lower_part", "42883", "lower_part=wfts.word"),
        ("/page?id=wfts.x", "42883", "CREATE FULLTEXT INDEX"),
        ("/page?upper_par=wfts.x", "42703", None),
        ("/page?select=upper_part", "42703", None),
        ("/page?upper_part->a=wfts.x", "42703", None),
    ],
)
def test_what_cannot_be_searched_says_what_can(strange: Client, address: str, code: str, hint: str | None) -> None:
    refused = strange.get(address)
    assert (refused.status, refused.json["code"]) == (400, code)
    assert hint is None or hint in refused.json["hint"]


def test_a_misspelt_index_is_suggested(strange: Client) -> None:
    hint = strange.get("/film_text?idx_title_descriptio=wfts.cat").json["hint"]
    assert hint == "Perhaps you meant 'idx_title_description'."


def test_a_column_with_several_indexes_is_searched_by_its_own(strange: Client) -> None:
    assert strange.values("/page?select=id&foot=wfts.gamma") == [1]
    assert "MATCH (t.`foot`)" in strange.get("/page?foot=wfts.gamma").statements[0]
