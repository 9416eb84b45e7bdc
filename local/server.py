"""Run a private MySQL or MariaDB server with its own data folder; it never touches a system database or its settings.

The session settings are those of the deployed stack's parameter group and proxy: UTC, utf8mb4, strict SQL mode.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pymysql

from api.database.state import SQL_MODE
from local.installation import Installation, Kind, obtain
from local.system_tables import ServerError, initialise, program_arguments

# The kernel's limit on a socket's path: https://man7.org/linux/man-pages/man7/unix.7.html
LONGEST_SOCKET_PATH = 107
PORTS = range(20_000, 32_768)
USER = "root"
START_SECONDS = 60
STOP_SECONDS = 60
PID_FILE = "server.pid"
LOG_FILE = "server.log"


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files: the certificate authority, and the server's certificate and key."""

    authority: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Options:
    """Options for starting a server."""

    port: int | None = None  # on 127.0.0.1; None: the socket only; 0: any free port
    password: str = ""  # of the user root, on the port and on the socket
    tls: Tls | None = None
    durable: bool = True  # False: faster, but a crash of the machine may lose committed data
    further: tuple[str, ...] = ()  # further options of the program, such as ("--lower-case-table-names=1",)


DEFAULTS = Options()


@dataclass(slots=True)
class Server:
    """A running server; it ends with `stop`, or with the process that started it."""

    installation: Installation
    folder: Path
    options: Options
    socket: Path
    port: int | None
    process: subprocess.Popen[bytes]
    databases: list[str] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        """MySQL or MariaDB."""
        return self.installation.kind

    @property
    def version(self) -> tuple[int, ...]:
        """As in `(10, 11, 14)`."""
        return tuple(int(part) for part in self.installation.version.split("."))

    @property
    def password(self) -> str:
        """The password of the user root."""
        return self.options.password

    def connect(self, database: str | None = None, **arguments: Any) -> "pymysql.Connection[Any]":
        """Connect over the socket as root with autocommit; further arguments are passed to PyMySQL."""
        defaults: dict[str, Any] = {
            "unix_socket": str(self.socket),
            "user": USER,
            "password": self.password,
            "charset": "utf8mb4",
            "autocommit": True,
        }
        return pymysql.connect(database=database, **(defaults | arguments))

    def url(self, database: str) -> str:
        """The URL for `AUROREST_DATABASE_URL`: with the port if there is one, else with the socket."""
        login = f"{USER}:{quote(self.password, safe='')}" if self.password else USER
        name = quote(database, safe="")
        if self.port is not None:
            return f"mysql://{login}@127.0.0.1:{self.port}/{name}"
        return f"mysql://{login}@localhost/{name}?unix_socket={quote(str(self.socket), safe='/')}"

    def execute(self, *statements: str, database: str | None = None) -> None:
        """Run statements one after the other on a new connection."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def new_database(self, name: str | None = None) -> str:
        """Create an empty database and return its name; `drop_databases` drops it."""
        name = name or f"test_{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {_quoted(name)} CHARACTER SET utf8mb4")
        self.databases.append(name)
        return name

    def drop_database(self, name: str) -> None:
        """Drop one that `new_database` made."""
        self.execute(f"DROP DATABASE IF EXISTS {_quoted(name)}")
        self.databases.remove(name)

    @contextlib.contextmanager
    def temporary_database(self, name: str | None = None) -> Iterator[str]:
        """Create an empty database for the duration of a `with` block."""
        created = self.new_database(name)
        try:
            yield created
        finally:
            self.drop_database(created)

    @contextlib.contextmanager
    def recorded(self) -> Iterator[list[str]]:
        """Record every statement that other connections send during a `with` block.

        The list is filled when the block ends, in the order the server received them.
        """
        statements: list[str] = []
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SET GLOBAL general_log = 'OFF'")
            cursor.execute("TRUNCATE mysql.general_log")
            cursor.execute("SET GLOBAL general_log = 'ON'")
            try:
                yield statements
            finally:
                cursor.execute("SET GLOBAL general_log = 'OFF'")
                # The log table is a CSV file, read in the order of writing; its timestamps are not unique.
                cursor.execute(
                    "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log"
                    " WHERE command_type = 'Query' AND thread_id <> CONNECTION_ID()"
                )
                statements += [str(row[0]) for row in cursor.fetchall()]

    def stop(self) -> None:
        """Stop the server; its data is on disk when this returns."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        (self.folder / PID_FILE).unlink(missing_ok=True)
        if self.socket.parent != self.folder:
            shutil.rmtree(self.socket.parent, ignore_errors=True)


