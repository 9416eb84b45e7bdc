"""`make serve` as a user runs it: a separate process, stopped by the signals that a terminal sends."""

import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from local import embedded
from local.server import Server, free_port

ROOT = Path(__file__).resolve().parents[2]


class Serve:
    """A running `python -m local.serve`, with its output captured."""

    def __init__(self, *arguments: str, root: Path = ROOT, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local.serve", *arguments],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(line.rstrip("\n") for line in self.process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.end()
        if kind is not None:
            print("\n".join(self.lines))

    def await_line(self, start: str) -> str:
        deadline = time.monotonic() + 120
        while True:
            for line in self.lines:
                if line.startswith(start):
                    return line
            assert self.process.poll() is None, "\n".join(self.lines)
            assert time.monotonic() < deadline, "\n".join(self.lines)
            time.sleep(0.05)

    def end(self) -> int:
        status = self.process.wait(60)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


def get(port: int, target: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def checkout(root: Path) -> Path:
    """A copy of what `make serve` runs, with no data yet; the servers that were fetched are shared."""
    for part in ("api", "local", "migrator", "migrations"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".cache").symlink_to(ROOT / ".cache")
    (root / "migrations" / "0001_notes.sql").write_text(
        "CREATE TABLE `my notes` (id INT PRIMARY KEY, `50%` TEXT);\nINSERT INTO `my notes` VALUES (1, 'kept');\n"
    )
    return root


@dataclass
class FirstRun:
    """What a first run with the sample showed, and the folder that has its data."""

    root: Path
    port: int
    lines: list[str]
    notes: tuple[int, str]
    status: int


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    root = checkout(tmp_path_factory.mktemp("checkout"))
    port = free_port()
    with Serve("--port", str(port), "--requests", root=root) as serve:
        serve.await_line("==> Ctrl-C stops it.")
        notes = get(port, "/rest/v1/my%20notes")
        serve.process.send_signal(signal.SIGINT)
        status = serve.end()
    return FirstRun(root, port, serve.lines, notes, status)


def test_the_first_run_loads_the_sample_and_shows_real_answers(first_run: FirstRun) -> None:
    port, lines = first_run.port, first_run.lines
    assert f"==> API    http://127.0.0.1:{port}/rest/v1/" in lines
    assert f"==> Docs   http://127.0.0.1:{port}/docs" in lines
    assert f"==> Browse http://127.0.0.1:{port}/browse" in lines
    assert any(line.startswith("==> Calls without a token act as anon, others as the role") for line in lines)
    assert any("cities: 34,0" in line for line in lines)

    calls = [line for line in lines if line.startswith("  curl ")]
    answers = [lines[lines.index(call) + 1].strip() for call in calls]
    assert len(calls) == 5
    for call, answer in zip(calls, answers, strict=True):
        assert f" 'http://127.0.0.1:{port}/" in call
        assert answer.startswith("["), answer
    assert [city["country"]["flag"] for city in json.loads(answers[0])]
    assert {note["user_id"] for note in json.loads(answers[3])} == {"ann", "bob"}
    assert "Authorization: Bearer $(make -s token SUB=ann)" in calls[4]
    assert len(json.loads(answers[4])) == len(json.loads(answers[3])) + 1

    status, body = first_run.notes
    assert (status, json.loads(body)) == (200, [{"id": 1, "50%": "kept"}])
    assert first_run.status == 0
    assert lines[-1] == "==> stopped"
    assert any(" GET /rest/v1/my%20notes 200 " in line for line in lines)
    assert not processes_of(first_run.root)


def test_the_sample_tells_callers_apart_by_their_tokens(first_run: FirstRun) -> None:
    port = free_port()
    with Serve("--port", str(port), root=first_run.root) as serve:
        serve.await_line("==> Ctrl-C stops it.")

        def status_and_code(authorization: str) -> tuple[int, str]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/rest/v1/cities?limit=1", headers={"Authorization": authorization})
            answer = connection.getresponse()
            body = json.loads(answer.read())
            connection.close()
            return answer.status, body["code"] if isinstance(body, dict) else ""

        def token(*arguments: str) -> str:
            command = [sys.executable, "-m", "local.tokens", *arguments]
            environment = {**os.environ, "PYTHONPATH": str(first_run.root)}
            return subprocess.run(
                command, cwd=first_run.root, env=environment, capture_output=True, text=True, check=True
            ).stdout.strip()

        assert get(port, "/rest/v1/cities?limit=1")[0] in (200, 206)
        assert status_and_code(f"Bearer {token('--sub', '42')}")[0] in (200, 206)
        assert status_and_code(f"Bearer {token('--role', 'anon')}")[0] in (200, 206)
        assert status_and_code(f"Bearer {token('--role', 'admin')}") == (401, "22023")
        assert status_and_code("Bearer x.y.z") == (401, "PGRST301")


def test_roles_without_an_account_are_one_line(server: Server, database: str) -> None:
    said = refusal("--port", str(free_port()), database_url=server.url(database), AUROREST_ROLES="missing_role")
    assert said.startswith("make serve: the role missing_role cannot sign in to the database: 1045")
    assert "--roles missing_role" in said


@pytest.mark.parametrize(
    "environment, said",
    [
        ({"AUROREST_ROLES": "root"}, "AUROREST_ROLES contains 'root'"),
        ({"AUROREST_ROLES": "a b"}, "AUROREST_ROLES contains 'a b'"),
        ({"AUROREST_ROLES": "a", "AUROREST_DEFAULT_ROLE": "b"}, "AUROREST_DEFAULT_ROLE is 'b'; allowed: a"),
        ({"AUROREST_ANONYMOUS_ROLE": "anon"}, "AUROREST_ANONYMOUS_ROLE is 'anon'; allowed: none"),
        ({"JWT_SECRET": "short"}, "JWT_SECRET has 5 characters"),
    ],
)
def test_roles_that_contradict_each_other_are_one_line(
    server: Server, database: str, environment: dict[str, str], said: str
) -> None:
    assert said in refusal("--port", str(free_port()), database_url=server.url(database), **environment)


def test_the_second_run_finds_its_data_and_loads_nothing(first_run: FirstRun) -> None:
    port = free_port()
    with Serve("--port", str(port), root=first_run.root) as serve:
        serve.await_line("==> Ctrl-C stops it.")
        assert get(port, "/rest/v1/my%20notes") == first_run.notes
        assert not any("loading" in line or "[1/" in line for line in serve.lines)
        serve.process.send_signal(signal.SIGTERM)
        assert serve.end() == 0
    assert not any(" GET /rest/v1/my%20notes 200 " in line for line in serve.lines)  # only with --requests
    assert not processes_of(first_run.root)


def test_killing_a_run_stops_its_database_and_the_next_run_starts(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    for _ in range(2):
        with Serve("--port", str(free_port()), "--no-sample", root=root) as serve:
            serve.await_line("==> Ctrl-C stops it.")
            serve.process.kill()
            serve.end()
    await_no_processes(root)


def test_without_the_sample_only_the_migrations_are_served(tmp_path: Path) -> None:
    port = free_port()
    with Serve("--port", str(port), "--no-sample", root=checkout(tmp_path)) as serve:
        serve.await_line("==> Ctrl-C stops it.")
        status, body = get(port, "/tables")
        assert status == 200
        assert [table["name"] for table in json.loads(body)] == ["my notes"]


def test_a_signal_during_the_database_start_stops_it(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    with Serve("--port", str(free_port()), root=root) as serve:
        serve.await_line("==> starting the embedded")
        serve.process.send_signal(signal.SIGINT)
        assert serve.end() == 0
    await_no_processes(root)


def test_the_users_database_is_served_and_not_changed(server: Server, database: str) -> None:
    server.execute("CREATE TABLE `order` (id INT PRIMARY KEY)", "INSERT INTO `order` VALUES (7)", database=database)
    port = free_port()
    with Serve("--port", str(port), DATABASE_URL=server.url(database)) as serve:
        serve.await_line("==> Ctrl-C stops it.")
        assert f"  curl 'http://127.0.0.1:{port}/rest/v1/order?limit=1'" in serve.lines
        assert json.loads(get(port, "/rest/v1/order")[1]) == [{"id": 7}]
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        assert cursor.fetchall() == (("order",),)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def refusal(*arguments: str, database_url: str = "", **environment: str) -> str:
    """The error message, after checking that it is one line and the status is 1."""
    with Serve(*arguments, root=ROOT, DATABASE_URL=database_url, **environment) as serve:
        assert serve.end() == 1
    assert len(serve.lines) == 1, serve.lines
    return serve.lines[0]


def test_the_error_for_a_port_in_use_is_one_line(taken_port: int) -> None:
    assert refusal("--port", str(taken_port)) == (
        f"make serve: PORT={taken_port} on 127.0.0.1 cannot be used (Address already in use); "
        f"choose another one: make serve PORT={taken_port + 1}"
    )


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8000x", "", "٣"])
def test_the_error_for_an_invalid_port_is_one_line(port: str) -> None:
    assert refusal(f"--port={port}") == f"make serve: PORT is {port!r}; allowed: a number from 1 to 65535"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_an_address_that_other_machines_can_reach_must_be_confirmed(host: str) -> None:
    said = refusal("--host", host)
    assert said.startswith(f"make serve: HOST={host} lets other machines in, and authentication is off here")
    assert said.endswith("ALLOW_REMOTE=1")


def test_the_error_for_an_invalid_address_is_one_line() -> None:
    assert refusal("--host", "no such host").startswith(
        "make serve: HOST is 'no such host', which is not a valid address: "
    )


@pytest.mark.parametrize(
    "url, said",
    [
        ("postgres://a:b@localhost/c", "mysql://"),
        ("mysql://localhost", "user and a database"),
        ("mysql://a:b@127.0.0.1:1/c", "2003"),
        ("mysql://a:b@127.0.0.1:port/c", "invalid database URL"),
    ],
)
def test_the_error_for_an_unusable_database_url_is_one_line(url: str, said: str) -> None:
    line = refusal("--port", str(free_port()), database_url=url)
    assert line.startswith("make serve: DATABASE_URL: ")
    assert said in line


def test_the_error_for_a_wrong_password_is_one_line(server: Server, database: str) -> None:
    url = server.url(database).replace("p%40ss", "wrong")
    assert "1045" in refusal("--port", str(free_port()), database_url=url)


def test_the_error_of_a_second_run_in_the_same_folder_names_the_first(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("4711\n")
    with (tmp_path / "lock").open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(embedded.InUse, match="process 4711 serves the embedded database already"):
            embedded.running(print, folder=tmp_path).__enter__()


def await_no_processes(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while processes_of(folder):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def processes_of(folder: Path) -> list[str]:
    """Command lines of the servers with their data in `folder`."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"--datadir={folder}" in line:
            lines.append(line)
    return lines
