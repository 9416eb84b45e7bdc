"""Lambda's runtime API on loopback, and a function that uses it: the bundle, run by AWS's own runtime client.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.secrecy import secrets_in

RUNTIME_CLIENT = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py")
"""Modules of the runtime, which Lambda keeps separate from the function's code."""

PREFIX = "/2018-06-01/runtime"
ANSWERS_WITHIN_SECONDS = 60
NAME = "aurorest"


class FunctionError(Exception):
    """The function failed; the message is what it reported to the runtime API."""


@dataclass(slots=True)
class RuntimeApi:
    """Pass events to a function and receive its responses, one at a time."""

    server: ThreadingHTTPServer
    events: queue.Queue[tuple[str, bytes]] = field(default_factory=queue.Queue)
    answers: queue.Queue[tuple[str, bytes]] = field(default_factory=queue.Queue)

    @property
    def address(self) -> str:
        """As in the environment variable AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self.server.server_address[1]}"


@dataclass(slots=True)
class Function:
    """A running function: one execution environment."""

    api: RuntimeApi
    process: subprocess.Popen[bytes]
    log_path: Path

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Its response to an event.

        Raises:
            FunctionError: the handler raised, the module could not be imported, or no answer came.
        """
        request_id = str(uuid.uuid4())
        self.api.events.put((request_id, json.dumps(event).encode()))
        deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                path, body = self.api.answers.get(timeout=0.2)
                if path == f"{PREFIX}/invocation/{request_id}/response":
                    answer = json.loads(body)
                    assert isinstance(answer, dict)
                    return answer
                raise FunctionError(f"{path}: {body.decode()}")
            if self.process.poll() is not None:
                raise FunctionError(f"the function ended with {self.process.returncode}: {self.log_path.read_text()}")
        raise FunctionError(f"no answer within {ANSWERS_WITHIN_SECONDS} s: {self.log_path.read_text()}")

    @property
    def log(self) -> list[dict[str, Any]]:
        """The log records it wrote, each of which is JSON."""
        return [json.loads(line) for line in self.log_path.read_text().splitlines() if line]


def unpack(bundle: Path, folder: Path) -> Path:
    """Unpack the archive as Lambda does: into an empty folder."""
    folder.mkdir()
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder


def code_only(task: Path) -> list[str]:
    """The command for an interpreter that finds only the standard library and the unpacked bundle; append the code."""
    return [sys.executable, "-S", "-E", "-c", f"import sys; sys.path[:0] = [{str(task)!r}]"]


@contextlib.contextmanager
def running(task: Path, handler: str, environment: Mapping[str, str], scratch: Path) -> Iterator[Function]:
    """Run a function for the duration of a `with` block, with exactly the environment that Lambda would give it."""
    runtime = scratch / "runtime"
    runtime.mkdir()
    for module in RUNTIME_CLIENT:
        spec = importlib.util.find_spec(module)
        assert spec is not None
        assert spec.origin is not None
        place = Path(spec.origin)
        place = place.parent if place.name == "__init__.py" else place
        (runtime / place.name).symlink_to(place)
    log_path = scratch / "function.log"
    with _runtime_api() as api, log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-S", "-m", "awslambdaric", handler],
            cwd=task,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{task}{os.pathsep}{runtime}",
                "AWS_LAMBDA_RUNTIME_API": api.address,
                "AWS_LAMBDA_FUNCTION_NAME": NAME,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_LOG_FORMAT": "JSON",
                "LAMBDA_TASK_ROOT": str(task),
                **environment,
            },
            stdout=log,
            stderr=log,
        )
        try:
            yield Function(api, process, log_path)
        finally:
            process.kill()
            process.wait()
    secrets = [environment[name] for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN") if name in environment]
    exposed = secrets_in(log_path.read_text().splitlines(), *secrets)
    assert not exposed, exposed


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Log nothing: a killed function drops its connection while it waits for its next event."""


@contextlib.contextmanager
def _runtime_api() -> Iterator[RuntimeApi]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            while True:
                try:
                    request_id, event = api.events.get(timeout=0.1)
                    break
                except queue.Empty:
                    if stopped.is_set():
                        self.close_connection = True
                        return
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", request_id)
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 15_000))
            self.send_header(
                "Lambda-Runtime-Invoked-Function-Arn", f"arn:aws:lambda:eu-central-1:123456789012:function:{NAME}"
            )
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(event)))
            self.end_headers()
            self.wfile.write(event)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            api.answers.put((self.path, body))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            """Say nothing."""

    stopped = threading.Event()
    server = _Server(("127.0.0.1", 0), Handler)
    api = RuntimeApi(server)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield api
    finally:
        stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()
