"""Accept URLs in UTF-8 that the client did not percent-encode, as API Gateway does.

curl sends `?name=eq.Zürich` as typed; httptools rejects such a request before the application sees it.
"""

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_REQUEST_LINE = re.compile(rb"[A-Z]+ [!-~\x80-\xff]+ HTTP/1\.[01]\r?\n")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


class RawAddresses(HttpToolsProtocol):
    """uvicorn's protocol, with the non-ASCII bytes of each request line percent-encoded first."""

    _within_message = False

    def data_received(self, data: bytes) -> None:
        """Process received bytes; a new request begins once the one before has ended."""
        if not self._within_message:
            line = _REQUEST_LINE.match(data)
            if line is not None:
                data = encoded(line[0]) + data[line.end() :]
        super().data_received(data)

    def on_message_begin(self) -> None:
        """The parser has read the first byte of a request."""
        self._within_message = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The parser has read the last byte of a request."""
        self._within_message = False
        super().on_message_complete()


def encoded(line: bytes) -> bytes:
    """The line with its non-ASCII bytes percent-encoded.

    >>> encoded("GET /cities?name=eq.Zürich HTTP/1.1".encode())
    b'GET /cities?name=eq.Z%C3%BCrich HTTP/1.1'
    """
    return _BEYOND_ASCII.sub(lambda byte: b"%%%02X" % byte[0][0], line)
