"""The protocol of a connection of `make serve`: uvicorn's, with what `local.raw_addresses` adds, and two more things.

It counts as open until it is closed, and the head of a response is sent together with its body: uvicorn sends them one
after the other, so that the client wakes up twice.
"""

import asyncio
from typing import Any

from local.raw_addresses import RawAddresses
from local.shared_socket import OpenConnections

_STATUS, _CONTINUE = b"HTTP/1.1 ", b"HTTP/1.1 100 "


class Protocol(RawAddresses):
    """One connection."""

    def __init__(self, *arguments: Any, open_connections: OpenConnections, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._open_connections = open_connections
        self._together: Together | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The connection is open."""
        super().connection_made(transport)
        self.transport = self._together = Together(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        if self._together is not None:
            self._together.forget()
        super().connection_lost(exc)
        self._open_connections.add(-1)

    def on_response_complete(self) -> None:
        """The application has sent all of a response, of which a HEAD request gets the head only."""
        if self._together is not None:
            self._together.flush()
        super().on_response_complete()


class Together(asyncio.Transport):
    """A transport that keeps the head of a response until its body is written. It has what uvicorn uses."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._head: bytes | None = None

    def write(self, data: bytes) -> None:  # type: ignore[override]
        """Write, or keep the head of a response."""
        if self._head is not None:
            self._transport.writelines((self._head, data))
            self._head = None
        elif data.startswith(_STATUS) and not data.startswith(_CONTINUE):
            self._head = data
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Write the head, if it is still kept."""
        if self._head is not None:
            self._transport.write(self._head)
            self._head = None

    def forget(self) -> None:
        """The connection is closed: nothing can be written any more."""
        self._head = None

    def close(self) -> None:
        """Close, after everything has been written."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether it is closed, or being closed."""
        return self._transport.is_closing()
