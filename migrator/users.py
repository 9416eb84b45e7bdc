"""The application's database users: each has exactly the privileges it needs, however often this runs.

A role of the API is an account too. It is created without privileges, and keeps what the project's migrations grant to
it. With a new password, the account also keeps the former one until the next change, so that the proxy can use it
until it reads the new one. A role that is no longer configured is left as it is, because migrations that have run do
not grant again; nobody can sign in as it through the proxy.

The proxy signs in to the database as such a user in one of two ways:

- `secret`: an ordinary password user; the proxy reads the password from Secrets Manager.
- `iam`: no password anywhere; the proxy signs in with its own token.
  https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-iam-setup.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pymysql.err import MySQLError

from api.settings import LONGEST_ACCOUNT_NAME, SERVER_ACCOUNTS, is_account_name
from migrator.errors import MigratorError, described

if TYPE_CHECKING:
    from pymysql import Connection
    from pymysql.cursors import Cursor

Access = Literal["read-write", "read-only"]
Authentication = Literal["secret", "iam"]

PRIVILEGES: dict[Access, tuple[str, ...]] = {
    "read-write": ("SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE", "SHOW VIEW"),
    "read-only": ("SELECT", "SHOW VIEW"),
}
"""What a user may do in each database. EXECUTE also makes routines visible in information_schema, which `/rpc` needs.
A read-only user does not get it, because a routine runs with its definer's rights."""


_VERSION = "aurorest_password_version"


@dataclass(frozen=True, slots=True)
class User:
    """The wanted state of a database user. `password` is used with authentication `secret` only, which requires it.

    `require_tls`: the server refuses this user's connections without TLS.
    """

    name: str
    access: Access
    password: str | None = field(default=None, repr=False)
    require_tls: bool = True

    def __post_init__(self) -> None:
        check_name(self.name)


def check_name(name: str) -> None:
    """Raises: `MigratorError` (`user_name`) for a name that MySQL, the proxy or IAM would not accept unchanged."""
    if not is_account_name(name):
        raise MigratorError(
            "user_name",
            f"{name!r} cannot be the name of an application user",
            f"allowed: a letter, then letters, digits, _ . -; at most {LONGEST_ACCOUNT_NAME}",
            f"These names are reserved: {', '.join(sorted(SERVER_ACCOUNTS))}.",
        )


@dataclass(frozen=True, slots=True)
class Role:
    """The account of a role. An empty password is for a server that only its own machine reaches.

    `password_version`: of another version, the account keeps its former password as well. None: only the new one.
    """

    name: str
    password: str | None = field(default=None, repr=False)
    require_tls: bool = True
    password_version: int | None = None

    def __post_init__(self) -> None:
        check_name(self.name)


def account_statements(user: User | Role, authentication: Authentication) -> tuple[str, str]:
    """SQL that creates the account, and SQL that changes how an existing one signs in (its password included)."""
    if authentication == "iam":
        identified = "IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS'"
    elif user.password is None:
        raise MigratorError("user_password", f'user {user.name} needs a password with authentication "secret"')
    else:
        identified = f"IDENTIFIED BY {_text(user.password)}"
    rest = f"{_account(user.name)} {identified} REQUIRE {'SSL' if user.require_tls else 'NONE'}"
    return f"CREATE USER IF NOT EXISTS {rest}", f"ALTER USER {rest}"


def grant_statements(
    user: User, databases: Iterable[str], held: Iterable[tuple[str, str]], *, wildcards: bool
) -> tuple[str, ...]:
    """SQL that changes the privileges `held` to the wanted ones, and never revokes a wanted one in between.

    `held` are pairs of a database as GRANT wrote it (`*` for global ones) and a privilege. `wildcards`: this server
    reads `_` and `%` in a database's name as patterns, so they are escaped (not with partial_revokes on).
    https://dev.mysql.com/doc/refman/8.4/en/grant.html#grant-quoting
    """
    patterns = {_pattern(database) if wildcards else database for database in databases}
    wanted = {(pattern, privilege) for pattern in patterns for privilege in PRIVILEGES[user.access]}
    extra = {pair for pair in held if pair[1] != "USAGE"} - wanted
    revokes = tuple(
        f"REVOKE {', '.join(sorted(privilege for at, privilege in extra if at == scope))} ON {_scope(scope)}"
        f" FROM {_account(user.name)}"
        for scope in sorted({scope for scope, _ in extra})
    )
    grants = tuple(
        f"GRANT {', '.join(PRIVILEGES[user.access])} ON {_scope(pattern)} TO {_account(user.name)}"
        for pattern in sorted(patterns)
    )
    return grants + revokes