def start(installation: Installation, folder: Path, options: Options = DEFAULTS) -> Server:
    """Start a server on `folder`, which contains its data, log and pid; a new folder is initialised first.

    A server that a killed run left running on the same folder is stopped first.

    Raises:
        ServerError: it does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    stop_leftover(folder)
    data = folder / "data"
    if not data.exists():
        initialise(installation, data)
    socket_path = _socket_path(folder)
    port = free_port() if options.port == 0 else options.port
    accounts = folder / "accounts.sql"
    accounts.touch(mode=0o600)
    accounts.write_text(_accounts(options.password))
    with (folder / LOG_FILE).open("ab") as log:
        process = subprocess.Popen(
            [
                # The server also ends if the process that started it is killed.
                "setpriv",
                "--pdeathsig=TERM",
                *installation.command,
                *program_arguments(installation, data),
                *_session_arguments(),
                f"--socket={socket_path}",
                f"--init-file={accounts}",
                *_network_arguments(port, options.tls),
                *_speed_arguments(installation, durable=options.durable),
                "--log-output=TABLE",
                *options.further,
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,  # Ctrl-C must not reach it directly: the program that started it stops it in order
        )
    (folder / PID_FILE).write_text(str(process.pid))
    server = Server(installation, folder, options, socket_path, port, process)
    _await(server)
    return server


def start_either(kind: Kind, folder: Path, options: Options = DEFAULTS) -> Server:
    """Start a server of this kind: the machine's program, or a fetched one if that is missing or does not run.

    A security profile (Ubuntu's AppArmor has one for mysqld) may confine the machine's program to its system folder.

    Raises:
        Missing: there is no program, and none could be fetched.
        ServerError: it does not start.
    """
    installation = obtain(kind)
    try:
        return start(installation, folder, options)
    except ServerError:
        own = obtain(kind, own=True)
        if own == installation:
            raise
        return start(own, folder, options)


def stop_leftover(folder: Path) -> None:
    """Stop the server that a killed run left running on this folder, if there is one."""
    pid_file = folder / PID_FILE
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text() or 0)
    deadline = time.monotonic() + STOP_SECONDS
    while _serves(pid, folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.1)
    pid_file.unlink()


def _serves(pid: int, folder: Path) -> bool:
    """Whether that process is a server on this folder, and not another process that has since got its number."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return f"--datadir={folder / 'data'}".encode() in line.split(b"\0")


def _session_arguments() -> list[str]:
    return [
        "--character-set-server=utf8mb4",
        "--default-time-zone=+00:00",
        f"--sql-mode={SQL_MODE}",
        "--skip-name-resolve",
        "--skip-log-bin",
        "--max-allowed-packet=64M",
        "--local-infile=OFF",
    ]


def _network_arguments(port: int | None, tls: Tls | None) -> list[str]:
    found = ["--skip-networking"] if port is None else ["--bind-address=127.0.0.1", f"--port={port}"]
    if tls is not None:
        found += [f"--ssl-ca={tls.authority}", f"--ssl-cert={tls.certificate}", f"--ssl-key={tls.key}"]
    return found


def _speed_arguments(installation: Installation, *, durable: bool) -> list[str]:
    """Options for little memory and a quick start."""
    found = ["--innodb-buffer-pool-size=128M", "--performance-schema=OFF"]
    if installation.kind == "mysql":
        found += ["--mysqlx=OFF", "--innodb-redo-log-capacity=32M"] if _has_redo_capacity(installation) else []
    if not durable:
        found += ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=OFF", "--innodb-flush-method=nosync"]
    return found


def _has_redo_capacity(installation: Installation) -> bool:
    return tuple(int(part) for part in installation.version.split(".")) >= (8, 0, 30)


def _accounts(password: str) -> str:
    """Let root in over the socket (`localhost`) and over the port. An init file has one statement per line."""
    secret = password.replace("\\", "\\\\").replace("'", "''")
    lines = [f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{secret}';"]
    if password:
        lines += [
            f"CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' IDENTIFIED BY '{secret}';",
            f"ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '{secret}';",
            "GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;",
        ]
    return "\n".join(lines) + "\n"


def _socket_path(folder: Path) -> Path:
    path = folder / "s"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    return Path(tempfile.mkdtemp(prefix="aurorest-")) / "s"


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on.

    Not one of those that the system gives to outgoing connections
    (https://docs.kernel.org/networking/ip-sysctl.html#ip-variables, `ip_local_port_range`): one of them could take it
    before the server does.
    """
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _await(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(pymysql.err.OperationalError):
            server.connect().close()
            return
        if server.process.poll() is not None or time.monotonic() > deadline:
            server.process.kill()
            server.process.wait()
            raise ServerError(f"{server.kind} did not start on {server.folder}:\n{tail(server.folder / LOG_FILE)}")
        time.sleep(0.02)


def tail(log: Path) -> str:
    """The last lines of a log, for an error message."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-8:])


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
