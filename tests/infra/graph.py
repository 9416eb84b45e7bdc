"""Runs the whole stack program without a cloud and records what it asked for.

`record(config)` runs `__main__.py` under Pulumi's mocks, with a monitor that keeps what mocks alone do not see:
dependencies, parents, protection, ignored changes and which inputs were secret. Nothing is validated here: the mocks take
any value, which is why the tests look at them.
"""

from __future__ import annotations

import asyncio
import json
import operator
import runpy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pulumi import ResourceOptions, ResourceTransformArgs, ResourceTransformResult
from pulumi.runtime import rpc
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockMonitor, Mocks, set_mocks
from pulumi.runtime.settings import SETTINGS, set_root_resource
from pulumi.runtime.stack import run_in_stack

from tests.infra.aws import AwsAnswers
from tests.infra.values import plain

ROOT = Path(__file__).resolve().parent.parent.parent
STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Resource:
    """One registered resource, its inputs in the provider's names (camelCase) with secrets unwrapped.

    `dependencies`, `parent`: URNs. `secrets`: paths of the inputs that were marked secret, such as `secretString`.
    `options`: `protect`, `retain_on_delete`, `ignore_changes`, `delete_before_replace`, `additional_secret_outputs`.
    """

    type: str
    name: str
    id: str
    urn: str
    custom: bool
    inputs: Mapping[str, Any]
    dependencies: frozenset[str]
    parent: str
    secrets: frozenset[str]
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]
    delete_before_replace: bool
    additional_secret_outputs: tuple[str, ...]
    outputs: Mapping[str, Any] = field(compare=False)


@dataclass(frozen=True)
class Graph:
    """All of them, by URN, the stack's outputs, and what each component registered as its outputs, by URN."""

    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any]
    secret_outputs: frozenset[str]
    registered: Mapping[str, Mapping[str, Any]]

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def of(self, type_: str) -> tuple[Resource, ...]:
        """Those of one type, such as `aws:rds/proxy:Proxy`."""
        return tuple(resource for resource in self.resources if resource.type == type_)

    def one(self, type_: str, ending: str = "") -> Resource:
        """The only one of a type whose name has this ending."""
        found = [resource for resource in self.of(type_) if resource.name.endswith(ending)]
        assert len(found) == 1, f"{len(found)} resources of {type_} end in {ending!r}: {[one.name for one in found]}"
        return found[0]

    def after(self, resource: Resource) -> frozenset[str]:
        """The URNs of everything that exists before `resource` is made."""
        known = {one.urn: one for one in self.resources}
        seen: set[str] = set()
        waiting = list(resource.dependencies)
        while waiting:
            urn = waiting.pop()
            if urn in seen or urn not in known:
                continue
            seen.add(urn)
            waiting.extend(known[urn].dependencies)
        return frozenset(seen)


class _Monitor(MockMonitor):
    def __init__(self, mocks: Mocks, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(mocks)
        self.loop = loop
        self.recorded: list[Resource] = []
        self.stack_outputs: dict[str, Any] = {}
        self.secret_outputs: set[str] = set()
        self.registered: dict[str, dict[str, Any]] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the name is the base class's)
        if request.type == STACK_TYPE:
            return super().RegisterResource(request)  # type: ignore[no-untyped-call]
        self._transform(request)
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        secrets: set[str] = set()
        inputs = plain(rpc.deserialize_properties(request.object, keep_unknowns=True), "", secrets)
        self.recorded.append(
            Resource(
                type=request.type,
                name=request.name,
                id=response.id,
                urn=response.urn,
                custom=request.custom,
                inputs=inputs,
                dependencies=frozenset(request.dependencies),
                parent=request.parent,
                secrets=frozenset(secrets),
                protect=request.protect,
                retain_on_delete=request.retainOnDelete,
                ignore_changes=tuple(request.ignoreChanges),
                delete_before_replace=request.deleteBeforeReplace,
                additional_secret_outputs=tuple(request.additionalSecretOutputs),
                outputs=self.resources[response.urn].state,
            )
        )
        return response

    def _transform(self, request: Any) -> None:
        """Run the stack's transforms, as the engine does; the mocks only keep them."""

        async def run() -> None:
            for transform in self.get_registered_transforms():
                props = rpc.deserialize_properties(request.object, keep_unknowns=True)
                args = ResourceTransformArgs(request.custom, request.type, request.name, props, ResourceOptions())
                result = transform(args)
                if isinstance(result, ResourceTransformResult):
                    request.object.CopyFrom(await rpc.serialize_properties(result.props, {}))

        # Outputs belong to the program's loop, and this runs in another thread.
        asyncio.run_coroutine_threadsafe(run(), self.loop).result(60)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 (the name is the base class's)
        secrets: set[str] = set()
        outputs = plain(rpc.deserialize_properties(request.outputs), "", secrets)
        if f"::{STACK_TYPE}::" in request.urn:
            self.stack_outputs, self.secret_outputs = outputs, secrets
        else:
            self.registered[request.urn] = outputs
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def record(
    config: Mapping[str, str],
    *,
    stack: str = "dev",
    project: str = "aurorest",
    references: Mapping[str, Mapping[str, Any]] | None = None,
    subnets: Mapping[str, Mapping[str, Any]] | None = None,
    previous: Mapping[str, Any] | None = None,
    preview: bool = False,
) -> Graph:
    """Run `__main__.py` and give what it registered.

    `config`: full keys (`aws:region`, `aurorest:auth`) and values, as Pulumi passes them. `references`: outputs of
    other stacks by full name. `subnets`: facts of existing subnets by id (`vpcId`, `availabilityZone`,
    `availabilityZoneId`, `availableIpAddressCount`). `previous`: outputs of this stack's last `up`. `preview`: nothing exists yet, so that what AWS decides is unknown.

    Raises: whatever the program raises, such as `infra.config.ConfigurationError`.
    """
    loop = asyncio.new_event_loop()
    monitor = _Monitor(AwsAnswers(references or {}, subnets or {}, previous or {}, preview=preview), loop)
    asyncio.set_event_loop(loop)
    try:
        set_mocks(monitor.mocks, project=project, stack=stack, preview=preview, monitor=monitor, organization="acme")
        set_all_config(dict(config))
        # An earlier program that failed left some behind, bound to its own loop.
        SETTINGS.rpc_manager.clear()  # pyright: ignore[reportAttributeAccessIssue]
        SETTINGS.outputs.clear()  # pyright: ignore[reportAttributeAccessIssue]
        set_root_resource(None)  # type: ignore[arg-type]
        loop.run_until_complete(run_in_stack(_program))
    finally:
        set_root_resource(None)  # type: ignore[arg-type]
        # A program that failed leaves tasks that wait for what will never be, and would each tell of it again.
        loop.set_exception_handler(lambda _loop, _context: None)
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()
        asyncio.set_event_loop(None)
    # Registered as their inputs come in, so the order differs from run to run.
    recorded = sorted(monitor.recorded, key=operator.attrgetter("urn"))
    return Graph(tuple(recorded), monitor.stack_outputs, frozenset(monitor.secret_outputs), monitor.registered)


def _program() -> None:
    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")


def stack_file(stack: str) -> dict[str, str]:
    """The configuration in `Pulumi.<stack>.yaml`, as strings."""
    written = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in written.items()}