def make_users(
    connection: Connection[Cursor],
    users: tuple[User, ...],
    databases: tuple[str, ...],
    authentication: Authentication,
    report: Callable[[str], None] = lambda _line: None,
) -> None:
    """Create or change each user, so that it signs in as wanted and has exactly the wanted privileges.

    Raises: `MigratorError` (`user_failed`) with MySQL's error. It never contains a password.
    """
    wildcards = _wildcards(connection)
    for user in users:
        report(f"user {user.name}: {user.access} on {', '.join(databases)}")
        for statement in account_statements(user, authentication):
            _run(connection, statement, user)
        held = _held(connection, user.name)
        for statement in grant_statements(user, databases, held, wildcards=wildcards):
            _run(connection, statement, user)


def make_roles(
    connection: Connection[Cursor],
    roles: tuple[Role, ...],
    authentication: Authentication,
    report: Callable[[str], None] = lambda _line: None,
) -> None:
    """Create the account of every role, or change how it signs in; its privileges stay as they are.

    Raises: `MigratorError` (`user_failed`) with MySQL's error; it never contains a password.
    """
    for role in roles:
        report(f"role {role.name}")
        create, alter = account_statements(role, authentication)
        version = role.password_version if _has_second_passwords(connection) else None
        if version is None:
            _run(connection, create, role)
            _run(connection, alter, role)
            continue
        attribute = f" ATTRIBUTE '{{\"{_VERSION}\":{version}}}'"
        _run(connection, create + attribute, role)
        if _password_version(connection, role.name) != version:
            retained = alter.replace(" REQUIRE ", " RETAIN CURRENT PASSWORD REQUIRE ") + attribute
            try:
                _run(connection, retained, role)
                continue
            except MigratorError as error:
                report(f"role {role.name} cannot keep its former password: {error}")
        _run(connection, alter + attribute, role)


def _has_second_passwords(connection: Connection[Cursor]) -> bool:
    """MySQL has them, MariaDB does not.
    https://dev.mysql.com/doc/refman/8.4/en/password-management.html#dual-passwords
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        return "mariadb" not in str(cursor.fetchone()).lower()


def _password_version(connection: Connection[Cursor], name: str) -> int | None:
    """The version of the account's password, from the account's attribute. Setting the same password again would
    replace the former one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ATTRIBUTE->>'$.{_VERSION}' FROM information_schema.USER_ATTRIBUTES"  # noqa: S608
            " WHERE USER = %s AND HOST = '%%'",
            (name,),
        )
        found = cursor.fetchone()
    return None if found is None or found[0] is None else int(found[0])


def drop(
    connection: Connection[Cursor], names: Iterable[str], report: Callable[[str], None] = lambda _line: None
) -> None:
    """Remove users that are no longer used; one that does not exist is fine. Raises as `make_users` does."""
    for name in names:
        check_name(name)
        report(f"user {name}: dropped")
        _run(connection, f"DROP USER IF EXISTS {_account(name)}", User(name, "read-only"))


def _run(connection: Connection[Cursor], statement: str, user: User | Role) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except MySQLError as error:
        said = described(error)
        for secret in (user.password, _text(user.password)) if user.password else ():
            said = said.replace(secret, "***")
        kind = " ".join(statement.split()[:2])
        # Without the cause, which may quote the statement: Lambda logs causes.
        raise MigratorError("user_failed", f"{kind} for user {user.name}", said) from None


def _held(connection: Connection[Cursor], name: str) -> tuple[tuple[str, str], ...]:
    grantee = f"'{name}'@'%'"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT '*', PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = %s"
            " UNION ALL SELECT TABLE_SCHEMA, PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.SCHEMA_PRIVILEGES"
            " WHERE GRANTEE = %s",
            (grantee, grantee),
        )
        rows = tuple(cursor.fetchall())
    grantable = {(str(scope), "GRANT OPTION") for scope, _, may_grant in rows if may_grant == "YES"}
    return tuple(sorted({(str(scope), str(privilege)) for scope, privilege, _ in rows} | grantable))


def _wildcards(connection: Connection[Cursor]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SHOW VARIABLES LIKE 'partial_revokes'")
        found = cursor.fetchone()
    return found is None or found[1] != "ON"


def _account(name: str) -> str:
    return f"'{name}'@'%'"


def _scope(pattern: str) -> str:
    return "*.*" if pattern == "*" else f"`{pattern.replace('`', '``')}`.*"


def _pattern(database: str) -> str:
    return re.sub(r"([_%\\])", r"\\\1", database)


def _text(value: str) -> str:
    r"""A string literal; \ and ' are escaped for every sql_mode except NO_BACKSLASH_ESCAPES."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
