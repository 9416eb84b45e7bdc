"""Content-Range, status and Link of a page, computed from the request and the rows read."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import ApiError
from api.plan.read import total_order
from api.reading.paging import content_range, keyset_order, next_link, range_status, values_shown
from tests.unit.reading import plan, request


def link(query: str, last: tuple[str | None, ...], table: str = "customer", shown: int = 5) -> str:
    """The query of the next page, decoded."""
    read = plan(query, table)
    order = keyset_order(replace(read, order=total_order(read.level, read.order)))
    name, value = next_link(
        replace(request(query, table), path=f"/rest/v1/{table}"), shown, order, last if order else None
    )
    assert name == "Link"
    assert value.startswith(f"</rest/v1/{table}?")
    assert value.endswith('>; rel="next"')
    return unquote(value.partition("?")[2].partition(">;")[0])


@pytest.mark.parametrize(
    "query, last, following",
    [
        ("limit=5", ("7",), "id=gt.7&limit=5"),
        ("limit=5&offset=10", ("7",), "id=gt.7&limit=5"),
        ("select=id&order=id.desc&limit=5", ("7",), "select=id&order=id.desc&id=lt.7&limit=5"),
        ("limit=9", ("7",), "id=gt.7&limit=4"),
        ("", ("7",), "id=gt.7"),
        ("order=name&limit=5", ("x", "7"), 'order=name&and=(name.gte."x",or(name.gt."x",id.gt."7"))&limit=5'),
        ("order=name.desc,id&limit=5", ("x", "7"), 'order=name.desc,id&and=(name.lte."x",or(name.lt."x",id.gt."7"))&limit=5'),
        (
            "order=boss_id,id&limit=5", ("3", "7"),
            'order=boss_id,id&or=(boss_id.gt."3",boss_id.is.null,and(boss_id.eq."3",id.gt."7"))&limit=5',
        ),
        ("order=boss_id,id&limit=5", (None, "7"), 'order=boss_id,id&and=(boss_id.is.null,id.gt."7")&limit=5'),
        (
            "order=boss_id.desc,id&limit=5", (None, "7"),
            'order=boss_id.desc,id&or=(boss_id.is.not_null,and(boss_id.is.null,id.gt."7"))&limit=5',
        ),
        (
            "order=boss_id.desc,id&limit=5", ("3", "7"),
            'order=boss_id.desc,id&and=(boss_id.lte."3",or(boss_id.lt."3",id.gt."7"))&limit=5',
        ),
        # the condition of the page before is replaced; the request's own are kept
        ("id=gt.7&limit=5", ("12",), "id=gt.12&limit=5"),
        ("id=gte.7&limit=5", ("12",), "id=gte.7&id=gt.12&limit=5"),
        ("purchase.id=gt.1&select=purchase(id)&limit=5", ("7",), "purchase.id=gt.1&select=purchase(id)&id=gt.7&limit=5"),
        (
            'order=name&and=(name.gte."a",or(name.gt."a",id.gt."1"))&limit=5', ("b", "2"),
            'order=name&and=(name.gte."b",or(name.gt."b",id.gt."2"))&limit=5',
        ),
        (
            'order=name&and=(name.gte."a",or(name.gt."k",id.gt."1"))&limit=5', ("b", "2"),
            'order=name&and=(name.gte."a",or(name.gt."k",id.gt."1"))&and=(name.gte."b",or(name.gt."b",id.gt."2"))&limit=5',
        ),
        # by offset, if the order has no key or its values are too long for a header
        ("order=data->a&limit=5&offset=5", (), "order=data->a&offset=10&limit=5"),
        ("order=name&limit=5", ("x" * 2000, "7"), "order=name&offset=5&limit=5"),
    ],
)  # fmt: skip
def test_the_next_page_starts_after_the_last_row(query: str, last: tuple[str | None, ...], following: str) -> None:
    assert link(query, last) == following


def test_names_are_quoted_if_the_grammar_would_misread_them() -> None:
    assert link("limit=5", ("7",), "50% `odd`") == '"se`lect"=gt.7&limit=5'


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_the_link_keeps_any_value(text: str) -> None:
    read = plan("order=name&limit=5")
    order = keyset_order(replace(read, order=total_order(read.level, read.order)))
    _, value = next_link(replace(request("order=name&limit=5"), path="/customer"), 5, order, (text, "7"))
    query = value.partition("?")[2].partition(">;")[0]
    assert value.isascii()
    following = plan(query)
    (group,) = following.where
    assert [each.value for each in group.operands if hasattr(each, "value")] == [text]  # type: ignore[union-attr]
    again = next_link(replace(request(query), path="/customer"), 5, order, ("z", "9"))[1]
    assert again.count("and=") == 1


def test_the_order_values_are_read_from_the_rows_json() -> None:
    row = '{"id":9007199254740993,"total":0.10,"at":"2024-01-02T03:04:05.678+00:00","on":true,"none":null,"s":"é\\n"}'
    assert values_shown(row.encode(), ("id", "total", "at", "on", "none", "s", "stripped")) == (
        "9007199254740993", "0.10", "2024-01-02T03:04:05.678+00:00", "true", None, "é\n", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "offset, shown, total, text",
    [(0, 10, 57, "0-9/57"), (5, 1, None, "5-5/*"), (0, 0, None, "*/*"), (57, 0, 57, "*/57"), (0, 0, 0, "*/0")],
)
def test_content_range_states_the_range_and_the_total(offset: int, shown: int, total: int | None, text: str) -> None:
    assert content_range(offset, shown, total) == ("Content-Range", text)


@pytest.mark.parametrize(
    "offset, shown, total, cut, status",
    [
        (0, 10, None, False, 200), (0, 10, None, True, 206), (0, 10, 10, False, 200), (0, 10, 11, False, 206),
        (10, 0, 10, False, 206), (0, 0, 0, False, 200), (5, 5, 10, False, 206),
    ],
)  # fmt: skip
def test_a_partial_answer_has_status_206(offset: int, shown: int, total: int | None, cut: bool, status: int) -> None:
    assert range_status(offset, shown, total, cut=cut) == status


def test_an_offset_past_the_total_has_status_416_and_states_the_total() -> None:
    with pytest.raises(ApiError) as refused:
        range_status(11, 0, 10, cut=False)
    assert (refused.value.status, refused.value.code) == (416, "PGRST103")
    assert refused.value.headers == {"Content-Range": "*/10"}
