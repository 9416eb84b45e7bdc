"""The parsers read back what the writer of the grammar writes."""

from hypothesis import given
from hypothesis import strategies as st

from api.request.query import Comparison, Condition, Field, Logic
from api.request.query_string import RESERVED, parse_query
from api.request.writer import parameter

NAMES = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    st.sampled_from(
        [*RESERVED, "not", "50%", "a.b", 'say "x"', "back\\slash", "a->b", "a::b", " padded ", "x,y", "a(b)"]
    ),
)
VALUES = st.text(st.characters(codec="utf-8"), max_size=30)
COMPARISONS = st.builds(Comparison, st.builds(Field, NAMES), st.sampled_from(["eq", "gt", "gte", "lt", "lte"]), VALUES)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    COMPARISONS,
    lambda inner: st.builds(Logic, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3).map(tuple)),
    max_leaves=6,
)


@given(CONDITIONS)
def test_a_written_condition_parses_back(condition: Condition) -> None:
    written = parameter(condition)
    assert written.isascii()
    assert parse_query(written).filters == (((), condition),)
