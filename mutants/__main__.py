"""`make mutants`: a seeded sample of faults, each judged by the unit tests and, if they pass, the integration tests.

python -m mutants [--sample N] [--seed S] [--rooms plan,sql] [--jobs N] [--seconds N] [--again]

A fault that no test notices is printed as a change of the source. `mutants/without_effect.toml` lists those that change
nothing that can be observed, with the reason; they are not counted. The exit status is 1 if fewer than 92 in 100 of the
others are noticed.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from mutants.choosing import Covering
from mutants.faults import ROOMS, Fault, Faults, source_files
from mutants.trial import ROOT, SUITES, Copy, Outcome

LEAST = 92
REASONS = Path(__file__).parent / "without_effect.toml"
FOLDER = ROOT / "build" / "mutants"

_copy: Copy  # each process has one
_measured: list[Covering]


def main() -> int:
    """0 if enough faults are noticed."""
    parser = argparse.ArgumentParser(prog="python -m mutants", description="Test the tests by faults in the source.")
    parser.add_argument("--sample", type=int, default=50, help="how many faults")
    parser.add_argument("--seed", type=int, default=1, help="which faults")
    parser.add_argument("--rooms", default=",".join(ROOMS), help="folders of api/, separated by commas")
    parser.add_argument("--suites", default=",".join(SUITES), help="folders of tests, in the order they run")
    parser.add_argument("--jobs", type=int, default=2, help="how many faults are tried at the same time")
    parser.add_argument("--seconds", type=float, default=60, help="of each suite's tests for one fault, at most")
    parser.add_argument("--again", action="store_true", help="only those that the last run did not notice")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    results = FOLDER / f"{arguments.seed}.json"
    found: dict[str, str | None] = json.loads(results.read_text(encoding="utf-8")) if arguments.again else {}
    sampled = _sampled(tuple(arguments.rooms.split(",")), arguments.sample, arguments.seed)
    started, reasons, tried = time.monotonic(), _reasons(), dict[str, Fault]()
    for name, fault in sampled.items():
        if reason := reasons.get((fault.path, fault.before, fault.after)):
            found[name] = f"without effect: {reason}"
        elif found.get(name) is None:
            tried[name] = fault
    print(f"{len(tried)} of {len(sampled)} faults, seed {arguments.seed}", flush=True)
    gc.freeze()  # or every fork copies all of it when it collects garbage
    with tempfile.TemporaryDirectory(prefix="am-") as folder:
        first = Copy(Path(folder) / "0")
        measured = [_covering(first, suite) for suite in arguments.suites.split(",")]
        fork = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(arguments.jobs, fork, _start, (Path(folder), measured)) as pool:
            waiting = {pool.submit(_try, fault, arguments.seconds): name for name, fault in tried.items()}
            for number, done in enumerate(as_completed(waiting), 1):
                name, outcome = waiting[done], done.result()
                found[name] = outcome.noticed
                results.write_text(json.dumps(found, indent=1), encoding="utf-8")
                minutes = (time.monotonic() - started) / 60
                print(f"{number}/{len(tried)} {minutes:.1f} min {name} {_line(tried[name], outcome)}", flush=True)
    return _report(found)


def _sampled(rooms: tuple[str, ...], size: int, seed: int) -> dict[str, Fault]:
    """The sample by name, kept in `build/mutants` until the source changes: to find all faults takes a minute."""
    source = "".join(str(file) + file.read_text(encoding="utf-8") for file in source_files(ROOT, rooms))
    kept = FOLDER / f"sample-{sha256(f'{size} {seed} {source}'.encode()).hexdigest()[:16]}.json"
    if not kept.exists():
        every = Faults(ROOT, rooms)
        print(f"a sample of {size} of {len(every)} faults", flush=True)
        chosen = {name: asdict(every.named(name)) for name in every.sample(size, seed)}
        kept.write_text(json.dumps(chosen), encoding="utf-8")
    return {name: Fault(**fault) for name, fault in json.loads(kept.read_text(encoding="utf-8")).items()}


def _start(folder: Path, measured: list[Covering]) -> None:
    global _copy, _measured
    _copy, _measured = Copy(Path(tempfile.mkdtemp(dir=folder))), measured


def _try(fault: Fault, most: float) -> Outcome:
    return _copy.try_fault(fault, _measured, most)


def _line(fault: Fault, outcome: Outcome) -> str:
    if outcome.noticed is not None:
        return outcome.noticed
    tests = f"NOT NOTICED by {outcome.ran} tests, {outcome.seconds:.0f} s"
    return f"{tests}\n- {fault.before}\n+ {fault.after}".replace("\n", "\n    ")


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
        print(f"running {suite} once, to see which lines each of its tests runs", flush=True)
        kept.write_text(json.dumps(copy.covering(suite)), encoding="utf-8")
    return Covering(json.loads(kept.read_text(encoding="utf-8")), copy.collected(suite))


if __name__ == "__main__":
    sys.exit(main())
