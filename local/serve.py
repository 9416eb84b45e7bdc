"""`make serve`: the API on this machine, over an embedded sample database or the one named by `DATABASE_URL`.

Every error is one line on standard error and exit status 1. SIGINT, SIGTERM and SIGHUP stop the web server first, then
the database server.
"""

import argparse
import contextlib
import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from types import FrameType

from pymysql.err import MySQLError

from api.database import Database
from api.database.connection import connect
from api.service import Service
from api.settings import Settings, SettingsError
from local import embedded, examples, web_process
from local.embedded import InUse
from local.packages import Missing
from local.system_tables import ServerError
from local.tokens import SECRET_VARIABLE, TokenError, given_secret, kept_secret
from local.web_process import WebServerError
from migrator.errors import MigratorError

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MOST_PROCESSES = 4
_NOWHERE = "mysql://root@localhost/none"
"""Before the embedded server runs: its account is known, its address is not."""


ListeningAddress = tuple[socket.AddressFamily, str, int]


class Refused(Exception):
    """The options are invalid; the message is one line to print."""


class Ended(BaseException):
    """A signal requested the end."""


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 0 after a signal, 1 after an error."""
    options = _parser().parse_args(arguments)
    for number in ENDING:
        signal.signal(number, _end)
    try:
        _serve(options)
    except Ended:
        _say("stopped")
    except (Refused, InUse, Missing, ServerError, MigratorError, SettingsError, TokenError, WebServerError) as error:
        print(f"make serve: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make serve", description="Serve the API on this machine.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--port", default="8000", help="the port to listen on (default: %(default)s)")
    parser.add_argument("--allow-remote", action="store_true", help="allow an address that other machines can reach")
    parser.add_argument(
        "--no-sample", action="store_true", help="no sample data: the embedded database has only your migrations"
    )
    parser.add_argument("--requests", action="store_true", help="print a line for each request")
    return parser


def _serve(options: argparse.Namespace) -> None:
    address = listening_address(options.host, options.port, allow_remote=options.allow_remote)
    database_url = os.environ.get("DATABASE_URL", "")
    environment = {
        **os.environ,
        "AUROREST_LOCAL_HOST": options.host,
        "AUROREST_LOCAL_REMOTE": "yes" if options.allow_remote else "no",
        "AUROREST_LOCAL_REQUESTS": "yes" if options.requests else "no",
    }
    secret = given_secret(environment)
    with _listening(address) as listening, contextlib.ExitStack() as stack:
        if database_url:
            check_database(database_url)
            sample = False
        else:
            sample = not options.no_sample
            if sample and not environment.get("AUROREST_ROLES"):
                environment |= {
                    "AUROREST_ROLES": ",".join(embedded.SAMPLE_ROLES),
                    "AUROREST_ANONYMOUS_ROLE": embedded.ANONYMOUS_ROLE,
                    "AUROREST_DEFAULT_ROLE": embedded.DEFAULT_ROLE,
                }
            roles = Settings.from_environment({**environment, "AUROREST_DATABASE_URL": _NOWHERE}).roles
            database_url = stack.enter_context(embedded.running(_say, sample=sample, roles=roles)).url
            if roles:
                secret = secret or kept_secret(embedded.FOLDER)
        environment |= {
            "AUROREST_DATABASE_URL": database_url,
            "AUROREST_BROWSE": "true",
            "AUROREST_PLAN": "true",
            SECRET_VARIABLE: secret or "",
        }
        settings = Settings.from_environment(environment)
        Service(settings, Database(settings))  # which checks what the settings mean to it, and connects later
        processes = min(MOST_PROCESSES, max(2, os.cpu_count() or 1))
        web = stack.enter_context(web_process.running(listening, environment, processes=processes))
        _announce(address, options.host, settings, secret, sample=sample)
        raise WebServerError(f"the web server stopped with status {web.wait()}; its output is above")


def listening_address(host: str, port: str, *, allow_remote: bool) -> ListeningAddress:
    """Check HOST and PORT.

    Raises:
        Refused: an invalid port, an invalid address, or one that other machines can reach without `allow_remote`.
    """
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise Refused(f"PORT is {port!r}; allowed: a number from 1 to 65535")
    try:
        family, _, _, _, found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise Refused(f"HOST is {host!r}, which is not a valid address: {error}") from None
    number = str(found[0])
    if not ipaddress.ip_address(number.partition("%")[0]).is_loopback and not allow_remote:
        raise Refused(
            f"HOST={host} lets other machines in, and authentication is off here; to allow that, add ALLOW_REMOTE=1"
        )
    return family, number, int(port)


def check_database(url: str) -> None:
    """Connect once to the database that DATABASE_URL names. Only requests change anything in it.

    Raises:
        Refused: it cannot be reached, or rejects the login.
    """
    try:
        settings = Settings.from_environment({**os.environ, "AUROREST_DATABASE_URL": url})
    except SettingsError as error:
        raise Refused(f"DATABASE_URL: {error}") from None
    user = settings.writer.user
    try:
        for user in (settings.writer.user, *settings.roles):
            account = replace(settings.writer, user=user, is_role=user in settings.roles)
            connect(account, replace(settings, connect_timeout_seconds=5)).close()
    except (MySQLError, OSError, RuntimeError) as error:
        said = ": ".join(str(part) for part in error.args)
        if user in settings.roles:
            raise Refused(
                f"the role {user} cannot sign in to the database: {said}. It needs an account with the same password; "
                f"create it: .venv/bin/python -m migrator --database-url URL --roles {','.join(settings.roles)}"
            ) from None
        raise Refused(f"DATABASE_URL: cannot connect to the database: {said}") from None


@contextlib.contextmanager
def _listening(address: ListeningAddress) -> Iterator[socket.socket]:
    """The bound socket, opened first so that a port in use is an error at once, not after the database has started."""
    family, host, port = address
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(2048)
        except OSError as error:
            raise Refused(
                f"PORT={port} on {host} cannot be used ({error.strerror}); "
                f"choose another one: make serve PORT={port + 1}"
            ) from None
        yield listening


def _announce(address: ListeningAddress, host: str, settings: Settings, secret: str | None, *, sample: bool) -> None:
    _, number, port = address
    near = web_process.reachable(number)
    base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    calls = examples.WORLD if sample else examples.of_any_database(near, port)
    _say(f"API    {base}/rest/v1/")
    _say(f"Docs   {base}/docs")
    _say(f"Browse {base}/browse")
    _say(_who_may_call(settings))
    for line in examples.answered(calls, near, port, base, secret):
        print(line, flush=True)
    _say("Ctrl-C stops it.")


def _who_may_call(settings: Settings) -> str:
    """The line before the examples."""
    if not settings.roles:
        return "Authentication is OFF here: for development on this machine. Try:"
    others = [role for role in settings.roles if role != settings.anonymous_role]
    token = f"make token ROLE={others[0]} SUB=42" if others else "make token"
    if settings.anonymous_role is None:
        return f"Every call needs a token: {token}"
    return f"Calls without a token act as {settings.anonymous_role}, others as the role of their token ({token}). Try:"


def _say(line: str) -> None:
    print(f"==> {line}", flush=True)


def _end(_number: int, _frame: FrameType | None) -> None:
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the shutdown
    raise Ended


if __name__ == "__main__":
    sys.exit(main())
