"""Start `local.web` as a separate process, wait until it answers, and shut it down cleanly."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

from local import examples

START_SECONDS = 60
STOP_SECONDS = 15


class WebServerError(Exception):
    """The web server does not answer; its output went to standard error."""


@contextlib.contextmanager
def running(
    listening: socket.socket, environment: Mapping[str, str], *, processes: int
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the web server for the duration of a `with` block.

    Args:
        listening: A listening socket. This process closes its copy, so that clients get a refused connection once the
            web server has ended.
        environment: The settings that `api.settings` reads.
        processes: How many requests can be answered at the same time.

    Raises:
        WebServerError: it ended at once, or does not answer.
    """
    host, port = listening.getsockname()[:2]
    web = subprocess.Popen(
        # The web server also ends if this process is killed.
        ["setpriv", "--pdeathsig=TERM", sys.executable, "-m", "local.web", str(listening.fileno()), str(processes)],
        env=dict(environment),
        pass_fds=(listening.fileno(),),
        start_new_session=True,  # Ctrl-C must not reach it directly: this process stops it in order
    )
    listening.close()
    try:
        _await_answer(web, reachable(host), port)
        yield web
    finally:
        web.terminate()
        try:
            web.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(web.pid, signal.SIGKILL)
            web.wait()


def reachable(host: str) -> str:
    """An address at which this machine reaches a server listening on `host`, which may mean every address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _await_answer(web: "subprocess.Popen[bytes]", host: str, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while web.poll() is None:
        with contextlib.suppress(OSError):
            examples.fetch(host, port, "/health", patience_seconds=2)
            return
        if time.monotonic() > deadline:
            raise WebServerError(f"the web server does not answer after {START_SECONDS} seconds")
        time.sleep(0.05)
    raise WebServerError(f"the web server did not start (status {web.returncode}); its output is above")
