"""Missing packages are installed if that is allowed, or else named in one line.

The package manager is a stand-in on an otherwise empty PATH, which logs its calls.
"""

import os
from pathlib import Path

import pytest

from local import bootstrap, packages


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, script: str) -> Path:
    """Create a program on the PATH that logs its arguments and then runs `script`."""
    calls = folder.parent / f"{name}.calls"
    file = folder / name
    file.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {calls}\n{script}\n')
    file.chmod(0o755)
    return calls


def as_user(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: number)


def test_root_does_not_use_sudo(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_user(monkeypatch, 0)
    (path / "env").symlink_to("/usr/bin/env")
    calls = program(path, "apt-get", "exit 0")
    packages.install("chromium", "nodejs", purpose="a test")
    assert calls.read_text() == "install -y -q --no-install-recommends chromium nodejs\n"


def test_a_user_installs_with_sudo_if_it_needs_no_password(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_user(monkeypatch, 1000)
    program(path, "apt-get", "exit 0")
    calls = program(path, "sudo", "exit 0")
    packages.install("nodejs", purpose="a test")
    assert calls.read_text().splitlines()[-1].endswith("apt-get install -y -q --no-install-recommends nodejs")
    assert all(line.startswith("-n ") for line in calls.read_text().splitlines())


def test_if_sudo_needs_a_password_the_error_says_what_to_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_user(monkeypatch, 1000)
    calls = program(path, "apt-get", "exit 0")
    program(path, "sudo", "exit 1")
    with pytest.raises(packages.Missing) as missing:
        packages.install("chromium", "npm", purpose="the browser test")
    assert str(missing.value) == (
        "the browser test needs chromium npm; install it first: sudo apt-get install chromium npm"
    )
    assert not calls.exists()


def test_without_apt_the_error_says_what_to_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_user(monkeypatch, 0)
    with pytest.raises(packages.Missing, match="a test needs chromium; install it first"):
        packages.install("chromium", purpose="a test")


def test_package_lists_are_updated_before_giving_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_user(monkeypatch, 0)
    (path / "env").symlink_to("/usr/bin/env")
    calls = program(path, "apt-get", 'echo "E: Unable to locate package $5" >&2; exit 100')
    with pytest.raises(packages.Missing) as missing:
        packages.install("chromium", purpose="a test")
    assert "E: Unable to locate package chromium" in str(missing.value)
    assert "\n" not in str(missing.value)
    assert [line.split()[0] for line in calls.read_text().splitlines()] == ["install", "update", "install"]


def test_unpacking_an_unavailable_package_leaves_no_files(tmp_path: Path) -> None:
    target = tmp_path / "cache" / "thing"
    with pytest.raises(packages.Missing, match="needs no-such-package-anywhere, and apt-get could not fetch it: E: "):
        packages.unpack("no-such-package-anywhere", target, purpose="a test")
    assert list((tmp_path / "cache").iterdir()) == []


def test_unpacking_without_apt_is_an_error_that_says_what_to_install(path: Path, tmp_path: Path) -> None:
    with pytest.raises(packages.Missing, match="the server needs mariadb-server-core, and this machine has no apt-get"):
        packages.unpack("mariadb-server-core", tmp_path / "x", purpose="the server")


def test_a_python_without_venv_needs_its_package(path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    as_user(monkeypatch, 1000)
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", tmp_path / "none")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    refusal = bootstrap.main("requirements.txt")
    assert refusal is not None
    assert refusal.startswith("the virtual environment needs python3")
    assert "-venv; install it first: sudo apt-get install python3" in refusal
