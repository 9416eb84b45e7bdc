"""PostgreSQL's statements about row security, which MySQL does not have, as values.

ALTER TABLE t ENABLE | DISABLE ROW LEVEL SECURITY
CREATE POLICY name ON t [AS PERMISSIVE | RESTRICTIVE] [FOR ALL | SELECT | INSERT | UPDATE | DELETE]
    [TO role, ... | PUBLIC] [USING (condition)] [WITH CHECK (condition)]
ALTER POLICY name ON t RENAME TO name | [TO role, ...] [USING (condition)] [WITH CHECK (condition)]
DROP POLICY [IF EXISTS] name ON t
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from api.catalog.policies import Command
from migrator.errors import MigratorError
from migrator.policy_tokens import Token, matching, tokens

_POLICY = re.compile(r"(?:CREATE|ALTER|DROP)\s+POLICY\b", re.IGNORECASE)
_ROW_SECURITY = re.compile(
    r"ALTER\s+TABLE\b.*\b(?:ENABLE|DISABLE|FORCE)\s+ROW\s+LEVEL\s+SECURITY\s*\Z", re.IGNORECASE | re.DOTALL
)
LONGEST_NAME = 64
_CLAUSES = frozenset({"AS", "FOR", "TO", "USING", "WITH", "RENAME"})
_NOT_ROLES = frozenset({"CURRENT_ROLE", "CURRENT_USER", "SESSION_USER"})


@dataclass(frozen=True, slots=True)
class TableName:
    """A table as a statement names it. `database` is None for the database that is migrated."""

    database: str | None
    name: str


@dataclass(frozen=True, slots=True)
class SetRowSecurity:
    """ALTER TABLE ... ENABLE or DISABLE ROW LEVEL SECURITY."""

    table: TableName
    enabled: bool


@dataclass(frozen=True, slots=True)
class CreatePolicy:
    """CREATE POLICY. `command` None: ALL; no roles: PUBLIC."""

    table: TableName
    name: str
    permissive: bool
    command: Command | None
    roles: tuple[str, ...]
    using: str | None
    check: str | None


@dataclass(frozen=True, slots=True)
class AlterPolicy:
    """ALTER POLICY. What is None stays as it is."""

    table: TableName
    name: str
    new_name: str | None
    roles: tuple[str, ...] | None
    using: str | None
    check: str | None


@dataclass(frozen=True, slots=True)
class DropPolicy:
    """DROP POLICY."""

    table: TableName
    name: str
    if_exists: bool


PolicyStatement = SetRowSecurity | CreatePolicy | AlterPolicy | DropPolicy


def parse_policy_statement(text: str) -> PolicyStatement | None:
    """The statement; None if it is one for MySQL.

    Raises: `MigratorError` (`policy_syntax`).
    """
    if _POLICY.match(text):
        return _Parser(text).policy()
    if _ROW_SECURITY.match(text):
        return _Parser(text).row_security()
    return None


def check_clauses(command: Command | None, using: str | None, check: str | None) -> None:
    """Raises: `MigratorError` (`policy_syntax`) for a condition that policies of the command do not have."""
    if command is Command.INSERT and using is not None:
        raise MigratorError("policy_syntax", "a policy for INSERT takes WITH CHECK, not USING")
    if command is not None and command in (Command.SELECT, Command.DELETE) and check is not None:
        raise MigratorError("policy_syntax", f"a policy for {command.value} takes USING, not WITH CHECK")


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.position = 0

    @property
    def word(self) -> str:
        return self.tokens[self.position].upper if self.position < len(self.tokens) else ""

    def taken(self, *words: str) -> bool:
        """Whether these words follow; then they are read."""
        following = tuple(token.upper for token in self.tokens[self.position : self.position + len(words)])
        if following != words:
            return False
        self.position += len(words)
        return True

    def expect(self, *words: str) -> None:
        if not self.taken(*words):
            raise self.wrong(" ".join(words))

    def wrong(self, expected: str) -> MigratorError:
        if self.position < len(self.tokens):
            found = repr(self.text[self.tokens[self.position].start :][:30])
        else:
            found = "the end of the statement"
        return MigratorError("policy_syntax", f"expected {expected}, found {found}")

    def name(self, what: str) -> str:
        if self.position == len(self.tokens) or self.tokens[self.position].kind not in ("word", "name", "identifier"):
            raise self.wrong(what)
        name = self.tokens[self.position].text
        if len(name) > LONGEST_NAME:
            raise MigratorError("policy_syntax", f"{what} has more than {LONGEST_NAME} characters: {name[:80]}")
        self.position += 1
        return name

    def table(self) -> TableName:
        first = self.name("the name of a table")
        return TableName(first, self.name("the name of a table")) if self.taken(".") else TableName(None, first)

    def end(self) -> None:
        if self.position < len(self.tokens):
            raise self.wrong("the end of the statement")

    def row_security(self) -> SetRowSecurity:
        self.expect("ALTER", "TABLE")
        table = self.table()
        if self.word in ("FORCE", "NO"):
            raise MigratorError(
                "policy_syntax",
                "FORCE ROW LEVEL SECURITY has no meaning here",
                hint="Policies bind every role of the API, except those of bypassRowSecurity. "
                "Connections that do not go through the API are not bound.",
            )
        enabled = self.taken("ENABLE")
        if not enabled:
            self.expect("DISABLE")
        self.expect("ROW", "LEVEL", "SECURITY")
        self.end()
        return SetRowSecurity(table, enabled)

    def policy(self) -> PolicyStatement:
        if self.taken("DROP", "POLICY"):
            return self.drop()
        create = self.taken("CREATE", "POLICY")
        if not create:
            self.expect("ALTER", "POLICY")
        name = self.name("the name of a policy")
        self.expect("ON")
        table = self.table()
        return self.create(table, name) if create else self.alter(table, name)

    def drop(self) -> DropPolicy:
        if_exists = self.taken("IF", "EXISTS")
        name = self.name("the name of a policy")
        self.expect("ON")
        table = self.table()
        if not self.taken("CASCADE"):
            self.taken("RESTRICT")
        self.end()
        return DropPolicy(table, name, if_exists)

    def create(self, table: TableName, name: str) -> CreatePolicy:
        permissive = True
        if self.taken("AS"):
            permissive = self.taken("PERMISSIVE")
            if not permissive:
                self.expect("RESTRICTIVE")
        command = self.command() if self.taken("FOR") else None
        roles = self.roles() if self.taken("TO") else ()
        using, check = self.conditions()
        self.end()
        if using is None and check is None:
            raise self.wrong("USING (condition) or WITH CHECK (condition)")
        check_clauses(command, using, check)
        return CreatePolicy(table, name, permissive, command, roles, using, check)

    def command(self) -> Command | None:
        if self.taken("ALL"):
            return None
        for command in Command:
            if self.taken(command.value):
                return command
        raise self.wrong("ALL, SELECT, INSERT, UPDATE or DELETE")

    def alter(self, table: TableName, name: str) -> AlterPolicy:
        if self.taken("RENAME", "TO"):
            new_name = self.name("the new name of the policy")
            self.end()
            return AlterPolicy(table, name, new_name, None, None, None)
        roles = self.roles() if self.taken("TO") else None
        using, check = self.conditions()
        self.end()
        if roles is None and using is None and check is None:
            raise self.wrong("RENAME TO, TO, USING or WITH CHECK")
        return AlterPolicy(table, name, None, roles, using, check)

    def roles(self) -> tuple[str, ...]:
        found: list[str] = []
        public = False
        while True:
            if self.word in _NOT_ROLES:
                raise MigratorError("policy_syntax", f"{self.word} cannot be a role of a policy; name the role")
            quoted = self.position < len(self.tokens) and self.tokens[self.position].kind != "word"
            role = self.name("the name of a role")
            if role.upper() == "PUBLIC" and not quoted:
                public = True
            elif role.upper() in _CLAUSES and not quoted:
                self.position -= 1
                raise self.wrong("the name of a role")
            else:
                found.append(role)
            if not self.taken(","):
                return () if public else tuple(dict.fromkeys(found))

    def conditions(self) -> tuple[str | None, str | None]:
        using = self.condition() if self.taken("USING") else None
        check = self.condition() if self.taken("WITH", "CHECK") else None
        return using, check

    def condition(self) -> str:
        if self.word != "(":
            raise self.wrong("a condition in parentheses")
        opened: Token = self.tokens[self.position]
        closing = matching(self.tokens, self.position)
        if closing == self.position + 1:
            self.position += 1
            raise self.wrong("a condition")
        self.position = closing + 1
        return self.text[opened.end : self.tokens[closing].start].strip()
