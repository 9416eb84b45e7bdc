"""Split keys into runs that fit into a statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from api.statement import MAX_STATEMENT_BYTES, Sql, literal_size, size
from api.values.keys import Key


def in_chunks(
    keys: Sequence[Key], statement: Callable[[tuple[Key, ...]], Sql], more_bytes: int = 0
) -> Iterator[tuple[Key, ...]]:
    """Split keys into runs that keep `statement` within its size limit. A run has at least one key, however large.

    Args:
        more_bytes: The bytes that each key needs besides its literals.
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
