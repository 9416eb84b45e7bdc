"""Accept, Prefer and Range."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from api.errors import ApiError
from api.request.media import ARRAY, CSV, JSON, OBJECT, OFFERED, PLAN_JSON, PLAN_TEXT, negotiate
from api.request.preferences import parse_preferences
from api.request.query import MediaType, Preferences
from api.request.query_string import parse_query
from api.request.ranges import root_window

STRIPPED = MediaType(ARRAY, nulls_stripped=True)


@pytest.mark.parametrize(
    "accept, media",
    [
        (None, MediaType(JSON)),
        ("", MediaType(JSON)),
        ("*/*", MediaType(JSON)),
        ("application/*", MediaType(JSON)),
        ("text/*", MediaType(CSV)),
        ("application/json; charset=utf-8", MediaType(JSON)),
        ("text/csv", MediaType(CSV)),
        ("ApplicatIon/vnd.PgRsT.object+json", MediaType(OBJECT)),
        ("application/vnd.pgrst.object", MediaType(OBJECT)),
        ("application/vnd.pgrst.object+json;nulls=stripped", MediaType(OBJECT, nulls_stripped=True)),
        ("application/vnd.pgrst.array+json;nulls=stripped", STRIPPED),
        ("application/vnd.pgrst.array+json; nulls=stripped", STRIPPED),
        ("application/vnd.pgrst.array+json", MediaType(JSON)),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", MediaType(JSON)),
        ("text/csv;q=0.5, application/json;q=0.6", MediaType(JSON)),
        ("text/csv, application/json", MediaType(CSV)),
        ("image/png, text/csv;q=0.1", MediaType(CSV)),
        ("application/json;q=0, */*", MediaType(CSV)),
        ("text/csv;q=nonsense", MediaType(CSV)),
        ("application/vnd.pgrst.plan+json, application/json;q=0.1", MediaType(JSON)),
    ],
)
def test_the_preferred_offered_media_type_is_chosen(accept: str | None, media: MediaType) -> None:
    assert negotiate(accept) == media


@pytest.mark.parametrize(
    "accept", ["image/png", "text/plain", "application/octet-stream", "application/json;q=0", ";", PLAN_JSON]
)
def test_a_type_that_is_not_offered_is_not_acceptable(accept: str) -> None:
    with pytest.raises(ApiError) as caught:
        negotiate(accept)
    assert (caught.value.status, caught.value.code) == (406, "PGRST107")
    assert accept in caught.value.message
    assert "text/csv" in str(caught.value.hint)


@pytest.mark.parametrize(
    "accept, media",
    [
        (PLAN_JSON, MediaType(PLAN_JSON, plan_for=JSON)),
        ("application/vnd.pgrst.plan", MediaType(PLAN_TEXT, plan_for=JSON)),
        (
            'application/vnd.pgrst.plan+json; for="application/json"; options=analyze|verbose;',
            MediaType(PLAN_JSON, plan_for=JSON, plan_options=("analyze", "verbose")),
        ),
        (
            'application/vnd.pgrst.plan+text; for="application/vnd.pgrst.object+json;nulls=stripped"; options=;',
            MediaType(PLAN_TEXT, plan_for=OBJECT),
        ),
    ],
)
def test_a_plan_names_the_type_that_it_is_for(accept: str, media: MediaType) -> None:
    assert negotiate(accept, plan=True) == media


def test_a_plan_for_a_type_that_is_not_offered_is_not_acceptable() -> None:
    with pytest.raises(ApiError, match="PGRST107"):
        negotiate('application/vnd.pgrst.plan+json; for="image/png"', plan=True)


def test_every_negotiated_type_is_one_of_the_offered() -> None:
    assert {negotiate(name + ";nulls=stripped", plan=True).name for name in OFFERED} == set(OFFERED)


def test_the_first_value_of_a_preference_is_used() -> None:
    preferences = parse_preferences(
        "tx=commit, tx=rollback,count=exact,   return=minimal,return=representation", "POST"
    )
    assert preferences == Preferences(
        returning="minimal", count="exact", transaction="commit", applied=("return=minimal", "count=exact", "tx=commit")
    )


def test_every_documented_preference_is_known() -> None:
    header = (
        "handling=strict, return=headers-only, resolution=merge-duplicates, missing=default, count=planned, tx=rollback, "
        "max-affected=5, timezone=Europe/Paris, consistency=strong"
    )
    assert parse_preferences(header, "POST") == Preferences(
        returning="headers-only",
        count="planned",
        resolution="merge-duplicates",
        missing="default",
        transaction="rollback",
        max_affected=5,
        timezone=ZoneInfo("Europe/Paris"),
        consistency="strong",
        applied=(
            "resolution=merge-duplicates", "missing=default", "return=headers-only", "count=planned", "tx=rollback",
            "handling=strict", "timezone=Europe/Paris", "consistency=strong",
        ),
    )  # fmt: skip


def test_unknown_preferences_are_ignored_unless_strict() -> None:
    assert parse_preferences("wait=5, count=wrong, anything, , count=exact", "GET").applied == ("count=exact",)
    with pytest.raises(ApiError) as caught:
        parse_preferences("handling=strict, wait=5, count=wrong, anything", "GET")
    assert (caught.value.status, caught.value.code) == (400, "PGRST122")
    assert caught.value.details == "Invalid preferences: wait=5, count=wrong, anything"


@pytest.mark.parametrize("value", ["many", "-1", "1.5", "", "9" * 30])
def test_max_affected_must_be_a_count(value: str) -> None:
    with pytest.raises(ApiError, match="PGRST122"):
        parse_preferences(f"handling=strict, max-affected={value}", "PATCH")


def test_max_affected_applies_only_with_strict_handling_as_in_postgrest() -> None:
    assert parse_preferences("handling=strict, max-affected=0", "DELETE").max_affected == 0
    assert parse_preferences("max-affected=1", "DELETE") == Preferences()


@pytest.mark.parametrize("zone", ["Mars/Olympus", "America", "../../etc/passwd", "/etc/passwd", "", "\0", "a" * 300])
@pytest.mark.parametrize("handling", ["strict", "lenient"])
def test_an_unknown_time_zone_is_refused(zone: str, handling: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_preferences(f"handling={handling}, timezone={zone}", "GET")
    assert (caught.value.status, caught.value.code) == (400, "22023")


@pytest.mark.parametrize(
    "method, routine, applied",
    [
        ("GET", False, ("count=exact", "handling=strict")),
        ("HEAD", False, ("count=exact", "handling=strict")),
        ("POST", False, ("resolution=merge-duplicates", "missing=default", "return=minimal", "count=exact", "handling=strict")),
        ("PATCH", False, ("missing=default", "return=minimal", "count=exact", "handling=strict", "max-affected=3")),
        ("DELETE", False, ("return=minimal", "count=exact", "handling=strict", "max-affected=3")),
        ("PUT", False, ("return=minimal", "count=exact", "handling=strict")),
        ("POST", True, ("count=exact", "handling=strict", "max-affected=3")),
    ],
)  # fmt: skip
def test_only_preferences_with_an_effect_are_reported_as_applied(
    method: str, routine: bool, applied: tuple[str, ...]
) -> None:
    header = "handling=strict,return=minimal,resolution=merge-duplicates,missing=default,count=exact,max-affected=3"
    assert parse_preferences(header, method, routine=routine).applied == applied


@pytest.mark.parametrize("header", ['Return="minimal"', "return = minimal", "return=minimal; x=y"])
def test_preferences_may_be_written_in_any_form_of_rfc_7240(header: str) -> None:
    assert parse_preferences(header, "POST").returning == "minimal"


@pytest.mark.parametrize(
    "query, header, window",
    [
        ("", "0-9", (10, 0)),
        ("", "5-", (None, 5)),
        ("", "3-3", (1, 3)),
        ("limit=5", "0-9", (5, 0)),
        ("limit=50", "0-9", (10, 0)),
        ("limit=5&offset=3", "0-4", (2, 3)),
        ("offset=3", "0-4", (2, 3)),
        ("offset=3", "5-", (None, 5)),
        ("limit=0", "5-9", (0, 0)),
        ("", "0-" + "9" * 30, (None, 0)),
        ("limit=5", "bytes=0-1", (5, 0)),
        ("limit=5", "-3", (5, 0)),
        ("limit=5", "nonsense", (5, 0)),
    ],
)
def test_the_range_header_is_intersected_with_limit_and_offset(
    query: str, header: str, window: tuple[int | None, int]
) -> None:
    assert root_window(parse_query(query), "GET", {"range": header, "range-unit": "items"}) == window


@pytest.mark.parametrize("method", ["HEAD", "POST", "PATCH", "DELETE"])
def test_the_range_header_applies_to_get_only(method: str) -> None:
    assert root_window(parse_query("limit=7"), method, {"range": "0-1"}) == (7, 0)


def test_a_range_in_another_unit_is_ignored() -> None:
    assert root_window(parse_query(""), "GET", {"range": "0-1", "range-unit": "bytes"}) == (None, 0)


@pytest.mark.parametrize("query, header", [("", "9-0"), ("offset=20", "0-9"), ("limit=5", "5-9")])
def test_an_empty_range_is_not_satisfiable(query: str, header: str) -> None:
    with pytest.raises(ApiError) as caught:
        root_window(parse_query(query), "GET", {"range": header})
    assert (caught.value.status, caught.value.code) == (416, "PGRST103")


@pytest.mark.parametrize("query", ["limit=1", "limit=0", "offset=1"])
def test_put_does_not_take_a_limit(query: str) -> None:
    with pytest.raises(ApiError, match="PGRST114"):
        root_window(parse_query(query), "PUT", {})
