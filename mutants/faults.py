"""Every fault that can be put into a module: mutmut's mutations, module-level tables included.

`mutmut run` itself does not fit: it puts all faults into one copy of the source, behind a switch in each function. Then
properties, tables of operators and dataclass fields get none, and tests that read the source see the switches.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst
    from mutmut.mutation.file_mutation import Mutation

ROOMS = ("plan", "sql", "values", "writing", "reading", "catalog")


@dataclass(frozen=True, slots=True)
class Fault:
    """One change of one module: of the lines `changed`, in a function with the lines `lines`, None at module level."""

    path: str
    code: str
    before: str
    after: str
    changed: tuple[int, ...]
    lines: tuple[int, int] | None


def source_files(root: Path, rooms: tuple[str, ...]) -> list[Path]:
    """The modules of the rooms, without those that only have names for others to import."""
    found = [file for room in rooms for file in sorted((root / "api" / room).rglob("*.py"))]
    return [file for file in found if file.name != "__init__.py"]


class Faults:
    """All faults of some rooms."""

    def __init__(self, root: Path, rooms: tuple[str, ...]) -> None:
        from mutmut.mutation.file_mutation import create_mutations  # `make mutants` installs it

        self._modules: dict[str, tuple[libcst.Module, list[Mutation]]] = {}
        for file in source_files(root, rooms):
            path = str(file.relative_to(root))
            module, mutations, _, _ = create_mutations(path, file.read_text(encoding="utf-8"))
            self._modules[path] = module, mutations
        self._names = [f"{path}:{n}" for path, (_, mutations) in self._modules.items() for n in range(len(mutations))]

    def __len__(self) -> int:
        return len(self._names)

    def sample(self, size: int, seed: int) -> list[str]:
        """The names of `size` of them. A change of one module changes only what is taken from this module."""
        return sorted(self._names, key=lambda name: sha256(f"{seed} {name}".encode()).digest())[:size]

    def named(self, name: str) -> Fault:
        """The fault of this name."""
        path, _, number = name.rpartition(":")
        module, mutations = self._modules[path]
        return _fault(path, module, mutations[int(number)])


def _fault(path: str, module: libcst.Module, mutation: Mutation) -> Fault:
    import libcst

    changed = module.deep_replace(mutation.original_node, mutation.mutated_node)
    if not isinstance(changed, libcst.Module):
        raise TypeError(f"a fault of {path} replaces the module")
    old, new = module.code.splitlines(), changed.code.splitlines()
    spans = [span for span in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if span[0] != "equal"]
    before = "\n".join(line.strip() for _, first, end, _, _ in spans for line in old[first:end])
    after = "\n".join(line.strip() for _, _, _, first, end in spans for line in new[first:end])
    numbers = tuple(number for _, first, end, _, _ in spans for number in range(first + 1, end + 1))
    around = mutation.contained_by_top_level_function
    lines = _spans(module.code).get(around.name.value) if isinstance(around, libcst.FunctionDef) else None
    return Fault(path, changed.code, before, after, numbers, lines)


@cache
def _spans(source: str) -> dict[str, tuple[int, int]]:
    """First and last line of the functions by name; of methods that share a name, from the first to the last."""
    spans: dict[str, tuple[int, int]] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            end = node.end_lineno or node.lineno
            first, last = spans.get(node.name, (node.lineno, end))
            spans[node.name] = (min(first, node.lineno), max(last, end))
    return spans
