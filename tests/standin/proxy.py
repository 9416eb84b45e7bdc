"""The proxy itself: accepts clients, keeps records of them, and ends."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path

from tests.standin import wire
from tests.standin.backend import Backend
from tests.standin.client import Client
from tests.standin.faults import Fault, Script
from tests.standin.token import Verifier


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
    accounts: dict[str, Backend] = field(default_factory=dict)
    """The users whose database connections use their own account; the others share the backend's."""
    tokens: list[str] = field(default_factory=list)
    """What clients gave as their passwords."""
    pinned: dict[int, str] = field(default_factory=dict)
    """The open sessions that are pinned, and why."""
    all_pinning: list[Recorded] = field(default_factory=list)
    """The statements that ever pinned a session, which `forget` keeps."""
    port: int = field(init=False)
    """Where it listens, on 127.0.0.1."""
    recording: bool = True
    """False: a long run, of which only the statements that pin are kept."""
    offers_tls: bool = True
    """False: someone in the middle, who would like to read the token."""
    _faults: Script = field(default_factory=Script)
    _clients: dict[int, wire.Channel] = field(default_factory=dict)
    _sessions: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.port = int(self.listener.getsockname()[1])

    @property
    def texts(self) -> list[str]:
        """The recorded statements as strings."""
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
        for records in (self.statements, self.logins, self.refusals, self.tokens):
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
            channel.cut()

    def stop(self) -> None:
        """End: no client, no database connection is left."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.disconnect_all()
        for backend in (self.backend, *self.accounts.values()):
            backend.close()

    def start(self) -> None:
        """Accept clients, in threads of this process."""
        threading.Thread(target=self.serve, daemon=True, name="standin").start()

    def restart(self) -> None:
        """Stop, and start again at the same address: every client's connection is lost."""
        self.stop()
        self.listener = listen(self.port)
        self.start()

    def record(self, session: int, text: str, pins: str | None) -> None:
        """Keep a statement, and pin its session if it does that."""
        recorded = Recorded(session, text, pins)
        if self.recording:
            self.statements.append(recorded)
        if pins:
            self.all_pinning.append(recorded)
            self.pinned.setdefault(session, pins)

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
                # what follows the first packet is TLS, which is not to be read ahead of
                self._clients[session] = wire.Channel(accepted, ahead=False)
            threading.Thread(target=self._serve_client, args=(session,), daemon=True).start()

    def _serve_client(self, session: int) -> None:
        client = Client(self, session, self._clients[session])
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


def start(
    backend: Backend,
    verifier: Verifier,
    users: frozenset[str],
    certificate: Path,
    key: Path,
    listener: socket.socket | None = None,
    accounts: dict[str, Backend] | None = None,
) -> Proxy:
    """Start a stand-in in threads of this process. The verifier's endpoint is `host:port`, so the port is chosen
    before."""
    proxy = Proxy(backend, verifier, users, certificate, key, listener or listen(), accounts=accounts or {})
    proxy.start()
    return proxy


def listen(port: int = 0) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes a free one."""
    return socket.create_server(("127.0.0.1", port), backlog=256)
