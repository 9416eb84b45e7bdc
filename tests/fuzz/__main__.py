"""`make fuzz MINUTES=60`: the tests of this folder again and again, each round with new rows and new requests, on both servers.

python -m tests.fuzz [--minutes M] [--times N] [--seed S]

Ends with the first failure, whose smallest form is printed as curl commands, or when the time is over.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> int:
    """0 if nothing was found."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Random requests compared with the model."
    )
    parser.add_argument("--minutes", type=float, default=10, help="no round starts after this time")
    parser.add_argument(
        "--times", type=int, default=5, help="the examples of a round, as a multiple of those of make test"
    )
    parser.add_argument("--seed", type=int, help="of the first round only, to repeat it")
    arguments = parser.parse_args()
    started = time.monotonic()
    rounds = 0
    while not rounds or time.monotonic() - started < arguments.minutes * 60:
        seed = random.SystemRandom().randrange(2**32) if rounds or arguments.seed is None else arguments.seed
        rounds += 1
        print(f"==> round {rounds}, {(time.monotonic() - started) / 60:.0f} min: --seed {seed}", flush=True)
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", f"--hypothesis-seed={seed}", str(FOLDER)],
            env=os.environ | {"AUROREST_FUZZ": str(arguments.times), "AUROREST_FUZZ_SEED": str(seed)},
            check=False,
        )
        if ran.returncode:
            print(f"Found. Again: make fuzz ARGS='--times {arguments.times} --seed {seed}'", file=sys.stderr)
            print(f"The rows it needs: python -m tests.fuzz.tables {seed} | mysql DATABASE", file=sys.stderr)
            return 1
    print(f"Nothing found in {rounds} rounds.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
