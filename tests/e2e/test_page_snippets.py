"""The JavaScript on the pages runs as it is shown, with the packages that it imports; and every example has a test."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from local.server import Server
from local.tokens import signed
from migrator.files import parse
from migrator.idempotency import create_idempotency_table
from migrator.run import migrate
from tests.accounts import role_accounts
from tests.e2e.conftest import Node
from tests.e2e.world import sample_database
from tests.integration.console import DOCS, blocks, page, statements
from tests.serving import serving

PACKAGES = Path(__file__).parent / "node_modules"
SHOWN = "http://127.0.0.1:8000"
SECRET = "a-secret-of-the-tests-that-is-long-enough"
IMPORTS = {
    name: f'import {{ {name} }} from "@supabase/{package}";\n'
    for name, package in (("createClient", "supabase-js"), ("PostgrestClient", "postgrest-js"))
}
RUN = {
    "README.md": {"curl", "request", "js"},
    "deploy.md": {"curl"},
    "grammar.md": {"request"},
    "http.md": {"curl"},
    "reference.md": {"request"},
    "retries.md": {"console", "js"},
    "security.md": {"console", "curl", "js"},
    "writes.md": {"console", "js"},
}
"""The pages with examples, and their kinds. The tests of a page run every example of the kind: this module, test_pages_run
and tests/integration/test_*_page.py."""
KINDS = {
    "curl": r"^(?:    )?\s*curl .*",
    "request": r"^(?:    )?(?:GET|POST|PUT|PATCH|DELETE) /\S+[?{ ].*",
    "console": r"^```console$",
    "js": r"^```(?:js|ts|javascript|typescript)$|^    (?:import|const) .*",
    "http": r"^\s*(?:http|https|wget|httpie|awscurl) .*",
}


@pytest.fixture
def printed(node: Node) -> Iterator[Callable[..., Any]]:
    """Run a snippet beside the packages: with its imports, `names` as constants, and what `shows` evaluates to as JSON."""
    script = PACKAGES / ".snippet.mjs"

    def run(snippet: str, shows: str, **names: object) -> Any:
        imports = "".join(text for name, text in IMPORTS.items() if name in snippet and text.strip() not in snippet)
        constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in names.items())
        script.write_text(f"{imports}{constants}{snippet}\nconsole.log(JSON.stringify({shows}));\n", encoding="utf-8")
        return json.loads(node(str(script), cwd=PACKAGES))

    yield run
    script.unlink(missing_ok=True)


def snippets(text: str, count: int) -> list[str]:
    """The JavaScript of a page; fails if the page has more or less than the test runs."""
    found = blocks(text, "js")
    assert len(found) == count
    return found


@pytest.fixture
def world(server: Server) -> Iterator[tuple[str, str]]:
    """The address of the sample database with roles, as `make serve` has them, and the role of signed-in callers."""
    with sample_database(server) as name:
        member, nobody = f"auth_{name[-8:]}", f"anon_{name[-8:]}"
        with role_accounts(server, member, nobody):
            server.execute(*(f"GRANT SELECT ON `{name}`.* TO '{role}'@'%'" for role in (member, nobody)))
            roles = f"{member},{nobody}"
            with serving(
                server.url(name), JWT_SECRET=SECRET, ROLES=roles, ANONYMOUS_ROLE=nobody, DEFAULT_ROLE=member
            ) as address:
                yield address, member


def test_the_snippets_of_the_readme_and_of_the_roles(world: tuple[str, str], printed: Callable[..., Any]) -> None:
    address, _ = world
    reading, signing_in = snippets((DOCS.parent / "README.md").read_text(encoding="utf-8"), 2)
    countries = printed(reading.replace(SHOWN, address), "data")
    assert len(countries) == 5
    assert all(country.keys() == {"name", "languages"} for country in countries)

    notes = '.from("notes").select("user_id")'
    token = signed({"sub": "ann"}, SECRET)
    own = printed(signing_in, f"[await supabase{notes}, await postgrest{notes}]", apiUrl=address, token=token)
    assert [len([note for note in each["data"] if note["user_id"] == "ann"]) for each in own] == [2, 2]

    clients, _ = snippets(page("security.md"), 2)
    # make serve has one address, where API Gateway has two
    given = {"apiUrl": address, "anonymousUrl": f"{address}/anonymous", "token": token}
    tokens = f"const currentToken = async () => token;\n{clients}"
    user, visitor = printed(tokens, f"[await user{notes}, await visitor{notes}]", **given)
    assert len(user["data"]) == len(visitor["data"]) + 1


def test_the_commands_of_the_roles(world: tuple[str, str]) -> None:
    text = page("security.md")
    (variables,) = blocks(text, "sh")
    (call,) = re.findall(r"^    (curl .*)$", text, re.MULTILINE)
    programs = {"make -s token": f"{sys.executable} -m local.tokens", "ROLE=authenticated": f"--role {world[1]}"}
    for command, rows in (
        (call, 1),
        (f'{variables}curl "$API/notes?user_id=eq.ann" -H "Authorization: Bearer $ANN"', 2),
    ):
        shown = command.replace(SHOWN, world[0])
        for written, used in {**programs, "SUB=": "--sub "}.items():
            shown = shown.replace(written, used)
        done = subprocess.run(
            ["bash", "-c", shown],
            cwd=DOCS.parent,
            env=os.environ | {"JWT_SECRET": SECRET},
            capture_output=True,
            check=True,
        )
        assert len(json.loads(done.stdout)) == rows


def test_the_snippet_of_the_to_do_list(server: Server, database: str, printed: Callable[..., Any]) -> None:
    role = f"auth_{database[-8:]}"
    (migration,) = blocks(page("security.md"), "sql")
    _, snippet = snippets(page("security.md"), 2)
    with closing(server.connect(database)) as connection, role_accounts(server, role):
        migrate(connection, database, (parse("0001_todo.sql", migration.replace("authenticated", role).encode()),))
        server.execute(
            "INSERT INTO lists VALUES (1, 'Trip', 'ann'), (2, 'Diary', 'bob')",
            "INSERT INTO todos (id, list_id, task) VALUES (1, 1, 'Pack'), (2, 2, 'Write')",
            database=database,
        )
        with serving(server.url(database), ROLES=role, JWT_SECRET=SECRET) as address:
            token = signed({"sub": "ann", "role": role}, SECRET)
            after = '[data, (await api.from("todos").select("id, done")).data]'
            lists, todos = printed(snippet.replace(SHOWN, address), after, token=token)
    assert lists == [{"id": 1, "name": "Trip", "todos": [{"id": 1, "task": "Pack", "done": False}]}]
    assert todos == [{"id": 1, "done": True}]


def test_the_snippets_of_retries_and_writes(server: Server, database: str, printed: Callable[..., Any]) -> None:
    (tags,), (batch,) = (snippets(page(name), 1) for name in ("retries.md", "writes.md"))
    server.execute(*statements(page("retries.md")), database=database)
    with closing(server.connect(database)) as connection:
        create_idempotency_table(connection, database)
    with serving(server.url(database)) as address:
        after = '[data, (await supabase.from("products").select("name, stock").order("id")).data]'
        read, products = printed(tags, after, url=address, key="any-key")
    assert read["id"] == 1
    assert [each["stock"] for each in products if each["name"] == read["name"]] == [4]
    assert [each["stock"] for each in products if each["name"] == "Shelf"] == [9]

    with server.temporary_database() as name, closing(server.connect(name)) as connection:
        server.execute(*statements(page("writes.md")), database=name)
        create_idempotency_table(connection, name)
        with serving(server.url(name), JWT_SECRET=SECRET) as address:
            token = signed({"sub": "ann"}, SECRET)
            status, answers = printed(batch, "[response.status, await response.json()]", api=address, token=token)
    assert (status, [each["status"] for each in answers]) == (200, [201, 201])


def test_every_example_of_every_page_is_run() -> None:
    """A page with a new kind of example fails here until a test runs it."""
    found: dict[str, set[str]] = {}
    for document in (*DOCS.parent.glob("*.md"), *DOCS.glob("*.md")):
        # code is fenced or indented by four spaces; a list's second line is not code
        text = document.read_text(encoding="utf-8")
        fenced = re.findall(r"^```.*?^```$", text, re.DOTALL | re.MULTILINE)
        indented = re.findall(r"(?:^\n|\A)((?:    .*\n)+)", text, re.MULTILINE)
        for kind, pattern in KINDS.items():
            if any(re.search(pattern, block, re.MULTILINE) for block in (*fenced, *indented)):
                found.setdefault(document.name, set()).add(kind)
    assert found == RUN
