"""Create the virtual environment `.venv` and install a requirements file into it: `python3 -m local.bootstrap FILE`.

It runs under the machine's own Python, so it uses only the standard library; on Debian even `venv` may be missing.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from pathlib import Path

from local.packages import Missing, install

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"


def main(requirements: str) -> str | None:
    """Return None, or a line that says what went wrong."""
    python = ENVIRONMENT / "bin" / "python"
    if not _works(python):
        if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
            try:
                install(_venv_package(), purpose="the virtual environment")
            except Missing as missing:
                return str(missing)
        print("==> creating the virtual environment .venv", flush=True)
        if subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=False).returncode != 0:
            return f"{sys.executable} -m venv failed; its output is above."
    print(f"==> installing {requirements}", flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
    if subprocess.run(pip, cwd=ROOT, check=False).returncode != 0:
        return f"pip could not install {requirements}; its output is above."
    return None


def _works(python: Path) -> bool:
    """A virtual environment breaks when the Python that created it is removed."""
    if not python.exists():
        return False
    return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _venv_package() -> str:
    """Debian packages venv separately, for its own python3 and for each other version."""
    system = Path("/usr/bin/python3").resolve()
    same = Path(sys.executable).resolve() == system
    return "python3-venv" if same else f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python3 -m local.bootstrap", description=__doc__)
    parser.add_argument("requirements", help="a requirements file")
    sys.exit(main(parser.parse_args().requirements))
