"""The machine's package manager: what is missing is installed where that is allowed, and else named in one line.

Uses nothing but the standard library, because it runs before the virtual environment exists.
"""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

KEYRINGS = Path("/usr/share/keyrings")


class Missing(Exception):
    """Something has to be installed that this user may not install; the text is the one line that says what."""


def installer() -> list[str] | None:
    """The command prefix that installs Debian packages without asking, or None where there is none."""
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


def unpack(package: str, folder: Path, *, purpose: str, suite: str | None = None) -> None:
    """Put a Debian package and all it depends on, the C library included, into a folder; the system stays untouched.

    Needs no root: package lists, state and downloads are private to this call, only the machine's sources and keys
    are read. With a `suite`, the package comes from that suite of the machine's own Debian mirror.
    The folder appears complete or not at all.

    Raises:
        Missing: without apt-get and dpkg, or when the package is not to be had.
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
        # One source of several may be down without harm: whether the package is to be had shows below.
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
    """Options under which apt-get reads the machine's sources and keys, and writes below `work` alone."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()  # empty: nothing counts as installed, so that the whole closure is fetched
    settings = {
        "Dir::State": work / "state",
        "Dir::State::lists": work / "state" / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "Debug::NoLocking": "true",
        "APT::Sandbox::User": "",  # the unprivileged user that apt downloads as cannot read a private folder
        "APT::Install-Recommends": "false",
        "APT::Update::Post-Invoke-Success": "",
        "Acquire::Languages": "none",
    }
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def _debian_source(suite: str, options: list[str], *, purpose: str) -> str:
    """A sources.list of one suite, on the mirror this machine already uses and verified by the keys it already has."""
    # apt-get names the mirror of lists only that it has fetched, and a machine fresh from its image has none.
    subprocess.run(["apt-get", *options, "-q", "update"], capture_output=True, check=False)
    form = "$(REPO_URI) $(RELEASE)"
    command = ["apt-get", *options, "indextargets", "--format", form, "Created-By: Packages"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    release = Path("/etc/os-release").read_text() if Path("/etc/os-release").exists() else ""
    facts = dict(word.split("=", 1) for word in shlex.split(release, comments=True) if "=" in word)
    keyrings = [path for end in ("gpg", "pgp") if (path := KEYRINGS / f"debian-archive-keyring.{end}").exists()]
    # A release with a hyphen is of another archive, or holds a part only: bookworm-security, bookworm-updates.
    mirrors = [line.split()[0] for line in listing.splitlines() if "-" not in line.split()[1]]
    if facts.get("ID") != "debian" or not mirrors or not keyrings:
        raise Missing(f"{purpose} comes from Debian's suite {suite}, and this machine names no Debian mirror")
    return f"deb [signed-by={keyrings[0]}] {mirrors[0]} {suite} main\n"


def _run(command: list[str]) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode
