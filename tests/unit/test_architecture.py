"""Who may import whom. The imports are read from the source, the ones inside functions included."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What is imported from the project by each of its parts: anything else is refused.
ALLOWED = {
    "api": {"api"},
    "migrator": {"migrator", "api"},
    "infra": {"infra"},
    "policy": {"policy", "policies"},
    "local": {"local", "api", "migrator"},
}
# The api's modules and packages, lowest first: each imports from its own line and the ones above it.
LAYERS = (
    "statement errors settings catalog token csv_text",
    "errno connection session database",
    "relationships introspection encode request values lookup listing",
    "plan",
    "sql",
    "rows long_lists explain paging response",
    "response_write reading writing openapi docs pages cors catalog_source",
    "service",
    "app",
    "handler",
)
PARTS = {*ALLOWED, "tests", "bench", "policies"}


def modules(part: str) -> Iterator[Path]:
    return (path for path in sorted((ROOT / part).rglob("*.py")) if not {"__pycache__", ".venv"} & {*path.parts})


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


class RunTime(ast.NodeTransformer):
    """Leaves out what stands below `if TYPE_CHECKING:`, which is never run."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        return node.orelse if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def imports(path: Path) -> set[str]:
    """Dotted names as imported: `from api import errno` gives both `api` and `api.errno`."""
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
def test_a_part_imports_only_what_it_may(part: str) -> None:
    for path in modules(part):
        of_project = {name.partition(".")[0] for name in imports(path)} & PARTS
        assert of_project <= ALLOWED[part], path


def test_only_one_module_of_the_api_knows_the_driver() -> None:
    assert importers("api", "pymysql") == {"api.connection"}


def test_only_one_module_of_the_api_knows_botocore() -> None:
    assert importers("api", "botocore") == {"api.token"}


def test_the_api_needs_no_boto3() -> None:
    assert importers("api", "boto3") == set()


def test_the_api_imports_downwards_only() -> None:
    height = {f"api.{name}": number for number, line in enumerate(LAYERS) for name in line.split()}
    for path in modules("api"):
        module = ".".join(name_of(path).split(".")[:2])
        if module != "api":
            above = {name for name in imports(path) if height.get(".".join(name.split(".")[:2]), 0) > height[module]}
            assert above == set(), path


def circle(module: str, of: dict[str, set[str]], path: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The modules of a circle of imports that `module` leads into; empty where there is none."""
    if module in path:
        return path[path.index(module) :]
    return next((found for name in sorted(of[module]) if (found := circle(name, of, (*path, module)))), ())


@pytest.mark.parametrize("part", ALLOWED)
def test_no_imports_run_in_a_circle(part: str) -> None:
    names = {name_of(path): path for path in modules(part) if path.name != "__init__.py"}
    of = {name: imports(path) & names.keys() for name, path in names.items()}
    left = dict(of)
    while leaves := [name for name, wanted in left.items() if not wanted & left.keys()]:
        for name in leaves:
            del left[name]
    assert not left, circle(next(iter(left)), of)


def test_components_of_the_stack_do_not_import_one_another() -> None:
    components = {
        f"{name_of(path)}.{node.name}"
        for path in modules("infra")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        if any(ast.unparse(base).endswith("ComponentResource") for base in node.bases)
    }
    for path in modules("infra"):
        assert imports(path) & components == set(), path


def test_imports_are_read_where_they_hide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    source = tmp_path / "api" / "plan" / "read.py"
    source.parent.mkdir(parents=True)
    source.write_text(
        "from . import words\nfrom ..sql import build\ndef f():\n    import infra.config\n"
        "if TYPE_CHECKING:\n    import pymysql\n"
    )
    assert imports(source) == {"api.plan", "api.plan.words", "api.sql", "api.sql.build", "infra.config"}
