"""Find a MySQL or MariaDB server program, on the machine or in the cache folder, or fetch one into the cache.

The system is never changed: a server that is not installed is unpacked into `.cache/servers`, with its own C library,
and started through that library's loader.
"""

import fcntl
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from local.packages import Missing, unpack

Kind = Literal["mysql", "mariadb"]

NAMES: dict[Kind, str] = {"mysql": "MySQL", "mariadb": "MariaDB"}
CACHE = Path(__file__).resolve().parent.parent / ".cache"
# Servers are installed in /usr/sbin, which is not on an ordinary user's PATH.
FOLDERS = ("/usr/sbin", "/usr/bin", "/usr/libexec", "/usr/local/sbin", "/usr/local/bin", "/usr/local/mysql/bin")
PROGRAMS: dict[Kind, tuple[str, ...]] = {"mysql": ("mysqld",), "mariadb": ("mariadbd", "mysqld")}
# Package and suite (None: the machine's own); the first one available is used.
PACKAGES: dict[Kind, tuple[tuple[str, str | None], ...]] = {
    "mysql": (("mysql-server-core-8.4", None), ("mysql-server-core-8.0", None), ("mysql-server-core", "unstable")),
    "mariadb": (("mariadb-server-core", None),),
}


@dataclass(frozen=True, slots=True)
class Installation:
    """A server program that can be started."""

    kind: Kind
    command: tuple[str, ...]  # the program, preceded by a loader if it is not the system's
    base: Path  # the folder with share/ and lib/
    version: str  # as in "10.11.14"


def find(kind: Kind) -> Installation | None:
    """The server of this kind that is installed on the machine, or else one fetched earlier."""
    for folder in FOLDERS:
        for name in PROGRAMS[kind]:
            program = Path(folder) / name
            if program.exists():
                found = _ask(kind, (str(program),), program.resolve().parent.parent)
                if found is not None:
                    return found
    return _unpacked(kind)


def obtain(kind: Kind, *, own: bool = False) -> Installation:
    """The server of this kind, fetched into the cache if there is none.

    Args:
        own: Ignore the machine's program, because it does not run here (a security profile may confine it to the
            system's data folder).

    Raises:
        Missing: there is none, and it could not be fetched.
    """
    with locked(CACHE / "servers.lock"):
        found = _unpacked(kind) if own else find(kind)
        if found is not None:
            return found
        refusals = []
        for package, suite in PACKAGES[kind]:
            print(f"==> fetching {package}{f' from {suite}' if suite else ''} into .cache (the system is not changed)")
            try:
                unpack(package, CACHE / "servers" / kind, purpose=f"the {NAMES[kind]} server", suite=suite)
            except Missing as missing:
                refusals.append(missing)
                continue
            found = _unpacked(kind)
            if found is not None:
                return found
            refusals.append(Missing(f"{package} was unpacked, but its server does not start on this machine"))
        raise refusals[-1]


def _unpacked(kind: Kind) -> Installation | None:
    root = CACHE / "servers" / kind
    loaders = [path for path in sorted(root.glob("**/ld-linux*.so*")) if not path.is_symlink()]
    programs = [root / "usr" / "sbin" / name for name in PROGRAMS[kind]]
    program = next((path for path in programs if path.exists()), None)
    if program is None or not loaders:
        return None
    folders = sorted(
        {str(path.parent) for part in ("lib", "usr/lib") for path in root.glob(f"{part}/*-linux-gnu/*.so.*")}
    )
    command = (str(loaders[0]), "--library-path", ":".join(folders), str(program))
    return _ask(kind, command, root / "usr")


def _ask(kind: Kind, command: tuple[str, ...], base: Path) -> Installation | None:
    """Run `--version`: the only sure way to tell MySQL from MariaDB, whose program may also be called mysqld."""
    try:
        done = subprocess.run([*command, "--no-defaults", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    version = re.search(r"Ver (\d+\.\d+\.\d+)", done.stdout)
    is_kind = ("MariaDB" in done.stdout) == (kind == "mariadb")
    if done.returncode != 0 or version is None or not is_kind:
        return None
    return Installation(kind=kind, command=command, base=base, version=version[1])


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock across processes, so that two test workers do not fetch the same package."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
