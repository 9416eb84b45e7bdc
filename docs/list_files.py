"""Writes docs/architecture.md: one line for each module, which is the first sentence of its docstring.

python -m docs.list_files
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
FOLDERS = ("infra", "api", "migrator", "policy", "local", "bench")

_INTRODUCTION = """\
# Architecture: one line a file

Two straight lines. A request:

    handler -> app -> service -> request (parse) -> plan -> sql -> database -> response

Each stage takes the value that the one before gave, and only the database stage does any I/O. A deployment:

    configuration -> network -> database -> secret -> proxy -> function -> gateway -> monitoring

Components never import one another; `__main__.py` passes their outputs along.

This page is written by `python -m docs.list_files`; a test holds it to the code.
"""


def page() -> str:
    """The page's text."""
    return _INTRODUCTION + "".join(_section(folder) for folder in FOLDERS)


def _section(folder: str) -> str:
    lines = "".join(f"| `{path}` | {line} |\n" for path, line in _modules(ROOT / folder))
    return f"\n## {folder}/\n\n| file | what it is about |\n|---|---|\n{lines}"


def _modules(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        if docstring:
            yield str(path.relative_to(ROOT)), _first_sentence(docstring)


def _first_sentence(docstring: str) -> str:
    paragraph = " ".join(docstring.split("\n\n", maxsplit=1)[0].split())
    sentence = re.split(r"(?<=[.])\s+(?=[A-Z])", paragraph, maxsplit=1)[0]
    return sentence.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")
