"""Full-text searches: the index that a filter or an order names, by its own name or through one of its columns."""

from __future__ import annotations

from collections.abc import Iterable

from api import errors
from api.catalog import Column, ColumnType, FullTextIndex, Kind, Table
from api.plan.operands import Operand, Relevance
from api.plan.shape import operand_for
from api.plan.tree import FullText, Predicate, leaves
from api.request.query import Field

_SCORE = ColumnType(kind=Kind.FLOAT, name="double", declared="double")


def searched(table: Table, alias: str, wanted: Field, operator: str) -> tuple[Operand, ...]:
    """The columns to search: those of the index that the field names, or of the one that contains the column.

    Raises: `ApiError` 42703 for an unknown name, 42883 for a column without an index or with several.
    """
    index = named_index(table, wanted)
    if index is None:
        if wanted.name not in table.by_name and not wanted.path:
            names = (*table.named, *(each.name for each in table.fulltext_indexes))
            raise errors.unknown_column(table.name, wanted.name, names)
        operand = operand_for(table, alias, wanted)
        if operand.path:
            raise _not_searchable(table, wanted.name, operator)
        index = _index_of(table, wanted.name, operator)
    return _columns(table, alias, index)


def _columns(table: Table, alias: str, index: FullTextIndex) -> tuple[Operand, ...]:
    return tuple(operand_for(table, alias, Field(name)) for name in index.columns)


def named_index(table: Table, wanted: Field) -> FullTextIndex | None:
    """The index of this name, unless a column has it too."""
    if type(wanted) is not Field or wanted.path or wanted.name in table.by_name:
        return None
    return next((index for index in table.fulltext_indexes if index.name == wanted.name), None)


def _index_of(table: Table, column: str, operator: str) -> FullTextIndex:
    """The index of this column alone, or else the only one that contains it."""
    found = [index for index in table.fulltext_indexes if column in index.columns]
    if not found:
        raise _not_searchable(table, column, operator)
    if not table.is_searchable(column):
        raise errors.undefined_operation(
            f"several FULLTEXT indexes of '{table.name}' contain '{column}'",
            f"They are: {errors.listing(index.name for index in found)}.",
            f"Name one of them: {found[0].name}={operator}.word",
        )
    return next((index for index in found if index.columns == (column,)), found[0])


def _not_searchable(table: Table, column: str, operator: str) -> errors.ApiError:
    indexed = dict.fromkeys(column for index in table.fulltext_indexes for column in index.columns)
    return errors.undefined_operation(
        f"'{operator}' requires a FULLTEXT index on '{column}' of '{table.name}'",
        f"Columns that have one: {errors.listing(indexed) or 'none'}.",
        f"CREATE FULLTEXT INDEX ... ON `{table.name}` (`{column}`)",
    )


def relevance(table: Table, alias: str, index: FullTextIndex, where: Iterable[Predicate]) -> Relevance:
    """The relevance of a row to what the conditions search for in this index.

    Raises: `ApiError` 42883 if they do not search it.
    """
    columns = _columns(table, alias, index)
    searches = (each for each in leaves(where) if isinstance(each, FullText))
    search = next((each.search for each in searches if each.operands == columns), None)
    if search is None:
        raise errors.undefined_operation(
            f"an order by '{index.name}' requires a search of it",
            "The relevance of a row is how well it matches a full-text search.",
            f"Add a filter such as {index.name}=wfts.word",
        )
    return Relevance("", Column(index.name, _SCORE, nullable=False, position=0), of=columns, search=search)
