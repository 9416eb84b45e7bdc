"""One listening socket for several processes, which have about equally many of its connections.

The kernel wakes every process for a new connection, and by itself the first to wake takes all that are waiting: eight
clients may all be served by one process. Here the process with the fewest open connections takes the next one. The
others wait a moment, and take it if that process is busy.
"""

import asyncio
import multiprocessing
import os
import select
import socket
from collections.abc import Callable
from multiprocessing.reduction import DupFd
from typing import Any

import uvloop

WAIT_SECONDS = 0.005
"""For the process with the fewest connections; uvloop's timers have whole milliseconds."""


class OpenConnections:
    """How many connections each process has open, in memory that the processes share."""

    def __init__(self, processes: int) -> None:
        """`processes`: how many there are at the same time."""
        context = multiprocessing.get_context("spawn")
        self._lock = context.Lock()
        self._pids = context.RawArray("q", processes)
        self._counts = context.RawArray("q", processes)  # each is written by one process only
        self._place: int | None = None

    def __getstate__(self) -> dict[str, object]:
        """What `multiprocessing` hands to a process that it starts, which has another place."""
        return {**self.__dict__, "_place": None}

    def add(self, count: int) -> None:
        """Count connections of this process that have been opened; a negative number, that have been closed."""
        self._counts[self._own_place()] += count

    def has_fewest(self) -> bool:
        """Whether no other process has fewer than this one."""
        own = self._counts[self._own_place()]
        return all(own <= count or not _runs(pid) for pid, count in zip(self._pids, self._counts, strict=True))

    def _own_place(self) -> int:
        """The place of this process. A process that replaces one that ended takes its place.

        Raises: `RuntimeError` if there are more processes than places.
        """
        if self._place is None:
            with self._lock:
                free = [place for place, pid in enumerate(self._pids) if not _runs(pid)]
                if not free:
                    raise RuntimeError(f"more than {len(self._pids)} processes count their connections")
                self._place = free[0]
                self._pids[self._place] = os.getpid()
                self._counts[self._place] = 0
        return self._place


def _runs(pid: int) -> bool:
    if pid == 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class SharedSocket(socket.socket):
    """A listening socket for a `Loop`."""

    __slots__ = ("connections",)

    def __init__(self, fileno: int, connections: OpenConnections) -> None:
        super().__init__(fileno=fileno)
        self.setblocking(False)
        self.connections = connections

    def __reduce__(self) -> tuple[Any, ...]:
        """How `multiprocessing` hands it to a process that it starts."""
        return _received, (DupFd(self.fileno()), self.connections)


def _received(duplicate: Any, connections: OpenConnections) -> SharedSocket:
    return SharedSocket(duplicate.detach(), connections)


class Loop(uvloop.Loop):
    """uvloop's event loop, whose servers listen on a `SharedSocket`."""

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], *, sock: SharedSocket, **_: object
    ) -> "Turns":
        """Serve the connections that are this process's to take."""
        return Turns(self, protocol_factory, sock)


class Turns:
    """A server that takes one connection at a time, when it is this process's turn."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        shared: SharedSocket,
    ) -> None:
        self._loop, self._protocol_factory, self._shared = loop, protocol_factory, shared
        self._opening: set[asyncio.Task[object]] = set()
        self._waiting: asyncio.TimerHandle | None = None
        # reports each new connection once: one that is left to another process does not wake this one again and again
        self._arrivals = select.epoll()
        self._arrivals.register(shared, select.EPOLLIN | select.EPOLLET)
        loop.add_reader(self._arrivals, self._arrived)

    def close(self) -> None:
        """Take no more connections."""
        self._loop.remove_reader(self._arrivals)
        self._arrivals.close()
        if self._waiting is not None:
            self._waiting.cancel()

    async def wait_closed(self) -> None:
        """Wait for nothing: connections are closed by who opened their protocols."""

    def _arrived(self) -> None:
        self._arrivals.poll(0)
        self._take_turns()

    def _take_turns(self) -> None:
        while self._shared.connections.has_fewest():
            if not self._take():
                return
        if self._waiting is None:
            self._waiting = self._loop.call_later(WAIT_SECONDS, self._take_after_all)

    def _take_after_all(self) -> None:
        self._waiting = None
        if self._take():
            self._take_turns()

    def _take(self) -> bool:
        """Take a connection, if one is waiting."""
        try:
            accepted, _ = self._shared.accept()
        except BlockingIOError:
            return False
        except ConnectionAbortedError:  # the client has gone
            return True
        self._shared.connections.add(1)  # the protocol takes it off when the connection is lost
        task = self._loop.create_task(self._loop.connect_accepted_socket(self._protocol_factory, accepted))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return True
