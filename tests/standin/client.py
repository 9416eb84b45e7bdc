"""One client's connection to the stand-in: it logs in, and its statements are relayed to a borrowed connection."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, NoReturn

import pymysql

from tests.standin import wire
from tests.standin.backend import BASE, BackendConnection, BorrowTimeout
from tests.standin.faults import BORROW_TIMEOUT, Fault
from tests.standin.pinning import Effect, effect_of
from tests.standin.token import Refused

if TYPE_CHECKING:
    from tests.standin.proxy import Proxy


class Client:
    """A client's session. It holds a database connection during a statement and a transaction, and, once pinned, for
    the rest of its life."""

    def __init__(self, proxy: Proxy, session: int, channel: wire.Channel) -> None:
        self.proxy = proxy
        self.backend = proxy.backend
        self.session = session
        self.channel = channel
        self.database = ""
        self.settings = dict(BASE)
        self.borrowed: BackendConnection | None = None
        self.in_transaction = False
        self.began = time.monotonic()

    def run(self) -> None:
        """Serve it until it leaves, or the proxy ends it."""
        self.log_in()
        while True:
            self.channel.sequence = 0
            raw, payload = self.next_command()
            command, text = payload[0], payload[1:].decode("utf-8", "replace")
            if command == wire.COM_QUIT:
                return
            if command == wire.COM_PING:
                self.channel.write(wire.ok())
            elif command == wire.COM_INIT_DB:
                self.move_to(text)
                self.channel.write(wire.ok())
            elif command == wire.COM_QUERY:
                self.statement(raw, text)
            else:
                self.proxy.pinned.setdefault(self.session, "binary protocol")
                self.channel.write(wire.refusal(1295, "HY000", f"command {command:#x} is not served by the stand-in"))

    def next_command(self) -> tuple[bytes, bytes]:
        """The next one. A client that is idle for too long, or connected for a day, is cut off without a word; in a
        transaction, only if it is idle."""
        limits = self.backend.limits
        seconds = limits.idle_client_seconds
        if not self.in_transaction:
            seconds = min(seconds, self.began + limits.client_life_seconds - time.monotonic())
        if seconds <= 0:
            raise wire.Closed
        self.channel.socket.settimeout(seconds)
        try:
            return self.channel.read_raw()
        except TimeoutError as error:
            raise wire.Closed from error
        finally:
            self.channel.socket.settimeout(None)

    def end(self) -> None:
        """Undo what the client left open."""
        self.channel.close()
        self.abandon()

    def log_in(self) -> None:
        """Demand TLS and a token."""
        scramble = secrets.token_bytes(20).replace(b"\0", b"\1")
        version = self.backend.version()
        self.channel.write(wire.greeting(version, self.session, scramble, tls=self.proxy.offers_tls))
        payload = self.channel.read()
        if not wire.wants_tls(payload):
            self.refuse(3159, "HY000", "This RDS Proxy requires TLS connections", "no TLS")
        self.channel = self.proxy.secured(self.session, self.channel)
        login = wire.parse_login(self.channel.read())
        self.channel.write(wire.ask_for_clear_password())
        token = self.channel.read().rstrip(b"\0").decode()
        self.proxy.tokens.append(token)
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
            self.backend = self.proxy.accounts.get(login.user, self.backend)
            self.backend.warm(login.database)
        except pymysql.MySQLError as error:
            self.refuse(int(error.args[0]), "HY000", str(error.args[1]), "the database refused")
        self.proxy.logins.append(login.user)
        self.channel.write(wire.ok())

    def refuse(self, number: int, state: str, message: str, reason: str) -> NoReturn:
        """End the login; only the stand-in's own record has the reason."""
        self.proxy.refusals.append(reason)
        self.channel.write(wire.refusal(number, state, message))
        raise wire.Closed

    def statement(self, raw: bytes, text: str) -> None:
        """Relay one statement and its whole answer."""
        effect = effect_of(text)
        self.proxy.record(self.session, text, effect.pins)
        fault = self.proxy.strike(text)
        if fault is not None and fault.action is not None:
            fault.action()
            fault = None
        if fault is not None and fault.moment == "before":
            self.fail(fault)
            return
        if self.borrowed is None and not self.borrow():
            return
        assert self.borrowed is not None
        self.borrowed.statements.append(text)
        try:
            self.borrowed.channel.write_raw(raw)
            packets, refused = self.collect()
        except wire.Closed:
            self.abandon()
            raise
        if not refused:
            self.follow(effect)
        if fault is not None and fault.error is not None:
            self.fail(fault)
            return
        if fault is not None:
            sent = b"".join(packets)
            self.abandon()
            if fault.moment == "during":
                self.channel.write_raw(sent[: max(1, len(sent) // 2)])
            raise wire.Closed
        # the connection is free before the client can send its next statement
        self.give_back()
        self.channel.write_raw(b"".join(packets))

    def borrow(self) -> bool:
        """Take a connection, or send the client an error."""
        try:
            self.borrowed = self.backend.borrow(self.database, self.settings)
        except BorrowTimeout:
            self.answer_with(*BORROW_TIMEOUT)
        except pymysql.MySQLError as error:
            self.answer_with(int(error.args[0]), "HY000", str(error.args[1]))
        else:
            self.borrowed.statements.clear()
        return self.borrowed is not None

    def give_back(self) -> None:
        """Part with the connection, unless a transaction or a pinned session holds it."""
        if self.borrowed is not None and self.session not in self.proxy.pinned and not self.in_transaction:
            borrowed, self.borrowed = self.borrowed, None
            self.backend.give_back(borrowed)

    def collect(self) -> tuple[list[bytes], bool]:
        """A whole answer, and whether it is an error. Its last status flags tell whether a transaction is open; an
        error tells nothing, and changes nothing."""
        assert self.borrowed is not None
        packets: list[bytes] = []
        refused = False
        for raw, status in wire.answer(self.borrowed.channel):
            packets.append(raw)
            refused = raw[4] == wire.ERROR
            if status is not None:
                self.in_transaction = bool(status & wire.IN_TRANSACTION)
        return packets, refused

    def follow(self, effect: Effect) -> None:
        """Remember what the proxy tracks, of the session and of the connection."""
        assert self.borrowed is not None
        self.settings |= effect.settings
        self.borrowed.settings |= effect.settings
        if effect.database is not None:
            self.borrowed.database = effect.database
            self.move_to(effect.database)

    def move_to(self, database: str) -> None:
        """Use another database from here on; one held by a transaction or a pinned session changes, too."""
        self.database = database
        if self.borrowed is not None and self.borrowed.database != database:
            self.borrowed.driver.select_db(database)
            self.borrowed.database = database

    def fail(self, fault: Fault) -> None:
        """Answer with the fault's error, or break the connection."""
        if fault.error is None:
            self.abandon()
            raise wire.Closed
        self.answer_with(*fault.error)

    def answer_with(self, number: int, state: str, message: str) -> None:
        """An error in the place of a statement's answer."""
        self.channel.sequence = 1
        self.channel.write(wire.refusal(number, state, message))

    def abandon(self) -> None:
        """End the connection that is held, if one is."""
        borrowed, self.borrowed = self.borrowed, None
        if borrowed is not None:
            self.backend.discard(borrowed)
