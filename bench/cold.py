"""What a cold start costs: a new process that imports a Lambda function from its unpacked archive and answers an event.

The API loads its catalog of 50 tables for it. The hand-written function (`bench/deployed.py`) makes a client of boto3
for its token. Both connect through the stand-in for RDS Proxy, over TLS. The hand-written function is packed twice: as
bytecode, exactly as the API is, and as sources, as most people do, which are compiled again at each cold start.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import data
from bench.events import event
from bench.measure import Pair, Result, Spread, Timing, alternately
from infra.bundle import CODE_FOLDER, BundleOptions, build_bundle
from infra.interpreters import Interpreter
from local.server import Server
from tests.certificates import make_authority
from tests.standin.session import APPLICATION_USER, CREDENTIALS, HOST, StandIn, stand_in

ROOT = Path(__file__).resolve().parent.parent
TABLES, COLUMNS = 50, 20
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
PINNED = (ROOT / "api" / "requirements.txt", ROOT / "bench" / "deployed.txt")
WITH_BYTECODE, AS_SHIPPED = 0.6, 0.35
"""At most this share of the hand-written function's time."""

_CHILD = """
import json, sys, time
event = json.load(sys.stdin)
class context:
    aws_request_id = "bench"
    get_remaining_time_in_millis = staticmethod(lambda: 29_000)
wall, cpu = time.perf_counter(), time.process_time()
from importlib import import_module
answer = import_module(sys.argv[1]).handler(event, context)
json.dump([time.perf_counter() - wall, time.process_time() - cpu, answer], sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function: its unpacked archive, the module of its handler, and its environment."""

    folder: Path
    module: str
    environment: Mapping[str, str]

    def start(self) -> tuple[float, float, dict[str, Any]]:
        """Start it for one event: seconds of wall time and of CPU time, and the answer."""
        done = subprocess.run(
            [sys.executable, "-S", "-c", _CHILD, self.module],
            cwd=self.folder,
            # Lambda's code folder is read-only
            env={**self.environment, "PYTHONDONTWRITEBYTECODE": "1"},
            input=json.dumps(event("GET", "purchase/42")),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        wall, cpu, answer = json.loads(done.stdout)
        return wall, cpu, answer

    def seconds(self) -> tuple[float, float]:
        """Start it for one event: seconds of wall time and of CPU time."""
        wall, cpu, _answer = self.start()
        return wall, cpu


def run(server: Server, rounds: int) -> Iterator[Result]:
    """Start the functions in turn; a tenth of the rounds, because one takes seconds."""
    with (
        tempfile.TemporaryDirectory(prefix="aurorest-") as name,
        server.temporary_database() as database,
        stand_in(server, make_authority(Path(name)).issue(HOST)) as proxied,
    ):
        fill(server, database)
        functions = packed(Path(name), proxied, database)
        ours, theirs, shipped = _measured(functions, rounds // 10 or 1)
    yield Result("import, catalog of 50 tables, first answer", Spread.of(ours.wall).scaled(1000), "ms")
    yield Result("    in CPU time", Spread.of(ours.cpu).scaled(1000), "ms")
    yield from _compared("hand-written, packed as the API is", ours, theirs, WITH_BYTECODE)
    yield from _compared("hand-written, as sources", ours, shipped, AS_SHIPPED)


def _compared(what: str, ours: Timing, theirs: Timing, target: float) -> Iterator[Result]:
    compared = Pair(ours, theirs)
    yield Result(f"  / {what}", compared.ratio, "", target)
    yield Result("    in CPU time", compared.cpu_ratio, "")


def fill(server: Server, database: str) -> None:
    """Create and fill the tables of `bench.data`, and others up to 50."""
    data.fill(server, database)
    further = TABLES - data.TABLES.count("CREATE TABLE")
    columns = ", ".join(f"column_{number} VARCHAR(40) NULL" for number in range(COLUMNS - 2))
    for number in range(further):
        server.execute(
            f"CREATE TABLE further_{number} (id INT AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, {columns},"
            " FOREIGN KEY (customer_id) REFERENCES customer (id))",
            database=database,
        )


def packed(folder: Path, proxied: StandIn, database: str) -> tuple[Function, Function, Function]:
    """The API, and the hand-written function with bytecode and as sources."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    archive = build_bundle(BundleOptions(ROOT, ROOT / "build", version, ARCHITECTURES[platform.machine()]))
    ours, sources, compiled = folder / "ours", folder / "sources", folder / "compiled"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(ours)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    requirements = [argument for file in PINNED for argument in ("--requirement", str(file))]
    subprocess.run([*install, "--target", str(sources), *requirements], check=True)
    (sources / "bench").mkdir()
    for module in ("deployed", "handwritten", "models"):
        shutil.copy(ROOT / "bench" / f"{module}.py", sources / "bench")
    shutil.copytree(sources, compiled)
    Interpreter(sys.executable, platform.python_version()).compile_folder(compiled, CODE_FOLDER)
    address = {
        "HOST": HOST,
        "PORT": str(proxied.proxy.port),
        "USER": APPLICATION_USER,
        "DATABASE": database,
        "AUTHORITIES": str(proxied.tls.authority),
    }
    by_hand = {**CREDENTIALS, **address}
    return (
        Function(ours, "api.handler", proxied.environment(database)),
        Function(compiled, "bench.deployed", by_hand),
        Function(sources, "bench.deployed", by_hand),
    )


def _measured(functions: tuple[Function, ...], rounds: int) -> tuple[Timing, ...]:
    """One round of all functions to warm up, whose answers are compared, then `rounds`, in alternating order."""
    rows = [json.loads(function.start()[2]["body"]) for function in functions]
    assert [row["reference"] for row in rows] == ["P-00000042"] * len(functions)
    return alternately([function.seconds for function in functions], rounds)
