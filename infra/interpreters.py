"""The Python interpreters of this machine: one of the runtime's version writes the bytecode that Lambda will read."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_VERSION = "import platform; print(platform.python_implementation(), platform.python_version())"
_STARTS_WITHIN_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython that runs: its program, and its version as in `3.13.1`."""

    program: str
    version: str

    def compile_folder(self, folder: Path, seen_as: str) -> None:
        """Replace every source below `folder` with its bytecode; tracebacks will name `seen_as` in its place.

        The bytecode has line numbers, but no columns, docstrings and asserts: without a source, a traceback cannot
        mark the columns, and they are a quarter of the compressed bytecode. It is marked as never to be checked against
        its source (PEP 552). One process and no random hashes: the same sources give the same bytes.
        """
        command = [self.program, "-I", "-X", "no_debug_ranges", "-m", "compileall", "-q", "-j", "1", "-b", "-o", "2"]
        command += ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", seen_as, str(folder)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "0"}, stdout=sys.stderr)
        for source in folder.rglob("*.py"):
            source.unlink()


def find_interpreter(version: str) -> Interpreter | None:
    """A final CPython `version` (as in `3.13`): the running one, on the PATH, of pyenv or of uv."""
    for program in _candidates(version):
        found = _exact_version(program)
        # the bytecode of a pre-release, as in 3.14.0b1, may be another one
        if found is not None and re.fullmatch(re.escape(version) + r"\.\d+", found):
            return Interpreter(program, found)
    return None


def _candidates(version: str) -> Iterator[str]:
    if sys.version.startswith(version + "."):
        yield sys.executable
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield on_path
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local" / "share" / "uv" / "python")
    for folder in (*sorted((pyenv / "versions").glob(f"{version}.*")), *sorted(uv.glob(f"cpython-{version}.*"))):
        yield str(folder / "bin" / f"python{version}")


def _exact_version(program: str) -> str | None:
    """None if it does not start (pyenv's shims exist also for versions that are not switched on), or is not
    CPython."""
    try:
        answer = subprocess.run(
            [program, "-I", "-c", _VERSION], capture_output=True, text=True, check=True, timeout=_STARTS_WITHIN_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return None
    implementation, _, version = answer.stdout.strip().partition(" ")
    return version if implementation == "CPython" else None
