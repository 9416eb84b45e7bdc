"""A stand-in for the endpoint that gives a function its credentials after SnapStart restored it.

https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

AUTHORIZATION = "endpoint password"
CREDENTIALS = {
    "AccessKeyId": "ASIACONTAINER",
    "SecretAccessKey": "container/secret",
    "Token": "container+token",
    "Expiration": "2099-01-01T00:00:00Z",
}


@contextlib.contextmanager
def container_credentials() -> Iterator[dict[str, str]]:
    """The endpoint on loopback, for the length of a `with` block: the environment variables that name it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers["Authorization"] == AUTHORIZATION
            body = json.dumps(CREDENTIALS if known else {"message": "forbidden"}).encode()
            self.send_response(200 if known else 403)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{server.server_address[1]}/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": AUTHORIZATION,
        }
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
