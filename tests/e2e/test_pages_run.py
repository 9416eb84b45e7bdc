"""The requests of the README, docs/http.md, docs/grammar.md and docs/deploy.md run against the sample database, and answer
what the page says. Those of other pages are run by test_page_snippets and tests/integration/test_*_page.py."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

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
README = (ROOT / "README.md").read_text(encoding="utf-8")
README_CALLS = re.findall(r"^ +(curl '.*')\n +([\[{].*)$", README, re.MULTILINE)
README_REQUESTS = re.findall(r"^    (GET|POST|PATCH|PUT|DELETE) /rest/v1(/\S+)(?: +(\{.*\}))?$", README, re.MULTILINE)
DEPLOY = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
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


def answer(command: str, address: str, database: str, programs: Path | None = None) -> str:
    """What a command of the page prints, with the address and the database that the page shows.

    `programs` is a folder with programs to use in place of those on the PATH.
    """
    shell = shutil.which("bash")
    assert shell is not None, "there is no bash on this machine"
    assert shutil.which("curl") is not None, "there is no curl on this machine: apt-get install curl"
    shown = command.replace(SHOWN, address).replace("curl ", "curl --silent --show-error ", 1)
    path = os.environ["PATH"] if programs is None else f"{programs}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path}
    done = subprocess.run([shell, "-c", shown], env=environment, capture_output=True, text=True, check=False)
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
    assert len(ADDRESSES) == GRAMMAR.count("\nGET /") + len(OPERATORS) >= 45
    found = {}
    for path in ADDRESSES:
        try:
            with urlopen(f"{world[0]}/rest/v1{quote(path, safe='/?&=%+')}") as response:  # noqa: S310 - our own server
                found[path] = json.load(response)
        except HTTPError as error:
            found[path] = error.read()
    assert {path: rows for path, rows in found.items() if not isinstance(rows, list) or not rows} == {}


def test_the_calls_of_the_readme_answer_what_it_says(world: tuple[str, str]) -> None:
    assert len(README_CALLS) == README.count(" curl '") >= 1
    for command, shown in README_CALLS:
        assert json.loads(answer(command, *world)) == json.loads(shown), command


def test_the_requests_of_the_readme_find_rows(world: tuple[str, str]) -> None:
    assert len(README_REQUESTS) == len(re.findall(r"^    (?:GET|POST|PATCH|PUT|DELETE) /", README, re.MULTILINE)) >= 4
    for method, path, body in README_REQUESTS:
        headers = {"Content-Type": "application/json", "Prefer": "return=representation"} if body else {}
        request = Request(  # noqa: S310 - our own server
            f"{world[0]}/rest/v1{quote(path, safe='/?&=%+')}", body.encode() or None, headers, method=method
        )
        with urlopen(request) as response:  # noqa: S310
            assert json.load(response), path


def test_the_calls_of_a_deployed_api_are_valid(world: tuple[str, str], tmp_path: Path) -> None:
    """With programs that answer in place of AWS and Pulumi; nobody verifies a signature here."""
    for name, said in (
        ("aws", "export AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=B AWS_SESSION_TOKEN=C"),
        ("pulumi", world[0]),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{said}'\n")
        (tmp_path / name).chmod(0o755)
    commands = [
        block for block in re.findall(r"^```sh\n(.*?)^```$", DEPLOY, re.MULTILINE | re.DOTALL) if "curl " in block
    ]
    assert len(commands) == DEPLOY.count("\ncurl ") == 2
    signed, with_token = (json.loads(answer(command, *world, programs=tmp_path)) for command in commands)
    assert [city["name"] for city in signed][:1] == ["Shanghai"]
    assert "cities" in {table["name"] for table in with_token}
