"""Keys on their way between statements: as the driver returns them, and as they are sent and compared again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from api.catalog import Column, Kind
from api.sql.write import Key
from api.statement import MAX_STATEMENT_BYTES, Sql, Value, literal_size, size


def sent_again(column: Column, found: object) -> Value:
    """A key's value as the driver returned it, typed so that it compares exactly when it is sent."""
    if isinstance(found, bytes) and column.type.kind in (Kind.BITS, Kind.BOOLEAN):
        return int.from_bytes(found, "big")
    if column.type.kind is Kind.DECIMAL and found is not None:
        return Decimal(str(found))
    if column.type.kind in (Kind.BITS, Kind.BOOLEAN) and isinstance(found, str):
        return int(found)
    if found is None or isinstance(found, int | str | bytes | Decimal | float):
        return found
    raise TypeError(f"{type(found).__name__} is no key")


def key_of(columns: Sequence[Column], row: Sequence[object]) -> Key:
    """The key in the first cells of a row."""
    return tuple([sent_again(column, cell) for column, cell in zip(columns, row, strict=False)])


def in_chunks(
    keys: Sequence[Key], statement: Callable[[tuple[Key, ...]], Sql], more_bytes: int = 0
) -> Iterator[tuple[Key, ...]]:
    """The keys in runs for which the statement stays within its size; never an empty run, however large one key is.

    Args:
        more_bytes: Room that is needed for each key besides its own literals.
    """
    if len(keys) < 2:
        yield from [tuple(keys)] if keys else []
        return
    fixed = size(statement((keys[0],)))
    run: list[Key] = []
    used = fixed
    for key in keys:
        needed = sum([literal_size(part) + 1 for part in key]) + 2 + more_bytes
        if run and used + needed > MAX_STATEMENT_BYTES:
            yield tuple(run)
            run, used = [], fixed
        run.append(key)
        used += needed
    yield tuple(run)
