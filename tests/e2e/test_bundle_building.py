"""Building the bundle: the same inputs produce the same bytes, for both architectures, and errors are clear."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import ssl
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra import bundle as building
from infra import dependencies
from infra.bundle import BundleError, BundleOptions, build_bundle
from infra.dependencies import ROOTS
from infra.interpreters import find_interpreter

ROOT = Path(__file__).resolve().parents[2]
RUNNING_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
UNKNOWN_HERE = "3.14" if RUNNING_VERSION != "3.14" else "3.13"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small project with one pinned dependency."""
    root = tmp_path / "project"
    for package in ("api", "migrator", "migrations"):
        (root / package).mkdir(parents=True)
        (root / package / "__init__.py").write_text("ANSWER = 42\n")
    (root / "api" / "page.html").write_text("<p>")
    (root / "api" / "requirements.txt").write_text("six==1.17.0\n")
    return root


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without an interpreter to compile with."""
    monkeypatch.setattr(building, "find_interpreter", lambda _: None)


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_the_same_inputs_produce_the_same_bytes(source: Path, tmp_path: Path) -> None:
    first = build_bundle(BundleOptions(source, tmp_path / "one", RUNNING_VERSION))
    os.utime(source / "api" / "__init__.py", (1, 1))
    (source / "api" / "__init__.py").chmod(0o600)
    moved = shutil.move(source, tmp_path / "elsewhere")
    second = build_bundle(BundleOptions(Path(moved), tmp_path / "two", RUNNING_VERSION))
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_only_a_changed_project_is_built_again(source: Path, tmp_path: Path) -> None:
    options = BundleOptions(source, tmp_path / "out", RUNNING_VERSION)
    said: list[str] = []
    first = build_bundle(options, said.append)
    assert said[-1].startswith("Built")
    assert build_bundle(options, said.append) == first
    assert said[-1].startswith("Unchanged")
    (source / "migrations" / "0001_more.sql").write_text("SELECT 1")
    changed = build_bundle(options, said.append)
    assert changed != first
    assert "migrations/0001_more.sql" in names(changed)
    assert not [line for line in said[2:] if line.startswith("Fetching")]


def test_all_code_is_packed_as_bytecode(source: Path, tmp_path: Path) -> None:
    built = build_bundle(BundleOptions(source, tmp_path / "out", RUNNING_VERSION))
    assert names(built) == [
        "api/__init__.pyc",
        "api/page.html",
        "licenses/six/LICENSE",
        "migrations/__init__.pyc",
        "migrator/__init__.pyc",
        "six.pyc",
    ]


def test_bytecode_is_never_checked_against_its_source(source: Path, tmp_path: Path) -> None:
    built = build_bundle(BundleOptions(source, tmp_path / "out", RUNNING_VERSION))
    with zipfile.ZipFile(built) as archive:
        header = archive.read("api/__init__.pyc")[:8]
    assert header[4:] == b"\x01\0\0\0"  # PEP 552: hash-based, unchecked


def test_a_traceback_names_the_file_and_the_line(source: Path, tmp_path: Path) -> None:
    (source / "api" / "__init__.py").write_text('"""A docstring."""\n\nassert False\nanswer = 1 + (2 / 0)\n')
    built = build_bundle(BundleOptions(source, tmp_path / "out", RUNNING_VERSION))
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path / "task")
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import api"], cwd=tmp_path / "task", capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-2:] == [
        '  File "/var/task/api/__init__.py", line 4, in <module>',
        "ZeroDivisionError: division by zero",
    ]


@pytest.mark.usefixtures("bare")
def test_without_an_interpreter_of_that_version_sources_are_packed_with_a_warning(source: Path, tmp_path: Path) -> None:
    said: list[str] = []
    built = build_bundle(BundleOptions(source, tmp_path / "out", UNKNOWN_HERE), said.append)
    assert f"no Python {UNKNOWN_HERE}" in said[0]
    assert "twice as long" in said[0]
    assert not [name for name in names(built) if name.endswith(".pyc")]
    assert "six.py" in names(built)


@pytest.mark.parametrize("architecture,machine", [("arm64", "aarch64"), ("x86_64", "x86_64")])
def test_native_code_is_built_for_the_architecture(
    source: Path, tmp_path: Path, architecture: str, machine: str
) -> None:
    pins = (ROOT / "api" / "requirements.txt").read_text().splitlines()
    (source / "api" / "requirements.txt").write_text("\n".join(pin for pin in pins if pin.startswith("pydantic_core")))
    built = build_bundle(BundleOptions(source, tmp_path / "out", RUNNING_VERSION, architecture))
    libraries = [name for name in names(built) if name.endswith(".so")]
    assert len(libraries) == 1
    assert machine in libraries[0]


def test_only_the_roots_of_aws_are_packed(source: Path, tmp_path: Path) -> None:
    pins = (ROOT / "api" / "requirements.txt").read_text().splitlines()
    (source / "api" / "requirements.txt").write_text("\n".join(pin for pin in pins if pin.startswith("certifi")))
    built = build_bundle(BundleOptions(source, tmp_path / "out", RUNNING_VERSION))
    with zipfile.ZipFile(built) as archive:
        roots = archive.read("certifi/cacert.pem").decode()
    trusted: Any = ssl.create_default_context(cadata=roots).get_ca_certs()
    subjects = [value for root in trusted for ((name, value),) in root["subject"] if name == "commonName"]
    assert sorted(subjects) == sorted(ROOTS)


def test_a_root_that_certifi_lacks_is_named(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source / "api" / "requirements.txt").write_text("certifi==2026.10.18\n")
    monkeypatch.setattr(dependencies, "ROOTS", (*ROOTS, "Amazon Root CA 99"))
    with pytest.raises(BundleError, match="certifi has no Amazon Root CA 99"):
        build_bundle(BundleOptions(source, tmp_path / "out", RUNNING_VERSION))


def test_a_package_that_cannot_be_found_is_named(source: Path, tmp_path: Path) -> None:
    (source / "api" / "requirements.txt").write_text("six==0.0.0.1\n")
    with pytest.raises(BundleError, match=r"could not fetch.*six==0\.0\.0\.1"):
        build_bundle(BundleOptions(source, tmp_path / "out", RUNNING_VERSION))
    assert not list((tmp_path / "out").glob("*.zip"))


@pytest.mark.parametrize(
    "changes,words",
    [
        ({"architecture": "mips"}, "architecture is 'mips'; allowed: arm64, x86_64"),
        ({"python_version": "3.9"}, "python_version is '3.9'; allowed: 3.11, 3.12, 3.13, 3.14"),
        ({"packages": ("api", "nowhere")}, "has no nowhere"),
    ],
)
def test_invalid_options_are_named(source: Path, tmp_path: Path, changes: dict[str, str], words: str) -> None:
    with pytest.raises(BundleError, match=words):
        BundleOptions(**{"source": source, "output_dir": tmp_path, **changes})  # type: ignore[arg-type]


def test_the_running_python_is_found() -> None:
    found = find_interpreter(RUNNING_VERSION)
    assert found is not None
    assert found.version.startswith(RUNNING_VERSION + ".")


def test_a_program_that_does_not_start_is_not_used_as_an_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\necho not installed >&2; exit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_interpreter("3.99") is None


@pytest.mark.parametrize("version,is_used", [("3.99.0", True), ("3.99.0b1", False), ("3.990.0", False)])
def test_only_a_final_release_compiles_the_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, is_used: bool
) -> None:
    program = tmp_path / "python3.99"
    program.write_text(f"#!/bin/sh\necho CPython {version}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_interpreter("3.99")
    assert (found is not None) == is_used


def test_the_command_line_prints_the_archives_path_or_an_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "infra.bundle", "--output", str(tmp_path)]
    refused = subprocess.run([*command, "--python", "2.7"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr == "error: python_version is '2.7'; allowed: 3.11, 3.12, 3.13, 3.14\n"


def test_the_pinned_versions_are_complete_and_installed() -> None:
    lines = (ROOT / "api" / "requirements.txt").read_text().splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    pinned = {canonicalize_name(pin.name): pin for pin in pins}
    for name, pin in pinned.items():
        assert str(pin.specifier) == f"=={importlib.metadata.version(name)}", name
        for text in importlib.metadata.requires(name) or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                found = pinned.get(canonicalize_name(needed.name))
                assert found is not None, f"{name} needs {needed.name}"
                assert needed.specifier.contains(str(found.specifier).removeprefix("=="), prereleases=True)
