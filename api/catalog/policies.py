"""Row policies as records: who may see and write which rows of a table. The words are PostgreSQL's.

An expression was split into pieces when the migrator applied it (`migrator.policy_expression`): SQL, the places of the
row's columns, and the places of the caller's claims. It can be written with any alias, and claims are always values.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from api.statement import quote_name


class Command(Enum):
    """What a policy applies to."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class ClaimType(Enum):
    """The type of what a claim is compared with. A claim that is not a value of the type is NULL there, because MySQL
    would convert it: `id = '42abc'` is true for 42."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class RowColumn:
    """The place of one of the row's columns."""

    name: str
    quoted: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quoted", quote_name(self.name))


@dataclass(frozen=True, slots=True)
class ClaimPlace:
    """The place of `auth.claim('path')`, `auth.uid()` (the claim `sub`), `auth.role()` or `auth.jwt()`."""

    source: str
    """`claim`, `role` or `jwt`."""
    path: str = ""
    type: ClaimType = ClaimType.TEXT


Piece = str | RowColumn | ClaimPlace


@dataclass(frozen=True, slots=True)
class Expression:
    """The condition of a policy."""

    source: str
    """As it was written in the migration."""
    pieces: tuple[Piece, ...]
    has_subquery: bool = False
    written: tuple[Piece, ...] = field(init=False, repr=False, compare=False)
    """The pieces as `api.statement` takes text: a `%` is doubled."""

    def __post_init__(self) -> None:
        written = tuple(piece.replace("%", "%%") if isinstance(piece, str) else piece for piece in self.pieces)
        object.__setattr__(self, "written", written)

    @property
    def columns(self) -> frozenset[str]:
        """The row's columns that the condition depends on."""
        return frozenset(piece.name for piece in self.pieces if isinstance(piece, RowColumn))

    def stored(self) -> str:
        """The expression as JSON, from which `read_expression` makes it again."""
        return json.dumps({"pieces": [_stored(piece) for piece in self.pieces], "subquery": self.has_subquery})


def _stored(piece: Piece) -> object:
    match piece:
        case str():
            return piece
        case RowColumn():
            return {"column": piece.name}
        case ClaimPlace():
            return {"source": piece.source, "path": piece.path, "type": piece.type.value}


def read_expression(source: str, stored: str) -> Expression:
    """The inverse of `Expression.stored`."""
    document = json.loads(stored)
    return Expression(source, tuple(_read(piece) for piece in document["pieces"]), document["subquery"])


def _read(piece: object) -> Piece:
    match piece:
        case str():
            return piece
        case {"column": str(name)}:
            return RowColumn(name)
        case {"source": str(source), "path": str(path), "type": str(type_)}:
            return ClaimPlace(source, path, ClaimType(type_))
        case _:
            raise ValueError(f"{piece!r} is not a piece of a policy")


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy of a table."""

    name: str
    permissive: bool
    command: Command | None
    """None: ALL."""
    roles: tuple[str, ...]
    """Empty: PUBLIC."""
    using: Expression | None
    check: Expression | None

    def applies(self, command: Command, role: str | None) -> bool:
        """Whether the policy binds a role that executes the command. Without roles, only those TO PUBLIC do."""
        return (self.command is None or self.command is command) and (not self.roles or role in self.roles)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The API's account may not read the policies of the database, or whether there are any."""

    database: str


@dataclass(frozen=True, slots=True)
class Rule:
    """The policies of a table for one role and command: any of the permissive ones, and all of the restrictive ones."""

    permissive: tuple[Expression, ...]
    restrictive: tuple[Expression, ...] = ()

    @property
    def expressions(self) -> tuple[Expression, ...]:
        return (*self.permissive, *self.restrictive)


def using_rule(policies: Sequence[Policy], command: Command, role: str | None) -> Rule:
    """Which existing rows a command sees."""
    return _rule(policies, command, role, checking=False)


def check_rule(policies: Sequence[Policy], command: Command, role: str | None) -> Rule:
    """Which rows an INSERT or UPDATE may store. A policy without WITH CHECK uses its USING."""
    return _rule(policies, command, role, checking=True)


def _rule(policies: Sequence[Policy], command: Command, role: str | None, *, checking: bool) -> Rule:
    """A policy without an expression for the purpose allows nothing if it is permissive, and forbids nothing if not."""
    permissive: list[Expression] = []
    restrictive: list[Expression] = []
    for policy in policies:
        if policy.applies(command, role):
            expression = (policy.check or policy.using) if checking else policy.using
            if expression is not None:
                (permissive if policy.permissive else restrictive).append(expression)
    return Rule(tuple(permissive), tuple(restrictive))
