"""The machine's package manager: what is missing is installed where that is allowed, and else named in one line.

Uses nothing but the standard library, because it runs before the virtual environment exists.
"""

import os
import shutil
import subprocess


class Missing(Exception):
    """Something has to be installed that this user may not install; the text is the one line that says what."""


def installer() -> list[str] | None:
    """The command prefix that installs Debian packages without asking, or None where there is none."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive"]
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def install(*packages: str, purpose: str) -> None:
    """Install Debian packages.

    Raises:
        Missing: without root, sudo or apt-get, or when apt-get fails.
    """
    names = " ".join(packages)
    prefix = installer()
    if prefix is None:
        raise Missing(f"{purpose} needs {names}; install it first, as in: sudo apt-get install {names}")
    print(f"==> installing {names} ({purpose})", flush=True)
    command = [*prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    if _run(command) == 0:
        return
    # A machine fresh from its image has no package lists yet, or old ones.
    _run([*prefix, "apt-get", "update", "-q"])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise Missing(f"{purpose} needs {names}, and apt-get could not install it: {last}")


def _run(command: list[str]) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode
