"""TypeScript projects that a strict compiler checks, beside the packages of the tests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.conftest import Node
from tests.e2e.packages import NODE_MODULES

_STRICT = {
    "strict": True,
    "target": "es2022",
    "module": "nodenext",
    "moduleResolution": "nodenext",
    "lib": ["es2022", "dom", "dom.iterable"],
    "types": [],
    "skipLibCheck": True,
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
}


@contextmanager
def project(name: str) -> Iterator[Path]:
    """A new folder whose files may import the packages."""
    folder = NODE_MODULES / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "package.json").write_text('{"type": "module"}')
    yield folder
    shutil.rmtree(folder)


def compile_strictly(folder: Path, node: Node, source: Path) -> None:
    """Compile a file, which is copied into the project. An error of the compiler fails, with its output."""
    if source.parent != folder:
        shutil.copy(source, folder)
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": _STRICT, "files": [source.name]}))
    node(str(NODE_MODULES / "typescript" / "bin" / "tsc"), "-p", ".", cwd=folder)
