"""Which modules may import which. Imports are read from the source, including those inside functions."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What each program may import from the project.
ALLOWED = {
    "api": {"api"},
    "migrator": {"migrator", "api"},
    "infra": {"infra", "api"},
    "policy": {"policy", "policies"},
    "local": {"local", "api", "migrator"},
    "rehearse": {"rehearse"},
}
# The rooms of the API, lowest first. Each imports only from those above it in this list.
ROOMS = (
    "errors",
    "statement",
    "settings",
    "database",
    "catalog",
    "request",
    "values",
    "plan",
    "sql",
    "response",
    "documents",
    "context",
    "reading",
    "calling",
    "writing",
    "service",
    "app",
    "handler",
)
# The modules of a room whose order matters, lowest first.
WITHIN = {
    "database": ("errno", "translate", "token", "connection", "results", "link", "session", "database"),
    "catalog": ("cache", "kinds", "records", "relationships", "introspection", "lookup", "source"),
    "plan": ("operands", "levels", "tree", "relations", "shape", "filters", "read", "located", "write"),
    "sql": ("json_path", "json_text", "operators", "projection", "runs", "read", "write"),
    "reading": ("schema", "rows", "long_lists", "paging", "explain", "read"),
    "calling": ("result_values", "result_filters", "result_set", "call"),
    "writing": ("outcome", "bulk", "show", "insert", "upsert", "answer", "write"),
    "documents": ("openapi", "typescript", "docs", "browse", "listing", "renditions", "pages"),
}
# The number of arrows between rooms is the size of the reader's map: keep it small.
MOST_ARROWS = 85
PARTS = {*ALLOWED, "tests", "bench", "policies"}


def modules(part: str) -> Iterator[Path]:
    return (path for path in sorted((ROOT / part).rglob("*.py")) if not {"__pycache__", ".venv"} & {*path.parts})


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


class RunTime(ast.NodeTransformer):
    """Leave out the body of `if TYPE_CHECKING:`, which never runs."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        return node.orelse if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def imports(path: Path) -> set[str]:
    """Dotted names as imported: `from api.database import errno` gives `api.database` and `api.database.errno`."""
    package = name_of(path) if path.name == "__init__.py" else name_of(path).rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(RunTime().visit(ast.parse(path.read_text()))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def importers(part: str, package: str) -> set[str]:
    return {
        name_of(path)
        for path in modules(part)
        if any(name == package or name.startswith(f"{package}.") for name in imports(path))
    }


@pytest.mark.parametrize("part", ALLOWED)
def test_each_program_imports_only_what_it_may(part: str) -> None:
    for path in modules(part):
        # `import api` alone only requires a new enough Python
        of_project = {name.partition(".")[0] for name in imports(path) - {"api"}} & PARTS
        assert of_project <= ALLOWED[part], path


def test_the_stack_knows_only_the_settings_of_the_api() -> None:
    of_api = {name for path in modules("infra") for name in imports(path) if name.startswith("api.")}
    assert {".".join(name.split(".")[:2]) for name in of_api} == {"api.settings"}


def test_only_two_modules_of_the_api_import_the_driver() -> None:
    assert importers("api", "pymysql") == {"api.database.connection", "api.database.driver"}


def test_only_one_module_of_the_api_imports_botocore() -> None:
    assert importers("api", "botocore") == {"api.database.token"}


def test_the_api_does_not_import_boto3() -> None:
    assert importers("api", "boto3") == set()


def room(name: str) -> str:
    return name.split(".")[1] if name.startswith("api.") else ""


def arrows() -> set[tuple[str, str]]:
    """The pairs of rooms (importing, imported)."""
    return {
        (room(name_of(path)), room(name))
        for path in modules("api")
        for name in imports(path)
        if room(name) in ROOMS and room(name_of(path)) not in ("", room(name))
    }


def test_every_room_of_the_api_is_listed() -> None:
    assert {room(name_of(path)) for path in modules("api")} - {""} == set(ROOMS)


def test_rooms_import_downwards_only() -> None:
    assert [pair for pair in sorted(arrows()) if ROOMS.index(pair[0]) < ROOMS.index(pair[1])] == []
    assert len(arrows()) <= MOST_ARROWS


@pytest.mark.parametrize("name", WITHIN)
def test_modules_of_a_room_import_downwards_only(name: str) -> None:
    order = WITHIN[name]
    for path in modules(f"api/{name}"):
        parts = name_of(path).split(".")[2:3]
        if parts and parts[0] in order:
            above = order[order.index(parts[0]) + 1 :]
            found = {each.split(".")[2] for each in imports(path) if each.startswith(f"api.{name}.")}
            assert not found & {*above}, path


# What a part imports from elsewhere, so that it is imported once and not for each module.
LIBRARIES = {"api": "fastapi, mangum, pymysql", "infra": "pulumi, pulumi_aws", "rehearse": "grpc, pulumi"}


@pytest.mark.parametrize("folder", [*(f"api/{room}" for room in ROOMS), *(part for part in ALLOWED if part != "api")])
def test_each_module_can_be_imported_first(folder: str) -> None:
    # each in a separate process, forked from one that has imported libraries, but no module of the project
    script = (
        f"import importlib, os, sys, {LIBRARIES.get(folder.partition('/')[0], 'pymysql')}\n"
        "for name in sys.argv[1:]:\n"
        "    if not os.fork():\n"
        "        importlib.import_module(name)\n"
        "        os._exit(0)\n"
        "    _, status = os.wait()\n"
        "    if status:\n"
        "        sys.exit(name)\n"
    )
    paths = modules(folder) if (ROOT / folder).is_dir() else [ROOT / f"{folder}.py"]
    names = [name_of(path) for path in paths if path.name != "__main__.py"]
    assert names
    ran = subprocess.run([sys.executable, "-c", script, *names], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def circle(module: str, of: dict[str, set[str]], path: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The modules of an import cycle that `module` is part of or leads to; empty if there is none."""
    if module in path:
        return path[path.index(module) :]
    return next((found for name in sorted(of[module]) if (found := circle(name, of, (*path, module)))), ())


@pytest.mark.parametrize("part", ALLOWED)
def test_imports_are_not_circular(part: str) -> None:
    names = {name_of(path): path for path in modules(part) if path.name != "__init__.py"}
    of = {name: imports(path) & names.keys() for name, path in names.items()}
    left = dict(of)
    while leaves := [name for name, wanted in left.items() if not wanted & left.keys()]:
        for name in leaves:
            del left[name]
    assert not left, circle(next(iter(left)), of)


def test_components_of_the_stack_do_not_import_each_other() -> None:
    components = {
        f"{name_of(path)}.{node.name}"
        for path in modules("infra")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        if any(ast.unparse(base).endswith("ComponentResource") for base in node.bases)
    }
    for path in modules("infra"):
        assert imports(path) & components == set(), path


def test_imports_in_every_position_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    source = tmp_path / "api" / "plan" / "read.py"
    source.parent.mkdir(parents=True)
    source.write_text(
        "from . import words\nfrom ..sql import build\ndef f():\n    import infra.config\n"
        "if TYPE_CHECKING:\n    import pymysql\n"
    )
    assert imports(source) == {"api.plan", "api.plan.words", "api.sql", "api.sql.build", "infra.config"}
