"""The command line of `make rehearse`."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rehearse.cli import Project
from rehearse.report import Report
from rehearse.scenes import attached, life, options, policies, production, settings, template
from rehearse.scenes.stage import Stage
from rehearse.tools import ROOT, MissingTool, toolbox

SCENES: Mapping[str, Callable[[Stage], None]] = {
    "life": life.rehearse,
    "production": production.rehearse,
    "options": options.rehearse,
    "attached": attached.rehearse,
    "settings": settings.rehearse,
    "template": template.rehearse,
    "policies": policies.rehearse,
}

_TERMINATED = 143


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    """Run the scenes; the exit code is 1 when one found a difference, 2 when it could not start."""
    parser = argparse.ArgumentParser(
        "make rehearse",
        description="Rehearse deployments with the real Pulumi CLI, against an account that lives in a file.",
        epilog="Exit code 0: all as expected; 1: a difference; 2: there is neither a Pulumi CLI nor Go to build one.",
    )
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"{', '.join(SCENES)} (all)")
    parser.add_argument("--keep", action="store_true", help="keep the project copies and the log of every command")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.scenes if name not in SCENES]
    if unknown:
        parser.error(f"there is no scene {unknown[0]!r}; there are {', '.join(SCENES)}")
    try:
        tools = toolbox((ROOT / ".cache" / "rehearse").resolve(), _say)
    except MissingTool as missing:
        print(f"make rehearse: {missing}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # ends the CLI too, and removes the folders
    report, begin = Report(), time.monotonic()
    for name in arguments.scenes or SCENES:
        _say(f"== {name}")
        folder = Path(tempfile.mkdtemp(prefix=f"rehearse-{name}-"))
        project = Project(folder, tools).copied()
        try:
            SCENES[name](Stage(project, report, _say))
        finally:
            (folder / "log.txt").write_text("\n".join(project.log))
            if arguments.keep:
                _say(f"  kept: {folder}")
            else:
                shutil.rmtree(folder)
    print(f"\n{report.text()}, in {time.monotonic() - begin:.0f} s")
    return 1 if report.differences else 0


if __name__ == "__main__":
    sys.exit(main())
