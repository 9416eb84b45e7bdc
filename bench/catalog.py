"""What it costs to load the catalog of a large schema, compared with the statements of the load alone, and to find out
that nothing has changed.

python -m bench.catalog URL: load the catalog once, and print the most memory that the process has used, in MB.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from api.catalog import Catalog
from api.catalog.introspection.changes import Counted, read_counted
from api.catalog.source import application_catalogs
from api.database import Database, Row
from api.settings import Settings
from api.statement import trusted
from bench.measure import Pair, Result, Spread, in_turns
from local.server import Server
from migrator.row_security import RowSecurity

SIZES = (500, 2000)
COLUMNS = 20
TYPES = ("INT", "VARCHAR(40)", "DATETIME", "DECIMAL(10,2)", "TEXT")
MOST_ROUNDS = 30
PROCESSES = 3
"""How many processes the memory is measured in."""


def fill(server: Server, name: str, number: int) -> None:
    """Create so many tables, and that of the row policies, as the migrator does."""
    server.execute(*_tables(number), database=name)
    with closing(server.connect(name)) as connection:
        RowSecurity(connection, name).create()


def _tables(number: int) -> Iterator[str]:
    """Every third one refers to the table before it."""
    columns = ",".join(f"c{each} {TYPES[each % len(TYPES)]} NULL" for each in range(COLUMNS))
    for each in range(number):
        reference = f",p INT NULL,FOREIGN KEY (p) REFERENCES t{each - 1} (id)" if each % 3 == 2 else ""
        yield f"CREATE TABLE t{each} (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,{columns}{reference})"


class Bench:
    """The connection of an execution environment that has no catalog yet."""

    def __init__(self, url: str) -> None:
        self.settings = Settings.from_environment({"AUROREST_DATABASE_URL": url})
        self.database = Database(self.settings)

    def close(self) -> None:
        """Close the connection."""
        self.database.close()

    def load(self) -> Catalog:
        """What a new environment does, or one that finds a change."""
        return application_catalogs(self.database, self.settings).current()

    def statements(self) -> list[str]:
        """The statements of a load."""
        sent: list[str] = []
        self.database.observe = lambda text, _seconds: sent.append(text)
        self.load()
        self.database.observe = None
        return sent

    def fetch(self, statements: Sequence[str]) -> list[Sequence[Row]]:
        """Fetch the rows of final statements."""
        final = [trusted(text.replace("%", "%%")) for text in statements]
        return self.database.read_schema(lambda session: [session.rows(each) for each in final])

    def check(self) -> Counted:
        """What an environment asks after the maximum age, to find out whether anything has changed."""
        schemas = (self.settings.writer.database,)
        return self.database.read_schema(lambda session: read_counted(session, schemas), "strong")


def run(server: Server, rounds: int) -> Iterator[Result]:
    """Measure every size of schema."""
    for number in SIZES:
        with server.temporary_database() as name:
            fill(server, name, number)
            with closing(Bench(server.url(name))) as bench:
                yield from _measured(bench, number, min(rounds, MOST_ROUNDS), server.process.pid)
            peaks = [_peak_of_process(server.url(name)) for _ in range(PROCESSES)]
            yield Result(f"{number} tables: peak memory", Spread.of(peaks), "MB", 130)


def _measured(bench: Bench, number: int, rounds: int, server_pid: int) -> Iterator[Result]:
    assert len(bench.load().schemas[bench.settings.writer.database].tables) == number
    assert bench.check().equals(bench.check())
    statements = bench.statements()
    loaded, fetched, checked = in_turns(
        bench.load, lambda: bench.fetch(statements), bench.check, rounds=rounds, server_pid=server_pid
    )
    of_statements, of_load = Pair(loaded, fetched), Pair(checked, loaded)
    yield Result(f"{number} tables: load / its statements alone", of_statements.ratio, "", 1.2)
    yield Result("  in CPU time", of_statements.cpu_ratio, "")
    yield Result("  the load", Spread.of(loaded.wall).scaled(1000), "ms")
    yield Result(f"{number} tables: check for changes / load", of_load.ratio, "", 0.1)
    yield Result("  the check", Spread.of(checked.wall).scaled(1000), "ms", 5 if number <= 500 else None)


def _peak_of_process(url: str) -> float:
    command = (sys.executable, "-m", __spec__.name, url)
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak_mb() -> float:
    """The most memory that this process has used. `ru_maxrss` would include that of the process that started it."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    with closing(Bench(sys.argv[1])) as own:
        own.load()
    print(peak_mb())
