"""The proxy itself: accepts clients, checks them, and relays their statements to the database."""

from __future__ import annotations

import contextlib
import secrets
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pymysql

from tests.standin import wire
from tests.standin.backend import Backend, BackendConnection
from tests.standin.faults import Fault, Script
from tests.standin.pinning import pinning_reason
from tests.standin.token import Refused, Verifier


@dataclass(frozen=True, slots=True)
class Recorded:
    """A statement as a client sent it. `pins`: why it pinned its session, None where it did not."""

    session: int
    text: str
    pins: str | None


@dataclass(slots=True)
class Proxy:
    """A running stand-in. Records are appended as statements arrive; read them when the client is quiet."""

    backend: Backend
    verifier: Verifier
    users: frozenset[str]
    certificate: Path
    key: Path
    listener: socket.socket
    statements: list[Recorded] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    pinned: dict[int, str] = field(default_factory=dict)
    """The open sessions that are pinned, and why."""
    offers_tls: bool = True
    """False: someone in the middle, who would like to read the token."""
    _faults: Script = field(default_factory=Script)
    _clients: dict[int, wire.Channel] = field(default_factory=dict)
    _sessions: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int(self.listener.getsockname()[1])

    @property
    def texts(self) -> list[str]:
        """The recorded statements' texts."""
        return [recorded.text for recorded in self.statements]

    @property
    def pinning(self) -> list[Recorded]:
        """The recorded statements that pinned."""
        return [recorded for recorded in self.statements if recorded.pins]

    @property
    def open_sessions(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    def forget(self) -> None:
        """Empty the records."""
        for records in (self.statements, self.logins, self.refusals):
            records.clear()

    def inject(self, *faults: Fault) -> None:
        """Plan faults."""
        with self._lock:
            for fault in faults:
                self._faults.add(fault)

    def clear_faults(self) -> int:
        """Forget the faults that did not strike: how many there were."""
        with self._lock:
            left = len(self._faults)
            self._faults.clear()
        return left

    def disconnect_all(self) -> None:
        """Cut every client's connection, as the proxy does with idle ones and after 24 hours."""
        with self._lock:
            channels = list(self._clients.values())
        for channel in channels:
            channel.close()

    def stop(self) -> None:
        """End: no client, no database connection is left."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.disconnect_all()
        self.backend.close()

    def serve(self) -> None:
        """Accept clients until `stop`."""
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:
                return
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._sessions += 1
                session = self._sessions
                self._clients[session] = wire.Channel(accepted)
            threading.Thread(target=self._serve_client, args=(session,), daemon=True).start()

    def _serve_client(self, session: int) -> None:
        client = _Client(self, session, self._clients[session])
        try:
            client.run()
        except (wire.Closed, OSError, ssl.SSLError):
            pass
        finally:
            client.end()
            with self._lock:
                self._clients.pop(session, None)
                self.pinned.pop(session, None)

    def strike(self, text: str, *, login: bool = False) -> Fault | None:
        """The fault that is due."""
        with self._lock:
            return self._faults.strike(text, login=login)

    def secured(self, session: int, channel: wire.Channel) -> wire.Channel:
        """The same connection, from here on over TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        secure = wire.Channel(context.wrap_socket(channel.socket, server_side=True))
        secure.sequence = channel.sequence
        with self._lock:
            self._clients[session] = secure
        return secure


class _Client:
    """One client's connection."""

    def __init__(self, proxy: Proxy, session: int, channel: wire.Channel) -> None:
        self.proxy = proxy
        self.session = session
        self.channel = channel
        self.database = ""
        self.borrowed: BackendConnection | None = None
        self.in_transaction = False

    def run(self) -> None:
        self.log_in()
        while True:
            self.channel.sequence = 0
            raw, payload = self.channel.read_raw()
            command, text = payload[0], payload[1:].decode("utf-8", "replace")
            if command == wire.COM_QUIT:
                return
            if command == wire.COM_PING:
                self.channel.write(wire.ok())
            elif command == wire.COM_INIT_DB:
                self.database = text
                self.channel.write(wire.ok())
            elif command == wire.COM_QUERY:
                self.statement(raw, text)
            else:
                self.pin("binary protocol")
                self.channel.write(wire.refusal(1295, "HY000", f"command {command:#x} is not served by the stand-in"))

    def end(self) -> None:
        """Undo what the client left open."""
        self.channel.close()
        self.abandon()

    def log_in(self) -> None:
        scramble = secrets.token_bytes(20).replace(b"\0", b"\1")
        version = self.proxy.backend.version()
        self.channel.write(wire.greeting(version, self.session, scramble, tls=self.proxy.offers_tls))
        payload = self.channel.read()
        if not wire.wants_tls(payload):
            self.refuse(3159, "HY000", "This RDS Proxy requires TLS connections", "no TLS")
        self.channel = self.proxy.secured(self.session, self.channel)
        login = wire.parse_login(self.channel.read())
        self.channel.write(wire.ask_for_clear_password())
        token = self.channel.read().rstrip(b"\0").decode()
        fault = self.proxy.strike(login.user, login=True)
        if fault is not None:
            if fault.error is not None:
                self.channel.write(wire.refusal(*fault.error))
            raise wire.Closed
        try:
            self.proxy.verifier.check(token, login.user)
            if login.user not in self.proxy.users:
                raise Refused(f"no secret for the user {login.user}")
            if not login.capabilities & 2:
                raise Refused("the client did not ask for FOUND_ROWS, which the database connections use")
        except Refused as reason:
            self.refuse(
                1045, "28000", f"Access denied for user '{login.user}'@'127.0.0.1' (using password: YES)", str(reason)
            )
        self.database = login.database
        try:
            self.proxy.backend.warm(login.database)
        except pymysql.MySQLError as error:
            self.refuse(int(error.args[0]), "HY000", str(error.args[1]), "the database refused")
        self.proxy.logins.append(login.user)
        self.channel.write(wire.ok())

    def refuse(self, number: int, state: str, message: str, reason: str) -> NoReturn:
        self.proxy.refusals.append(reason)
        self.channel.write(wire.refusal(number, state, message))
        raise wire.Closed

    def statement(self, raw: bytes, text: str) -> None:
        reason = pinning_reason(text)
        self.proxy.statements.append(Recorded(self.session, text, reason))
        if reason is not None:
            self.pin(reason)
        fault = self.proxy.strike(text)
        if fault is not None and fault.moment == "before":
            self.fail(fault)
            return
        if self.borrowed is None:
            self.borrowed = self.proxy.backend.borrow(self.database)
        try:
            self.borrowed.channel.write_raw(raw)
            packets = self.collect()
        except wire.Closed:
            self.abandon()
            raise
        if fault is not None and fault.error is not None:
            self.fail(fault)
            return
        if fault is not None:
            sent = b"".join(packets)
            self.abandon()
            if fault.moment == "during":
                self.channel.write_raw(sent[: max(1, len(sent) // 2)])
            raise wire.Closed
        self.channel.write_raw(b"".join(packets))
        if self.session not in self.proxy.pinned and not self.in_transaction:
            self.proxy.backend.give_back(self.borrowed)
            self.borrowed = None

    def collect(self) -> list[bytes]:
        """A whole answer. Its last status flags tell whether a transaction is open; an error tells nothing, and
        changes nothing."""
        assert self.borrowed is not None
        packets: list[bytes] = []
        for raw, status in wire.answer(self.borrowed.channel):
            packets.append(raw)
            if status is not None:
                self.in_transaction = bool(status & wire.IN_TRANSACTION)
        return packets

    def fail(self, fault: Fault) -> None:
        if fault.error is None:
            self.abandon()
            raise wire.Closed
        self.channel.sequence = 1
        self.channel.write(wire.refusal(*fault.error))

    def pin(self, reason: str) -> None:
        self.proxy.pinned.setdefault(self.session, reason)

    def abandon(self) -> None:
        borrowed, self.borrowed = self.borrowed, None
        if borrowed is not None:
            borrowed.close()


def start(
    backend: Backend,
    verifier: Verifier,
    users: frozenset[str],
    certificate: Path,
    key: Path,
    listener: socket.socket | None = None,
) -> Proxy:
    """Start a stand-in in threads of this process. The verifier's endpoint is `host:port`, so the port is chosen
    before."""
    listener = listener or listen()
    proxy = Proxy(backend, verifier, users, certificate, key, listener)
    threading.Thread(target=proxy.serve, daemon=True, name="standin").start()
    return proxy


def listen(port: int = 0) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes a free one."""
    return socket.create_server(("127.0.0.1", port))
