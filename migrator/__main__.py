"""`python -m migrator`: apply a folder of SQL migrations to a database that this machine reaches directly."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pymysql.err import MySQLError

from api.settings import Settings, SettingsError, address_from_url
from migrator.connecting import connect
from migrator.errors import MigratorError
from migrator.files import load
from migrator.run import SERIES, described, migrate, status

ONE_STATEMENT_SECONDS = 24 * 3600


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 0, 1 if a migration failed or was refused, 2 for invalid arguments."""
    options = _parser().parse_args(arguments)
    try:
        migrations = load(options.directory)
        address = address_from_url(options.database_url)
        settings = replace(
            Settings(writer=address),
            read_timeout_seconds=ONE_STATEMENT_SECONDS,
            write_timeout_seconds=ONE_STATEMENT_SECONDS,
        )
        with closing(connect(address, settings)) as connection:
            if options.status:
                print("\n".join(status(connection, migrations, series=options.series)) or "no migrations")
                return 0
            migrate(
                connection,
                address.database,
                migrations,
                series=options.series,
                report=lambda line: print(line, flush=True),
            )
    except (MigratorError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    except MySQLError as error:
        print(f"database: {described(error)}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m migrator",
        description="Apply SQL migrations in order: each file once, and a half-applied one from where it stopped.",
    )
    parser.add_argument(
        "--database-url",
        required=True,
        metavar="URL",
        help="mysql://user:password@host:port/database[?unix_socket=/path]",
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
        "--status", action="store_true", help="list what is applied and what is pending; change nothing"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
