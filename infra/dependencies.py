"""The functions' dependencies: fetched by pip for Lambda's platform, and cut down to what runs there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}

UNUSED = (
    "bin",
    "**/*.pyi",
    "**/py.typed",
    "**/testclient.py",
    "annotated_types/test_cases.py",
    "anyio/_backends/_trio.py",
    "anyio/pytest_plugin.py",
    "botocore/cacert.pem",  # the archive has certifi's roots
    "certifi/tests",
    "dateutil/easter.py",
    "dateutil/rrule.py",
    "dateutil/tz/win.py",
    "dateutil/tzwin.py",
    "dateutil/zoneinfo",
    "fastapi/.agents",
    "idna",  # for host names in other scripts, which no database has
    "jmespath",
    "pydantic/experimental",
    "pydantic/mypy.py",
    "pydantic/v1",
    "urllib3/contrib/emscripten",
    "urllib3/contrib/pyopenssl.py",
    "urllib3/contrib/socks.py",
    "urllib3/http2/connection.py",
)
"""Left out: none of it is read at run time. A test compares it with what the packed modules import."""

# fmt: off
SIGNING = frozenset(
    {
        "__init__", "auth", "awsrequest", "compat", "config", "configloader", "context", "credentials",
        "endpoint", "eventstream", "exceptions", "history", "hooks", "httpchecksum", "httpsession", "model",
        "parsers", "plugin", "response", "service_module_names", "tokens", "useragent", "utils", "vendored",
    }
)
# fmt: on
"""What signing a token needs of botocore; clients, and their 25 MB of service models, are left out."""

ROOTS = (
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
)
"""The roots of AWS's certificates (https://www.amazontrust.com/repository/), those of RDS Proxy included. The functions
connect to nothing else over TLS, and reading certifi's other 112 certificates takes 12 ms of each cold start."""

LICENCE = re.compile(r"(licen[sc]e|copying|notice|authors)", re.IGNORECASE)


class InstallError(Exception):
    """The packages cannot be fetched, or lack what the functions need; the message says why."""


def install(
    requirements: Path,
    folder: Path,
    *,
    python_version: str,
    architecture: str,
    cache: Path,
    say: Callable[[str], None],
) -> None:
    """Put the packages that `requirements` pins below `folder`, for CPython `python_version` on Lambda's Linux.

    What was fetched is kept in `cache` under its inputs' hash, so only a changed requirement needs the network again.

    Raises:
        InstallError: pip cannot fetch them.
    """
    inputs = "\0".join((requirements.read_text(), python_version, architecture, Path(__file__).read_text()))
    kept = cache / sha256(inputs.encode()).hexdigest()[:16]
    if not kept.exists():
        say(f"Fetching dependencies for Python {python_version} on {architecture}")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as name:
            fetched = Path(name) / "fetched"
            _pip_install(requirements, fetched, python_version, architecture)
            _keep_licences(fetched)
            _leave_out_unused(fetched)
            _leave_out_other_roots(fetched / "certifi" / "cacert.pem")
            try:
                fetched.rename(kept)
            except OSError:
                if not kept.exists():  # another process was first
                    raise
    shutil.copytree(kept, folder)


def _pip_install(requirements: Path, target: Path, python_version: str, architecture: str) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--no-compile", "--only-binary=:all:", "--implementation=cp", "--target", str(target)]
    command += [f"--platform=manylinux2014_{MACHINES[architecture]}", f"--python-version={python_version}"]
    command += ["--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "No module named pip" in done.stderr:
        raise InstallError(
            f"{sys.executable} has no pip, which fetches the functions' dependencies: install python3-pip"
        )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        platform = f"Python {python_version} on {architecture}"
        raise InstallError(f"pip could not fetch the dependencies for {platform}: {' '.join(errors[-3:])}")


def _keep_licences(folder: Path) -> None:
    """Move each package's licence to `licenses/<package>/`, and drop the rest of its metadata."""
    for metadata in sorted(folder.glob("*.dist-info")):
        package = metadata.name.partition("-")[0]
        for path in sorted(metadata.rglob("*")):
            if path.is_file() and LICENCE.match(path.name):
                place = folder / "licenses" / package / path.name
                place.parent.mkdir(parents=True, exist_ok=True)
                path.rename(place)
        shutil.rmtree(metadata)


def _leave_out_unused(folder: Path) -> None:
    for pattern in UNUSED:
        for path in sorted(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    for path in sorted((folder / "botocore").glob("*")):
        if path.stem not in SIGNING:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _leave_out_other_roots(certificates: Path) -> None:
    """Keep the certificates of `ROOTS`, each of which follows its label."""
    if not certificates.exists():
        return
    found = dict(re.findall(r'# Label: "(.*)"\n(?:#.*\n)*(-----BEGIN[^#]*)', certificates.read_text()))
    missing = [root for root in ROOTS if root not in found]
    if missing:
        raise InstallError(f"certifi has no {', '.join(missing)}: see ROOTS in {__name__}")
    certificates.write_text("".join(f"# {root}\n{found[root].strip()}\n" for root in ROOTS))
