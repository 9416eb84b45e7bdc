"""Which server program is used: the machine's if it runs, else a fetched one.

A script in a folder that replaces /usr/sbin plays the machine's program.
"""

import shlex
from pathlib import Path

import pytest

from local import installation
from local.installation import Installation, find, obtain
from local.server import start_either


@pytest.fixture
def own() -> Installation:
    return obtain("mariadb", own=True)


@pytest.fixture
def machine(tmp_path: Path, own: Installation, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the machine's programs, next to the other folders of an installed server."""
    folder = tmp_path / "usr" / "sbin"
    folder.mkdir(parents=True)
    for name in ("share", "lib"):
        (tmp_path / "usr" / name).symlink_to(own.base / name)
    monkeypatch.setattr(installation, "FOLDERS", (str(folder),))
    return folder


def install(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_the_machines_program_is_preferred(machine: Path, own: Installation, tmp_path: Path) -> None:
    install(machine, "mariadbd", f'exec {shlex.join(own.command)} "$@"')
    found = find("mariadb")
    assert found is not None
    assert found.command == (str(machine / "mariadbd"),)
    assert found.base == tmp_path / "usr"
    running = start_either("mariadb", tmp_path / "run")
    running.stop()
    assert running.installation == found


def test_mariadb_under_the_name_of_mysqld_is_not_mistaken_for_mysql(machine: Path, own: Installation) -> None:
    install(machine, "mysqld", f'exec {shlex.join(own.command)} "$@"')
    mysql, mariadb = find("mysql"), find("mariadb")
    assert mysql is None or mysql.command[0] != str(machine / "mysqld")
    assert mariadb is not None
    assert mariadb.command == (str(machine / "mysqld"),)


def test_a_program_that_does_not_run_here_is_replaced_by_a_fetched_one(
    machine: Path, own: Installation, tmp_path: Path
) -> None:
    version = f"Ver 10.99.{tmp_path.stat().st_ino}-MariaDB"
    install(machine, "mariadbd", f'case "$*" in *--version) echo "{version}";; *) exit 1;; esac')
    found = find("mariadb")
    assert found is not None
    assert found.command == (str(machine / "mariadbd"),)
    running = start_either("mariadb", tmp_path / "run")
    running.stop()
    assert running.installation == own


def test_a_broken_program_is_skipped(machine: Path, own: Installation) -> None:
    install(machine, "mariadbd", "exit 127")
    assert find("mariadb") == own
