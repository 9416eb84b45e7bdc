"""What an Aurorest stack must keep to, as Pulumi policies.

Each rule is a pure function: a resource's properties (as Pulumi names them) and the policy's configuration give the
violations, one sentence each. They hold for hand-made additions to the stack as well, and for any other AWS stack.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

Properties = Mapping[str, Any]
Rule = Callable[[Properties, Properties], Iterator[str]]

ANYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})
API_TIMEOUT_SECONDS: Final = 30
"""How long an HTTP API waits for its function."""
PUBLIC_DOCS_ROUTES: Final = ("GET /docs", "GET /docs/{proxy+}", "GET /openapi.json")
ACTIONS_WITHOUT_RESOURCE: Final = (
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "logs:DescribeLogGroups",
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
"""Actions for which IAM knows no resources."""
SECRET_WORDS: Final = ("PASSWORD", "PASSWD", "SECRET", "TOKEN", "PRIVATE_KEY", "CREDENTIAL")


def database_is_private(instance: Properties, _config: Properties) -> Iterator[str]:
    """An instance with a public address answers the internet, whatever its security group says today."""
    if instance.get("publiclyAccessible"):
        yield "publiclyAccessible must be false"


def cluster_is_protected(cluster: Properties, _config: Properties) -> Iterator[str]:
    """Encrypted, open to IAM users, its admin password made and kept by RDS."""
    if not cluster.get("storageEncrypted"):
        yield "storageEncrypted must be true; it cannot be switched on later"
    if not cluster.get("iamDatabaseAuthenticationEnabled"):
        yield "iamDatabaseAuthenticationEnabled must be true"
    if cluster.get("masterPassword") or cluster.get("masterPasswordWo"):
        yield "masterPassword would be in the state; set manageMasterUserPassword"


def cluster_is_sound(cluster: Properties, _config: Properties) -> Iterator[str]:
    """Settings that look harmless and are not."""
    if cluster.get("availabilityZones"):
        yield "availabilityZones must not be set: RDS adds zones, and the difference would replace the cluster"
    if str(cluster.get("engineVersion", "")).startswith("5."):
        yield "engineVersion 5.x is out of support"
    scaling = cluster.get("serverlessv2ScalingConfiguration") or {}
    if scaling and not scaling.get("minCapacity"):
        yield "minCapacity 0 never pauses behind a proxy, which keeps its connections open; allowed: at least 0.5"


def cluster_parameters_require_tls(group: Properties, _config: Properties) -> Iterator[str]:
    """The server refuses unencrypted connections, including those that bypass the proxy."""
    if not str(group.get("family", "")).startswith("aurora-mysql"):
        return
    values = {item.get("name"): str(item.get("value")) for item in group.get("parameters") or ()}
    if values.get("require_secure_transport", "").upper() not in {"ON", "1"}:
        yield "the parameter require_secure_transport must be ON"


def proxy_requires_tls_and_iam(proxy: Properties, _config: Properties) -> Iterator[str]:
    """No password and no plain connection gets through the proxy."""
    if not proxy.get("requireTls"):
        yield "requireTls must be true"
    auths = proxy.get("auths") or ()
    if not auths and proxy.get("defaultAuthScheme") != "IAM_AUTH":
        yield "either defaultAuthScheme is IAM_AUTH or auths names the secrets of the users"
    for number, auth in enumerate(auths):
        if auth.get("iamAuth") != "REQUIRED":
            yield f"auths[{number}].iamAuth must be REQUIRED"


def proxy_does_not_log_statements(proxy: Properties, _config: Properties) -> Iterator[str]:
    """Debug logging writes SQL with its values to CloudWatch."""
    if proxy.get("debugLogging"):
        yield "debugLogging writes statements with their values to the log; switch it off after use"


def pool_is_sound(group: Properties, _config: Properties) -> Iterator[str]:
    """A caller hears from the proxy before the HTTP API gives up."""
    pool = group.get("connectionPoolConfig") or {}
    most, idle = pool.get("maxConnectionsPercent", 100), pool.get("maxIdleConnectionsPercent")
    if idle is not None and idle > most:
        yield f"maxIdleConnectionsPercent ({idle:g}) must not be above maxConnectionsPercent ({most:g})"
    borrow = pool.get("connectionBorrowTimeout", 120)
    if borrow >= API_TIMEOUT_SECONDS:
        yield f"connectionBorrowTimeout ({borrow:g} s) must be below the HTTP API's {API_TIMEOUT_SECONDS} s"


def pool_keeps_sessions_apart(group: Properties, _config: Properties) -> Iterator[str]:
    """A filter stops pinning by letting one client's session settings reach the next."""
    if (group.get("connectionPoolConfig") or {}).get("sessionPinningFilters"):
        yield "sessionPinningFilters lets session settings leak from one client to the next; send no SET instead"


