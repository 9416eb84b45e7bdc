"""Run the stand-in by itself: `python -m tests.standin --help`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from api.settings import address_from_url
from tests.standin.backend import Backend, Limits, Target
from tests.standin.proxy import Proxy, listen
from tests.standin.token import Verifier


def main() -> None:
    """Serve until Ctrl-C, then tell what pinned and who was refused."""
    parser = argparse.ArgumentParser("python -m tests.standin", description="A stand-in for RDS Proxy on 127.0.0.1.")
    parser.add_argument("database", help="the real server: mysql://user:password@host:port/database")
    parser.add_argument("--certificate", type=Path, required=True, help="PEM file, for the endpoint's name")
    parser.add_argument("--key", type=Path, required=True, help="PEM file")
    parser.add_argument("--endpoint", default="localhost", help="the name that tokens are signed for (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="where to listen (a free port)")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION", "us-east-1"), help="%(default)s")
    parser.add_argument("--user", action="append", required=True, help="who may log in; may be repeated")
    parser.add_argument("--connections", type=int, default=100, help="to the database, at most (%(default)s)")
    parser.add_argument("--borrow-seconds", type=float, default=5, help="how long a statement waits (%(default)s)")
    arguments = parser.parse_args()
    access_key, secret_key = (os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    if not access_key or not secret_key:
        parser.error("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: tokens are checked against them")
    address = address_from_url(arguments.database)
    listener = listen(arguments.port)
    endpoint = f"{arguments.endpoint}:{listener.getsockname()[1]}"
    verifier = Verifier(endpoint, arguments.region, access_key, secret_key, os.environ.get("AWS_SESSION_TOKEN"))
    target = Target(address.host, address.port, address.user, address.password or "", address.unix_socket)
    backend = Backend(target, Limits(connections=arguments.connections, borrow_seconds=arguments.borrow_seconds))
    proxy = Proxy(backend, verifier, frozenset(arguments.user), arguments.certificate, arguments.key, listener)
    sys.stdout.write(f"listening on {endpoint}\n")
    sys.stdout.flush()
    try:
        proxy.serve()
    except KeyboardInterrupt:
        proxy.stop()
    sys.stdout.writelines(f"pinned by {found.pins}: {found.text[:200]}\n" for found in proxy.pinning)
    sys.stdout.writelines(f"refused: {reason}\n" for reason in proxy.refusals)


if __name__ == "__main__":
    main()
