"""The account that the rehearsal deploys to: what exists in it, and everything that happened, in one JSON file.

Providers are separate processes, one per command of the CLI, so the file is what lasts; a lock keeps them apart.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Thing:
    """One resource that exists. `name`: its logical name. `state`: inputs and what AWS added."""

    type: str
    name: str
    id: str
    state: dict[str, Any]


@dataclass(slots=True)
class Event:
    """One call that changed something. `begin` and `end` count all calls of the account; `detail`: what was asked."""

    call: str
    type: str
    name: str
    id: str
    begin: int
    end: int
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """`snapshots`: final snapshots by identifier, with the cluster's state. `leftovers`: log groups that a service made
    by itself. `writes`: those that a service makes again when a late line arrives. `held`: secret names in recovery.
    `lost`: sentences about data that can no longer be read. `waits`: sentences about what a person would wait for.
    """

    things: dict[str, Thing] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    clock: int = 0
    made: int = 0
    snapshots: dict[str, dict[str, Any]] = field(default_factory=dict)
    leftovers: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)

    def tick(self) -> int:
        """The next moment."""
        self.clock += 1
        return self.clock

    def of(self, type_: str) -> list[Thing]:
        """All things of a type (`rds/cluster:Cluster` of aws may go without its prefix)."""
        full = type_ if type_.count(":") == 2 else f"aws:{type_}"
        return [thing for thing in self.things.values() if thing.type == full]

    def find(self, type_: str, **state: Any) -> Thing | None:
        """The thing of a type whose state has these values."""
        return next(
            (thing for thing in self.of(type_) if all(thing.state.get(name) == value for name, value in state.items())),
            None,
        )

    def get(self, type_: str, id_: str) -> Thing | None:
        """By type and id."""
        return self.things.get(f"{type_} {id_}")

    def put(self, thing: Thing) -> None:
        """Add it, or write it again."""
        self.things[f"{thing.type} {thing.id}"] = thing

    def drop(self, thing: Thing) -> None:
        """Remove it."""
        del self.things[f"{thing.type} {thing.id}"]

    def late_lines(self) -> None:
        """Some time after the end: services have written their last lines, into log groups that they created."""
        present = {thing.state.get("name") for thing in self.of("cloudwatch/logGroup:LogGroup")}
        self.leftovers += [name for name in self.writes if name not in present and name not in self.leftovers]


def loaded(text: str) -> World:
    """A world from its JSON text; empty text: one where nothing happened."""
    found: Mapping[str, Any] = json.loads(text) if text.strip() else {}
    simple = {name: value for name, value in found.items() if name not in {"things", "events"}}
    return World(
        things={key: Thing(**thing) for key, thing in found.get("things", {}).items()},
        events=[Event(**event) for event in found.get("events", [])],
        **simple,
    )


@contextmanager
def opened(path: Path) -> Iterator[World]:
    """The world of a file, to be changed; nobody else changes it meanwhile."""
    path.touch()
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        world = loaded(file.read())
        yield world
        file.seek(0)
        file.truncate()
        json.dump(asdict(world), file)


def seen(path: Path) -> World:
    """The world of a file, to be read."""
    path.touch()
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        return loaded(file.read())