def nothing_is_open_to_the_world(rule: Properties, _config: Properties) -> Iterator[str]:
    """No security group rule names the whole internet, in either direction."""
    inline = [part for key in ("ingress", "egress") for part in rule.get(key) or ()]
    for part in (rule, *inline):
        found = {part.get("cidrIpv4"), part.get("cidrIpv6"), *(part.get("cidrBlocks") or ())}
        found |= set(part.get("ipv6CidrBlocks") or ())
        for address in sorted(ANYWHERE & found):
            yield f"{address} is the whole internet; name a security group instead"


def subnet_gives_no_public_address(subnet: Properties, _config: Properties) -> Iterator[str]:
    """Nothing in the network gets a public address by being there."""
    if subnet.get("mapPublicIpOnLaunch"):
        yield "mapPublicIpOnLaunch must be false"


def network_has_no_way_out(_resource: Properties, _config: Properties) -> Iterator[str]:
    """Tokens are signed without network and secrets are read by the proxy, so nothing needs the internet."""
    yield "the network must have no gateway to the internet and no public address"


def policy_names_what_it_allows(policy: Properties, config: Properties) -> Iterator[str]:
    """Least privilege: no Allow with a bare `*`, or with every action of a service."""
    texts = [policy.get("policy"), *(inline.get("policy") for inline in policy.get("inlinePolicies") or ())]
    exempt = set(config.get("actionsWithoutResource", ACTIONS_WITHOUT_RESOURCE))
    for text in texts:
        for statement in _statements(text):
            if statement.get("Effect") != "Allow":
                continue
            actions = _list(statement.get("Action"))
            for action in actions:
                if action == "*" or action.endswith(":*"):
                    yield f"the action {action} must be spelt out"
            if "NotAction" in statement or "NotResource" in statement:
                yield "NotAction and NotResource allow everything that is not named"
            if "*" in _list(statement.get("Resource")) and not (actions and set(actions) <= exempt):
                yield f"{', '.join(actions)} must be allowed on named resources, not on *"


def trust_names_who_may(role: Properties, _config: Properties) -> Iterator[str]:
    """No role that anyone may take."""
    for statement in _statements(role.get("assumeRolePolicy")):
        principal = statement.get("Principal")
        everyone = principal == "*" or (isinstance(principal, Mapping) and "*" in _list(principal.get("AWS")))
        if statement.get("Effect") == "Allow" and everyone:
            yield "anyone may take this role"


def function_holds_no_secret(function: Properties, _config: Properties) -> Iterator[str]:
    """Everyone who may look at a function reads its environment."""
    variables = (function.get("environment") or {}).get("variables") or {}
    for name in sorted(variables):
        if any(word in name.upper() for word in SECRET_WORDS):
            yield f"the environment variable {name} looks like a secret"


def function_is_in_the_network(function: Properties, _config: Properties) -> Iterator[str]:
    """The proxy has no public address."""
    if not (function.get("vpcConfig") or {}).get("subnetIds"):
        yield "vpcConfig must name the network's subnets"


def function_is_called_by_its_api(permission: Properties, _config: Properties) -> Iterator[str]:
    """A service's permission is bound to one resource of it."""
    if permission.get("principal") == "*":
        yield "anyone may call this function"
    elif not (permission.get("sourceArn") or permission.get("sourceAccount")):
        yield "sourceArn must name the API that calls"


def function_url_is_signed(url: Properties, _config: Properties) -> Iterator[str]:
    """A function's own address goes around the API's throttling and access log."""
    if url.get("authorizationType") != "AWS_IAM":
        yield "authorizationType must be AWS_IAM"


def route_asks_who_calls(route: Properties, config: Properties) -> Iterator[str]:
    """An API over a database is not public by accident."""
    key = route.get("routeKey")
    if route.get("authorizationType", "NONE") == "NONE" and key not in config.get("publicRoutes", PUBLIC_DOCS_ROUTES):
        yield f"{key} needs authorization; to make it public, name it in this policy's publicRoutes"


def stage_is_watched_and_throttled(stage: Properties, _config: Properties) -> Iterator[str]:
    """Without limits one caller takes every connection; without an access log there is no way to tell which."""
    limits = stage.get("defaultRouteSettings") or {}
    if not (stage.get("accessLogSettings") or {}).get("destinationArn"):
        yield "accessLogSettings must name a log group"
    if not (limits.get("throttlingRateLimit") and limits.get("throttlingBurstLimit")):
        yield "defaultRouteSettings must set throttlingRateLimit and throttlingBurstLimit"


