"""Make the virtual environment `.venv` and install a requirements file into it: `python3 -m local.bootstrap FILE`.

Runs under the machine's own Python, so it uses nothing but the standard library; on Debian even `venv` may be missing.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"


def main(requirements: str) -> str | None:
    """Returns None, or the line that says what went wrong."""
    if sys.version_info < OLDEST:
        return (
            f"Aurorest needs Python {OLDEST[0]}.{OLDEST[1]} or newer; {sys.executable} is {sys.version.split()[0]}. "
            "Name another one, as in: make setup PYTHON=python3.13"
        )
    from local.packages import Missing, install  # its syntax is too new for the versions refused above

    python = ENVIRONMENT / "bin" / "python"
    if not _works(python):
        if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
            try:
                install(_venv_package(), purpose="the virtual environment")
            except Missing as missing:
                return str(missing)
        print("==> making the virtual environment .venv", flush=True)
        if subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=False).returncode != 0:
            return f"{sys.executable} -m venv failed; what it said stands above."
    print(f"==> installing {requirements}", flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
    if subprocess.run(pip, cwd=ROOT, check=False).returncode != 0:
        return f"pip could not install {requirements}; what it said stands above."
    return None


def _works(python: Path) -> bool:
    """A virtual environment stops working when the Python it was made from goes away."""
    if not python.exists():
        return False
    return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _venv_package() -> str:
    """Debian packs venv for its own python3 and beside each further version."""
    system = Path("/usr/bin/python3").resolve()
    same = Path(sys.executable).resolve() == system
    return "python3-venv" if same else f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
