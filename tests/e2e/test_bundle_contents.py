"""What the bundle contains: few megabytes, and whatever its modules can ask for."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pytest

from infra.bundle import ARCHITECTURES, BundleOptions, build_bundle
from tests.e2e.runtime import code_only, unpack

ROOT = Path(__file__).resolve().parents[2]
RUNNING_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
LARGEST_BYTES = 5_000_000

ABSENT = {
    ("anyio._core._sockets", "idna"): "for host names in other scripts",
    ("botocore.auth", "botocore.crt.auth"): "if awscrt is installed",
    ("botocore.httpsession", "urllib3.contrib.pyopenssl"): "if PyOpenSSL is installed",
    ("dateutil.tz.tz", "dateutil.rrule"): "for time zones of calendar files",
    ("dateutil.tz.tz", "dateutil.tz.win"): "on Windows",
    ("dateutil.tz.tz", "dateutil.zoneinfo"): "for time zones by name",
    ("fastapi._compat.shared", "pydantic.v1"): "for models of pydantic 1",
    ("pydantic._internal._generate_schema", "pydantic.v1"): "for models of pydantic 1",
    ("urllib3", "urllib3.contrib.emscripten"): "in a browser",
    ("urllib3.http2", "urllib3.http2.connection"): "if HTTP/2 is switched on",
    ("urllib3.util.url", "idna"): "for host names in other scripts",
}
"""Modules that a packed module imports at some time, and that are not packed: when it would."""


@pytest.fixture(scope="module")
def bundle() -> Path:
    return build_bundle(BundleOptions(ROOT, ROOT / "build", RUNNING_VERSION, "x86_64"))


@pytest.fixture(scope="module")
def names(bundle: Path) -> list[str]:
    with zipfile.ZipFile(bundle) as archive:
        return archive.namelist()


@pytest.mark.parametrize("version", sorted({RUNNING_VERSION, "3.13"}))
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_archive_has_at_most_five_million_bytes(version: str, architecture: str) -> None:
    built = build_bundle(BundleOptions(ROOT, ROOT / "build", version, architecture))
    assert built.stat().st_size <= LARGEST_BYTES


def test_it_has_no_sdk_models_tests_or_metadata(names: list[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {"api", "migrator", "migrations", "fastapi", "pymysql", "licenses"} <= tops
    assert not {"boto3", "tests", "infra", "local"} & tops
    assert not [name for name in names if name.startswith("botocore/data/") or ".dist-info/" in name]


def test_it_keeps_the_licences(names: list[str]) -> None:
    licensed = {name.split("/")[1] for name in names if name.startswith("licenses/")}
    assert {"fastapi", "pymysql", "pydantic_core", "botocore", "certifi", "mangum"} <= licensed


def test_every_own_module_can_be_imported_from_it(names: list[str], bundle: Path, tmp_path: Path) -> None:
    own = sorted(module for module in _modules(names) if module.split(".")[0] in ("api", "migrator"))
    assert len(own) > 100
    command = code_only(unpack(bundle, tmp_path / "task"))
    command[-1] += "; import importlib; [importlib.import_module(name) for name in sys.argv[1:]]"
    done = subprocess.run([*command, *own], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_packed_modules_import_what_is_packed_wherever_they_do_it(names: list[str]) -> None:
    """Imports within functions included. What a package imports by computed names is not seen here; the functions'
    tests run the API without it."""
    packed, sources = _modules(names), _sources()
    absent = {
        (module, imported)
        for module in packed & sources.keys()
        for imported in _imports(module, sources[module])
        if imported in sources.keys() - packed
    }
    assert absent == ABSENT.keys()


def _modules(names: Iterable[str]) -> set[str]:
    """Names of files as names of modules, without those of anything else."""
    return {
        name.partition(".")[0].replace("/", ".").removesuffix(".__init__")
        for name in names
        if name.endswith((".py", ".pyc", ".so"))
    }


def _sources() -> dict[str, Path]:
    """The sources of the project and of the pinned packages, as they are installed here, by the modules' names."""
    found = {module: ROOT / name for name in _own_files() for module in _modules([name])}
    for line in (ROOT / "api" / "requirements.txt").read_text().splitlines():
        if not line.startswith("#"):
            files = metadata.files(line.partition("==")[0]) or ()
            found |= {module: Path(file.locate()) for file in files for module in _modules([file.as_posix()])}
    return {module: path for module, path in found.items() if path.suffix == ".py"}


def _own_files() -> list[str]:
    return [path.relative_to(ROOT).as_posix() for part in ("api", "migrator") for path in (ROOT / part).rglob("*.py")]


def _imports(module: str, source: Path) -> Iterator[str]:
    """The modules and names that a module imports, as absolute names."""
    package = module if source.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*parents, *filter(None, [node.module])])
            yield from (origin, *(f"{origin}.{alias.name}" for alias in node.names))
