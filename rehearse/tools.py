"""The Pulumi CLI: found, or built from its Go modules, and the folder of programs that it starts."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CLI_VERSION = "3.274.1"
"""The version to build: the first from the SDK's (requirements.txt) on that the Go module proxy serves."""
_MODULE = "github.com/pulumi/pulumi"
_CLIPBOARD = "github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e"
"""Pulumi's module replaces this one, and a replacement holds in the main module only: hence a wrapper module."""

_HOST = "pulumi-language-python"
_LAUNCHER = """#!/bin/sh
exec '{python}' -P -c 'import runpy, sys
sys.path.insert(0, "{root}")
runpy.run_module("{module}", run_name="__main__", alter_sys=True)' {arguments} "$@"
"""


class MissingTool(Exception):
    """The rehearsal cannot start. The message says what to install."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """`pulumi`: the CLI. `path`: folders for the front of PATH. `plugins`: what a PULUMI_HOME has under that name."""

    pulumi: Path
    path: tuple[Path, ...]
    plugins: Path


def toolbox(cache: Path, say: Callable[[str], None]) -> Toolbox:
    """Find the CLI on PATH or in `cache`, else build it there; write the launchers of the providers beside it.

    Raises: `MissingTool`.
    """
    found = shutil.which("pulumi")
    pulumi = Path(found) if found else cache / "go" / "pulumi"
    if not pulumi.exists():
        _build(pulumi, say)
    plugins, programs = cache / "plugins", cache / "bin"
    for folder in (plugins, programs):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for package in ("aws", "random"):
        installed = plugins / f"resource-{package}-v{version(f'pulumi-{package}')}"
        installed.mkdir()
        _launcher(installed / f"pulumi-resource-{package}", "rehearse.provider", package)
    if not (pulumi.resolve().parent / _HOST).exists() and not shutil.which(_HOST):
        _launcher(programs / _HOST, "rehearse.language")
    return Toolbox(pulumi, (programs, pulumi.parent), plugins)


def _launcher(path: Path, module: str, arguments: str = "") -> None:
    path.write_text(_LAUNCHER.format(root=ROOT, python=sys.executable, module=module, arguments=arguments))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _build(target: Path, say: Callable[[str], None]) -> None:
    if shutil.which("go") is None:
        raise MissingTool(
            "the rehearsal needs the Pulumi CLI or Go, and neither is on PATH; "
            "install Pulumi (https://www.pulumi.com/docs/install/) and run make rehearse again"
        )
    module = target.parent
    module.mkdir(parents=True, exist_ok=True)
    say(f"Building Pulumi {CLI_VERSION} from its Go modules (once; 10 to 20 minutes on two cores)")
    (module / "go.mod").write_text(f"module rehearse\n\ngo 1.26\n\nreplace {_CLIPBOARD}\n")
    stamp = f"-X {_MODULE}/sdk/v3/go/common/version.Version={CLI_VERSION}"
    _go(module, "get", f"{_MODULE}/pkg/v3/cmd/pulumi@v{CLI_VERSION}")
    _go(module, "build", "-ldflags", stamp, "-o", f"{target.name}.new", f"{_MODULE}/pkg/v3/cmd/pulumi")
    # What runs a Python program is a script of the same module.
    sources = _go(module, "list", "-m", "-f", "{{.Dir}}", f"{_MODULE}/sdk/v3").strip()
    script = module / "pulumi-language-python-exec"
    shutil.copyfile(Path(sources) / "python" / "cmd" / script.name, script)
    (module / f"{target.name}.new").replace(target)


def _go(folder: Path, *arguments: str) -> str:
    found = subprocess.run(
        ["nice", "go", *arguments],
        cwd=folder,
        env={**os.environ, "GOFLAGS": "-mod=mod"},
        text=True,
        capture_output=True,
        check=False,
    )
    if found.returncode:
        raise MissingTool(f"go {arguments[0]} failed:\n{found.stderr.strip()}")
    return found.stdout
