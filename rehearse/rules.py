"""What AWS refuses, and what it does by itself, when resources are made and deleted.

Each rule is one that a stack of this kind meets (the error codes are AWS's): names that are taken, parts that must
exist first, parts that are still used. A call that breaks none of these rules succeeds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rehearse.kinds import KINDS
from rehearse.values import leaves
from rehearse.world import Thing, World

Values = dict[str, Any]


class Refused(Exception):
    """AWS answers with an error."""


def there(world: World, type_: str, id_: str) -> Thing:
    """A resource that exists.

    Raises: `Refused`.
    """
    thing = world.get(type_, id_)
    if thing is None:
        raise Refused(f"NotFound: {type_} {id_} does not exist")
    return thing


def before_create(world: World, type_: str, inputs: Values) -> None:
    """Raises: `Refused`."""
    kind = KINDS[type_]
    if kind.unique and all(name in inputs for name in kind.unique):
        taken = {name: inputs[name] for name in kind.unique}
        if world.find(type_, **taken) is not None:
            raise Refused(f"AlreadyExists: there is a {type_.rpartition(':')[2]} with {taken}")
    rule = _CREATE.get(type_.partition(":")[2])
    if rule:
        rule(world, inputs)


def after_create(world: World, thing: Thing) -> None:
    """What else happens in the account then."""
    state = thing.state
    if thing.type == "aws:rds/cluster:Cluster":
        _restore(world, thing)
        names = [f"/aws/rds/cluster/{thing.id}/{export}" for export in state.get("enabledCloudwatchLogsExports", ())]
    elif thing.type == "aws:rds/proxy:Proxy":
        names = [f"/aws/rds/proxy/{thing.id}"]
    elif thing.type == "aws:lambda/function:Function":
        names = [state.get("loggingConfig", {}).get("logGroup") or f"/aws/lambda/{thing.id}"]
    else:
        return
    present = {group.state["name"] for group in world.of("cloudwatch/logGroup:LogGroup")}
    world.leftovers += [name for name in names if name not in present]
    # A function's role is deleted first, and with it the right to create a log group.
    if thing.type != "aws:lambda/function:Function":
        world.writes += [name for name in names if name not in world.writes]


def before_delete(world: World, thing: Thing) -> None:
    """Raises: `Refused`."""
    users = sorted(_users(world, thing))
    if users:
        raise Refused(f"DependencyViolation: {thing.name} ({thing.id}) is used by {', '.join(users)}")
    if thing.type == "aws:rds/cluster:Cluster":
        _cluster_may_go(world, thing)
    if thing.type == "aws:cognito/userPool:UserPool" and thing.state.get("deletionProtection") == "ACTIVE":
        raise Refused(f"InvalidParameterException: {thing.name} has deletion protection")


def after_delete(world: World, thing: Thing) -> None:
    """Record what remains of it, and what can no longer be read."""
    state = thing.state
    if thing.type == "aws:rds/cluster:Cluster" and not state.get("skipFinalSnapshot"):
        world.snapshots[state["finalSnapshotIdentifier"]] = {**state, "name": thing.name}
    if thing.type == "aws:kms/key:Key":
        _mourn(world, thing)
    if thing.type == "aws:secretsmanager/secret:Secret" and state.get("recoveryWindowInDays", 30):
        world.held.append(state["name"])
    if thing.type == "aws:lambda/function:Function" and not state.get("replaceSecurityGroupsOnDestroy"):
        world.waits.append(f"{thing.name} keeps its network interfaces in its security groups for 20 to 40 minutes")


def _restore(world: World, thing: Thing) -> None:
    """The provider does not send all when it restores (internal/service/rds/cluster.go, resourceClusterCreate)."""
    state = thing.state
    source: Mapping[str, Any] | None = None
    if state.get("snapshotIdentifier"):
        source = world.snapshots.get(str(state["snapshotIdentifier"]).rpartition(":")[2])
        state["iamDatabaseAuthenticationEnabled"] = False
    elif state.get("restoreToPointInTime"):
        source = _source(world, state["restoreToPointInTime"])
        if source is not None:
            state["engineVersion"] = state["engineVersionActual"] = source["engineVersion"]
    if source is None:
        return
    state["autoMinorVersionUpgrade"] = True
    state["performanceInsightsEnabled"] = False
    state["databaseInsightsMode"] = "standard"
    state["storageEncrypted"] = source["storageEncrypted"]
    state["masterUsername"] = source["masterUsername"]


def _source(world: World, wanted: Mapping[str, Any]) -> Mapping[str, Any] | None:
    cluster = world.get("aws:rds/cluster:Cluster", str(wanted.get("sourceClusterIdentifier")))
    return cluster.state if cluster else None


def _cluster_may_go(world: World, thing: Thing) -> None:
    state = thing.state
    if state.get("deletionProtection"):
        raise Refused(f"InvalidParameterCombination: cannot delete protected cluster {thing.id}")
    if state.get("skipFinalSnapshot"):
        return
    wanted = state.get("finalSnapshotIdentifier")
    if not wanted:
        raise Refused(f"finalSnapshotIdentifier of {thing.id} is required when skipFinalSnapshot is false")
    if wanted in world.snapshots:
        raise Refused(f"DBClusterSnapshotAlreadyExistsFault: {wanted}")


def _mourn(world: World, key: Thing) -> None:
    own = key.state["arn"]
    for thing in world.things.values():
        if thing.type == "aws:rds/cluster:Cluster" and thing.state.get("kmsKeyId") == own:
            world.lost.append(f"the key of the running cluster {thing.id} is scheduled for deletion")
    for name, snapshot in world.snapshots.items():
        if snapshot.get("kmsKeyId") == own:
            world.lost.append(f"the key that encrypts the final snapshot {name} is scheduled for deletion")


_REFERENCES: Mapping[str, tuple[str, ...]] = {
    "acm/certificate:Certificate": ("apigatewayv2/domainName:DomainName",),
    "apigatewayv2/authorizer:Authorizer": ("apigatewayv2/route:Route",),
    "ec2/routeTable:RouteTable": ("ec2/routeTableAssociation:RouteTableAssociation",),
    "ec2/securityGroup:SecurityGroup": (
        "ec2/vpcEndpoint:VpcEndpoint",
        "lambda/function:Function",
        "rds/cluster:Cluster",
        "rds/proxy:Proxy",
        "rds/proxyEndpoint:ProxyEndpoint",
    ),
    "ec2/subnet:Subnet": (
        "ec2/vpcEndpoint:VpcEndpoint",
        "lambda/function:Function",
        "rds/proxy:Proxy",
        "rds/proxyEndpoint:ProxyEndpoint",
    ),
    "ec2/vpc:Vpc": ("ec2/subnet:Subnet", "ec2/securityGroup:SecurityGroup", "ec2/routeTable:RouteTable"),
    "iam/policy:Policy": ("iam/rolePolicyAttachment:RolePolicyAttachment",),
    "iam/role:Role": ("iam/rolePolicy:RolePolicy", "iam/rolePolicyAttachment:RolePolicyAttachment"),
    "rds/cluster:Cluster": ("rds/clusterInstance:ClusterInstance",),
    "rds/clusterParameterGroup:ClusterParameterGroup": ("rds/cluster:Cluster",),
    "rds/subnetGroup:SubnetGroup": ("rds/cluster:Cluster",),
}
"""What must be deleted first: things of these types whose state contains the id."""


def _users(world: World, thing: Thing) -> Iterator[str]:
    kind = thing.type.partition(":")[2]
    for type_ in _REFERENCES.get(kind, ()):
        for other in world.of(type_):
            if thing.id in set(leaves(other.state)) or thing.state.get("arn") in set(leaves(other.state)):
                yield other.name
    if kind == "ec2/securityGroup:SecurityGroup":
        for direction in ("Ingress", "Egress"):
            for rule in world.of(f"vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule"):
                # Its own rules go with it; the rules of other groups that name it do not.
                if (
                    rule.state.get("referencedSecurityGroupId") == thing.id
                    and rule.state["securityGroupId"] != thing.id
                ):
                    yield rule.name


def _needs(world: World, type_: str, id_: Any, why: str) -> Thing:
    found = world.get(f"aws:{type_}", str(id_))
    if found is None:
        raise Refused(f"NotFound: {why} {id_} does not exist")
    return found


def _instance(world: World, inputs: Values) -> None:
    _needs(world, "rds/cluster:Cluster", inputs["clusterIdentifier"], "cluster")


def _cluster(world: World, inputs: Values) -> None:
    _needs(world, "rds/subnetGroup:SubnetGroup", inputs["dbSubnetGroupName"], "subnet group")
    _needs(
        world,
        "rds/clusterParameterGroup:ClusterParameterGroup",
        inputs["dbClusterParameterGroupName"],
        "parameter group",
    )
    snapshot = str(inputs.get("snapshotIdentifier") or "").rpartition(":")[2]
    if snapshot and snapshot not in world.snapshots:
        raise Refused(f"DBClusterSnapshotNotFoundFault: {snapshot}")


def _target(world: World, inputs: Values) -> None:
    _needs(world, "rds/proxy:Proxy", inputs["dbProxyName"], "proxy")
    cluster = inputs["dbClusterIdentifier"]
    if world.find("rds/clusterInstance:ClusterInstance", clusterIdentifier=cluster) is None:
        raise Refused(f"InvalidDBInstanceState: cluster {cluster} has no instance that is available")


def _function(world: World, inputs: Values) -> None:
    role = str(inputs["role"]).rpartition("/")[2]
    if "vpcConfig" in inputs and not any("CreateNetworkInterface" in right for right in _rights(world, role)):
        raise Refused(
            "InvalidParameterValueException: the provided execution role does not have permissions to call "
            "CreateNetworkInterface on EC2"
        )


def _rights(world: World, role: str) -> Iterator[str]:
    for policy in world.of("iam/rolePolicy:RolePolicy"):
        if policy.state["role"] == role:
            for statement in json.loads(policy.state["policy"])["Statement"]:
                if statement["Effect"] == "Allow":
                    yield json.dumps(statement["Action"]).replace("ec2:*", "ec2:CreateNetworkInterface")
    for attached in world.of("iam/rolePolicyAttachment:RolePolicyAttachment"):
        if attached.state["role"] == role and "AWSLambda" in attached.state["policyArn"]:
            yield "ec2:CreateNetworkInterface"


def _invocation(world: World, inputs: Values) -> None:
    name = str(inputs["functionName"]).rpartition(":function:")[2] or str(inputs["functionName"])
    _needs(world, "lambda/function:Function", name, "function")
    if not world.of("rds/proxyTarget:ProxyTarget"):
        raise Refused("FunctionError: OperationalError(9501): the proxy has no target")


def _log_group(world: World, inputs: Values) -> None:
    if inputs["name"] in world.leftovers:
        raise Refused(f"ResourceAlreadyExistsException: the log group {inputs['name']} exists (a service made it)")


def _secret(world: World, inputs: Values) -> None:
    if inputs["name"] in world.held:
        raise Refused(f"InvalidRequestException: the secret {inputs['name']} is scheduled for deletion")


def _key_alias(world: World, inputs: Values) -> None:
    _needs(world, "kms/key:Key", inputs["targetKeyId"], "key")


def _function_alias(world: World, inputs: Values) -> None:
    _needs(world, "lambda/function:Function", str(inputs["functionName"]).rpartition(":")[2], "function")


_CREATE: Mapping[str, Callable[[World, Values], None]] = {
    "cloudwatch/logGroup:LogGroup": _log_group,
    "kms/alias:Alias": _key_alias,
    "lambda/alias:Alias": _function_alias,
    "lambda/function:Function": _function,
    "lambda/invocation:Invocation": _invocation,
    "rds/cluster:Cluster": _cluster,
    "rds/clusterInstance:ClusterInstance": _instance,
    "rds/proxyTarget:ProxyTarget": _target,
    "secretsmanager/secret:Secret": _secret,
}
