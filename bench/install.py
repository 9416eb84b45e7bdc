"""Install the C driver that the API is compared with; it is compiled, so it needs a compiler and headers first."""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from local.packages import Missing, install

REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"


def missing_packages() -> list[str]:
    """The Debian packages that compiling needs and this machine lacks."""
    needed = [name for name, program in (("gcc", "gcc"), ("pkg-config", "pkg-config")) if shutil.which(program) is None]
    if "pkg-config" in needed or subprocess.run(["pkg-config", "--exists", "libmariadb"], check=False).returncode:
        needed.append("libmariadb-dev")
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        needed.append("python3-dev")
    return needed


def main() -> str | None:
    """Return None, or a line that says what to install."""
    if importlib.util.find_spec("MySQLdb") is None:
        try:
            if needed := missing_packages():
                install(*needed, purpose="the C driver for the benchmarks")
        except Missing as missing:
            return str(missing)
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        str(REQUIREMENTS),
    ]
    if subprocess.run(command, check=False).returncode:
        return f"the C driver could not be installed: {' '.join(command)}"
    return None


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
