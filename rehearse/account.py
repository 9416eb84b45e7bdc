"""Calls on the account: create, update and delete, each with a beginning and an end, under the rules of AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from rehearse import rules
from rehearse.answers import made, read, version_of
from rehearse.values import UNKNOWN
from rehearse.world import Event, Thing, World, opened, seen

Values = dict[str, Any]
_FUNCTION = "aws:lambda/function:Function"
_SECONDS: Mapping[str, float] = {
    "aws:rds/cluster:Cluster": 0.3,
    "aws:rds/clusterInstance:ClusterInstance": 0.5,
    "aws:rds/proxy:Proxy": 0.2,
    "aws:lambda/invocation:Invocation": 0.3,
}
"""A call that takes minutes at AWS takes a moment here, so that anything that does not wait for it comes first."""
_UNVERSIONED = frozenset({"tags", "reservedConcurrentExecutions", "replaceSecurityGroupsOnDestroy"})
"""Changes of a function that publish no version."""


class Account:
    """The account in a file. `sleep`: how a call spends its time."""

    def __init__(self, path: Path, sleep: Callable[[float], None]) -> None:
        self._path = path
        self._sleep = sleep

    def see(self) -> World:
        """Everything as it is now."""
        return seen(self._path)

    @staticmethod
    def planned(type_: str, inputs: Values) -> Values:
        """The state that a preview shows for a new resource: the inputs, and unknown values for what AWS decides."""
        _, outputs = made(type_, {**_placeholders(type_), **inputs}, 0)
        return {**dict.fromkeys(outputs, UNKNOWN), **inputs}

    @staticmethod
    def moving(type_: str, wanted: Values, changed: Iterable[str]) -> frozenset[str]:
        """The outputs that an update changes."""
        if type_ == _FUNCTION and wanted.get("publish") and set(changed) - _UNVERSIONED:
            return frozenset(version_of("", 0))
        return frozenset()

    def create(self, type_: str, name: str, inputs: Values) -> Thing:
        """Raises: `rules.Refused`."""
        with opened(self._path) as world:
            rules.before_create(world, type_, inputs)
            begin = world.tick()
            world.made += 1
            number = world.made
        self._sleep(_SECONDS.get(type_, 0.0))
        with opened(self._path) as world:
            id_, outputs = made(type_, inputs, number)
            thing = Thing(type_, name, id_, {**outputs, **read(type_, inputs)})
            rules.after_create(world, thing)
            world.put(thing)
            world.events.append(Event("create", type_, name, id_, begin, world.tick(), inputs))
        return thing

    def update(self, type_: str, id_: str, wanted: Values, changed: Iterable[str], gone: Iterable[str]) -> Thing:
        """Raises: `rules.Refused`."""
        with opened(self._path) as world:
            thing = rules.there(world, type_, id_)
            begin = world.tick()
        self._sleep(_SECONDS.get(type_, 0.0))
        with opened(self._path) as world:
            thing = rules.there(world, type_, id_)
            state = {name: value for name, value in thing.state.items() if name not in set(gone)}
            thing.state = {**state, **read(type_, wanted)}
            if self.moving(type_, wanted, changed):
                published = int(state["version"]) + 1 if state["version"].isdigit() else 1
                thing.state |= version_of(id_, published)
            world.put(thing)
            world.events.append(
                Event(
                    "update", type_, thing.name, id_, begin, world.tick(), {name: wanted.get(name) for name in changed}
                )
            )
        return thing

    def delete(self, type_: str, id_: str) -> None:
        """A resource that no longer exists is not an error. Raises: `rules.Refused`."""
        with opened(self._path) as world:
            thing = world.get(type_, id_)
            if thing is None:
                return
            rules.before_delete(world, thing)
            begin = world.tick()
        self._sleep(_SECONDS.get(type_, 0.0))
        with opened(self._path) as world:
            world.drop(thing)
            rules.after_delete(world, thing)
            world.events.append(Event("delete", type_, thing.name, id_, begin, world.tick()))


def _placeholders(type_: str) -> Values:
    """The inputs that `made` reads, which a preview may not know."""
    return {"byteLength": 4, "length": 32} if type_.startswith("random:") else {}
