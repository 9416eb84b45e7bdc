"""The private database servers of `make serve` and of the tests."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pymysql
import pytest

from local.installation import Installation, find, obtain
from local.server import LONGEST_SOCKET_PATH, Options, Server, start
from local.system_tables import ServerError
from tests.certificates import Authority


def value(server: Server, statement: str) -> object:
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
        assert row is not None
        return row[0]


def test_a_server_is_of_the_kind_asked_for(mysql_server: Server, mariadb_server: Server) -> None:
    assert "MariaDB" not in str(value(mysql_server, "SELECT VERSION()"))
    assert "MariaDB" in str(value(mariadb_server, "SELECT VERSION()"))
    assert mysql_server.version >= (8, 0)
    assert mariadb_server.version >= (10, 11)


def test_the_session_is_strict_and_in_utc_and_in_utf8mb4(server: Server) -> None:
    assert value(server, "SELECT @@time_zone") == "+00:00"
    assert value(server, "SELECT @@character_set_server") == "utf8mb4"
    assert {"STRICT_ALL_TABLES", "ERROR_FOR_DIVISION_BY_ZERO"} <= set(
        str(value(server, "SELECT @@sql_mode")).split(",")
    )


def test_a_database_is_created_and_dropped(server: Server) -> None:
    with server.temporary_database("odd `name`, 50%") as name:
        assert value(server, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE 'odd%'") == 1
        assert name == "odd `name`, 50%"
    assert value(server, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE 'odd%'") == 0


def test_its_url_connects_to_it(server: Server, database: str) -> None:
    parts = urlsplit(server.url(database))
    assert parts.port is not None
    connection = pymysql.connect(
        host=parts.hostname,
        port=parts.port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path[1:]),
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT DATABASE()")
        assert cursor.fetchone() == (database,)


def test_the_port_uses_tls_with_the_given_certificate(server: Server, authority: Authority) -> None:
    connection = pymysql.connect(
        host="127.0.0.1",
        port=server.port or 0,
        user="root",
        password=server.password,
        ssl_ca=str(authority.path),
        ssl_verify_cert=True,
        ssl_verify_identity=True,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
        row = cursor.fetchone()
        assert row is not None
        assert row[1]


def test_a_wrong_password_is_refused_on_the_port(server: Server) -> None:
    with pytest.raises(pymysql.err.OperationalError) as refused:
        pymysql.connect(host="127.0.0.1", port=server.port or 0, user="root", password="wrong")
    assert refused.value.args[0] == 1045


def test_statements_of_others_are_recorded_in_order(server: Server) -> None:
    with server.connect() as connection, connection.cursor() as cursor:
        with server.recorded() as statements:
            for number in range(20):
                cursor.execute("SELECT %s, 'ä'", (number,))
        cursor.execute("SELECT 'not recorded'")
    assert statements == [f"SELECT {number}, 'ä'" for number in range(20)]


@pytest.fixture(params=["mysql", "mariadb"])
def installation(request: pytest.FixtureRequest) -> Installation:
    return obtain(request.param)


def test_an_installed_or_fetched_server_is_found(installation: Installation) -> None:
    assert find(installation.kind) == installation


def test_data_survives_a_restart_without_a_port(installation: Installation, tmp_path: Path) -> None:
    first = start(installation, tmp_path)
    name = first.new_database()
    first.execute("CREATE TABLE t (a INT)", "INSERT INTO t VALUES (42)", database=name)
    first.stop()
    again = start(installation, tmp_path)
    try:
        assert again.port is None
        assert "unix_socket=" in again.url(name)
        assert value(again, f"SELECT a FROM {name}.t") == 42
        assert value(again, "SELECT @@skip_networking") == 1
    finally:
        again.stop()


def test_a_folder_with_a_long_path_gets_a_socket_elsewhere(installation: Installation, tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 30)
    running = start(installation, deep)
    running.stop()
    assert len(str(running.socket)) <= LONGEST_SOCKET_PATH
    assert not running.socket.parent.exists()


def test_a_server_ends_with_the_process_that_started_it(installation: Installation, tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from local.installation import find; from local.server import start\n"
        f"print(start(find({installation.kind!r}), Path({str(tmp_path)!r})).process.pid, flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    deadline = time.monotonic() + 60
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    owner.stdout.close()


def test_a_server_left_behind_is_stopped_by_the_next_start(installation: Installation, tmp_path: Path) -> None:
    left = start(installation, tmp_path)
    left.new_database("kept")
    running = start(installation, tmp_path)
    try:
        assert left.process.wait(60) is not None
        assert value(running, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'kept'") == 1
    finally:
        running.stop()


def test_the_number_of_a_dead_server_may_belong_to_another_process(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "server.pid").write_text(str(os.getpid()))
    running = start(installation, tmp_path)
    running.stop()
    os.kill(os.getpid(), 0)


def test_a_killed_server_restarts_with_the_committed_data(installation: Installation, tmp_path: Path) -> None:
    first = start(installation, tmp_path)
    name = first.new_database()
    first.execute("CREATE TABLE t (a INT) ENGINE=InnoDB", "INSERT INTO t VALUES (42)", database=name)
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    again = start(installation, tmp_path)
    try:
        assert value(again, f"SELECT a FROM {name}.t") == 42
    finally:
        again.stop()


def test_the_error_of_a_server_that_does_not_start_shows_its_log(installation: Installation, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="no-such-option"):
        start(installation, tmp_path, Options(further=("--no-such-option=1",)))


def test_temporary_files_are_in_the_servers_own_folder(server: Server) -> None:
    """A starting MariaDB removes the temporary tables of all servers that use the same folder."""
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@tmpdir")
        [(folder,)] = cursor.fetchall()
    assert Path(str(folder)) == server.folder / "tmp"
