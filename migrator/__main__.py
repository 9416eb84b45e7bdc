"""`python -m migrator`: apply a folder of SQL migrations to a database that this machine reaches directly."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pymysql.err import MySQLError

from api.settings import Address, Settings, SettingsError, address_from_url
from migrator.connecting import connect
from migrator.errors import MigratorError, described
from migrator.files import load
from migrator.idempotency import create_idempotency_table
from migrator.policy_views import grant_views
from migrator.run import SERIES, migrate, status
from migrator.trigger_list import make_trigger_list
from migrator.users import Role, make_roles

ONE_STATEMENT_SECONDS = 24 * 3600


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 0, 1 if a migration failed or was refused, 2 for invalid arguments."""
    options = _parser().parse_args(arguments)
    try:
        migrations = load(options.directory)
        address = address_from_url(options.database_url)
        roles = local_roles(address, tuple(filter(None, options.roles.split(","))))
        settings = replace(
            Settings(writer=address),
            read_timeout_seconds=ONE_STATEMENT_SECONDS,
            write_timeout_seconds=ONE_STATEMENT_SECONDS,
        )
        with closing(connect(address, settings)) as connection:
            if options.status:
                print("\n".join(status(connection, migrations, series=options.series)) or "no migrations")
                return 0
            make_roles(connection, roles, "secret", lambda line: print(line, flush=True))
            migrate(
                connection,
                address.database,
                migrations,
                series=options.series,
                report=lambda line: print(line, flush=True),
            )
            grant_views(connection, [role.name for role in roles])
            make_trigger_list(connection, lambda line: print(line, flush=True))
            create_idempotency_table(connection, address.database, roles)
    except (MigratorError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    except MySQLError as error:
        print(f"database: {described(error)}", file=sys.stderr)
        return 1
    return 0


def local_roles(address: Address, names: tuple[str, ...]) -> tuple[Role, ...]:
    """The roles' accounts on a server that this machine reaches directly. They have the password of the address.

    Raises: `MigratorError` for an impossible name, or for accounts without a password on a server in a network.
    """
    if names and not address.password and address.unix_socket is None:
        raise MigratorError(
            "user_password",
            "roles have the password of the database URL, which is empty",
            f"give {address.user} a password, or connect by unix_socket",
        )
    return tuple(Role(name, address.password or "", require_tls=False) for name in names)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m migrator",
        description="Apply SQL migrations in order: each file once, and a half-applied one from where it stopped.",
    )
    parser.add_argument(
        "--database-url",
        default=os.environ.get("DATABASE_URL") or None,
        required=not os.environ.get("DATABASE_URL"),
        metavar="URL",
        help="mysql://user:password@host:port/database[?unix_socket=/path] (default: the variable DATABASE_URL)",
    )
    parser.add_argument(
        "--directory",
        type=Path,
        default=Path("migrations"),
        help="the folder of 0001_name.sql files (default: migrations)",
    )
    parser.add_argument(
        "--series", default=SERIES, help=f"a name for this folder, if a database has several (default: {SERIES})"
    )
    parser.add_argument(
        "--roles",
        default="",
        metavar="A,B",
        help="make an account for each of these roles first, with the URL's password and no privileges",
    )
    parser.add_argument(
        "--status", action="store_true", help="list what is applied and what is pending; change nothing"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
