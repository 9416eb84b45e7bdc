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
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from pulumi import FileArchive
from pulumi.runtime import rpc
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.settings import SETTINGS, set_root_resource
from pulumi.runtime.stack import run_in_stack

ROOT = Path(__file__).resolve().parent.parent.parent
REGION = "eu-central-1"
ACCOUNT = "123456789012"
SECRET_KEY = "4dabf18193072939515e22adb298388d"
STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Resource:
    """One registered resource, its inputs in the provider's names (camelCase) with secrets unwrapped.

    `dependencies`, `parent`: URNs. `secrets`: paths of the inputs that were marked secret, such as `secretString`.
    `options`: `protect`, `ignore_changes`, `delete_before_replace`, `additional_secret_outputs`.
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
    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.recorded: list[Resource] = []
        self.stack_outputs: dict[str, Any] = {}
        self.secret_outputs: set[str] = set()
        self.registered: dict[str, dict[str, Any]] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the name is the base class's)
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type == STACK_TYPE:
            return response
        secrets: set[str] = set()
        inputs = _plain(rpc.deserialize_properties(request.object, keep_unknowns=True), "", secrets)
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
                ignore_changes=tuple(request.ignoreChanges),
                delete_before_replace=request.deleteBeforeReplace,
                additional_secret_outputs=tuple(request.additionalSecretOutputs),
                outputs=self.resources[response.urn].state,
            )
        )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 (the name is the base class's)
        secrets: set[str] = set()
        outputs = _plain(rpc.deserialize_properties(request.outputs), "", secrets)
        if f"::{STACK_TYPE}::" in request.urn:
            self.stack_outputs, self.secret_outputs = outputs, secrets
        else:
            self.registered[request.urn] = outputs
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def _plain(value: Any, path: str, secrets: set[str]) -> Any:
    """`value` without the wrapping of secrets, whose paths are added to `secrets`."""
    if isinstance(value, dict):
        if SECRET_KEY in value and "value" in value:
            secrets.add(path)
            return _plain(value["value"], path, secrets)
        return {name: _plain(item, f"{path}.{name}" if path else name, secrets) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, f"{path}[{number}]", secrets) for number, item in enumerate(value)]
    if rpc.is_rpc_secret(value):
        secrets.add(path)
        return _plain(rpc.unwrap_rpc_secret(value), path, secrets)
    if isinstance(value, float) and value.is_integer():
        return int(value)  # protobuf has no whole numbers
    if isinstance(value, FileArchive):
        return {"archive": value.path}
    return value


class _Aws(Mocks):
    """Answers as AWS would, as far as other resources read the answers."""

    def __init__(self, references: Mapping[str, Mapping[str, Any]], subnets: Mapping[str, Mapping[str, Any]]) -> None:
        self.references = references
        self.subnets = subnets

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        secrets: set[str] = set()
        inputs = _plain(args.inputs, "", secrets)
        name = str(inputs.get("name") or f"{args.name}-0123456")
        service, _, kind = args.typ.partition(":")[2].partition("/")
        state = {
            "name": name,
            "arn": f"arn:aws:{service}:{REGION}:{ACCOUNT}:{kind.partition(':')[0]}/{name}",
            **inputs,
            **{key: value for key, value in args.inputs.items() if isinstance(value, FileArchive)},
            **self._known(args.typ, args.name, name, inputs),
        }
        return str(state.pop("id", f"{args.name}-id")), state

    def _known(self, type_: str, logical: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        rds = f"arn:aws:rds:{REGION}:{ACCOUNT}"
        known: dict[str, dict[str, Any]] = {
            "aws:rds/cluster:Cluster": {
                "id": inputs.get("clusterIdentifier"),
                "arn": f"{rds}:cluster:{inputs.get('clusterIdentifier')}",
                "clusterResourceId": "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                "endpoint": f"{inputs.get('clusterIdentifier')}.cluster-abc.{REGION}.rds.amazonaws.com",
                "masterUserSecrets": [
                    {"secretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!cluster-1-AbCdEf"}
                ],
            },
            "aws:rds/proxy:Proxy": {
                "id": name,
                "arn": f"{rds}:db-proxy:prx-0123456789abcdef0",
                "endpoint": f"{name}.proxy-abc.{REGION}.rds.amazonaws.com",
            },
            "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {"name": "default"},
            "aws:rds/proxyEndpoint:ProxyEndpoint": {
                "endpoint": f"{inputs.get('dbProxyEndpointName')}.endpoint.proxy-abc.{REGION}.rds.amazonaws.com"
            },
            "aws:secretsmanager/secret:Secret": {
                "arn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf",
                "id": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf",
            },
            "aws:iam/role:Role": {"arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"},
            "aws:cloudwatch/logGroup:LogGroup": {"arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"},
            "aws:lambda/function:Function": {
                "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
                "version": "1",
            },
            "aws:lambda/alias:Alias": {
                "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{inputs.get('functionName')}:{name}",
                "invokeArn": (
                    f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/"
                    f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{inputs.get('functionName')}:{name}/invocations"
                ),
            },
            "aws:lambda/invocation:Invocation": {"result": "{}"},
            "aws:apigatewayv2/api:Api": {
                "id": "a1b2c3d4e5",
                "apiEndpoint": f"https://a1b2c3d4e5.execute-api.{REGION}.amazonaws.com",
                "executionArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2c3d4e5",
            },
            "aws:apigatewayv2/domainName:DomainName": {
                "id": inputs.get("domainName"),
                "domainNameConfiguration": {
                    **(inputs.get("domainNameConfiguration") or {}),
                    "targetDomainName": f"d-abc.execute-api.{REGION}.amazonaws.com",
                    "hostedZoneId": "Z1U9ULNL0V5AJ3",
                },
            },
            "aws:acm/certificate:Certificate": {
                "arn": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/0a1b",
                "domainValidationOptions": [
                    {
                        "domainName": inputs.get("domainName"),
                        "resourceRecordName": f"_proof.{inputs.get('domainName')}.",
                        "resourceRecordType": "CNAME",
                        "resourceRecordValue": "_value.acm-validations.aws.",
                    }
                ],
            },
            "aws:route53/record:Record": {"fqdn": inputs.get("name")},
            "aws:kms/key:Key": {
                "id": "11111111-2222-3333-4444-555555555555",
                "keyId": "11111111-2222-3333-4444-555555555555",
                "arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555",
            },
            "aws:sns/topic:Topic": {"arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"},
            "aws:cognito/userPool:UserPool": {"id": f"{REGION}_AbCdEfGhI"},
            "aws:ec2/vpc:Vpc": {"id": "vpc-0123456789abcdef0"},
            "aws:ec2/subnet:Subnet": {"id": f"subnet-{sha256(logical.encode()).hexdigest()[:17]}"},
            "random:index/randomPassword:RandomPassword": {
                "result": f"password-of-{logical}-{(inputs.get('keepers') or {}).get('version')}"
            },
            "random:index/randomId:RandomId": {"hex": "0a1b2c3d"},
            "pulumi:pulumi:StackReference": {
                "name": inputs.get("name"),
                "outputs": dict(self.references.get(str(inputs.get("name")), {})),
                "secretOutputNames": [],
            },
        }
        return known.get(type_, {})

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return self._answer(args), []

    def _answer(self, args: MockCallArgs) -> dict[str, Any]:
        if args.token == "aws:index/getAvailabilityZones:getAvailabilityZones":
            names = [f"{REGION}{letter}" for letter in "abc"]
            return {"names": names, "zoneIds": ["euc1-az2", "euc1-az3", "euc1-az1"], "id": REGION, "region": REGION}
        if args.token == "aws:index/getCallerIdentity:getCallerIdentity":
            return {"accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/deployer", "userId": "u", "id": ACCOUNT}
        if args.token == "aws:index/getPartition:getPartition":
            return {"partition": "aws", "dnsSuffix": "amazonaws.com", "id": "aws", "reverseDnsPrefix": "com.amazonaws"}
        if args.token == "aws:ec2/getSubnet:getSubnet":
            return {"id": args.args["id"], **self.subnets[args.args["id"]]}
        if args.token == "aws:rds/getCluster:getCluster":
            identifier = args.args["clusterIdentifier"]
            return {
                "id": identifier,
                "clusterIdentifier": identifier,
                "arn": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{identifier}",
                "clusterResourceId": "cluster-EXISTING00000000000000",
                "endpoint": f"{identifier}.cluster-abc.{REGION}.rds.amazonaws.com",
            }
        raise AssertionError(f"the program calls {args.token}, which this recorder does not know")


def record(
    config: Mapping[str, str],
    *,
    stack: str = "dev",
    project: str = "aurorest",
    references: Mapping[str, Mapping[str, Any]] | None = None,
    subnets: Mapping[str, Mapping[str, Any]] | None = None,
) -> Graph:
    """Run `__main__.py` and give what it registered.

    `config`: full keys (`aws:region`, `aurorest:auth`) and texts, as Pulumi hands them over. `references`: outputs of
    other stacks by full name. `subnets`: facts of existing subnets by id (`vpcId`, `availabilityZone`,
    `availabilityZoneId`, `availableIpAddressCount`).

    Raises: whatever the program raises, such as `infra.config.ConfigurationError`.
    """
    monitor = _Monitor(_Aws(references or {}, subnets or {}))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        set_mocks(monitor.mocks, project=project, stack=stack, monitor=monitor, organization="acme")
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
    # Registered as their inputs come in, so the order differs from run to run.
    recorded = sorted(monitor.recorded, key=operator.attrgetter("urn"))
    return Graph(tuple(recorded), monitor.stack_outputs, frozenset(monitor.secret_outputs), monitor.registered)


def _program() -> None:
    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")


def stack_file(stack: str) -> dict[str, str]:
    """The configuration in `Pulumi.<stack>.yaml`, as texts."""
    written = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in written.items()}
