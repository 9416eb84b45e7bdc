"""Runs the Pulumi CLI in a copy of the project, with a separate backend and account."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearse.provider import VARIABLE
from rehearse.tools import ROOT, Toolbox
from rehearse.world import World, opened, seen

STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, slots=True)
class Step:
    """What the engine did to one resource. `op` is Pulumi's word; `keys`: the properties that caused it."""

    op: str
    type: str
    name: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One command: its exit code, all it printed, and the steps in the order in which they ended (`same` left out)."""

    command: str
    code: int
    text: str
    steps: tuple[Step, ...] = ()

    @property
    def problem(self) -> str:
        """The lines of the output that tell what failed."""
        lines = [line.strip() for line in self.text.splitlines()]
        told = [line for line in lines if line.startswith(("error:", "- aurorest:"))]
        reasons = [line for line in dict.fromkeys(told) if not line.startswith(_EMPTY_WORDS)]
        return "; ".join(reasons) or self.text.strip()[-300:]


_EMPTY_WORDS = (
    "error: an unhandled error occurred: Program exited",
    "error: the stack's configuration cannot be built:",
    "error: update failed",
)
"""What the engine says besides the reason."""


@dataclass(slots=True)
class Project:
    """A copy of the project under `folder`, and the commands in it (or in the project `inside`, where that is set)."""

    folder: Path
    tools: Toolbox
    inside: Path | None = None
    log: list[str] = field(default_factory=list)
    _passphrase: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    @property
    def program(self) -> Path:
        """The folder with `Pulumi.yaml`."""
        return self.folder / "project"

    def copied(self) -> Project:
        """Make the copy, with the environment of `make setup`."""
        copy(self.program)
        self.equip(self.program)
        (self.folder / "state").mkdir()
        (self.folder / "home").mkdir()
        (self.folder / "home" / "plugins").symlink_to(self.tools.plugins)
        return self

    @staticmethod
    def equip(program: Path) -> None:
        """Give a copy the environment that `make setup` made, for the program and for the policy pack."""
        environment = (ROOT / ".venv").resolve()
        archives = ROOT / ".cache" / "rehearse" / "build"
        archives.mkdir(parents=True, exist_ok=True)
        for name, target in ((".venv", environment), ("policy/.venv", environment), ("build", archives.resolve())):
            if not (program / name).exists():
                (program / name).symlink_to(target)

    def account(self) -> World:
        """What exists."""
        return seen(self.folder / "account.json")

    def meddle(self, type_: str, ending: str, **changes: Any) -> None:
        """Change a resource as somebody would in the console."""
        with opened(self.folder / "account.json") as world:
            thing = next(thing for thing in world.of(type_) if thing.name.endswith(ending))
            thing.state |= changes

    def late_lines(self) -> None:
        """Let the services write their last log lines."""
        with opened(self.folder / "account.json") as world:
            world.late_lines()

    def run(self, *arguments: str) -> Outcome:
        """One command of the CLI; nothing is asked, and nothing is fetched."""
        events = self.folder / "events.json"
        events.unlink(missing_ok=True)
        logged = ["--event-log", str(events)] if arguments[0] in {"preview", "up", "destroy", "refresh"} else []
        done = subprocess.run(
            [self.tools.pulumi, "--non-interactive", *arguments[:1], *logged, *arguments[1:]],
            cwd=self.inside or self.program,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        command = " ".join(("pulumi", *arguments))
        self.log.append(f"$ {command}\n{done.stdout}")
        return Outcome(command, done.returncode, done.stdout, tuple(steps(_lines(events))))

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "AWS_"))}
        return {
            **kept,
            "PATH": os.pathsep.join([*map(str, self.tools.path), os.environ["PATH"]]),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": self._passphrase,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_COMMANDS": "true",  # offers --event-log
            "NO_COLOR": "1",
            VARIABLE: str(self.folder / "account.json"),
        }

    def init(self, stack: str, preset: str = "", config: Mapping[str, str] | None = None) -> None:
        """Make a stack, from one of the presets where named, and select it."""
        settings = self.program / f"Pulumi.{stack}.yaml"
        if preset and preset != stack:
            shutil.copyfile(self.program / f"Pulumi.{preset}.yaml", settings)
        self.expect("stack", "init", stack)
        for name, value in (config or {}).items():
            self.set(name, value)

    def set(self, name: str, value: str | None) -> Outcome:
        """Set a key of the configuration, or with None remove it."""
        key = name if ":" in name else f"aurorest:{name}"
        return self.run("config", "rm", key) if value is None else self.run("config", "set", "--", key, value)

    def expect(self, *arguments: str) -> Outcome:
        """Run a command that cannot fail.

        Raises: `RuntimeError` with what it printed.
        """
        done = self.run(*arguments)
        if done.code:
            raise RuntimeError(f"{done.command} ended with {done.code}:\n{done.text}")
        return done


def copy(target: Path) -> None:
    """Copy the project as git knows it, new files included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target / name)


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.exists():
        for line in path.read_text().splitlines():
            yield json.loads(line)


def steps(events: Iterator[Mapping[str, Any]]) -> Sequence[Step]:
    """The steps in a log of engine events; a preview has them before, an update after they are done."""
    before: dict[tuple[str, str], Step] = {}
    after: dict[tuple[str, str], Step] = {}
    for event in events:
        for kind, found in (("resourcePreEvent", before), ("resOutputsEvent", after)):
            metadata = event.get(kind, {}).get("metadata")
            if metadata and metadata["op"] not in {"same", "read", "refresh"} and metadata["type"] != STACK_TYPE:
                name = metadata["urn"].split("::", 3)[3]
                found[metadata["urn"], metadata["op"]] = Step(
                    metadata["op"], metadata["type"], name, tuple(sorted(metadata.get("diffs") or ()))
                )
    return [*after.values(), *(step for key, step in before.items() if key not in after)]
