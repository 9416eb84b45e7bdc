"""Rows that refer to rows of the same table, inserted and deleted together."""

from __future__ import annotations

from tests.integration.client import Client

SHOWN = "return=representation"
TREE = [{"id": 3, "whole_id": 2}, {"id": 2, "whole_id": 1}, {"id": 4, "whole_id": 1}, {"id": 1, "whole_id": None}]


def test_children_may_be_sent_before_their_parents(store: Client) -> None:
    assert store.send("POST", "/part", TREE, SHOWN).json == TREE
    more = [{"id": 6, "whole_id": 5}, {"id": 5, "whole_id": 3}, {"id": 4, "whole_id": 2}]
    assert store.send("POST", "/part", more, f"{SHOWN}, resolution=merge-duplicates").json == more


def test_a_tree_is_deleted_as_a_whole(store: Client) -> None:
    for prefer in (None, SHOWN):
        store.send("POST", "/part", TREE)
        response = store.send("DELETE", "/part?id=gt.0&order=id", None, prefer)
        assert response.status in (200, 204)
        if prefer is not None:
            assert [row["id"] for row in response.json] == [1, 2, 3, 4]
        assert store.rows("/part") == []


def test_a_parent_whose_child_is_kept_is_not_deleted(store: Client) -> None:
    store.send("POST", "/part", TREE)
    response = store.send("DELETE", "/part?id=lt.3")
    assert (response.status, response.json["code"]) == (409, "23503")
    assert len(store.rows("/part")) == 4


def test_a_row_may_be_its_own_parent_but_cannot_be_deleted(store: Client) -> None:
    rows = [{"id": 2, "whole_id": 1}, {"id": 1, "whole_id": 1}]
    assert store.send("POST", "/part", rows, SHOWN).json == rows
    response = store.send("DELETE", "/part?id=gt.0")
    assert (response.status, response.json["code"]) == (409, "23503")
    assert len(store.rows("/part")) == 2
