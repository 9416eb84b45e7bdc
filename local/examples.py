"""The example calls that `make serve` prints, each with the running API's real response."""

import http.client
import json
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

from local.tokens import signed

LONGEST_ANSWER = 400
PATIENCE_SECONDS = 30
USER_AGENT = "make-serve"


@dataclass(frozen=True, slots=True)
class Example:
    """A GET request: path and query, not yet percent-encoded."""

    path: str
    query: str = ""
    subject: str | None = None
    """The call has a token of this user."""

    @property
    def target(self) -> str:
        """Path and query as in the request line; only what curl would not send unchanged is percent-encoded."""
        path = urllib.parse.quote(self.path, safe="/")
        return f"{path}?{urllib.parse.quote(self.query, safe='=&,.:()!*')}" if self.query else path


WORLD = (
    Example("/rest/v1/cities", "select=name,population,country:countries(name,flag)&order=population.desc&limit=3"),
    Example(
        "/rest/v1/countries",
        "select=name,languages(name),airports(count())&code=in.(BE,SG)&order=name",
    ),
    Example(
        "/rest/v1/rpc/cities_near", "at_latitude=48.2&at_longitude=16.37&radius_km=60&order=population.desc&limit=3"
    ),
    Example("/rest/v1/notes", "select=user_id,body&order=id"),
    Example("/rest/v1/notes", "select=user_id,body&order=id", subject="ann"),
)


def of_any_database(host: str, port: int) -> tuple[Example, ...]:
    """Calls that work on any database: list its tables, and show a row of the first ones."""
    status, body = fetch(host, port, "/tables")
    names = [str(table["name"]) for table in json.loads(body)] if status == http.HTTPStatus.OK else []
    rows = [Example(f"/rest/v1/{name}", "limit=1") for name in names[:2]]
    return tuple(rows) + (Example("/tables"), Example("/rest/v1/"), Example("/ready"))[: 3 - len(rows)]


def answered(
    examples: tuple[Example, ...], host: str, port: int, base: str, secret: str | None = None
) -> Iterator[str]:
    """The lines to print: each call as a curl command, and below it the response, shortened if it is long.

    `secret` signs tokens; without it, the calls that require one are left out.
    """
    for example in examples:
        if example.subject is None:
            token = None
            yield f"  curl '{base}{example.target}'"
        elif secret is None:
            continue
        else:
            token = signed({"sub": example.subject}, secret)
            command = f"make -s token SUB={example.subject}"
            yield f"""  curl -H "Authorization: Bearer $({command})" '{base}{example.target}'"""
        try:
            status, body = fetch(host, port, example.target, token=token)
        except OSError as error:
            yield f"    no response: {error}"
            continue
        shown = body if len(body) <= LONGEST_ANSWER else f"{body[:LONGEST_ANSWER]} ... ({len(body):,} characters)"
        yield f"    {shown}" if status < http.HTTPStatus.BAD_REQUEST else f"    {status} {shown}"


def fetch(
    host: str, port: int, target: str, patience_seconds: float = PATIENCE_SECONDS, token: str | None = None
) -> tuple[int, str]:
    """Send a GET and return its status and body.

    Raises:
        OSError: there is no response in time.
    """
    connection = http.client.HTTPConnection(host, port, timeout=patience_seconds)
    try:
        authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
        connection.request("GET", target, headers={"User-Agent": USER_AGENT, **authorization})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
