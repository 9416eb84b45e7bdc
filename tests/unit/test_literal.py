"""SQL literals are exact, and the same in every mode of the server."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.database.literal import literal, literals, statement_text
from api.errors import ApiError
from api.statement import Value, literal_size, sql, value

STRINGS = st.text(st.characters(codec="utf-8"), max_size=40)
HOSTILE = st.text(st.sampled_from("\\'\"\0\n\r\x1a\t %_;-é😀`"), max_size=20)
VALUES: st.SearchStrategy[Value] = st.one_of(
    STRINGS,
    HOSTILE,
    st.binary(max_size=20),
    st.integers(),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30),
)


@pytest.mark.parametrize(
    "value, text",
    [
        (None, "NULL"),
        (True, "1"),
        (False, "0"),
        (-7, "-7"),
        (0.1, "0.1e0"),
        (1e300, "1e+300"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.000000000000000000001"), "-0.000000000000000000001"),
        ("", "''"),
        ("it's", "'it''s'"),
        ("line\nfeed", "'line\nfeed'"),
        ("\\' OR 1=1 -- ", "_utf8mb4 X'5c27204f5220313d31202d2d20'"),
        (b"", "_binary X''"),
    ],
)
def test_values_are_encoded_exactly(value: Value, text: str) -> None:
    assert literal(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_numbers_that_are_not_finite_are_refused(value: Value) -> None:
    with pytest.raises(ValueError, match="has no SQL literal"):
        literal(value)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(ApiError) as refused:
        literal("\\\ud800")
    assert refused.value.code == "22021"


@given(VALUES)
def test_no_literal_contains_a_backslash_or_a_lone_quote(given: Value) -> None:
    text = literal(given)
    assert "\\" not in text
    quoted = re.fullmatch(r"(?:_\w+ X)?'(.*)'", text, re.DOTALL)
    assert "'" not in (quoted[1] if quoted else text).replace("''", "")


@given(VALUES)
def test_a_literal_is_never_longer_than_planned(given: Value) -> None:
    assert len(literal(given).encode()) <= literal_size(given)


@given(st.lists(VALUES, max_size=10))
def test_encoding_many_literals_gives_the_same_as_one_by_one(given: list[Value]) -> None:
    assert literals(given, literal) == [literal(each) for each in given]  # type: ignore[arg-type]


def test_a_statement_keeps_its_percent_signs() -> None:
    assert statement_text(sql("SELECT 5 % 2 = {}", value("100%s"))) == "SELECT 5 % 2 = '100%s'"
