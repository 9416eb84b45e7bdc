"""The configuration's reference, docs/configuration.md, written from the keys themselves.

python -m infra.reference > docs/configuration.md
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from infra.keys import Key
from infra.load import NAMESPACE
from infra.options import SECTIONS, keys_of

_INTRODUCTION = f"""# Configuration

Every key of a stack. All begin with `{NAMESPACE}:`; set one with

    pulumi config set {NAMESPACE}:maxCapacity 8
    pulumi config set --path '{NAMESPACE}:tags.team' data

or write it in `Pulumi.<stack>.yaml`, where a list may be `a,b` or a YAML list. The region is `aws:region`. An empty
value is the default. Everything is checked before any resource exists: wrong values, unknown keys and contradictions
are reported together, each with what is allowed.
"""


def reference() -> str:
    """The whole page."""
    sections = (
        f"\n## {title}\n\n{(section.__doc__ or '').strip()}\n\n"
        "| key | type | default | allowed | what it does |\n|---|---|---|---|---|\n"
        + "".join(f"{row(key)}\n" for key in keys_of(section))
        for title, section in SECTIONS
    )
    return _INTRODUCTION + "".join(sections)


def row(key: Key[Any]) -> str:
    """One key's line of the table."""
    cells = (f"`{key.name}`", key.kind, _default(key.default), key.allowed, key.about)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(value: object) -> str:
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case "" | ():
            return ""
        case tuple():
            return f"`{','.join(map(str, value))}`"
        case float():
            return f"`{value:g}`"
        case _:
            return f"`{value}`"


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.stdout.write(reference())
