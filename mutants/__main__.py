"""`make mutants`: a seeded sample of faults, each judged by the unit tests and, if they pass, the integration tests.

python -m mutants [--sample N] [--seed S] [--rooms plan,sql] [--again]

A fault that no test notices is printed as a change of the source. `mutants/without_effect.toml` lists those that change
nothing that can be observed, with the reason; they are not counted. The exit status is 1 if fewer than 92 in 100 of the
others are noticed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import tomllib
from pathlib import Path

from mutants.faults import ROOMS, Fault, Faults
from mutants.trial import ROOT, SUITES, Copy, Covering

LEAST = 92
REASONS = Path(__file__).parent / "without_effect.toml"
FOLDER = ROOT / "build" / "mutants"


def main() -> int:
    """0 if enough faults are noticed."""
    parser = argparse.ArgumentParser(prog="python -m mutants", description="Test the tests by faults in the source.")
    parser.add_argument("--sample", type=int, default=50, help="how many faults")
    parser.add_argument("--seed", type=int, default=1, help="which faults")
    parser.add_argument("--rooms", default=",".join(ROOMS), help="folders of api/, separated by commas")
    parser.add_argument("--suites", default=",".join(SUITES), help="folders of tests, in the order they run")
    parser.add_argument("--again", action="store_true", help="only those that the last run did not notice")
    arguments = parser.parse_args()
    suites = tuple(arguments.suites.split(","))
    every = Faults(ROOT, tuple(arguments.rooms.split(",")))
    FOLDER.mkdir(parents=True, exist_ok=True)
    results = FOLDER / f"{arguments.seed}.json"
    found: dict[str, str | None] = json.loads(results.read_text(encoding="utf-8")) if arguments.again else {}
    names = (
        [name for name in found if found[name] is None]
        if arguments.again
        else every.sample(arguments.sample, arguments.seed)
    )
    print(f"{len(names)} of {len(every)} faults, seed {arguments.seed}", flush=True)
    reasons = _reasons()
    with tempfile.TemporaryDirectory(prefix="aurorest-mutants-") as folder:
        copy = Copy(Path(folder))
        covering = {suite: _covering(copy, suite) for suite in suites}
        for number, name in enumerate(names, 1):
            fault = every.named(name)
            reason = reasons.get((fault.path, fault.before, fault.after))
            noticed = None if reason else _judge(copy, fault, covering)
            found[name] = f"without effect: {reason}" if reason else noticed
            results.write_text(json.dumps(found, indent=1), encoding="utf-8")
            print(f"{number}/{len(names)} {name} {_line(fault, found[name])}", flush=True)
    return _report(found)


def _judge(copy: Copy, fault: Fault, covering: dict[str, Covering]) -> str | None:
    for measured in covering.values():
        outcome = copy.try_fault(fault, measured)
        if outcome.noticed is not None:
            return outcome.noticed
    return None


def _line(fault: Fault, noticed: str | None) -> str:
    if noticed is not None:
        return noticed
    return f"NOT NOTICED\n    - {fault.before}\n    + {fault.after}".replace("\n", "\n    ")


def _report(found: dict[str, str | None]) -> int:
    survived = [name for name, noticed in found.items() if noticed is None]
    without = [name for name, noticed in found.items() if noticed and noticed.startswith("without effect")]
    counted = len(found) - len(without)
    percent = 100 * (counted - len(survived)) / counted if counted else 100.0
    print(f"noticed {counted - len(survived)} of {counted} ({percent:.0f} %), {len(without)} without effect")
    return int(percent < LEAST)


def _reasons() -> dict[tuple[str, str, str], str]:
    listed = tomllib.loads(REASONS.read_text(encoding="utf-8"))["fault"]
    return {(each["path"], each["before"], each["after"]): each["reason"] for each in listed}


def _covering(copy: Copy, suite: str) -> Covering:
    """Kept in `build/mutants`; measured again if it is removed."""
    kept = FOLDER / f"covering-{suite.replace('/', '-')}.json"
    if not kept.exists():
        print(f"running {suite} once, to see which lines each of its files runs", flush=True)
        kept.write_text(json.dumps(copy.covering(suite)), encoding="utf-8")
    measured: Covering = json.loads(kept.read_text(encoding="utf-8"))
    return measured


if __name__ == "__main__":
    sys.exit(main())
