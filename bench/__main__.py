"""`make bench`: start a server, run every benchmark on it and print the ratios.

python -m bench [--server mysql|mariadb] [--only PART] [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from local.installation import NAMES
from local.server import Options, start_either

PARTS = ("read", "write", "several", "policy", "peers", "trips", "catalog", "cold")
"""Modules of this package: each has `run(server, rounds)`, an iterator of `measure.Result`."""


def main() -> None:
    """Run the benchmarks that the arguments select."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Compare the API with the bare driver.")
    parser.add_argument("--server", choices=("mysql", "mariadb"), default="mysql")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--rounds", type=int, default=200, help="how many times each pair is measured")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    arguments = parser.parse_args()
    figures: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="aurorest-") as folder:
        server = start_either(arguments.server, Path(folder), Options(durable=False))
        try:
            print(f"{NAMES[server.kind]} {server.installation.version}, Python {sys.version.split()[0]}:", end=" ")
            print(f"medians of {arguments.rounds} rounds (least .. greatest)")
            for part in PARTS if arguments.only is None else (arguments.only,):
                for result in importlib.import_module(f"bench.{part}").run(server, arguments.rounds):
                    print(result.line(), flush=True)
                    figures.append({"part": part, **asdict(result)})
            if arguments.json:
                about = {
                    "server": f"{NAMES[server.kind]} {server.installation.version}",
                    "python": sys.version.split()[0],
                    "rounds": arguments.rounds,
                }
                arguments.json.write_text(json.dumps({**about, "results": figures}, indent=1) + "\n")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
