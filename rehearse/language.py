"""Runs Python programs for the engine, where Pulumi's own host (`pulumi-language-python`) is not installed.

The Go module proxy does not serve that host. It has little to do: name the packages that a program needs, start the
program's interpreter with Pulumi's own script, and report how it ended. The protocol is
`pulumi.runtime.proto.language_pb2`.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from rehearse.serving import serve

SCRIPT = "pulumi-language-python-exec"
_SHOWN_ALREADY = 32
"""The script's exit code after it has shown what went wrong."""


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """One engine's host. `engine`: where the engine listens."""

    def __init__(self, engine: str) -> None:
        self.engine = engine

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802 (the protocol's names)
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version="")

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: N802
        packages = []
        site = Path(_site_packages(interpreter(request.info)))
        for path in sorted(site.glob("*/pulumi-plugin.json")):
            described = json.loads(path.read_text())
            if described.get("resource"):
                packages.append(
                    plugin_pb2.PackageDependency(kind="resource", name=described["name"], version=described["version"])
                )
        return language_pb2.GetRequiredPackagesResponse(packages=packages)

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.GetProgramDependenciesResponse()

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.RuntimeOptionsResponse()

    def About(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.AboutResponse(executable=sys.executable, version=sys.version.split()[0])

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        return Empty()

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        python = interpreter(request.info)
        folder = request.info.program_directory
        commands = [[python, "-m", "pip", "install", "--quiet", "-r", "requirements.txt"]]
        if not Path(python).exists():
            commands.insert(0, [sys.executable, "-m", "venv", str(Path(python).parent.parent)])
        for command in commands:
            done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
            yield language_pb2.InstallDependenciesResponse(stdout=done.stdout, stderr=done.stderr)
            if done.returncode:
                context.abort(grpc.StatusCode.INTERNAL, f"{' '.join(command)} ended with {done.returncode}")

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802
        command = [
            interpreter(request.info),
            "-u",
            _script(),
            f"--monitor={request.monitor_address}",
            f"--engine={self.engine}",
            f"--project={request.project}",
            f"--root_directory={request.info.root_directory}",
            f"--stack={request.stack}",
            f"--organization={request.organization}",
            f"--pwd={request.pwd}",
            f"--dry_run={'true' if request.dryRun else 'false'}",
            f"--parallel={request.parallel}",
            str(Path(request.info.program_directory) / request.info.entry_point),
            *request.args,
        ]
        environment = {
            **os.environ,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        code = subprocess.run(command, env=environment, cwd=request.pwd, check=False).returncode
        if code == _SHOWN_ALREADY:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {code}" if code else "")

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        given = dict(entry.split("=", 1) for entry in request.env)
        command = [interpreter(request.info), "-u", request.info.program_directory, *request.args]
        process = subprocess.Popen(
            command, cwd=request.pwd, env=given or None, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        context.add_callback(process.terminate)
        lines: queue.Queue[tuple[str, bytes] | None] = queue.Queue()
        for name, stream in (("stdout", process.stdout), ("stderr", process.stderr)):
            threading.Thread(target=_forward, args=(name, stream, lines), daemon=True).start()
        open_streams = 2
        while open_streams:
            item = lines.get()
            if item is None:
                open_streams -= 1
            else:
                name, line = item
                if name == "stdout":
                    yield language_pb2.RunPluginResponse(stdout=line)
                else:
                    yield language_pb2.RunPluginResponse(stderr=line)
        yield language_pb2.RunPluginResponse(exitcode=process.wait())


def _forward(name: str, stream: IO[bytes] | None, lines: queue.Queue[tuple[str, bytes] | None]) -> None:
    for line in stream or ():
        lines.put((name, line))
    lines.put(None)


def interpreter(info: Any) -> str:
    """The Python of a program: the one of the virtual environment that its project names, else the one that runs this.

    `info`: a `ProgramInfo` of the protocol.
    """
    options: Mapping[str, Any] = dict(info.options)
    named = options.get("virtualenv")
    if not named:
        return sys.executable
    return str(Path(info.root_directory) / str(named) / "bin" / "python")


def _site_packages(python: str) -> str:
    told = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()


def _script() -> str:
    folders = os.environ["PATH"].split(os.pathsep)
    return next(str(path) for path in (Path(folder) / SCRIPT for folder in folders) if path.exists())


def main() -> None:
    """Serve the engine whose address is the last argument."""
    host = LanguageHost(sys.argv[-1])
    serve(lambda server: language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server))


if __name__ == "__main__":
    main()
