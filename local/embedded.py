"""The embedded database of `make serve`: a private server with its data in `.aurorest`, which git ignores."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from local.installation import NAMES, Kind, find
from local.server import Server, start_either
from local.world.load import SCHEMA, is_loaded, load
from migrator.files import load as read_migrations
from migrator.idempotency import create_idempotency_table
from migrator.policy_views import grant_views
from migrator.run import migrate
from migrator.users import Role, make_roles

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".aurorest"
MIGRATIONS = ROOT / "migrations"
SAMPLE_DATABASE = "world"
PLAIN_DATABASE = "app"
ANONYMOUS_ROLE, DEFAULT_ROLE = SAMPLE_ROLES = ("anon", "authenticated")
"""The roles of the sample, named as Supabase names them: for callers without a token, and with one."""

KINDS: tuple[Kind, ...] = ("mysql", "mariadb")
Report = Callable[[str], None]


class InUse(Exception):
    """Another process serves from the same folder; the message is one line that names it."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running embedded server and its database."""

    server: Server
    database: str

    @property
    def url(self) -> str:
        """As `AUROREST_DATABASE_URL` takes it."""
        return self.server.url(self.database)


@contextlib.contextmanager
def running(
    report: Report, *, sample: bool = True, roles: tuple[str, ...] = (), folder: Path = FOLDER
) -> Iterator[Embedded]:
    """Run the embedded server for the duration of a `with` block, with its database migrated and filled.

    Args:
        report: Called with each line of progress.
        sample: Load the sample database `world` as well as the project's migrations; otherwise only the migrations.
        roles: Each gets an account before the migrations run, which may grant to it.
        folder: Where the data is kept.

    Raises:
        InUse: another process uses the folder.
        Missing: there is no server program, and none could be fetched.
        ServerError: the server does not start.
        MigratorError: a migration failed.
    """
    with _owned(folder):
        kind = _kind(folder)
        report(f"starting the embedded {NAMES[kind]} server")
        server = start_either(kind, folder / kind)
        try:
            name = SAMPLE_DATABASE if sample else PLAIN_DATABASE
            server.execute(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4")
            _fill(server, name, report, sample=sample, roles=roles)
            yield Embedded(server, name)
        finally:
            report(f"stopping the embedded {NAMES[kind]} server")
            server.stop()


def _fill(server: Server, database: str, report: Report, *, sample: bool, roles: tuple[str, ...]) -> None:
    def news(line: str) -> None:
        if "nothing to apply" not in line:
            report(line)

    names = tuple(dict.fromkeys((*roles, *SAMPLE_ROLES))) if sample else roles
    accounts = tuple(Role(name, server.password, require_tls=False) for name in names)
    with contextlib.closing(server.connect(database)) as connection:
        make_roles(connection, accounts, "secret")
        if sample:
            # Anyone who can reach the sample may do anything with it, but row policies still apply.
            granted = "SELECT, INSERT, UPDATE, DELETE, EXECUTE, SHOW VIEW"
            server.execute(f"GRANT {granted} ON `{database}`.* TO {', '.join(SAMPLE_ROLES)}")
            migrate(connection, database, read_migrations(SCHEMA), series="world", report=news)
            if not is_loaded(connection):
                report("loading the sample database (once)")
                load(connection, lambda line: report(f"  {line}"))
        migrate(connection, database, read_migrations(MIGRATIONS), report=news)
        grant_views(connection, names)
        create_idempotency_table(connection, database, accounts)


def _kind(folder: Path) -> Kind:
    """The kind that already has data; else what the machine has installed, MySQL first; else MariaDB, to be fetched."""
    for holds in (lambda kind: (folder / kind / "data").exists(), lambda kind: find(kind) is not None):
        for kind in KINDS:
            if holds(kind):
                return kind
    return "mariadb"


@contextlib.contextmanager
def _owned(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise InUse(
                f"process {file.read().strip()} serves the embedded database already; stop it first, "
                "or set DATABASE_URL to another database"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
