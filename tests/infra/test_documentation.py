"""What the deployment's documentation names is there, and what is there is named."""

from __future__ import annotations

import re

from infra.alarms import alarms
from infra.cost import estimate
from infra.load import load
from infra.options import KEYS
from migrator.users import PRIVILEGES
from tests.infra.graph import ROOT, Graph

PAGE = (ROOT / "docs" / "deploy.md").read_text()
NAMES = {key.name for key in KEYS}


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text))


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_key_that_is_written_with_its_namespace_exists() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    named = {key for page in pages for key in re.findall(r"aurorest:([A-Za-z]\w*)", page.read_text())}
    assert named - {"infra"} <= NAMES


def test_every_key_in_the_table_of_the_example_exists() -> None:
    rows = [
        line.split("|") for line in section("From AWS's example to this stack").splitlines() if line.startswith("| ")
    ]
    named = {key for row in rows[1:] for key in quoted(row[3])}
    assert len(named) > 15
    assert named <= NAMES


def test_every_file_that_is_named_exists() -> None:
    files = {name for name in quoted(PAGE) if re.fullmatch(r"[a-z]+/[\w/]+\.(py|md)", name)}
    assert len(files) > 10
    assert all((ROOT / name).is_file() for name in files)


def test_every_alarm_has_its_row() -> None:
    config = load({"readers": "1"}, project="aurorest", stack="dev", region="eu-central-1")
    rows = [line.split("|")[1] for line in section("Monitoring").splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in quoted(row)} == {alarm.key for alarm in alarms(config)}


def test_every_output_that_is_named_is_exported(dev: Graph) -> None:
    rows = [line.split("|")[1] for line in section("First deployment").splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in quoted(row) if not name.endswith("...")}
    assert len(named) > 10
    assert named <= set(dev.outputs)


def test_the_cost_of_the_smallest_stack_is_what_the_page_says() -> None:
    smallest = estimate(load({}, project="aurorest", stack="dev", region="us-east-1"))
    assert "just under $140" in section("What it costs")
    assert 135 < smallest.total < 140


def test_the_application_users_rights_are_what_the_page_says() -> None:
    assert ", ".join(PRIVILEGES["read-write"]) in PAGE
