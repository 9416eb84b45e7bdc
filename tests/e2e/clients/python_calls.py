"""The calls in the documentation of postgrest-py (and of supabase-py, which uses it), made by an unmodified client."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any, cast

import pytest
from postgrest import APIError, CountMethod, ReturnMethod, SyncPostgrestClient

Call = Callable[[SyncPostgrestClient], None]

CALLS: dict[str, Call] = {}
"""Each call by its title."""

LUKE = {"id": 1, "name": "Luke", "homeworld": "Tatooine"}
LEIA = {"id": 2, "name": "Leia", "homeworld": None}
HAN = {"id": 3, "name": "Han", "homeworld": "Corellia"}


def call(name: str) -> Callable[[Call], Call]:
    def add(function: Call) -> Call:
        assert name not in CALLS
        CALLS[name] = function
        return function

    return add


def data(builder: Any) -> Any:
    """What the client returns for a query."""
    return builder.execute().data


def names(builder: Any) -> set[str]:
    return {row.get("name") or row.get("title") or row.get("catchphrase") for row in data(builder)}


def refused(builder: Any, code: str, *words: str) -> None:
    with pytest.raises(APIError) as caught:
        builder.execute()
    assert caught.value.code == code, caught.value
    for word in words:
        assert word in str(caught.value.json()), caught.value


@call("select: getting your data")
def select_getting_your_data(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").select("*").order("id")) == [LUKE, LEIA, HAN]


@call("select: specific columns")
def select_specific_columns(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").select("id, name").order("id").limit(1)) == [{"id": 1, "name": "Luke"}]


@call("select: renamed columns and casts")
def select_renamed_columns_and_casts(db: SyncPostgrestClient) -> None:
    assert data(db.from_("users").select("who:name", "balance::text").eq("id", 1)) == [
        {"who": "Kiran", "balance": "10.50"}
    ]


@call("select: referenced tables")
def select_referenced_tables(db: SyncPostgrestClient) -> None:
    assert data(db.from_("orchestral_sections").select("name, instruments(name)").eq("id", 2)) == [
        {"name": "woodwinds", "instruments": [{"name": "flute"}]}
    ]


@call("select: referenced tables with spaces in their names")
def select_referenced_tables_with_spaces_in_their_names(db: SyncPostgrestClient) -> None:
    assert data(db.from_("orchestral sections").select('name, "musical instruments"(name)').eq("id", 1)) == [
        {"name": "strings", "musical instruments": [{"name": "harp"}]}
    ]


@call("select: referenced tables through a join table")
def select_referenced_tables_through_a_join_table(db: SyncPostgrestClient) -> None:
    assert data(db.from_("users").select("name, teams(name)").eq("id", 2)) == [
        {"name": "Evan", "teams": [{"name": "Blue"}]}
    ]


@call("select: the same referenced table twice")
def select_the_same_referenced_table_twice(db: SyncPostgrestClient) -> None:
    assert data(db.from_("messages").select("content, from:sender_id(name), to:receiver_id(name)").eq("id", 1)) == [
        {"content": "👋", "from": {"name": "Kiran"}, "to": {"name": "Evan"}}
    ]


@call("select: filtering through referenced tables")
def select_filtering_through_referenced_tables(db: SyncPostgrestClient) -> None:
    assert data(
        db.from_("instruments")
        .select("name, orchestral_sections(*)")
        .eq("orchestral_sections.name", "woodwinds")
        .gte("id", 2)
        .order("id")
        .limit(2)
    ) == [
        {"name": "harp", "orchestral_sections": None},
        {"name": "flute", "orchestral_sections": {"id": 2, "name": "woodwinds"}},
    ]


@call("select: inner join")
def select_inner_join(db: SyncPostgrestClient) -> None:
    assert data(
        db.from_("instruments")
        .select("name, orchestral_sections!inner(name)")
        .eq("orchestral_sections.name", "woodwinds")
    ) == [{"name": "flute", "orchestral_sections": {"name": "woodwinds"}}]


@call("select: referenced table with count")
def select_referenced_table_with_count(db: SyncPostgrestClient) -> None:
    assert data(db.from_("orchestral_sections").select("name, instruments(count)").eq("id", 1)) == [
        {"name": "strings", "instruments": [{"count": 2}]}
    ]


@call("select: JSON data")
def select_json_data(db: SyncPostgrestClient) -> None:
    assert data(db.from_("users").select("id, name, address->city").order("id").limit(1)) == [
        {"id": 1, "name": "Kiran", "city": "Amsterdam"}
    ]


@call("select: aggregates")
def select_aggregates(db: SyncPostgrestClient) -> None:
    assert data(db.from_("users").select("balance.sum(), id.count()")) == [{"sum": 110.49, "count": 3}]


@call("select: exact count")
def select_exact_count(db: SyncPostgrestClient) -> None:
    response = db.from_("characters").select("*", count=CountMethod.exact).limit(1).execute()
    assert (len(response.data), response.count) == (1, 3)


@call("select: count without rows")
def select_count_without_rows(db: SyncPostgrestClient) -> None:
    response = db.from_("characters").select("*", count=CountMethod.exact, head=True).execute()
    assert (response.data, response.count) == ([], 3)


@call("select: planned count")
def select_planned_count(db: SyncPostgrestClient) -> None:
    assert db.schema("world").from_("continents").select("*", count=CountMethod.planned).execute().count == 7


@call("select: estimated count")
def select_estimated_count(db: SyncPostgrestClient) -> None:
    count = db.schema("world").from_("cities").select("id", count=CountMethod.estimated).limit(1).execute().count
    assert count is not None
    assert count > 1000


@call("select: another schema")
def select_another_schema(db: SyncPostgrestClient) -> None:
    assert data(db.schema("world").from_("countries").select("name, continents(name)").eq("code", "CH")) == [
        {"name": "Switzerland", "continents": {"name": "Europe"}}
    ]


@call("select: table")
def select_table(db: SyncPostgrestClient) -> None:
    assert data(db.table("characters").select("*").eq("id", 2)) == [LEIA]


@call("filter: eq")
def filter_eq(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").eq("name", "Leia")) == {"Leia"}


@call("filter: eq of a boolean")
def filter_eq_of_a_boolean(db: SyncPostgrestClient) -> None:
    assert names(db.from_("instruments").select("*").eq("available", False)) == {"harp"}


@call("filter: neq")
def filter_neq(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").neq("name", "Leia")) == {"Luke", "Han"}


@call("filter: gt")
def filter_gt(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").gt("id", 2)) == {"Han"}


@call("filter: gte")
def filter_gte(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").gte("id", 2)) == {"Leia", "Han"}


@call("filter: lt")
def filter_lt(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").lt("id", 2)) == {"Luke"}


@call("filter: lte")
def filter_lte(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").lte("id", 2)) == {"Luke", "Leia"}


@call("filter: like")
def filter_like(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").like("name", "%Lu%")) == {"Luke"}


@call("filter: ilike")
def filter_ilike(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").ilike("name", "%lu%")) == {"Luke"}


@call("filter: like_all_of")
def filter_like_all_of(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").like_all_of("name", "%L%,%u%")) == {"Luke"}


@call("filter: like_any_of")
def filter_like_any_of(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").like_any_of("name", "%Lu%,%Ha%")) == {"Luke", "Han"}


@call("filter: ilike_all_of")
def filter_ilike_all_of(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").ilike_all_of("name", "%l%,%U%")) == {"Luke"}


@call("filter: ilike_any_of")
def filter_ilike_any_of(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").ilike_any_of("name", "%lu%,%HA%")) == {"Luke", "Han"}


@call("filter: is_ null")
def filter_is__null(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").is_("homeworld", "null")) == {"Leia"}


@call("filter: is_ None")
def filter_is__none(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").is_("homeworld", None)) == {"Leia"}


@call("filter: is_ True")
def filter_is__true(db: SyncPostgrestClient) -> None:
    assert names(db.from_("instruments").select("*").is_("available", True)) == {"violin", "flute", "theremin"}


@call("filter: in_")
def filter_in(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").in_("name", ["Leia", "Han"])) == {"Leia", "Han"}


@call("filter: in_ with commas and parentheses")
def filter_in__with_commas_and_parentheses(db: SyncPostgrestClient) -> None:
    db.from_("characters").insert([{"name": "a,b"}, {"name": "(c)"}]).execute()
    assert names(db.from_("characters").select("*").in_("name", ["a,b", "(c)", "Han"])) == {"a,b", "(c)", "Han"}


@call("filter: contains, array")
def filter_contains_array(db: SyncPostgrestClient) -> None:
    assert names(db.from_("issues").select("*").contains("tags", ["is:open", "priority:low"])) == {
        "Cache invalidation is not working"
    }


@call("filter: cs")
def filter_cs(db: SyncPostgrestClient) -> None:
    assert names(db.from_("issues").select("*").cs("tags", ["is:closed"])) == {"Add missing postgrest filters"}


@call("filter: contains, JSON")
def filter_contains_json(db: SyncPostgrestClient) -> None:
    assert names(db.from_("users").select("*").contains("address", {"postcode": 90210})) == {"Evan"}


@call("filter: contained_by, array")
def filter_contained_by_array(db: SyncPostgrestClient) -> None:
    assert names(
        db.from_("classes").select("*").contained_by("days", ["monday", "tuesday", "wednesday", "friday"])
    ) == {"Chemistry"}


@call("filter: cd")
def filter_cd(db: SyncPostgrestClient) -> None:
    assert names(db.from_("classes").select("*").cd("days", ["monday", "friday"])) == {"Chemistry"}


@call("filter: contained_by, JSON")
def filter_contained_by_json(db: SyncPostgrestClient) -> None:
    assert names(db.from_("users").select("*").contained_by("address", {})) == set()


@call("filter: overlaps")
def filter_overlaps(db: SyncPostgrestClient) -> None:
    assert names(db.from_("issues").select("title").overlaps("tags", ["is:closed", "severity:low"])) == {
        "Use better names",
        "Add missing postgrest filters",
    }


@call("filter: ov")
def filter_ov(db: SyncPostgrestClient) -> None:
    assert names(db.from_("issues").select("title").ov("tags", ["is:closed"])) == {"Add missing postgrest filters"}


@call("filter: range_gt is refused by name")
def filter_range_gt_is_refused_by_name(db: SyncPostgrestClient) -> None:
    refused(
        db.from_("reservations").select("*").range_gt("during", ("2000-01-02 08:00", "2000-01-02 09:00")),
        "PGRST127",
        "sr",
    )


@call("filter: range_gte is refused by name")
def filter_range_gte_is_refused_by_name(db: SyncPostgrestClient) -> None:
    refused(
        db.from_("reservations").select("*").range_gte("during", ("2000-01-02 08:00", "2000-01-02 09:00")),
        "PGRST127",
        "nxl",
    )


@call("filter: range_lt is refused by name")
def filter_range_lt_is_refused_by_name(db: SyncPostgrestClient) -> None:
    refused(
        db.from_("reservations").select("*").range_lt("during", ("2000-01-02 08:00", "2000-01-02 09:00")),
        "PGRST127",
        "sl",
    )


@call("filter: range_lte is refused by name")
def filter_range_lte_is_refused_by_name(db: SyncPostgrestClient) -> None:
    refused(
        db.from_("reservations").select("*").range_lte("during", ("2000-01-02 08:00", "2000-01-02 09:00")),
        "PGRST127",
        "nxr",
    )


@call("filter: range_adjacent is refused by name")
def filter_range_adjacent_is_refused_by_name(db: SyncPostgrestClient) -> None:
    refused(
        db.from_("reservations").select("*").range_adjacent("during", ("2000-01-02 08:00", "2000-01-02 09:00")),
        "PGRST127",
        "adj",
    )


@call("filter: fts")
def filter_fts(db: SyncPostgrestClient) -> None:
    assert names(db.from_("quotes").select("catchphrase").fts("catchphrase", "eggs & ham")) == {"green eggs and ham"}


@call("filter: plfts")
def filter_plfts(db: SyncPostgrestClient) -> None:
    assert names(db.from_("quotes").select("catchphrase").plfts("catchphrase", "fat cat")) == {
        "the fat cat sat on the mat",
        "a cat that is very fat",
    }


@call("filter: phfts")
def filter_phfts(db: SyncPostgrestClient) -> None:
    assert names(db.from_("quotes").select("catchphrase").phfts("catchphrase", "fat cat")) == {
        "the fat cat sat on the mat"
    }


@call("filter: wfts")
def filter_wfts(db: SyncPostgrestClient) -> None:
    assert names(db.from_("quotes").select("catchphrase").wfts("catchphrase", "eggs or dog")) == {
        "green eggs and ham",
        "the dog chased a cat",
    }


@call("filter: text_search")
def filter_text_search(db: SyncPostgrestClient) -> None:
    assert names(
        db.from_("quotes")
        .select("catchphrase")
        .text_search("catchphrase", "'eggs' & 'ham'", options={"config": "english"})
    ) == {"green eggs and ham"}


@call("filter: text_search, web_search")
def filter_text_search_web_search(db: SyncPostgrestClient) -> None:
    assert names(
        db.from_("quotes")
        .select("catchphrase")
        .text_search("catchphrase", "'fat or dog'", options={"type": "web_search", "config": "english"})
    ) == {"the fat cat sat on the mat", "a cat that is very fat", "the dog chased a cat"}


@call("filter: match")
def filter_match(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").match({"id": 2, "name": "Leia"})) == {"Leia"}


@call("filter: not_")
def filter_not(db: SyncPostgrestClient) -> None:
    assert names(db.from_("countries").select("*").not_.is_("name", "null")) == {"Afghanistan", "Albania", "Algeria"}


@call("filter: not_ in_")
def filter_not__in(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").not_.in_("id", [1, 2])) == {"Han"}


@call("filter: or_")
def filter_or(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").or_("id.eq.2,name.eq.Han")) == {"Leia", "Han"}


@call("filter: not_ or_")
def filter_not__or(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").not_.or_("id.eq.2,name.eq.Han")) == {"Luke"}


@call("filter: or_ with and")
def filter_or__with_and(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").or_("id.gt.3,and(id.eq.1,name.eq.Luke)")) == {"Luke"}


@call("filter: or_ on a referenced table")
def filter_or__on_a_referenced_table(db: SyncPostgrestClient) -> None:
    assert data(
        db.from_("orchestral_sections")
        .select("name, instruments!inner(name)")
        .or_("section_id.eq.2,name.eq.harp", reference_table="instruments")
        .order("id")
    ) == [
        {"name": "strings", "instruments": [{"name": "harp"}]},
        {"name": "woodwinds", "instruments": [{"name": "flute"}]},
    ]


@call("filter: filter")
def filter_filter(db: SyncPostgrestClient) -> None:
    assert names(db.from_("characters").select("*").filter("name", "in", '("Han","Yoda")')) == {"Han"}


@call("filter: JSON path")
def filter_json_path(db: SyncPostgrestClient) -> None:
    assert names(db.from_("users").select("name").eq("address->postcode", 90210)) == {"Evan"}


@call("filter: a date")
def filter_a_date(db: SyncPostgrestClient) -> None:
    assert names(db.from_("users").select("name").gt("born", dt.date(1995, 1, 1))) == {"Wen"}


@call("filter: unknown column")
def filter_unknown_column(db: SyncPostgrestClient) -> None:
    refused(db.from_("characters").select("*").eq("nmae", "Leia"), "42703", "nmae")


@call("filter: a value of another type")
def filter_a_value_of_another_type(db: SyncPostgrestClient) -> None:
    refused(db.from_("characters").select("*").eq("id", "1abc"), "22P02", "1abc")


@call("modifier: order")
def modifier_order(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").select("id").order("id", desc=True)) == [{"id": 3}, {"id": 2}, {"id": 1}]


@call("modifier: order with nulls first")
def modifier_order_with_nulls_first(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").select("id").order("homeworld", nullsfirst=True)) == [
        {"id": 2},
        {"id": 3},
        {"id": 1},
    ]


@call("modifier: order by several columns")
def modifier_order_by_several_columns(db: SyncPostgrestClient) -> None:
    assert data(db.from_("instruments").select("id").order("available").order("name", desc=True)) == [
        {"id": 2},
        {"id": 1},
        {"id": 4},
        {"id": 3},
    ]


@call("modifier: order on a referenced table")
def modifier_order_on_a_referenced_table(db: SyncPostgrestClient) -> None:
    assert data(
        db.from_("orchestral_sections")
        .select("name, instruments(name)")
        .eq("id", 1)
        .order("name", desc=True, foreign_table="instruments")
    ) == [{"name": "strings", "instruments": [{"name": "violin"}, {"name": "harp"}]}]


@call("modifier: limit")
def modifier_limit(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").select("id").order("id").limit(1)) == [{"id": 1}]


@call("modifier: limit on a referenced table")
def modifier_limit_on_a_referenced_table(db: SyncPostgrestClient) -> None:
    assert data(
        db.from_("orchestral_sections")
        .select("name, instruments(name)")
        .eq("id", 1)
        .order("id", foreign_table="instruments")
        .limit(1, foreign_table="instruments")
    ) == [{"name": "strings", "instruments": [{"name": "violin"}]}]


@call("modifier: offset")
def modifier_offset(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").select("id").order("id").offset(1)) == [{"id": 2}, {"id": 3}]


@call("modifier: range")
def modifier_range(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").select("id").order("id").range(1, 2)) == [{"id": 2}, {"id": 3}]


@call("modifier: single")
def modifier_single(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").select("name").order("id").limit(1).single()) == {"name": "Luke"}


@call("modifier: single of several rows")
def modifier_single_of_several_rows(db: SyncPostgrestClient) -> None:
    refused(db.from_("characters").select("name").single(), "PGRST116")


@call("modifier: maybe_single with a row")
def modifier_maybe_single_with_a_row(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").select("*").eq("name", "Leia").maybe_single()) == LEIA


@call("modifier: maybe_single without a row")
def modifier_maybe_single_without_a_row(db: SyncPostgrestClient) -> None:
    assert db.from_("characters").select("*").eq("name", "Katniss").maybe_single().execute() is None


@call("modifier: csv")
def modifier_csv(db: SyncPostgrestClient) -> None:
    assert (
        data(db.from_("characters").select("*").order("id").csv())
        == "id,name,homeworld\n1,Luke,Tatooine\n2,Leia,\n3,Han,Corellia"
    )


@call("modifier: explain")
def modifier_explain(db: SyncPostgrestClient) -> None:
    plan = db.from_("characters").select("*").explain(analyze=True, verbose=True).execute()
    assert "rows" in plan or "ALL" in plan


@call("modifier: explain as JSON")
def modifier_explain_as_json(db: SyncPostgrestClient) -> None:
    plan = db.from_("characters").select("*").explain(format="json").execute().data
    assert isinstance(plan, dict | list)


@call("modifier: strip_nulls")
def modifier_strip_nulls(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").select("*").eq("id", 2).strip_nulls()) == [{"id": 2, "name": "Leia"}]


@call("error: unknown table")
def error_unknown_table(db: SyncPostgrestClient) -> None:
    refused(db.from_("charcters").select("*"), "PGRST205", "characters")


@call("error: unknown relationship")
def error_unknown_relationship(db: SyncPostgrestClient) -> None:
    refused(db.from_("characters").select("*, teams(*)"), "PGRST200", "teams")


@call("error: ambiguous relationship")
def error_ambiguous_relationship(db: SyncPostgrestClient) -> None:
    refused(db.from_("messages").select("*, users(*)"), "PGRST201", "messages_sender_id_fkey")


@call("error: unexposed schema")
def error_unexposed_schema(db: SyncPostgrestClient) -> None:
    refused(db.schema("secret").from_("characters").select("*"), "PGRST106", "world")


@call("error: its four parts")
def error_its_four_parts(db: SyncPostgrestClient) -> None:
    with pytest.raises(APIError) as caught:
        db.from_("characters").select("nmae").execute()
    error = caught.value
    assert error.code == "42703"
    assert "nmae" in str(error.message)
    assert "name" in str(error.hint)


@call("insert: a record")
def insert_a_record(db: SyncPostgrestClient) -> None:
    assert data(db.from_("countries").insert({"id": 10, "name": "Mordor"})) == [
        {"id": 10, "name": "Mordor", "code": None}
    ]


@call("insert: without getting it back")
def insert_without_getting_it_back(db: SyncPostgrestClient) -> None:
    assert data(db.from_("countries").insert({"id": 10, "name": "Mordor"}, returning=ReturnMethod.minimal)) == []
    assert data(db.from_("countries").select("*").eq("id", 10)) == [{"id": 10, "name": "Mordor", "code": None}]


@call("insert: bulk")
def insert_bulk(db: SyncPostgrestClient) -> None:
    assert data(db.from_("countries").insert([{"id": 10, "name": "Mordor"}, {"id": 11, "code": "SH"}])) == [
        {"id": 10, "name": "Mordor", "code": None},
        {"id": 11, "name": None, "code": "SH"},
    ]


@call("insert: bulk with default_to_null false")
def insert_bulk_with_default_to_null_false(db: SyncPostgrestClient) -> None:
    assert data(
        db.from_("instruments")
        .insert([{"id": 10, "name": "cello"}, {"id": 11, "name": "oboe", "available": False}], default_to_null=False)
        .select("id, available")
    ) == [{"id": 10, "available": True}, {"id": 11, "available": False}]


@call("insert: exact count")
def insert_exact_count(db: SyncPostgrestClient) -> None:
    assert db.from_("countries").insert([{"name": "a"}, {"name": "b"}], count=CountMethod.exact).execute().count == 2


@call("insert: with select")
def insert_with_select(db: SyncPostgrestClient) -> None:
    assert data(
        db.from_("instruments").insert({"section_id": 1, "name": "cello"}).select("name, orchestral_sections(name)")
    ) == [{"name": "cello", "orchestral_sections": {"name": "strings"}}]


@call("insert: dates and identifiers")
def insert_dates_and_identifiers(db: SyncPostgrestClient) -> None:
    row = {"name": str(uuid.UUID(int=1)), "born": dt.date(2024, 2, 29)}
    assert data(db.from_("users").insert(row).select("name, born")) == [
        {"name": str(uuid.UUID(int=1)), "born": "2024-02-29"}
    ]


@call("insert: all or nothing")
def insert_all_or_nothing(db: SyncPostgrestClient) -> None:
    refused(db.from_("countries").insert([{"id": 10, "name": "a"}, {"id": 10, "name": "b"}]), "23505")
    assert data(db.from_("countries").select("*").eq("id", 10)) == []


@call("insert: duplicate key")
def insert_duplicate_key(db: SyncPostgrestClient) -> None:
    refused(db.from_("countries").insert({"id": 1, "name": "x"}), "23505")


@call("insert: unknown parent")
def insert_unknown_parent(db: SyncPostgrestClient) -> None:
    refused(db.from_("instruments").insert({"section_id": 99, "name": "x"}), "23503")


@call("insert: unknown column")
def insert_unknown_column(db: SyncPostgrestClient) -> None:
    refused(db.from_("characters").insert({"nmae": "x"}), "PGRST204", "nmae")


@call("insert: as an upsert")
def insert_as_an_upsert(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").insert({"id": 1, "name": "Han Solo"}, upsert=True)) == [
        {"id": 1, "name": "Han Solo", "homeworld": "Tatooine"}
    ]


@call("upsert: your data")
def upsert_your_data(db: SyncPostgrestClient) -> None:
    assert data(db.from_("characters").upsert({"id": 1, "name": "Han Solo"})) == [
        {"id": 1, "name": "Han Solo", "homeworld": "Tatooine"}
    ]


@call("upsert: bulk")
def upsert_bulk(db: SyncPostgrestClient) -> None:
    assert data(
        db.from_("instruments").upsert([{"id": 1, "name": "piano"}, {"id": 20, "name": "tuba"}]).select("id, name")
    ) == [{"id": 1, "name": "piano"}, {"id": 20, "name": "tuba"}]


@call("upsert: by a unique key")
def upsert_by_a_unique_key(db: SyncPostgrestClient) -> None:
    assert data(
        db.from_("users").upsert({"username": "kiran", "message": "bar"}, on_conflict="username").select("id, message")
    ) == [{"id": 1, "message": "bar"}]


@call("upsert: ignore_duplicates")
def upsert_ignore_duplicates(db: SyncPostgrestClient) -> None:
    assert data(
        db.from_("instruments")
        .upsert([{"id": 1, "name": "piano"}, {"id": 20, "name": "tuba"}], ignore_duplicates=True)
        .select("id, name")
    ) == [{"id": 20, "name": "tuba"}]


@call("upsert: a clash on another unique key")
def upsert_a_clash_on_another_unique_key(db: SyncPostgrestClient) -> None:
    refused(db.from_("users").upsert({"id": 2, "username": "kiran"}), "23505")
    assert data(db.from_("users").select("username").eq("id", 2)) == [{"username": "evan"}]


@call("update: your data")
def update_your_data(db: SyncPostgrestClient) -> None:
    assert data(db.from_("instruments").update({"name": "piano"}).eq("id", 1).select("id, name")) == [
        {"id": 1, "name": "piano"}
    ]


@call("update: JSON data")
def update_json_data(db: SyncPostgrestClient) -> None:
    assert data(
        db.from_("users")
        .update({"address": {"street": "Melrose Place", "postcode": 90210}})
        .eq("address->postcode", 90210)
        .select("address")
    ) == [{"address": {"street": "Melrose Place", "postcode": 90210}}]


@call("update: exact count")
def update_exact_count(db: SyncPostgrestClient) -> None:
    response = (
        db.from_("instruments").update({"available": True}, count=CountMethod.exact).eq("section_id", 1).execute()
    )
    assert (response.count, len(response.data)) == (2, 2)


@call("update: max_affected")
def update_max_affected(db: SyncPostgrestClient) -> None:
    refused(db.from_("instruments").update({"name": "x"}).gte("id", 1).max_affected(1), "PGRST124")
    assert data(db.from_("instruments").select("id").eq("name", "x")) == []


@call("update: without a filter")
def update_without_a_filter(db: SyncPostgrestClient) -> None:
    refused(db.from_("instruments").update({"name": "x"}), "21000")
    assert data(db.from_("instruments").select("id").eq("name", "x")) == []


@call("delete: a record")
def delete_a_record(db: SyncPostgrestClient) -> None:
    assert data(db.from_("countries").delete().eq("id", 1)) == [{"id": 1, "name": "Afghanistan", "code": "AF"}]


@call("delete: multiple records")
def delete_multiple_records(db: SyncPostgrestClient) -> None:
    assert len(data(db.from_("countries").delete().in_("id", [1, 2, 3]))) == 3
    assert data(db.from_("countries").select("id")) == [{"id": 4}]


@call("delete: without getting it back")
def delete_without_getting_it_back(db: SyncPostgrestClient) -> None:
    assert data(db.from_("countries").delete(returning=ReturnMethod.minimal).eq("id", 1)) == []


@call("delete: exact count")
def delete_exact_count(db: SyncPostgrestClient) -> None:
    assert db.from_("countries").delete(count=CountMethod.exact).lte("id", 2).execute().count == 2


@call("delete: max_affected")
def delete_max_affected(db: SyncPostgrestClient) -> None:
    refused(db.from_("countries").delete().gte("id", 1).max_affected(2), "PGRST124")
    assert len(data(db.from_("countries").select("id"))) == 4


@call("delete: a row that is referred to")
def delete_a_row_that_is_referred_to(db: SyncPostgrestClient) -> None:
    refused(db.from_("orchestral_sections").delete().eq("id", 1), "23503")


@call("delete: without a filter")
def delete_without_a_filter(db: SyncPostgrestClient) -> None:
    refused(db.from_("countries").delete(), "21000")
    assert len(data(db.from_("countries").select("id"))) == 4


@call("rpc: without arguments")
def rpc_without_arguments(db: SyncPostgrestClient) -> None:
    assert data(db.rpc("hello_world", {})) == "Hello world"


@call("rpc: with arguments")
def rpc_with_arguments(db: SyncPostgrestClient) -> None:
    assert data(db.rpc("echo", {"say": "👋"})) == "👋"


@call("rpc: bulk processing (JSON is text in MariaDB)")
def rpc_bulk_processing(db: SyncPostgrestClient) -> None:
    given = data(db.rpc("add_one_each", cast(Any, {"arr": [1, 2, 3]})))
    assert (json.loads(given) if isinstance(given, str) else given) == [2, 3, 4]


@call("rpc: with filters")
def rpc_with_filters(db: SyncPostgrestClient) -> None:
    assert data(db.rpc("list_stored_countries", {}).eq("id", 1)) == [{"id": 1, "name": "Afghanistan"}]


@call("rpc: select, order and limit")
def rpc_select_order_and_limit(db: SyncPostgrestClient) -> None:
    assert data(db.rpc("list_stored_countries", {}).select("name").order("id", desc=True).limit(2)) == [
        {"name": None},
        {"name": "Algeria"},
    ]


@call("rpc: single")
def rpc_single(db: SyncPostgrestClient) -> None:
    assert data(db.rpc("list_stored_countries", {}).eq("id", 1).single()) == {"id": 1, "name": "Afghanistan"}


@call("rpc: by GET")
def rpc_by_get(db: SyncPostgrestClient) -> None:
    assert data(db.rpc("add_them", {"a": "1", "b": "2"}, get=True)) == 3


@call("rpc: exact count")
def rpc_exact_count(db: SyncPostgrestClient) -> None:
    assert db.rpc("list_stored_countries", {}, count=CountMethod.exact).execute().count == 4


@call("rpc: a procedure that writes")
def rpc_a_procedure_that_writes(db: SyncPostgrestClient) -> None:
    db.rpc("rename_country", cast(Any, {"country": 1, "new_name": "Mordor"})).execute()
    assert data(db.from_("countries").select("name").eq("id", 1)) == [{"name": "Mordor"}]


@call("rpc: a SIGNAL")
def rpc_a_signal(db: SyncPostgrestClient) -> None:
    refused(db.rpc("fail_always", {}), "P0001", "always fails")


@call("rpc: unknown")
def rpc_unknown(db: SyncPostgrestClient) -> None:
    refused(db.rpc("hello_wrld", {}), "PGRST202", "hello_world")
