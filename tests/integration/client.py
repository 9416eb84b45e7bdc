"""A client of the whole service over a real server. It checks every response and every statement: no response is an
internal error, and no statement pins the session of RDS Proxy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from api.database import Database
from api.request.batch import BATCH
from api.response.answer import Answer
from api.service import Service
from api.settings import Settings
from api.statement import MAX_STATEMENT_BYTES
from local.server import Server
from tests.standin.pinning import pinning_reason

PREFIX = "/rest/v1"
_OF_THE_CATALOG = re.compile(
    r"(?!INSERT).*(information_schema|SHOW GRANTS|VERSION\(\)|`aurorest_policies`|SHOW GLOBAL STATUS|SELECT UNIX_TIMESTAMP\(\),)",
    re.DOTALL,
)
_LITERAL = re.compile(r"'(?:[^']|'')*'")
"""Of a request's value, which may be any text: SHOW GRANTS, for instance."""
_NEXT = re.compile(r'<([^>]*)>; rel="next"')


@dataclass(frozen=True, slots=True)
class Response:
    """A response, with the statements that were sent for it (except those that read the catalog)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    statements: tuple[str, ...]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def next(self) -> str | None:
        """The URL of the next page, without the prefix."""
        found = _NEXT.search(self.headers.get("Link", ""))
        return None if found is None else found[1].removeprefix(PREFIX)


@dataclass
class Client:
    """Send requests to one database; `environment` has the function's variables, without the prefix `AUROREST_`."""

    server: Server
    database: str
    environment: Mapping[str, str] = field(default_factory=dict)
    may_pin: bool = False
    """Whether statements that pin are allowed: those of more than 16,000 bytes, and OUT parameters."""
    claims: Mapping[str, object] | None = None
    """The claims of the verified token that requests are sent with; None sends them without a token."""

    def __post_init__(self) -> None:
        environment = {f"AUROREST_{name}": text for name, text in self.environment.items()}
        settings = Settings.from_environment(
            {"AUROREST_PLAN": "true", **environment, "AUROREST_DATABASE_URL": self.server.url(self.database)}
        )
        self.statements: list[str] = []
        self._database = Database(settings, observe=self._observe)
        self.service = Service(settings, self._database)

    def close(self) -> None:
        self.service.accounts.close()

    def request(
        self, method: str, address: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Response:
        """`address` is what follows `/rest/v1`; it need not be percent-encoded."""
        self.statements.clear()
        path, _, query = quote(address, safe="%/?:@!$&'()*+,;=~\"<>{}[]|^`\\ ").replace(" ", "%20").partition("?")
        lowered = {name.lower(): text for name, text in (headers or {}).items()}
        return self._response(
            address, self.service.rest(method, path, query, lowered, body, PREFIX, identify=lambda: self.claims)
        )

    def batch(self, parts: object, prefer: str | None = None, **headers: str) -> Response:
        """Send a batch."""
        given = {"content-type": BATCH, **{name.replace("_", "-").lower(): text for name, text in headers.items()}}
        if prefer is not None:
            given["prefer"] = prefer
        self.statements.clear()
        body = parts if isinstance(parts, bytes) else json.dumps(parts).encode()
        return self._response("batch", self.service.batch("", given, body, PREFIX, identify=lambda: self.claims))

    def _response(self, what: str, answer: Answer) -> Response:
        assert answer.status != 500, (what, answer.body, self.statements)
        shown = tuple(text for text in self.statements if not _OF_THE_CATALOG.match(_LITERAL.sub("''", text)))
        return Response(answer.status, dict(answer.headers), answer.body, shown)

    def get(self, address: str, **headers: str) -> Response:
        """Headers by keyword: `Accept="text/csv"`, `Range_Unit="items"`."""
        return self.request("GET", address, {name.replace("_", "-"): text for name, text in headers.items()})

    def send(
        self, method: str, address: str, body: object = None, prefer: str | None = None, **headers: str
    ) -> Response:
        """Send a JSON body, with preferences."""
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        if prefer is not None:
            given["Prefer"] = prefer
        return self.request(method, address, given, b"" if body is None else json.dumps(body).encode())

    def rows(self, address: str, **headers: str) -> Any:
        """The JSON of a response that must be 200 or 206."""
        response = self.get(address, **headers)
        assert response.status in (200, 206), (address, response.status, response.body)
        return response.json

    def values(self, address: str, **headers: str) -> list[Any]:
        """The first member of each row."""
        return [next(iter(row.values())) for row in self.rows(address, **headers)]

    def error(self, address: str, **headers: str) -> tuple[int, str]:
        """Status and code of a response that must be an error."""
        response = self.get(address, **headers)
        assert response.status >= 300, (address, response.body)
        assert set(response.json) == {"code", "message", "details", "hint"}
        return response.status, response.json["code"]

    def pages(self, address: str, **headers: str) -> list[Any]:
        """All rows, from this page to the last one, following the links."""
        rows: list[Any] = []
        following: str | None = address
        while following is not None:
            response = self.get(following, **headers)
            assert response.status in (200, 206), (following, response.body)
            rows.extend(response.json)
            following = response.next
            headers.pop("Range", None)
        return rows

    def _observe(self, text: str, seconds: float) -> None:
        del seconds
        self.statements.append(text)
        if not self.may_pin and not re.match("SET time_zone", text):
            assert pinning_reason(text) is None, (pinning_reason(text), text[:500])
            assert len(text.encode()) <= MAX_STATEMENT_BYTES, len(text.encode())


@contextmanager
def client_of(
    server: Server,
    *statements: str,
    environment: Mapping[str, str] | None = None,
    claims: Mapping[str, object] | None = None,
) -> Iterator[Client]:
    """A client of a new database, in which these statements ran; it is dropped afterwards."""
    with server.temporary_database() as database:
        server.execute(*statements, database=database)
        with closing(Client(server, database, environment or {}, claims=claims)) as client:
            yield client
