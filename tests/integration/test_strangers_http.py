"""The local web server, with requests as tools other than browsers send them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from local.server import Server
from tests.serving import serving


@pytest.fixture(scope="module")
def address(server: Server) -> Iterator[tuple[str, int]]:
    """Host and port of the API, serving one table."""
    with server.temporary_database() as database:
        server.execute(
            "CREATE TABLE city (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL)",
            "INSERT INTO city VALUES (1, 'Zürich'), (2, 'Århus'), (3, 'Rom')",
            "CREATE TABLE `größe` (id INT NOT NULL PRIMARY KEY)",
            database=database,
        )
        with serving(server.url(database)) as base:
            parts = urlsplit(base)
            yield parts.hostname or "", parts.port or 0


def answered(connection: socket.socket, target: str, body: bytes = b"") -> tuple[int, bytes]:
    """The response to a request whose request line is sent unchanged, over a keep-alive connection."""
    method = b"POST" if body else b"GET"
    head = b"%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n" % (method, target.encode(), len(body))
    connection.sendall(head + b"Content-Type: application/json\r\n\r\n" + body)
    response = HTTPResponse(connection)
    response.begin()
    return response.status, response.read()


def test_a_url_in_utf8_that_is_not_percent_encoded_is_accepted(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        for name, found in (("Zürich", [{"id": 1}]), ("Århus", [{"id": 2}]), ("Paris", [])):
            status, body = answered(connection, f"/rest/v1/city?select=id&name=eq.{name}")
            assert (status, json.loads(body)) == (200, found)
        assert answered(connection, "/rest/v1/größe") == (200, b"[]")


@pytest.mark.parametrize(
    "path",
    ["/rest/v1", "/rest/v1/city", "/rest/v1/city/1", "/tables", "/tables/city", "/openapi.json", "/health", "/ready"],
)
def test_a_slash_at_the_end_changes_nothing(address: tuple[str, int], path: str) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        whole = answered(connection, path)
        assert whole[0] == 200
        assert answered(connection, f"{path}/") == whole


@pytest.mark.parametrize("path", ["/swagger.json", "/openapi", "/doc", "/redoc"])
def test_an_address_like_the_documentations_is_answered_with_it(address: tuple[str, int], path: str) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        status, body = answered(connection, path)
        assert (status, "/docs" in json.loads(body)["hint"]) == (404, True)


def test_a_body_is_not_changed(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        body = json.dumps({"id": 4, "name": "GET /ü HTTP/1.1"}, ensure_ascii=False).encode()
        assert answered(connection, "/rest/v1/city?columns=id,name", body)[0] == 201
        assert answered(connection, "/rest/v1/city/4") == (200, body.replace(b": ", b":").replace(b", ", b","))


def test_invalid_http_is_refused_and_the_server_continues(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(b"NOTHING\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")
    further = HTTPConnection(*address, timeout=10)
    further.request("GET", "/health")
    assert further.getresponse().status == 200
    further.close()


def test_a_badly_chunked_body_is_refused_and_the_server_goes_on(address: tuple[str, int]) -> None:
    head = (
        b"POST /rest/v1/city HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    for body in (b"zz\r\n{}\r\n", b"-1\r\n", b"5\r\n{}\r\n0\r\n\r\n", b"ffffffffffffffffffff\r\n"):
        with socket.create_connection(address, timeout=10) as connection:
            connection.sendall(head + body)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(1000)
            assert not answer or answer.startswith(b"HTTP/1.1 400 "), (body, answer)
    with socket.create_connection(address, timeout=10) as connection:
        assert answered(connection, "/rest/v1/city?select=id&id=eq.1") == (200, b'[{"id":1}]')


@pytest.mark.parametrize("path", ["/%72est/v1/city", "/rest/%76%31/city", "/%72%65%73%74/v1/city"])
def test_letters_of_the_address_may_be_percent_encoded(address: tuple[str, int], path: str) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        assert answered(connection, f"{path}?select=id&id=eq.1") == (200, b'[{"id":1}]')


@pytest.mark.parametrize(
    "path", ["/health", "/tables", "/tables/city", "/openapi.json", "/docs", "/rest/v1/", "/ready"]
)
def test_a_refused_method_comes_with_the_allowed_ones(address: tuple[str, int], path: str) -> None:
    connection = HTTPConnection(*address, timeout=10)
    connection.request("DELETE", path)
    response = connection.getresponse()
    assert response.status == 405
    assert {"GET", "HEAD"} <= {method.strip() for method in (response.getheader("Allow") or "").split(",")}
    connection.close()
