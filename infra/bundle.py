"""Builds the archive that the Lambda functions run: this project's packages and their pinned dependencies.

The archive is reproducible: the same files, options and interpreter give the same bytes, so an unchanged project
changes nothing in a stack. It contains bytecode instead of sources, because Lambda's code folder is read-only: without
bytecode every cold start compiles everything again, which doubles the time of the imports.

    python -m infra.bundle --help

Nothing here knows Pulumi.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from infra import archive, dependencies, interpreters
from infra.interpreters import Interpreter, find_interpreter

ARCHITECTURES = ("arm64", "x86_64")
PYTHON_VERSIONS = ("3.11", "3.12", "3.13", "3.14")
PACKAGES = ("api", "migrator", "migrations")
REQUIREMENTS = "api/requirements.txt"
CODE_FOLDER = "/var/task"
"""Where Lambda unpacks the archive; tracebacks name it."""


class BundleError(Exception):
    """The archive cannot be built; the message says what to do."""


@dataclass(frozen=True, slots=True)
class BundleOptions:
    """What to build. `source` is the repository, `packages` are folders of it, `output_dir` gets the archive."""

    source: Path
    output_dir: Path
    python_version: str = "3.13"
    architecture: str = "arm64"
    packages: tuple[str, ...] = PACKAGES

    def __post_init__(self) -> None:
        if self.architecture not in ARCHITECTURES:
            raise BundleError(f"architecture is {self.architecture!r}; allowed: {', '.join(ARCHITECTURES)}")
        if self.python_version not in PYTHON_VERSIONS:
            raise BundleError(f"python_version is {self.python_version!r}; allowed: {', '.join(PYTHON_VERSIONS)}")
        missing = [name for name in (*self.packages, REQUIREMENTS) if not (self.source / name).exists()]
        if missing:
            raise BundleError(f"{self.source} has no {', '.join(missing)}")


def build_bundle(options: BundleOptions, say: Callable[[str], None] | None = None) -> Path:
    """Build the archive, or find the one that was built from the same inputs.

    `say` gets a line for each step that takes a while.

    Raises:
        BundleError: what is wrong, and what to do about it.
    """
    say = say or (lambda _: None)
    interpreter = find_interpreter(options.python_version)
    if interpreter is None:
        say(
            f"There is no Python {options.python_version} on this machine, so the archive gets no bytecode: "
            "a cold start takes about twice as long (0.6 instead of 0.3 s of CPU). Install it to avoid that."
        )
    target = options.output_dir / f"aurorest-{options.architecture}-{_fingerprint(options, interpreter)}.zip"
    if target.exists():
        say(f"Unchanged: {target}")
        return target
    options.output_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.output_dir, prefix="bundle-") as name:
        folder = Path(name) / "task"
        _install(options, folder, say)
        for path, relative in _source_files(options):
            (folder / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / relative)
        if interpreter is not None:
            say(f"Compiling for Python {interpreter.version}")
            interpreter.compile_folder(folder, CODE_FOLDER)
        say("Packing")
        packed = Path(name) / "bundle.zip"
        archive.write(folder, packed)
        packed.replace(target)
    say(f"Built {target} ({target.stat().st_size / 1e6:.1f} MB)")
    return target


def _install(options: BundleOptions, folder: Path, say: Callable[[str], None]) -> None:
    try:
        dependencies.install(
            options.source / REQUIREMENTS,
            folder,
            python_version=options.python_version,
            architecture=options.architecture,
            cache=options.output_dir / "dependencies",
            say=say,
        )
    except dependencies.InstallError as error:
        raise BundleError(str(error)) from error


def _source_files(options: BundleOptions) -> Iterator[tuple[Path, Path]]:
    """Each file of the project's packages and its place in the archive, in a fixed order."""
    for package in sorted(options.packages):
        for path in sorted((options.source / package).rglob("*")):
            relative = path.relative_to(options.source)
            hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
            if path.is_file() and not hidden and relative.as_posix() != REQUIREMENTS:
                yield path, relative


def _fingerprint(options: BundleOptions, interpreter: Interpreter | None) -> str:
    """Of everything that goes into the archive's bytes."""
    digest = sha256()
    for part in (options.python_version, options.architecture, interpreter.version if interpreter else "none"):
        digest.update(part.encode() + b"\0")
    own = [Path(str(module.__file__)) for module in (sys.modules[__name__], archive, dependencies, interpreters)]
    for path in (*own, options.source / REQUIREMENTS):
        digest.update(sha256(path.read_bytes()).digest())
    for path, relative in _source_files(options):
        digest.update(relative.as_posix().encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def main() -> None:
    """The command line: the archive's path is the last line of standard output, everything else goes to standard
    error."""
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    default_version = running if running in PYTHON_VERSIONS else PYTHON_VERSIONS[-1]
    parser = argparse.ArgumentParser("python -m infra.bundle", description="Build the archive that Lambda runs.")
    parser.add_argument("--python", default=default_version, metavar="X.Y", help="the runtime (%(default)s)")
    parser.add_argument("--architecture", default="arm64", help=f"{' or '.join(ARCHITECTURES)} (%(default)s)")
    parser.add_argument("--output", type=Path, default=Path("build"), help="the folder for it (%(default)s)")
    arguments = parser.parse_args()
    source = Path(__file__).resolve().parent.parent
    try:
        options = BundleOptions(source, arguments.output, arguments.python, arguments.architecture)
        path = build_bundle(options, lambda line: print(line, file=sys.stderr, flush=True))
    except BundleError as error:
        sys.exit(f"error: {error}")
    print(path)


if __name__ == "__main__":
    main()
