"""The documents agree with the code: configuration keys, rooms, folders and links."""

import re
from pathlib import Path

import pytest

from infra.options import KEYS
from tests.unit.test_architecture import ROOMS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_the_map_of_the_api_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [room for room in ROOMS if f"`{room}`" not in text and f"`{room}/`" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_between_documents_has_a_target(document: Path) -> None:
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


def test_every_file_named_in_a_recipe_exists() -> None:
    named = re.findall(r"`((?:api|infra|docs|tests)/[^`\s]*)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert len(named) > 25
    assert [name for name in named if not (ROOT / name).exists()] == []
