"""The examples of docs/http.md and docs/grammar.md run against the sample database, and answer what the page says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from api.request.operators import OPERATORS
from local.server import Server
from tests.e2e.world import sample_database
from tests.serving import serving

ROOT = Path(__file__).parents[2]
SHOWN = "http://127.0.0.1:8000"
EXAMPLE = re.compile(r"^```sh\n(curl .*?)\n```\n```(json|text)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
PAGE = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
EXAMPLES = EXAMPLE.findall(PAGE)
GRAMMAR = (ROOT / "docs" / "grammar.md").read_text(encoding="utf-8")
ADDRESSES = [
    *re.findall(r"^GET (/\S+\?.+)$", GRAMMAR, re.MULTILINE),
    *(
        f"/{'airports' if each.family in ('search', 'spatial') else 'countries'}?{each.example}"
        for each in OPERATORS.values()
    ),
]


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[tuple[str, str]]:
    """The address of an API over the sample database, and the database's name."""
    with sample_database(server) as name, serving(server.url(name)) as address:
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


def test_the_addresses_of_the_grammar_page_find_rows(world: tuple[str, str]) -> None:
    """Not only the status counts: a misspelt value would find nothing."""
    assert len(ADDRESSES) >= 45
    found = {}
    for path in ADDRESSES:
        try:
            with urlopen(f"{world[0]}/rest/v1{quote(path, safe='/?&=%+')}") as response:  # noqa: S310 - our own server
                found[path] = json.load(response)
        except HTTPError as error:
            found[path] = error.read()
    assert {path: rows for path, rows in found.items() if not isinstance(rows, list) or not rows} == {}
