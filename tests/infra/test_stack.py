"""What the presets and the options build: values, dependencies, parents, protection."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from api.cors import EXPOSED
from api.settings import ENVIRONMENT
from infra.alarms import alarms
from infra.config import ConfigurationError
from infra.load import load
from infra.policies import database_user_arn
from tests.infra.combinations import COMBINATIONS, OWNER
from tests.infra.graph import ACCOUNT, REGION, ROOT, Graph, Resource, record

CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
PROXY = "aws:rds/proxy:Proxy"
POOL = "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"
TARGET = "aws:rds/proxyTarget:ProxyTarget"
FUNCTION = "aws:lambda/function:Function"
INVOCATION = "aws:lambda/invocation:Invocation"
ROUTE = "aws:apigatewayv2/route:Route"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SECRET = "aws:secretsmanager/secret:Secret"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

Recorded = Callable[[str], Graph]


def api_function(graph: Graph) -> Resource:
    return graph.one(FUNCTION, "-function-function")


def environment(function: Resource) -> dict[str, str]:
    variables: dict[str, str] = function.inputs["environment"]["variables"]
    return variables


def statements(policy: Resource) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(policy.inputs["policy"])["Statement"]
    return found


def event(graph: Graph) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(graph.one(INVOCATION).inputs["input"])
    return told


# The network


def test_the_vpc_is_divided_into_isolated_subnets_of_two_zones(dev: Graph) -> None:
    subnets = dev.of("aws:ec2/subnet:Subnet")
    assert [(one.inputs["availabilityZone"], one.inputs["cidrBlock"]) for one in subnets] == [
        (f"{REGION}a", "10.20.0.0/24"),
        (f"{REGION}b", "10.20.1.0/24"),
    ]
    assert dev.one("aws:ec2/routeTable:RouteTable").inputs["routes"] == []


def test_zones_that_the_stack_chose_stay_when_the_region_gets_another(dev: Graph, prod: Graph) -> None:
    assert "availabilityZone" in dev.of("aws:ec2/subnet:Subnet")[0].ignore_changes
    assert prod.of("aws:ec2/subnet:Subnet")[0].ignore_changes == ()
    assert len(prod.of("aws:ec2/subnet:Subnet")) == 3


def test_zone_ids_are_passed_as_ids(recorded: Recorded) -> None:
    subnets = recorded("restored with everything watched").of("aws:ec2/subnet:Subnet")
    assert [one.inputs["availabilityZoneId"] for one in subnets] == ["euc1-az1", "euc1-az3"]
    assert all("availabilityZone" not in one.inputs for one in subnets)


def test_traffic_flows_from_function_to_proxy_to_database_and_nowhere_else(dev: Graph) -> None:
    ids = {
        name: dev.one("aws:ec2/securityGroup:SecurityGroup", f"access-{name}").name + "-id"
        for name in ("function", "proxy", "database")
    }
    out = {(one.inputs["securityGroupId"], one.inputs["referencedSecurityGroupId"]) for one in dev.of(EGRESS)}
    into = {(one.inputs["referencedSecurityGroupId"], one.inputs["securityGroupId"]) for one in dev.of(INGRESS)}
    assert out == into == {(ids["function"], ids["proxy"]), (ids["proxy"], ids["database"])}
    for rule in (*dev.of(EGRESS), *dev.of(INGRESS)):
        assert (rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"]) == ("tcp", 3306, 3306)
        assert rule.inputs["description"]


def test_an_existing_vpc_is_used_as_it_is(recorded: Recorded) -> None:
    graph = recorded("existing VPC")
    wanted = COMBINATIONS["existing VPC"].config
    assert graph.of("aws:ec2/vpc:Vpc") == ()
    subnets = wanted["aurorest:subnetIds"].split(",")
    assert graph.one("aws:rds/subnetGroup:SubnetGroup").inputs["subnetIds"] == subnets
    assert graph.one(PROXY).inputs["vpcSubnetIds"] == subnets
    assert all(
        group.inputs["vpcId"] == wanted["aurorest:vpcId"] for group in graph.of("aws:ec2/securityGroup:SecurityGroup")
    )


def test_an_existing_subnet_that_is_too_small_stops_everything() -> None:
    wanted = COMBINATIONS["existing VPC"]
    full = {name: {**facts, "availableIpAddressCount": 3} for name, facts in wanted.subnets.items()}
    with pytest.raises(ConfigurationError, match="with 3 free addresses"):
        record(wanted.config, subnets=full)


# The database


def test_the_cluster_is_encrypted_backed_up_and_signs_in_by_iam(prod: Graph) -> None:
    inputs = prod.one(CLUSTER).inputs
    assert inputs["engine"] == "aurora-mysql"
    assert inputs["engineVersion"] == "8.4.mysql_aurora.8.4.7"
    assert inputs["storageEncrypted"] is True
    assert inputs["iamDatabaseAuthenticationEnabled"] is True
    assert inputs["manageMasterUserPassword"] is True
    assert inputs["backupRetentionPeriod"] == 35
    assert inputs["copyTagsToSnapshot"] is True
    assert inputs["serverlessv2ScalingConfiguration"] == {"minCapacity": 1, "maxCapacity": 16}
    assert inputs["engineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    assert "availabilityZones" not in inputs


def test_the_parameter_group_requires_tls_utc_and_strict_sql(dev: Graph) -> None:
    group = dev.one("aws:rds/clusterParameterGroup:ClusterParameterGroup").inputs
    parameters = {one["name"]: one["value"] for one in group["parameters"]}
    assert group["family"] == "aurora-mysql8.4"
    assert parameters["require_secure_transport"] == "ON"
    assert parameters["time_zone"] == "UTC"
    assert parameters["sql_mode"].split(",")[0] == "STRICT_ALL_TABLES"
    assert parameters["character_set_server"] == "utf8mb4"
    assert parameters["server_audit_logging"] == parameters["slow_query_log"] == "1"


def test_the_family_follows_from_the_version(recorded: Recorded) -> None:
    graph = recorded("restored with everything watched")
    assert graph.one("aws:rds/clusterParameterGroup:ClusterParameterGroup").inputs["family"] == "aurora-mysql8.0"


def test_dev_leaves_nothing_behind_and_prod_cannot_be_lost(dev: Graph, prod: Graph) -> None:
    assert dev.one(CLUSTER).inputs["skipFinalSnapshot"] is True
    assert dev.one(CLUSTER).inputs["deletionProtection"] is False
    assert not any(one.protect for one in dev)
    assert all(secret.inputs["recoveryWindowInDays"] == 0 for secret in dev.of(SECRET))
    assert prod.one(CLUSTER).inputs["finalSnapshotIdentifier"] == "aurorest-prod-final-0a1b2c3d"
    assert prod.one(CLUSTER).inputs["deletionProtection"] is True
    assert {one.type for one in prod if one.protect} == {
        CLUSTER,
        INSTANCE,
        SECRET,
        "aws:ec2/vpc:Vpc",
        "aws:ec2/subnet:Subnet",
        "aws:kms/key:Key",
    }


def test_database_logs_go_to_groups_made_before_the_cluster(dev: Graph) -> None:
    names = {"audit", "error", "slowquery"}
    assert set(dev.one(CLUSTER).inputs["enabledCloudwatchLogsExports"]) == names
    groups = [dev.one(GROUP, f"-database-{name}") for name in names]
    assert {one.inputs["name"] for one in groups} == {f"/aws/rds/cluster/aurorest-dev/{name}" for name in names}
    assert {one.urn for one in groups} <= dev.after(dev.one(CLUSTER))


def test_readers_follow_the_writer_and_the_first_of_them_is_ready_to_take_over(recorded: Recorded) -> None:
    graph = recorded("end to end IAM with readers")
    instances = graph.of(INSTANCE)
    assert [one.inputs["promotionTier"] for one in instances] == [0, 1, 2]
    assert {one.inputs["instanceClass"] for one in instances} == {"db.serverless"}
    assert all(instances[0].urn in graph.after(reader) for reader in instances[1:])


def test_readers_are_added_under_load_up_to_the_maximum(recorded: Recorded) -> None:
    graph = recorded("end to end IAM with readers")
    target = graph.one("aws:appautoscaling/target:Target").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 5)
    assert target["resourceId"] == "cluster:aurorest-dev"
    tracking = graph.one("aws:appautoscaling/policy:Policy").inputs["targetTrackingScalingPolicyConfiguration"]
    assert tracking["targetValue"] == 60
    assert tracking["predefinedMetricSpecification"] == {"predefinedMetricType": "RDSReaderAverageCPUUtilization"}


def test_a_cluster_is_restored_and_does_not_notice_when_that_is_forgotten(recorded: Recorded) -> None:
    cluster = recorded("restored with everything watched").one(CLUSTER)
    assert cluster.inputs["restoreToPointInTime"] == {
        "sourceClusterIdentifier": "aurorest-old",
        "restoreToTime": "2026-11-01T03:00:00Z",
    }
    assert {"restoreToPointInTime", "snapshotIdentifier"} <= set(cluster.ignore_changes)
    from_snapshot = recorded("restored from a snapshot, upgraded by RDS").one(CLUSTER)
    assert from_snapshot.inputs["snapshotIdentifier"] == "aurorest-dev-final-0a1b2c3d"


def test_versions_installed_by_rds_are_no_change(dev: Graph, recorded: Recorded) -> None:
    upgraded = recorded("restored from a snapshot, upgraded by RDS")
    assert all("engineVersion" in one.ignore_changes for one in (upgraded.one(CLUSTER), *upgraded.of(INSTANCE)))
    assert all("engineVersion" not in one.ignore_changes for one in (dev.one(CLUSTER), *dev.of(INSTANCE)))


def test_options_of_the_database_reach_it(recorded: Recorded) -> None:
    graph = recorded("restored with everything watched")
    assert graph.one(CLUSTER).inputs["storageType"] == "aurora-iopt1"
    assert graph.one(CLUSTER).inputs["databaseInsightsMode"] == "advanced"
    assert graph.one(CLUSTER).inputs["performanceInsightsRetentionPeriod"] == 465
    assert graph.one(INSTANCE).inputs["monitoringInterval"] == 15
    assert graph.one(INSTANCE).inputs["monitoringRoleArn"].endswith("role/aurorest-dev-database-metrics-0123456")


# Credentials, proxy


def test_the_applications_credential_is_a_json_secret_of_all_that_the_proxy_reads(dev: Graph) -> None:
    version = dev.one(SECRET_VERSION, "-application")
    assert json.loads(version.inputs["secretString"]) == {
        "username": "aurorest_app",
        "password": "password-of-aurorest-dev-secrets-application-1",
        "engine": "mysql",
        "host": f"aurorest-dev.cluster-abc.{REGION}.rds.amazonaws.com",
        "port": 3306,
        "dbClusterIdentifier": "aurorest-dev",
    }
    assert version.secrets == {"secretString"}


def test_the_proxy_demands_tls_and_iam_of_every_user(dev: Graph) -> None:
    inputs = dev.one(PROXY).inputs
    assert (inputs["engineFamily"], inputs["requireTls"], inputs["defaultAuthScheme"]) == ("MYSQL", True, "NONE")
    assert len(inputs["auths"]) == 3
    assert {(auth["authScheme"], auth["iamAuth"]) for auth in inputs["auths"]} == {("SECRETS", "REQUIRED")}
    assert "clientPasswordAuthType" not in inputs["auths"][0]


def test_the_proxys_role_reads_exactly_its_secrets(dev: Graph) -> None:
    read = statements(dev.one(ROLE_POLICY, "-proxy-role"))
    arns = [auth["secretArn"] for auth in dev.one(PROXY).inputs["auths"]]
    assert read == [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arns}]


def test_the_proxys_role_decrypts_with_the_stacks_key_through_secrets_manager_only(prod: Graph) -> None:
    decrypt = statements(prod.one(ROLE_POLICY, "-proxy-role"))[1]
    assert decrypt["Action"] == "kms:Decrypt"
    assert decrypt["Resource"] == [f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"]
    assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}


def test_end_to_end_iam_needs_no_password_of_the_application(recorded: Recorded) -> None:
    graph = recorded("end to end IAM with readers")
    assert graph.of(SECRET) == graph.of("random:index/randomPassword:RandomPassword") == ()
    assert graph.one(PROXY).inputs["defaultAuthScheme"] == "IAM_AUTH"
    connect = statements(graph.one(ROLE_POLICY, "-proxy-role"))[-1]
    cluster = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert connect == {
        "Effect": "Allow",
        "Action": "rds-db:connect",
        "Resource": [f"{cluster}/aurorest_app", f"{cluster}/aurorest_read"],
    }
    assert [("password" in user) for user in event(graph)["users"]] == [False, False]


def test_the_pool_has_every_setting_of_the_configuration(recorded: Recorded) -> None:
    pool = recorded("restored with everything watched").one(POOL).inputs["connectionPoolConfig"]
    assert pool == {
        "maxConnectionsPercent": 90,
        "maxIdleConnectionsPercent": 45,
        "connectionBorrowTimeout": 5,
        "sessionPinningFilters": ["EXCLUDE_VARIABLE_SETS"],
        "initQuery": (
            "SET time_zone='+00:00'; SET sql_mode='STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
            "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'; SET innodb_lock_wait_timeout=5"
        ),
    }


def test_the_target_waits_for_the_instances_the_rules_and_the_secrets(graph: Graph) -> None:
    target = graph.one(TARGET)
    before = graph.after(target)
    needed = [*graph.of(INSTANCE), *graph.of(EGRESS), *graph.of(INGRESS), *graph.of(SECRET_VERSION), *graph.of(POOL)]
    assert {one.urn for one in needed} <= before
    assert target.inputs["dbClusterIdentifier"] in {"aurorest-dev", "aurorest-prod", "legacy", "aurorest-shared"}


def test_the_read_only_endpoint_is_the_readers_and_the_function_knows_it(recorded: Recorded) -> None:
    graph = recorded("end to end IAM with readers")
    assert graph.one("aws:rds/proxyEndpoint:ProxyEndpoint").inputs["targetRole"] == "READ_ONLY"
    host = f"aurorest-dev-read.endpoint.proxy-abc.{REGION}.rds.amazonaws.com"
    assert environment(api_function(graph))["AUROREST_DATABASE_READ_HOST"] == host


def test_a_rotation_makes_a_new_password_for_the_idle_user_and_leaves_the_other_as_it_was() -> None:
    passwords = []
    for version in ("3", "4"):
        graph = record({"aws:region": REGION, "aurorest:credentialVersion": version})
        written = [json.loads(one.inputs["secretString"]) for one in graph.of(SECRET_VERSION)]
        passwords.append({one["username"]: one["password"] for one in written})
    before, after = passwords
    assert before["aurorest_app"] == after["aurorest_app"]
    assert before["aurorest_app_b"] != after["aurorest_app_b"]


def test_during_a_rotation_both_users_may_connect_and_the_function_uses_the_new_one(recorded: Recorded) -> None:
    graph = recorded("rotated secret with customer managed keys")
    assert environment(api_function(graph))["AUROREST_DATABASE_USER"] == "aurorest_app_b"
    allowed = statements(graph.one(ROLE_POLICY, "-function-connect"))[0]["Resource"]
    assert [arn.rpartition("/")[2] for arn in allowed] == ["aurorest_app_b", "aurorest_app"]
    assert [user["name"] for user in event(graph)["users"]] == ["aurorest_app_b", "aurorest_read"]
    assert len(graph.one(PROXY).inputs["auths"]) == 4


# Functions and migrations


def test_the_functions_environment_is_exactly_what_the_api_reads(graph: Graph) -> None:
    assert set(environment(api_function(graph))) == set(ENVIRONMENT)


def test_the_api_reads_the_values_that_the_stack_writes(graph: Graph) -> None:
    from api.settings import Settings

    variables = environment(api_function(graph))
    settings = Settings.from_environment({**variables, "AWS_REGION": REGION})
    assert settings.writer.host == graph.outputs["proxyEndpoint"]
    assert settings.writer.password is None
    assert settings.read_timeout_seconds < api_function(graph).inputs["timeout"]


def test_the_migrators_environment_is_part_of_what_the_api_reads(dev: Graph) -> None:
    variables = environment(dev.one(FUNCTION, "-migrator-function"))
    assert set(variables) < set(ENVIRONMENT)
    assert variables["AUROREST_DATABASE_USER"] == "aurorest_admin"


def test_each_function_may_connect_to_this_proxy_as_its_own_user(dev: Graph) -> None:
    proxy = "arn:aws:rds:eu-central-1:123456789012:db-proxy:prx-0123456789abcdef0"
    for part, user in (("function", "aurorest_app"), ("migrator", "aurorest_admin")):
        [statement] = statements(dev.one(ROLE_POLICY, f"-{part}-connect"))
        assert statement["Resource"] == [database_user_arn(proxy, "prx-0123456789abcdef0", user)]
        assert statement["Action"] == "rds-db:connect"


def test_the_function_runs_isolated_with_json_logs_behind_an_alias(dev: Graph) -> None:
    inputs = api_function(dev).inputs
    assert inputs["handler"] == "api.handler.handler"
    assert (inputs["runtime"], inputs["architectures"]) == ("python3.13", ["arm64"])
    assert inputs["loggingConfig"]["logFormat"] == "JSON"
    assert inputs["loggingConfig"]["logGroup"] == "/aws/lambda/aurorest-dev-api"
    assert inputs["vpcConfig"]["subnetIds"] == dev.outputs["subnetIds"]
    assert inputs["publish"] is inputs["replaceSecurityGroupsOnDestroy"] is True
    assert dev.one("aws:lambda/alias:Alias").inputs["name"] == "live"


def test_options_of_the_function_reach_it(recorded: Recorded) -> None:
    inputs = api_function(recorded("restored with everything watched")).inputs
    assert inputs["snapStart"] == {"applyOn": "PublishedVersions"}
    assert inputs["tracingConfig"] == {"mode": "Active"}
    assert inputs["reservedConcurrentExecutions"] == 20
    assert (inputs["runtime"], inputs["architectures"]) == ("python3.12", ["x86_64"])


def test_log_groups_and_rights_are_there_before_a_function(graph: Graph) -> None:
    for function in graph.of(FUNCTION):
        part = function.name.removesuffix("-function")
        before = graph.after(function)
        assert graph.one(GROUP, f"{part}-logs").urn in before
        attached = graph.one(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment", f"{part}-aws-lambda-eni-management-access"
        )
        assert attached.urn in before


def test_migrations_run_when_the_proxy_answers_and_before_the_new_version(graph: Graph) -> None:
    invocation = graph.one(INVOCATION)
    assert graph.one(TARGET).urn in graph.after(invocation)
    assert invocation.urn in graph.after(api_function(graph))
    assert "input" in invocation.secrets
    assert {"input", "result"} <= set(invocation.additional_secret_outputs)


def test_the_migrator_understands_what_it_is_told(graph: Graph) -> None:
    from migrator import event as events

    assert events.parse(event(graph)) is not None


def test_the_migrator_is_told_again_when_users_or_databases_change(dev: Graph, recorded: Recorded) -> None:
    revision = dev.one(INVOCATION).inputs["triggers"]["revision"]
    others = [
        recorded(name).one(INVOCATION).inputs["triggers"]["revision"]
        for name in (
            "end to end IAM with readers",
            "rotated secret with customer managed keys",
            "attached by identifiers",
        )
    ]
    assert revision == recorded("existing VPC").one(INVOCATION).inputs["triggers"]["revision"]
    assert len({revision, *others}) == 4


# Front


@pytest.mark.parametrize(
    "name, authorization",
    [("dev", "AWS_IAM"), ("JWT from elsewhere with public docs", "JWT"), ("public with a given certificate", "NONE")],
)
def test_the_default_route_demands_what_is_configured(recorded: Recorded, name: str, authorization: str) -> None:
    route = recorded(name).one(ROUTE, "-gateway-default")
    assert (route.inputs["routeKey"], route.inputs["authorizationType"]) == ("$default", authorization)


def test_tokens_are_checked_for_issuer_audience_and_scopes(recorded: Recorded) -> None:
    graph = recorded("JWT from elsewhere with public docs")
    authorizer = graph.one("aws:apigatewayv2/authorizer:Authorizer").inputs
    assert authorizer["jwtConfiguration"] == {"issuer": "https://login.example.com/", "audiences": ["aurorest"]}
    assert graph.one(ROUTE, "-gateway-default").inputs["authorizationScopes"] == ["read", "write"]


def test_a_user_pool_of_the_stack_is_the_issuer(recorded: Recorded) -> None:
    graph = recorded("Cognito under a domain of its own")
    authorizer = graph.one("aws:apigatewayv2/authorizer:Authorizer").inputs
    client = graph.one("aws:cognito/userPoolClient:UserPoolClient")
    assert authorizer["jwtConfiguration"] == {
        "issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_AbCdEfGhI",
        "audiences": [f"{client.name}-id"],
    }


def test_only_the_documentation_is_public_when_it_is(dev: Graph, recorded: Recorded) -> None:
    graph = recorded("JWT from elsewhere with public docs")
    public = [one.inputs["routeKey"] for one in graph.of(ROUTE) if one.inputs["authorizationType"] == "NONE"]
    assert public == ["GET /docs", "GET /docs/{proxy+}", "GET /openapi.json"]
    assert [one.inputs["routeKey"] for one in dev.of(ROUTE)] == ["$default"]


def test_the_api_answers_preflights_itself_and_exposes_what_clients_read(recorded: Recorded) -> None:
    cors = recorded("JWT from elsewhere with public docs").one("aws:apigatewayv2/api:Api").inputs["corsConfiguration"]
    assert cors["allowOrigins"] == ["https://app.example.com"]
    assert {name.strip() for name in EXPOSED.split(",")} <= set(cors["exposeHeaders"])
    assert {"authorization", "prefer", "apikey", "accept-profile"} <= set(cors["allowHeaders"])


def test_the_stage_is_throttled_and_writes_an_access_log(prod: Graph) -> None:
    stage = prod.one("aws:apigatewayv2/stage:Stage").inputs
    assert stage["defaultRouteSettings"]["throttlingRateLimit"] == 200
    assert stage["defaultRouteSettings"]["throttlingBurstLimit"] == 400
    fields = json.loads(stage["accessLogSettings"]["format"])
    assert fields["status"] == "$context.status"
    assert not any("query" in field.lower() for field in fields)


def test_the_api_is_deployed_only_when_its_routes_are_guarded(graph: Graph) -> None:
    stage = graph.one("aws:apigatewayv2/stage:Stage")
    assert {route.urn for route in graph.of(ROUTE)} <= graph.after(stage)


def test_the_integration_speaks_payload_2_to_the_alias(dev: Graph) -> None:
    integration = dev.one("aws:apigatewayv2/integration:Integration").inputs
    assert integration["payloadFormatVersion"] == "2.0"
    assert integration["integrationUri"].endswith(":function:aurorest-dev-api:live/invocations")
    permission = dev.one("aws:lambda/permission:Permission").inputs
    assert permission["qualifier"] == "live"
    assert permission["sourceArn"] == f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2c3d4e5/*/*"


def test_a_domain_has_a_certificate_a_record_and_is_the_only_door(recorded: Recorded) -> None:
    graph = recorded("Cognito under a domain of its own")
    assert graph.outputs["apiUrl"] == "https://api.example.com"
    assert graph.one("aws:apigatewayv2/api:Api").inputs["disableExecuteApiEndpoint"] is True
    assert {one.inputs["type"] for one in graph.of("aws:route53/record:Record")} == {"A", "CNAME"}
    given = recorded("public with a given certificate")
    assert given.of("aws:acm/certificate:Certificate") == given.of("aws:route53/record:Record") == ()
    assert given.outputs["domainTarget"] == f"d-abc.execute-api.{REGION}.amazonaws.com"


# Several applications


def test_an_application_attaches_by_identifiers(recorded: Recorded) -> None:
    graph = recorded("attached by identifiers")
    assert graph.of(CLUSTER) == graph.of("aws:ec2/vpc:Vpc") == ()
    assert graph.one(TARGET).inputs["dbClusterIdentifier"] == "legacy"
    assert graph.one(INGRESS, "proxy-to-database").inputs["securityGroupId"] == "sg-0a0a0a0a0a0a0a0a0"
    admin = COMBINATIONS["attached by identifiers"].config["aurorest:adminSecretArn"]
    assert graph.one(PROXY).inputs["auths"][0]["secretArn"] == admin
    assert graph.one(POOL).inputs["connectionPoolConfig"]["maxConnectionsPercent"] == 30


def test_an_application_attaches_to_the_outputs_of_another_stack(recorded: Recorded) -> None:
    graph = recorded("attached to another stack")
    assert graph.one(TARGET).inputs["dbClusterIdentifier"] == OWNER["clusterIdentifier"]
    assert graph.one(PROXY).inputs["vpcSubnetIds"] == OWNER["subnetIds"]
    assert graph.one(PROXY).inputs["auths"][0]["secretArn"] == OWNER["adminSecretArn"]
    decrypt = statements(graph.one(ROLE_POLICY, "-proxy-role"))[1]
    assert decrypt["Resource"] == [OWNER["adminSecretKeyArn"]]


def test_a_stack_offers_all_that_another_one_attaches_to(dev: Graph) -> None:
    assert set(OWNER) <= set(dev.outputs)


def test_a_share_that_the_owner_did_not_set_aside_is_refused() -> None:
    wanted = COMBINATIONS["attached to another stack"]
    with pytest.raises(ValueError, match="sets 40 aside for aurorest-orders"):
        record(
            {**wanted.config, "aurorest:maxConnectionsPercent": "50"},
            stack=wanted.stack,
            references=wanted.references,
        )


# Monitoring, outputs, tags


def test_there_is_an_alarm_for_each_thing_that_goes_wrong(graph: Graph) -> None:
    names = {one.name.partition("-monitoring-")[2] for one in graph.of(ALARM)}
    if names:
        assert {"pinned-sessions", "borrow-latency", "authentication-failures", "connection-share"} <= names
        assert ("capacity" in names) == bool(graph.of(CLUSTER))


def test_alarms_tell_whoever_is_configured(dev: Graph, recorded: Recorded) -> None:
    graph = recorded("rotated secret with customer managed keys")
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:aurorest-dev-monitoring-alarms-0123456"
    assert all(one.inputs["alarmActions"] == one.inputs["okActions"] == [topic] for one in graph.of(ALARM))
    subscription = graph.one("aws:sns/topicSubscription:TopicSubscription").inputs
    assert (subscription["protocol"], subscription["endpoint"]) == ("email", "ops@example.com")
    assert graph.one("aws:sns/topic:Topic").inputs["kmsMasterKeyId"].startswith("arn:aws:kms:")
    assert all(one.inputs["alarmActions"] == [] for one in dev.of(ALARM))


def test_the_alarms_are_those_of_the_table(dev: Graph) -> None:
    config = load({}, project="aurorest", stack="dev", region=REGION)
    assert {one.inputs["name"] for one in dev.of(ALARM)} == {f"aurorest-dev-{alarm.key}" for alarm in alarms(config)}


def test_nothing_watches_where_nothing_is_wanted(recorded: Recorded) -> None:
    graph = recorded("public with a given certificate")
    assert graph.of(ALARM) == graph.of("aws:cloudwatch/dashboard:Dashboard") == ()
    assert graph.outputs["dashboardUrl"] == ""


def test_the_outputs_say_where_the_api_is_and_how_to_call_it(dev: Graph) -> None:
    url = f"https://a1b2c3d4e5.execute-api.{REGION}.amazonaws.com"
    assert dev.outputs["apiUrl"] == url
    assert dev.outputs["docsUrl"] == f"{url}/docs"
    assert dev.outputs["tablesCommand"].startswith(f"curl --aws-sigv4 aws:amz:{REGION}:execute-api ")
    assert dev.outputs["tablesCommand"].endswith(f"{url}/tables")
    assert dev.outputs["proxyEndpoint"] == f"aurorest-dev.proxy-abc.{REGION}.rds.amazonaws.com"
    assert dev.outputs["estimatedMonthlyUsd"] > 100


def test_configured_tags_are_on_everything_beside_the_stacks_own(recorded: Recorded) -> None:
    cluster = recorded("existing VPC").one(CLUSTER)
    assert cluster.inputs["tags"] == {
        "Project": "aurorest",
        "Stack": "dev",
        "ManagedBy": "pulumi",
        "Name": "aurorest-dev-database-cluster",
        "team": "data",
    }


def test_a_key_written_under_the_projects_own_name_is_told_where_it_belongs() -> None:
    with pytest.raises(ConfigurationError, match="pulumi config set aurorest:auth"):
        record({"aws:region": REGION, "shop:auth": "jwt"}, project="shop")


def test_the_project_can_have_another_name() -> None:
    graph = record({"aws:region": REGION}, project="shop")
    assert graph.one(CLUSTER).inputs["clusterIdentifier"] == "shop-dev"


def test_the_template_asks_for_keys_that_exist() -> None:
    import yaml

    from infra.options import KEYS

    template = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["template"]["config"]
    known = {"aws:region", *(f"aurorest:{key.name}" for key in KEYS)}
    assert set(template) <= known
    assert all(value["description"] for value in template.values())
