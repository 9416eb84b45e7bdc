"""Random writes to `thing`, and what they store and answer according to the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.fuzz import model
from tests.fuzz.requests import Level, Term
from tests.fuzz.strategies import conditions, levels
from tests.fuzz.tables import DOCUMENTS, TYPES, Row, Stored

TABLE = "thing"
DEFAULTS: Row = dict.fromkeys(TYPES[TABLE]) | {"size": 7}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "maker_id": st.none() | st.integers(1, 9),  # there is no maker 9
    "label": st.none() | st.sampled_from(["a", "A", "b", "é", "new", "x,y"]),
    "size": st.none() | st.integers(-2, 4),
    "price": st.none() | st.sampled_from([Decimal("1.50"), Decimal("0.00"), Decimal("-10.25")]),
    "weight": st.none() | st.sampled_from([0.25, 1.5, -2.0]),
    "data": st.none() | st.sampled_from([each for each in DOCUMENTS if isinstance(each, dict)]),
}
IDS = st.integers(1, 15)


@dataclass(frozen=True)
class Insert:
    """POST. `resolution` is merge, ignore or empty; `target` the column of `on_conflict`, if it is given."""

    rows: tuple[Row, ...]
    resolution: str
    target: str | None
    missing: bool
    shown: Level | None


@dataclass(frozen=True)
class Change:
    """PATCH, or DELETE if `values` is None."""

    values: Row | None
    level: Level
    representation: bool


@dataclass(frozen=True)
class Put:
    """PUT of one row."""

    row: Row
    shown: Level | None


Write = Insert | Change | Put


@dataclass(frozen=True)
class Outcome:
    """What is stored afterwards, the rows that are answered, and the statuses that are right."""

    stored: Stored
    written: list[Row]
    statuses: tuple[int, ...]


@st.composite
def _rows(draw: Any, *, alike: bool) -> tuple[Row, ...]:
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=4))
    rows: list[Row] = []
    for _ in range(draw(st.integers(1, 4))):
        kept = names if alike else [name for name in names if draw(st.booleans())]
        rows.append({"id": draw(IDS)} | {name: draw(VALUES[name]) for name in kept})
    return tuple(rows)


@st.composite
def writes(draw: Any) -> Write:
    """Any of them."""
    shown = draw(st.none() | _shown())
    match draw(st.sampled_from(["insert", "insert", "patch", "patch", "delete", "put"])):
        case "insert":
            missing = draw(st.booleans())
            rows = draw(_rows(alike=not missing))
            resolution = draw(st.sampled_from(["", "merge", "ignore"]))
            target = None
            if resolution and all(row.get("label") is not None for row in rows):
                target = draw(st.sampled_from([None, "label"]))
            return Insert(rows, resolution, target, missing, shown)
        case "put":
            return Put(draw(_rows(alike=True))[0], None if shown is None else _unfiltered(shown))
        case kind:
            values = None
            if kind == "patch":
                names = draw(st.lists(st.sampled_from(["id", *sorted(VALUES)]), unique=True, max_size=3))
                values = {name: draw(IDS if name == "id" else VALUES[name]) for name in names}
            where = draw(st.lists(conditions(TABLE, ()), min_size=1, max_size=2))
            level = shown or draw(_shown())
            order = (Term("id", draw(st.booleans())),)
            limit = draw(st.none() | st.none() | st.integers(1, 3))
            return Change(values, replace(level, where=tuple(where), order=order, limit=limit), shown is not None)


def _unfiltered(level: Level) -> Level:
    """PUT takes no filter but the key, not even one of an embed."""
    embeds = tuple(replace(each, level=_unfiltered(each.level)) for each in level.embeds)
    return replace(level, where=(), embeds=embeds)


def _shown() -> st.SearchStrategy[Level]:
    """What a representation shows: the rows of the write, none left out."""

    def plain(level: Level) -> Level:
        embeds = tuple(replace(embed, inner=False) for embed in level.embeds)
        return replace(level, embeds=embeds, where=(), order=(), limit=None, offset=0)

    return levels(TABLE, 1).map(plain)


def outcome(stored: Stored, write: Write) -> Outcome:
    """What the write must do."""
    match write:
        case Insert():
            return _inserted(stored, write)
        case Put():
            return _put(stored, write)
        case Change():
            return _changed(stored, write)


def _inserted(stored: Stored, insert: Insert) -> Outcome:
    target = insert.target or "id"
    names = {name for row in insert.rows for name in row}
    complete = [
        {name: row.get(name, DEFAULTS[name] if insert.missing else None) for name in names} for row in insert.rows
    ]
    keys = [row[target] for row in complete]
    if insert.resolution == "merge" and len(set(keys)) < len(keys):
        return Outcome(stored, [], (400,))
    rows = [dict(row) for row in stored[TABLE]]
    written: list[Row] = []
    created = 0
    before = [dict(row) for row in rows]
    for source, given in zip(insert.rows, complete, strict=True):
        old = next((row for row in rows if insert.resolution and row[target] == given[target]), None)
        if old is None:
            rows.append({**DEFAULTS, **given})
            written.append(rows[-1])
            created += 1
        elif insert.resolution == "merge":
            old.update(source)
            written.append(old)
    return _judged(
        stored, before, rows, written, (201,) if created else ((201,) if not insert.resolution else (200, 201))
    )


def _put(stored: Stored, put: Put) -> Outcome:
    rows = [dict(row) for row in stored[TABLE]]
    before = [dict(row) for row in rows]
    old = next((row for row in rows if row["id"] == put.row["id"]), None)
    if old is None:
        old = {**DEFAULTS, **put.row}
        rows.append(old)
        return _judged(stored, before, rows, [old], (201,) if put.shown else (204,))
    old.update(put.row)
    return _judged(stored, before, rows, [old], (200, 204))


def _changed(stored: Stored, change: Change) -> Outcome:
    level = replace(change.level, embeds=(), columns=())
    chosen = [row["id"] for row in model.chosen(stored, level, stored[TABLE])]
    before = [dict(row) for row in stored[TABLE]]
    if change.values is None:
        referred = {row["thing_id"] for table in ("thing_tag", "part") for row in stored[table]}
        if referred.intersection(chosen):
            return Outcome(stored, [], (409,))
        kept = [row for row in before if row["id"] not in chosen]
        deleted = {row["id"]: row for row in before}
        return Outcome({**stored, TABLE: kept}, [deleted[key] for key in chosen], (200, 204))
    if not change.values:
        return Outcome(stored, [], (200, 204))
    rows = [dict(row) for row in before]
    by_id = {row["id"]: row for row in rows}
    written = [by_id[key] for key in chosen]
    if "id" in change.values:
        referred = {row["thing_id"] for table in ("thing_tag", "part") for row in stored[table]}
        if any(key in referred and key != change.values["id"] for key in chosen):
            return Outcome(stored, [], (409,))
    for row in written:
        row.update(change.values)
    return _judged(stored, before, rows, written, (200, 204))


def _judged(
    stored: Stored, before: list[Row], rows: list[Row], written: list[Row], statuses: tuple[int, ...]
) -> Outcome:
    """409 where the rows would break a key; either where only their order decides (two rows that swap a label)."""
    makers = {row["id"] for row in stored["maker"]}
    labels = [row["label"] for row in rows if row["label"] is not None]
    ids = [row["id"] for row in rows]
    orphan = any(row["maker_id"] is not None and row["maker_id"] not in makers for row in written)
    if orphan or len(set(labels)) < len(labels) or len(set(ids)) < len(ids):
        return Outcome(stored, [], (409,))
    owners = {row["label"]: row["id"] for row in before if row["label"] is not None}
    passed_on = any(row["label"] in owners and owners[row["label"]] != row["id"] for row in written)
    return Outcome({**stored, TABLE: rows}, written, (*statuses, 409) if passed_on else statuses)
