"""The examples of docs/http.md run, with curl against the sample database, and answer what the page says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local.server import Server
from local.world.load import SCHEMA, load
from migrator.files import load as read_migrations
from migrator.run import migrate
from tests.serving import serving

ROOT = Path(__file__).parents[2]
SHOWN = "http://127.0.0.1:8000"
EXAMPLE = re.compile(r"^```sh\n(curl .*?)\n```\n```(json|text)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
PAGE = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
EXAMPLES = EXAMPLE.findall(PAGE)


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[tuple[str, str]]:
    """The address of an API over the sample database, and the database's name."""
    with server.temporary_database() as name, closing(server.connect(name)) as connection:
        migrate(connection, name, read_migrations(SCHEMA), series="world")
        load(connection, lambda _: None)
        with serving(server.url(name)) as address:
            yield address, name


def answer(command: str, address: str, database: str) -> str:
    """What a command of the page prints, with the address and the database that the page shows."""
    shell = shutil.which("bash")
    assert shell is not None, "there is no bash on this machine"
    assert shutil.which("curl") is not None, "there is no curl on this machine: apt-get install curl"
    shown = command.replace(SHOWN, address).replace("curl ", "curl --silent --show-error ", 1)
    done = subprocess.run([shell, "-c", shown], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace("\r", "").replace(address, SHOWN).replace(database, "world")


def test_every_command_of_the_page_has_an_answer() -> None:
    assert len(EXAMPLES) == PAGE.count("\ncurl ") >= 20


def test_the_examples_answer_what_the_page_says(world: tuple[str, str]) -> None:
    """In the page's order, because some read what others wrote."""
    for command, kind, shown in EXAMPLES:
        found = answer(command, *world)
        if kind == "json":
            assert json.loads(found) == json.loads(shown), command
        else:
            lines = found.splitlines()
            assert [line for line in shown.splitlines() if line not in lines] == [], (command, found[:2000])
