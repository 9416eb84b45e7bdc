"""A policy's expression -> pieces: SQL, the row's columns, and claims of the caller.

The author of the migrations writes an expression, so it is trusted, but it has to mean the same wherever the
API puts it: every column of the row gets the alias of the row's table, every table its database, and every string is
written so that no `sql_mode` changes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from api.catalog.policies import ClaimPlace, ClaimType, Expression, Piece, RowColumn
from api.request.caller import claim_path
from migrator.errors import MigratorError
from migrator.policy_claims import Operands, claim_type
from migrator.policy_tokens import Token, matching, quoted, refused, tokens

LONGEST = 4000
"""The most bytes of an expression: a statement may contain several, and 16 KB would pin the session of RDS Proxy."""

Columns = Mapping[str, tuple[str, ClaimType]]
"""A table's columns: the name as stored, and the type that values are compared as, by the name in lower case."""
ColumnsOf = Callable[[str, str], Columns | None]
"""The columns of a table by its database and name; None if there is no such table."""

_NEVER = frozenset(
    {
        "INTO", "LOCK", "PROCEDURE", "WITH", "GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS", "SLEEP", "BENCHMARK",
        "LAST_INSERT_ID", "LOAD_FILE", "FOUND_ROWS", "ROW_COUNT", "NEXTVAL", "SETVAL",
    }
)  # fmt: skip
_ENDS_FROM = frozenset({"WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "WINDOW", "FOR", "EXCEPT", "INTERSECT"})
_NOT_AN_ALIAS = _ENDS_FROM | {
    "ON", "USING", "JOIN", "INNER", "LEFT", "RIGHT", "CROSS", "NATURAL", "STRAIGHT_JOIN", "FORCE", "USE", "IGNORE",
    "PARTITION",
}  # fmt: skip
_OWN_ALIAS = re.compile(r"t|g|j|n|e\d+[jw]?", re.IGNORECASE)
"""The aliases that the API's own statements use, in which the expression is written."""
_RESERVED = frozenset(
    {
        "AND", "OR", "XOR", "NOT", "NULL", "TRUE", "FALSE", "IS", "IN", "LIKE", "REGEXP", "RLIKE", "BETWEEN", "EXISTS",
        "CASE", "WHEN", "THEN", "ELSE", "DIV", "MOD", "INTERVAL", "BINARY", "COLLATE", "DISTINCT", "AS", "USING",
        "ALL", "SELECT", "FROM", "WHERE", "ON", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME",
        "LOCALTIMESTAMP", "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP", "CONVERT", "CAST", "IF", "VALUES", "OVER", "ROW",
        "CHAR", "CHARACTER", "UNSIGNED", "SEPARATOR", "LEADING", "TRAILING", "BOTH",
    }
)  # fmt: skip
"""Reserved words: a column of such a name is written in backticks."""
_UNITS = frozenset({"MICROSECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})
_SUBQUERY = frozenset({"SELECT", "VALUES", "TABLE"})


def parse_expression(
    source: str, database: str, table: str, columns_of: ColumnsOf, read_as: Callable[[str], str] = lambda name: name
) -> Expression:
    """The expression of a policy on a table. `read_as`: the name of what subqueries read in place of a table of the
    database.

    Raises: `MigratorError` (`policy_syntax`, `policy_claim`, `policy_column`).
    """
    if len(source.encode()) > LONGEST:
        raise MigratorError("policy_syntax", f"the expression is longer than {LONGEST} bytes")
    own = columns_of(database, table)
    if own is None:
        raise MigratorError("policy_table", f"{database}.{table} is not a table or view of the database")
    found = tokens(source)
    for token in found:
        if token.kind == "identifier":
            raise refused(source, token.start)
    reading = _Reading(found, database, table, own, columns_of, read_as)
    reading.look_for_tables()
    pieces = reading.pieces()
    return Expression(source, pieces, any(token.upper in _SUBQUERY for token in reading.tokens))


def columns_read(source: str, database: str, table: str, columns_of: ColumnsOf) -> dict[str, frozenset[str]]:
    """The tables of the database that the subqueries of an expression read, each with the columns that they can mean.

    Raises: as `parse_expression`.
    """
    own = columns_of(database, table) or {}
    reading = _Reading(tokens(source), database, table, own, columns_of, lambda name: name)
    reading.look_for_tables()
    words = {token.text.lower() for token in reading.tokens if token.is_name}
    # a star and NATURAL mean columns that they do not name
    everything = any(token.upper in ("*", "NATURAL") for token in reading.tokens)
    return {
        name: frozenset(stored for lower, (stored, _) in columns.items() if everything or lower in words)
        for name, columns in reading.read.items()
    }


@dataclass(slots=True)
class _Reading:
    tokens: tuple[Token, ...]
    database: str
    table: str
    own: Columns
    columns_of: ColumnsOf
    read_as: Callable[[str], str]
    inside: list[int] = field(default_factory=list)
    """For each token, how many subqueries it is in."""
    innermost: list[bool] = field(default_factory=list)
    """For each token, whether the innermost parenthesis around it is a subquery: `EXTRACT(DAY FROM a)` is not one."""
    aliases: dict[str, Columns | None] = field(default_factory=dict)
    """The tables of the subqueries; None if the columns are not known."""
    tables: dict[int, str] = field(default_factory=dict)
    """The tables in FROM, by the position of their name: what to write for it."""
    read: dict[str, Columns] = field(default_factory=dict)
    """The tables of the database that the subqueries read."""
    skipped: set[int] = field(default_factory=set)
    """Tokens that are aliases or names of tables."""

    def __post_init__(self) -> None:
        depth: list[bool] = []
        for position, token in enumerate(self.tokens):
            if token.upper in _NEVER and not self._after_dot(position):
                raise MigratorError("policy_syntax", f"a policy cannot contain {token.text}")
            if token.upper == "FOR" and self._word(position + 1) in ("UPDATE", "SHARE"):
                raise MigratorError("policy_syntax", "a policy cannot lock rows")
            if token.upper == "(":
                matching(self.tokens, position)
                depth.append(self._word(position + 1) in _SUBQUERY)
            if token.upper == ")":
                if not depth:
                    raise MigratorError("policy_syntax", "the policy closes a parenthesis that it did not open")
                depth.pop()
            self.inside.append(sum(depth))
            self.innermost.append(bool(depth) and depth[-1])

    def _word(self, position: int) -> str:
        return self.tokens[position].upper if 0 <= position < len(self.tokens) else ""

    def _after_dot(self, position: int) -> bool:
        return self._word(position - 1) == "."

    def look_for_tables(self) -> None:
        """Find the tables of the subqueries, and their aliases."""
        for position, token in enumerate(self.tokens):
            if token.upper in ("FROM", "JOIN", "STRAIGHT_JOIN") and self.innermost[position]:
                self._table_at(position + 1)

    def _table_at(self, position: int) -> None:
        """Read one table of a FROM, and those after it that are separated by commas."""
        while position < len(self.tokens) and self._word(position) == "(" and self._word(position + 1) not in _SUBQUERY:
            position += 1
        known: Columns | None = None
        implicit = ""
        if self._word(position) == "(":
            position = matching(self.tokens, position) + 1
        elif position < len(self.tokens) and self.tokens[position].is_name:
            first = position
            parts = [self.tokens[position].text]
            while self._word(position + 1) == "." and position + 2 < len(self.tokens):
                position += 2
                parts.append(self.tokens[position].text)
            if self._word(position + 1) == "(":
                raise MigratorError("policy_syntax", f"{parts[-1]}() cannot be a table in a policy")
            database = parts[0] if len(parts) > 1 else self.database
            known, implicit = self.columns_of(database, parts[-1]), parts[-1]
            if known is None:
                raise MigratorError("policy_column", f"table {database}.{parts[-1]} does not exist")
            if len(parts) == 1:
                self.read[parts[0]] = known
                read = self.read_as(parts[0])
                alias = "" if read == parts[0] or self._has_alias(position + 1) else f" {quoted(implicit)}"
                name = self.tokens[first].sql if read == parts[0] else quoted(read)
                self.tables[first] = f"{quoted(database)}.{name}{alias}"
            self.skipped.update(range(first, position + 1))
            position += 1
        else:
            raise MigratorError("policy_syntax", "FROM must be followed by a table")
        if self._word(position) == "AS":
            position += 1
        alias = implicit
        if self._is_alias(position):
            alias = self.tokens[position].text
            self.skipped.add(position)
            position += 1
        self._name_table(alias, known)
        self._next_table(position)

    def _has_alias(self, position: int) -> bool:
        return self._word(position) == "AS" or self._is_alias(position)

    def _is_alias(self, position: int) -> bool:
        return (
            position < len(self.tokens) and self.tokens[position].is_name and self._word(position) not in _NOT_AN_ALIAS
        )

    def _name_table(self, alias: str, known: Columns | None) -> None:
        lower = alias.lower()
        if lower == self.table.lower():
            raise MigratorError(
                "policy_recursion",
                f"a subquery of the policy reads {alias} under the name of the policy's own table",
                hint=f"Give it an alias: FROM {alias} AS other. {alias}.column means the row that the policy is about.",
            )
        if not alias or _OWN_ALIAS.fullmatch(alias):
            raise MigratorError(
                "policy_alias",
                f"the alias {alias!r} is reserved in policies" if alias else "a subquery in FROM requires an alias",
                hint="Give the table of the subquery a longer alias.",
            )
        self.aliases[lower] = None if self.aliases.get(lower, known) != known else known

    def _next_table(self, position: int) -> None:
        """Go on after a comma of the same FROM."""
        depth = 0
        while position < len(self.tokens):
            word = self._word(position)
            if word == ")" and depth == 0:
                return
            depth += {"(": 1, ")": -1}.get(word, 0)
            if depth == 0:
                if word in _ENDS_FROM or word in ("FROM", "JOIN", "STRAIGHT_JOIN"):
                    return
                if word == ",":
                    self._table_at(position + 1)
                    return
            position += 1

    def pieces(self) -> tuple[Piece, ...]:
        """The expression in pieces, with adjacent SQL in one."""
        claims: dict[int, tuple[int, ClaimPlace]] = {}
        operands = Operands(self.tokens, claims, self._types(claims))
        found: list[Piece] = []
        position = 0
        while position < len(self.tokens):
            token = self.tokens[position]
            if position in claims:
                end, place = claims[position]
                found += [" ", ClaimPlace(place.source, place.path, claim_type(operands, position)), " "]
                position = end
                continue
            chain = self._chain(position)
            column = self._row_column(position, chain)
            if column is not None:
                found += [" ", RowColumn(column), " "]
                position += 2 * len(chain) - 1
                continue
            space = " " if token.spaced else ""
            if position in self.tables:
                found.append(f"{space}{self.tables[position]}")
                position += 1
                continue
            width = max(1, 2 * len(chain) - 1)
            found.append(space + "".join(each.sql for each in self.tokens[position : position + width]))
            position += width
        return _joined(found)

    def _types(self, claims: dict[int, tuple[int, ClaimPlace]]) -> dict[int, tuple[int, ClaimType | None]]:
        """The type of each reference to a column, by position, with the position after it. Finds the claims, too."""
        types: dict[int, tuple[int, ClaimType | None]] = {}
        position = 0
        while position < len(self.tokens):
            token = self.tokens[position]
            if token.is_name and token.text.lower() == "auth" and self._word(position + 1) == ".":
                claims[position] = self._claim(position)
                position = claims[position][0]
                continue
            chain = self._chain(position)
            end = position + max(1, 2 * len(chain) - 1)
            if chain and position not in self.skipped and self._word(end) != "(":
                known = self._column_type(position, chain)
                if known is not False:
                    types[position] = (end, known)
            position = end
        return types

    def _chain(self, position: int) -> tuple[str, ...]:
        """The parts of a name that begins here: `a`, `a.b` or `a.b.c`."""
        if not self.tokens[position].is_name or self._after_dot(position):
            return ()
        parts = [self.tokens[position].text]
        while self._word(position + 1) == "." and position + 2 < len(self.tokens) and self.tokens[position + 2].is_name:
            position += 2
            parts.append(self.tokens[position].text)
        return tuple(parts)

    def _row_column(self, position: int, chain: tuple[str, ...]) -> str | None:
        """The row's column that a name means.

        Raises: `MigratorError` (`policy_column`) for a name that can only be one and is not.
        """
        if not chain or position in self.skipped or self._word(position + 2 * len(chain) - 1) == "(":
            return None
        stored = self.own.get(chain[-1].lower())
        if len(chain) == 1:
            if self.inside[position] or self._is_not_a_column(position):
                return None
            if stored is None and self.tokens[position].kind == "name":
                raise self._unknown(chain[0])
            return None if stored is None else stored[0]
        if chain[-2].lower() == self.table.lower() and (len(chain) == 2 or chain[0].lower() == self.database.lower()):
            if stored is None:
                raise self._unknown(chain[-1])
            return stored[0]
        if chain[-2].lower() not in self.aliases:
            raise MigratorError("policy_column", f"{'.'.join(chain)}: there is no table {chain[-2]} in the policy")
        return None

    def _unknown(self, name: str) -> MigratorError:
        names = ", ".join(sorted(stored for stored, _ in self.own.values()))
        return MigratorError("policy_column", f"{self.table} has no column {name}", hint=f"Columns: {names}")

    def _is_not_a_column(self, position: int) -> bool:
        """A word of MySQL's grammar, such as a unit of time, or the type of a literal: `DATE '2024-01-01'`."""
        before, word, after = (self._word(each) for each in (position - 1, position, position + 1))
        if before in ("AS", "COLLATE", "USING") or word in _RESERVED:
            return True
        if (word, before) in (("UNKNOWN", "IS"), ("UNKNOWN", "NOT"), ("OF", "MEMBER")) or (word, after) == (
            "MEMBER",
            "OF",
        ):
            return True
        if word in ("END", "ESCAPE"):
            opening = "CASE" if word == "END" else "LIKE"
            return any(token.upper == opening for token in self.tokens[:position])
        following = self.tokens[position + 1] if position + 1 < len(self.tokens) else None
        if word in ("DATE", "TIME", "TIMESTAMP") and following is not None and following.kind == "string":
            return True
        return word in _UNITS and self._is_unit(position)

    def _is_unit(self, position: int) -> bool:
        """The first unit of time after an INTERVAL, or the field of an EXTRACT or TIMESTAMPDIFF."""
        if self._word(position - 1) == "(":
            return self._word(position - 2) in ("EXTRACT", "TIMESTAMPDIFF", "TIMESTAMPADD")
        for before in range(position - 1, -1, -1):
            if self._word(before) in _UNITS or self._word(before) in ("AND", "OR"):
                return False
            if self._word(before) == "INTERVAL":
                return True
        return False

    def _column_type(self, position: int, chain: tuple[str, ...]) -> ClaimType | Literal[False] | None:
        """The type of the column; None if it is not known, False if the name is not a column's."""
        column = self._row_column(position, chain)
        if column is not None:
            return self.own[column.lower()][1]
        if len(chain) > 1:
            known = self.aliases[chain[-2].lower()]
            stored = None if known is None else known.get(chain[-1].lower())
            return None if stored is None else stored[1]
        if not self.inside[position] or self._is_not_a_column(position):
            return False
        name = self.tokens[position].text.lower()
        found = [known.get(name) for known in self.aliases.values() if known is not None]
        types = {stored[1] for stored in found if stored is not None}
        if not types:
            return False
        return next(iter(types)) if len(types) == 1 else None

    def _claim(self, position: int) -> tuple[int, ClaimPlace]:
        """The claim that begins here, and the position after it."""
        function = self._word(position + 2).lower()
        if self._word(position + 3) != "(":
            raise _bad_claim(f"auth.{function} requires parentheses")
        end = matching(self.tokens, position + 3)
        arguments = self.tokens[position + 4 : end]
        if function == "claim":
            if len(arguments) != 1 or arguments[0].kind != "string":
                raise _bad_claim("auth.claim takes the path to a claim as one string")
            try:
                claim_path(arguments[0].text)
            except ValueError as error:
                raise _bad_claim(str(error)) from None
            place = ClaimPlace("claim", arguments[0].text)
        elif function not in ("uid", "role", "jwt") or arguments:
            raise _bad_claim(f"auth.{function}({'...' if arguments else ''}) does not exist")
        else:
            place = ClaimPlace("claim", "sub") if function == "uid" else ClaimPlace(function)
        if self._word(end + 1) in ("->", "->>", "."):
            raise _bad_claim(f"MySQL has no {self._word(end + 1)} after a function", "Write auth.claim('path').")
        return end + 1, place


def _bad_claim(message: str, hint: str = "") -> MigratorError:
    usage = "A policy can use auth.uid(), auth.role(), auth.claim('path') and auth.jwt()."
    return MigratorError("policy_claim", message, hint=hint or usage)


def _joined(found: list[Piece]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for piece in found:
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return tuple(pieces)
