"""Accept URLs in UTF-8 that the client did not percent-encode, as API Gateway does.

curl sends `?name=eq.Zürich` as typed; h11 rejects such a request before the application sees it.
"""

import re

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_REQUEST_LINE = re.compile(rb"[A-Z]+ [!-~\x80-\xff]+ HTTP/1\.[01]\r?\n")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


class RawAddresses(H11Protocol):
    """uvicorn's protocol, with the non-ASCII bytes of each request line percent-encoded first."""

    def data_received(self, data: bytes) -> None:
        """Process received bytes; a new request begins once the one before has been answered."""
        if self.conn.their_state is h11.IDLE:
            line = _REQUEST_LINE.match(data)
            if line is not None:
                data = encoded(line[0]) + data[line.end() :]
        super().data_received(data)


def encoded(line: bytes) -> bytes:
    """The line with its non-ASCII bytes percent-encoded.

    >>> encoded("GET /cities?name=eq.Zürich HTTP/1.1".encode())
    b'GET /cities?name=eq.Z%C3%BCrich HTTP/1.1'
    """
    return _BEYOND_ASCII.sub(lambda byte: b"%%%02X" % byte[0][0], line)