def logs_end(group: Properties, _config: Properties) -> Iterator[str]:
    """Logs without retention cost money forever and keep data that should be deleted."""
    if not group.get("retentionInDays"):
        yield "retentionInDays must be set"


def key_rotates(key: Properties, _config: Properties) -> Iterator[str]:
    """A key that AWS changes once a year."""
    if not key.get("enableKeyRotation"):
        yield "enableKeyRotation must be true"


def secret_is_not_shared(policy: Properties, _config: Properties) -> Iterator[str]:
    """A secret's own policy names who reads it."""
    for statement in _statements(policy.get("policy")):
        principal = statement.get("Principal")
        everyone = principal == "*" or (isinstance(principal, Mapping) and "*" in _list(principal.get("AWS")))
        if statement.get("Effect") == "Allow" and everyone:
            yield "anyone may read this secret"


def _statements(text: object) -> tuple[Mapping[str, Any], ...]:
    document = json.loads(text) if isinstance(text, str) else text
    if not isinstance(document, Mapping):
        return ()
    statements = document.get("Statement")
    return (statements,) if isinstance(statements, Mapping) else tuple(statements or ())


def _list(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Sequence) else ()


def _policy(
    rule: Rule, types: Sequence[str], *, advisory: bool = False, schema: PolicyConfigSchema | None = None
) -> ResourceValidationPolicy:
    wanted = frozenset(f"aws:{name}" for name in types)

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type in wanted:
            for sentence in rule(args.props, args.get_config()):
                report(f"{args.name}: {sentence}", None)

    return ResourceValidationPolicy(
        name=rule.__name__.replace("_", "-"),
        description=(rule.__doc__ or "").strip(),
        validate=validate,
        enforcement_level=EnforcementLevel.ADVISORY if advisory else EnforcementLevel.MANDATORY,
        config_schema=schema,
    )


def _strings(name: str, default: Sequence[str]) -> PolicyConfigSchema:
    return PolicyConfigSchema({name: {"type": "array", "items": {"type": "string"}, "default": list(default)}})


POLICIES: Final = (
    _policy(database_is_private, ("rds/clusterInstance:ClusterInstance", "rds/instance:Instance")),
    _policy(cluster_is_protected, ("rds/cluster:Cluster",)),
    _policy(cluster_is_sound, ("rds/cluster:Cluster",)),
    _policy(cluster_parameters_require_tls, ("rds/clusterParameterGroup:ClusterParameterGroup",)),
    _policy(proxy_requires_tls_and_iam, ("rds/proxy:Proxy",)),
    _policy(proxy_does_not_log_statements, ("rds/proxy:Proxy",), advisory=True),
    _policy(pool_is_sound, ("rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",)),
    _policy(pool_keeps_sessions_apart, ("rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",), advisory=True),
    _policy(
        nothing_is_open_to_the_world,
        (
            "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
            "ec2/securityGroupRule:SecurityGroupRule",
            "ec2/securityGroup:SecurityGroup",
            "ec2/defaultSecurityGroup:DefaultSecurityGroup",
        ),
    ),
    _policy(subnet_gives_no_public_address, ("ec2/subnet:Subnet",)),
    _policy(
        network_has_no_way_out,
        (
            "ec2/internetGateway:InternetGateway",
            "ec2/natGateway:NatGateway",
            "ec2/eip:Eip",
            "ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
        ),
    ),
    _policy(
        policy_names_what_it_allows,
        (
            "iam/rolePolicy:RolePolicy",
            "iam/policy:Policy",
            "iam/role:Role",
            "iam/userPolicy:UserPolicy",
            "iam/groupPolicy:GroupPolicy",
        ),
        schema=_strings("actionsWithoutResource", ACTIONS_WITHOUT_RESOURCE),
    ),
    _policy(trust_names_who_may, ("iam/role:Role",)),
    _policy(function_holds_no_secret, ("lambda/function:Function",)),
    _policy(function_is_in_the_network, ("lambda/function:Function",)),
    _policy(function_is_called_by_its_api, ("lambda/permission:Permission",)),
    _policy(function_url_is_signed, ("lambda/functionUrl:FunctionUrl",)),
    _policy(route_asks_who_calls, ("apigatewayv2/route:Route",), schema=_strings("publicRoutes", PUBLIC_DOCS_ROUTES)),
    _policy(stage_is_watched_and_throttled, ("apigatewayv2/stage:Stage",)),
    _policy(logs_end, ("cloudwatch/logGroup:LogGroup",)),
    _policy(key_rotates, ("kms/key:Key",)),
    _policy(secret_is_not_shared, ("secretsmanager/secretPolicy:SecretPolicy",)),
)
