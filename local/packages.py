"""The machine's package manager: install what is missing if that is allowed, or else name it in one line.

It uses only the standard library, because it runs before the virtual environment exists.
"""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

KEYRINGS = Path("/usr/share/keyrings")


class Missing(Exception):
    """Something must be installed that this user may not install; the message is one line that says what."""


def installer() -> list[str] | None:
    """The command prefix that installs Debian packages without a prompt, or None if there is none."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive"]
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def install(*packages: str, purpose: str) -> None:
    """Install Debian packages.

    Raises:
        Missing: there is no apt-get, no root or sudo right, or apt-get failed.
    """
    names = " ".join(packages)
    prefix = installer()
    if prefix is None:
        raise Missing(f"{purpose} needs {names}; install it first: sudo apt-get install {names}")
    print(f"==> installing {names} ({purpose})", flush=True)
    command = [*prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    if _run(command) == 0:
        return
    # A new machine has no package lists yet, or old ones.
    _run([*prefix, "apt-get", "update", "-q"])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise Missing(f"{purpose} needs {names}, and apt-get could not install it: {last}")


def unpack(package: str, folder: Path, *, purpose: str, suite: str | None = None) -> None:
    """Unpack a Debian package and all it depends on, the C library included, into a folder; never change the system.

    This does not need root: package lists, state and downloads are private to this call, which only reads the
    machine's sources and keys. With a `suite`, the package comes from that suite of the machine's Debian mirror.
    The folder appears complete or not at all.

    Raises:
        Missing: apt-get or dpkg is missing, or the package is not available.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Missing(f"{purpose} needs {package}, and this machine has no apt-get to fetch it with; install it first")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as work_name:
        work = Path(work_name)
        options = _private_apt(work)
        if suite is not None:
            sources = work / "sources.list"
            sources.write_text(_debian_source(suite, options, purpose=f"{purpose} ({package})"))
            options += ["-o", f"Dir::Etc::sourcelist={sources}", "-o", "Dir::Etc::sourceparts=-"]
        # One of several sources may be down; the next commands show whether the package is available.
        subprocess.run(["apt-get", *options, "-q", "update"], capture_output=True, check=False)
        command = ["apt-get", *options, "-q", "-y", "--download-only", "install", package]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        archives = sorted((work / "cache" / "archives").glob("*.deb"))
        if done.returncode != 0 or not archives:
            last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
            raise Missing(f"{purpose} needs {package}, and apt-get could not fetch it: {last}")
        root = work / "root"
        root.mkdir()
        for archive in archives:
            subprocess.run(["dpkg", "-x", str(archive), str(root)], check=True)
        shutil.rmtree(folder, ignore_errors=True)
        root.rename(folder)


def _private_apt(work: Path) -> list[str]:
    """Options that make apt-get read the machine's sources and keys, and write only to `work`."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()  # empty: nothing counts as installed, so that all dependencies are fetched
    settings = {
        "Dir::State": work / "state",
        "Dir::State::lists": work / "state" / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "Debug::NoLocking": "true",
        "APT::Sandbox::User": "",  # apt's unprivileged download user cannot read a private folder
        "APT::Install-Recommends": "false",
        "APT::Update::Post-Invoke-Success": "",
        "Acquire::Languages": "none",
    }
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def _debian_source(suite: str, options: list[str], *, purpose: str) -> str:
    """A sources.list of one suite, on the mirror that this machine already uses, with the keys it already has."""
    # apt-get knows the mirrors of fetched lists only, and a new machine has none.
    subprocess.run(["apt-get", *options, "-q", "update"], capture_output=True, check=False)
    form = "$(REPO_URI) $(RELEASE)"
    command = ["apt-get", *options, "indextargets", "--format", form, "Created-By: Packages"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    release = Path("/etc/os-release").read_text() if Path("/etc/os-release").exists() else ""
    facts = dict(word.split("=", 1) for word in shlex.split(release, comments=True) if "=" in word)
    keyrings = [path for end in ("gpg", "pgp") if (path := KEYRINGS / f"debian-archive-keyring.{end}").exists()]
    # A release with a hyphen is another archive or only a part of one: bookworm-security, bookworm-updates.
    mirrors = [line.split()[0] for line in listing.splitlines() if "-" not in line.split()[1]]
    if facts.get("ID") != "debian" or not mirrors or not keyrings:
        raise Missing(f"{purpose} comes from Debian's suite {suite}, but this machine has no Debian mirror configured")
    return f"deb [signed-by={keyrings[0]}] {mirrors[0]} {suite} main\n"


def _run(command: list[str]) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode
