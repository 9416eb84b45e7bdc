"""One listening socket for several processes, which take about equally many of its connections.

The kernel wakes every process for a new connection, and by itself the first to wake takes all that are waiting: eight
clients may all be served by one process. Here a process takes one at a time, and waits a little longer the more it
already has, so that the one with the fewest is first.
"""

import socket
import time
import weakref
from multiprocessing.reduction import DupFd
from typing import Any

SECONDS_PER_CONNECTION = 0.0002
LONGEST_SECONDS = 0.002


class SharedSocket(socket.socket):
    """A listening socket for asyncio's event loop, which calls `accept` until there is nothing to accept."""

    __slots__ = ("_open", "_took")

    def __init__(self, fileno: int) -> None:
        super().__init__(fileno=fileno)
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._took = False

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept one connection; every second call says that none is waiting, which ends asyncio's turn.

        Raises:
            BlockingIOError: no connection is waiting, or this turn already took one.
        """
        if self._took:
            self._took = False
            raise BlockingIOError
        time.sleep(min(len(self._open) * SECONDS_PER_CONNECTION, LONGEST_SECONDS))
        accepted, address = super().accept()
        self._open.add(accepted)
        self._took = True
        return accepted, address

    def __reduce__(self) -> tuple[Any, ...]:
        """How `multiprocessing` hands it to a process that it starts."""
        return _received, (DupFd(self.fileno()),)


def _received(duplicate: Any) -> SharedSocket:
    return SharedSocket(duplicate.detach())
