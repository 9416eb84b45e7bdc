"""The database servers that tests run against: real ones, started once per session (once per xdist worker).

A server that is not installed and cannot be fetched is an error that says what to install, never a skip.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck

from local.installation import Kind
from local.server import Options, Server, start_either
from tests.certificates import Authority, make_authority
from tests.secrecy import Log, watched
from tests.standin.session import CREDENTIALS
from tests.statements import Record, recorded

# How long an example takes depends on the machine. The examples of a test share its fixtures, as they are meant to.
hypothesis.settings.register_profile(
    "aurorest", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
hypothesis.settings.load_profile("aurorest")

# Root's password on the port and the socket; it contains characters that must be escaped in a URL.
PASSWORD = "p@ss/word"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """End with the command that repeats the order of this run."""
    seed = config.getoption("randomly_seed", None)
    if seed is not None:  # None: with `-p no:randomly`
        terminalreporter.write_line(f"To repeat this order: make test SEED={seed}")


@pytest.fixture(scope="session", autouse=True)
def environment() -> Iterator[None]:
    """Without the settings of the person who runs the tests: a test sets those it needs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name == "DATABASE_URL" or name.startswith(("AUROREST_", "AWS_")):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_sent() -> Iterator[Record]:
    """Every statement of the whole run. If one of them pins, the run fails at its end."""
    with recorded() as record:
        yield record
    assert not record.violations, "\n".join(
        [f"{len(record.violations)} of {record.sent} statements:", *record.violations]
    )


@pytest.fixture(scope="session", autouse=True)
def log_lines() -> Iterator[Log]:
    """Every log record of the whole run; a token, a password or data in one of them is an error when the run ends."""
    with watched(PASSWORD, CREDENTIALS["AWS_SECRET_ACCESS_KEY"], CREDENTIALS["AWS_SESSION_TOKEN"]) as log:
        yield log
    assert not log.violations, "\n".join([f"{len(log.violations)} of {log.lines} lines:", *log.violations])


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that signed the servers' certificates; `authority.path` is the file for clients to trust."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def mysql_server(authority: Authority) -> Iterator[Server]:
    """MySQL, with TLS for the host names `localhost`, `database.test` and 127.0.0.1."""
    yield from _running("mysql", authority)


@pytest.fixture(scope="session")
def mariadb_server(authority: Authority) -> Iterator[Server]:
    """MariaDB, with TLS for the host names `localhost`, `database.test` and 127.0.0.1."""
    yield from _running("mariadb", authority)


@pytest.fixture(scope="session", params=["mysql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the two servers in turn."""
    found = request.getfixturevalue(f"{request.param}_server")
    assert isinstance(found, Server)
    return found


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """The name of an empty database on `server`, dropped afterwards."""
    with server.temporary_database() as name:
        yield name


def _running(kind: Kind, authority: Authority) -> Iterator[Server]:
    tls = authority.issue("localhost", "database.test", "127.0.0.1")
    # The socket needs a short path; the data is thrown away, so it need not be durable.
    with tempfile.TemporaryDirectory(prefix="aurorest-") as folder:
        options = Options(port=0, password=PASSWORD, tls=tls, durable=False)
        running = start_either(kind, Path(folder), options)
        try:
            yield running
        finally:
            running.stop()
