"""The functions: their environment and rights, and migrations before the new version."""

from __future__ import annotations

import json
import sys

import pytest
from pulumi import RunError

from api.settings import ENVIRONMENT
from infra.bundle import PACKAGES
from infra.policies import database_user_arn, network_interfaces
from tests.infra.aws import ACCOUNT, REGION
from tests.infra.graph import Graph, record
from tests.infra.reading import (
    FUNCTION,
    GROUP,
    INVOCATION,
    ROLE_POLICY,
    TARGET,
    Recorded,
    api_function,
    environment,
    event,
    statements,
)


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
    variables = environment(dev.one(FUNCTION, "migrator-function"))
    assert set(variables) < set(ENVIRONMENT)
    assert variables["AUROREST_DATABASE_USER"] == "aurorest_admin"


def test_each_function_may_connect_to_this_proxy_as_its_own_user(dev: Graph) -> None:
    proxy = "arn:aws:rds:eu-central-1:123456789012:db-proxy:prx-0123456789abcdef0"
    for part, user in (("function", "aurorest_app"), ("migrator", "aurorest_admin")):
        [statement] = statements(dev.one(ROLE_POLICY, f"{part}-connect"))
        assert statement["Resource"] == [database_user_arn(proxy, "prx-0123456789abcdef0", user)]
        assert statement["Action"] == "rds-db:connect"


def test_the_function_runs_isolated_with_json_logs_behind_an_alias(dev: Graph) -> None:
    inputs = api_function(dev).inputs
    assert inputs["handler"] == "api.handler.handler"
    running = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert (inputs["runtime"], inputs["architectures"]) == (running, ["arm64"])
    assert inputs["loggingConfig"]["logFormat"] == "JSON"
    assert inputs["loggingConfig"]["logGroup"] == "/aws/lambda/aurorest-dev-0a1b2c-api"
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
        assert graph.one(ROLE_POLICY, f"{part}-interfaces").urn in before


def test_lambda_may_place_a_function_in_the_vpc_in_every_partition(dev: Graph) -> None:
    # AWS's own policy has had ec2:DescribeSubnets since 2024:
    # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
    change, look = statements(dev.one(ROLE_POLICY, "function-interfaces"))
    assert {*change["Action"], *look["Action"]} == {
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    }
    # Lambda checks these actions on every resource of the account:
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    assert change["Resource"][0] == f"arn:aws:ec2:{REGION}:{ACCOUNT}:*/*"
    in_us_gov = json.loads(network_interfaces("arn:aws-us-gov:iam::1:role/x", "us-gov-west-1"))["Statement"][0]
    assert in_us_gov["Resource"][0] == "arn:aws-us-gov:ec2:us-gov-west-1:1:*/*"


def test_no_role_uses_a_managed_policy_of_one_partition_only(graph: Graph) -> None:
    # The SDK's enumeration of managed policies has ARNs of the partition `aws`; the stub answers `aws` as well, so the
    # name is what tells that the ARN was put together.
    for attached in graph.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        assert attached.name == "database-metrics"


def test_migrations_run_when_the_proxy_answers_and_before_the_new_version(graph: Graph) -> None:
    invocation = graph.one(INVOCATION)
    assert graph.one(TARGET).urn in graph.after(invocation)
    assert invocation.urn in graph.after(api_function(graph))
    assert "input" in invocation.secrets
    assert {"input", "result"} <= set(invocation.additional_secret_outputs)


def test_the_migrator_accepts_its_input(graph: Graph) -> None:
    from migrator import event as events

    assert events.parse(event(graph)) is not None


def test_the_migrator_runs_again_when_users_or_databases_change(dev: Graph, recorded: Recorded) -> None:
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


def test_a_missing_archive_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUROREST_BUNDLE", "/nowhere/bundle.zip")
    with pytest.raises(RunError, match=r"AUROREST_BUNDLE is '/nowhere/bundle.zip'"):
        record({"aws:region": REGION})


def test_changed_migrations_publish_a_version_that_reads_the_schema_again(graph: Graph) -> None:
    """An environment keeps the schema for a while; only new ones see at once what a migration changed."""
    function = api_function(graph)
    assert function.inputs["code"] == graph.one(FUNCTION, "migrator-function").inputs["code"]
    assert "migrations" in PACKAGES
    assert function.inputs["publish"] is True
