"""The documents say what the code does: error codes, operators, preferences, files and links."""

import re
from pathlib import Path

import pytest

from api.database import errno
from infra.options import KEYS
from tests.unit.test_architecture import ROOMS

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r'"(PGRST\d{3}|[0-9][0-9A-Z]{4}|P0001|XX000)"')
NO_CODES = {"86400", "16384"}
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def codes_in_the_api() -> set[str]:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "api").rglob("*.py"))
    return set(CODE.findall(sources)) - NO_CODES


def codes_in_the_document() -> dict[str, set[int]]:
    text = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    found = {}
    for codes, statuses in re.findall(
        r"^\| ((?:[0-9A-Z]{5}|PGRST\d{3})(?:, [0-9A-Z]{5})*) \| ([\d, ]+) \|", text, re.MULTILINE
    ):
        for code in codes.split(", "):
            found[code] = {int(status) for status in statuses.split(", ")}
    return found


def test_every_error_code_of_the_api_is_documented() -> None:
    assert codes_in_the_api() <= codes_in_the_document().keys()


def test_every_documented_error_code_exists() -> None:
    assert codes_in_the_document().keys() <= codes_in_the_api()


def test_the_statuses_of_database_errors_are_the_documented_ones() -> None:
    documented = codes_in_the_document()
    assert {
        meaning.code: meaning.status for meaning, _ in errno.table() if meaning.status not in documented[meaning.code]
    } == {}


def test_the_map_of_the_api_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [room for room in ROOMS if f"`{room}`" not in text and f"`{room}/`" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_readme_names_every_folder() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in ROOT.glob("*/*.py")} - {"docs", "build"}
    assert [folder for folder in sorted(folders) if f"`{folder}/`" not in readme] == []


def test_every_key_in_the_readmes_table_exists() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("| key | default |")[2].partition("\n\n")[0]
    named = {key for line in table.splitlines()[2:] for key in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert "maxConnectionsPercent" in named
    assert named - {key.name for key in KEYS} == set()
