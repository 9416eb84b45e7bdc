"""Credentials and the proxy: who may connect, how it is proved, and when the target is made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.config import ConfigurationError
from tests.infra.aws import ACCOUNT, REGION
from tests.infra.graph import Graph, record, stack_file
from tests.infra.reading import (
    EGRESS,
    INGRESS,
    INSTANCE,
    POOL,
    PROXY,
    ROLE_POLICY,
    SECRET,
    SECRET_VERSION,
    TARGET,
    Recorded,
    api_function,
    environment,
    event,
    statements,
)


def test_the_applications_credential_is_a_json_secret_of_all_that_the_proxy_reads(dev: Graph) -> None:
    version = dev.one(SECRET_VERSION, "-application")
    assert json.loads(version.inputs["secretString"]) == {
        "username": "aurorest_app",
        "password": "password-of-secrets-application-1",
        "engine": "mysql",
        "host": f"aurorest-dev-0a1b2c.cluster-abc.{REGION}.rds.amazonaws.com",
        "port": 3306,
        "dbClusterIdentifier": "aurorest-dev-0a1b2c",
    }
    assert version.secrets == {"secretString"}


def test_deleted_secrets_can_be_restored_for_as_long_as_configured(dev: Graph, prod: Graph) -> None:
    # The provider reads the window from the state when it deletes the secret, whatever deletionProtection says by then:
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/secretsmanager/secret.go
    assert {one.inputs["recoveryWindowInDays"] for one in dev.of(SECRET)} == {0}
    assert {one.inputs["recoveryWindowInDays"] for one in prod.of(SECRET)} == {30}
    unprotected = record({**stack_file("prod"), "aurorest:deletionProtection": "false"}, stack="prod")
    assert {one.inputs["recoveryWindowInDays"] for one in unprotected.of(SECRET)} == {30}


def test_the_proxy_requires_tls_and_iam_of_every_user(dev: Graph) -> None:
    inputs = dev.one(PROXY).inputs
    assert (inputs["engineFamily"], inputs["requireTls"], inputs["defaultAuthScheme"]) == ("MYSQL", True, "NONE")
    assert len(inputs["auths"]) == 3
    assert {(auth["authScheme"], auth["iamAuth"]) for auth in inputs["auths"]} == {("SECRETS", "REQUIRED")}
    assert "clientPasswordAuthType" not in inputs["auths"][0]


def test_the_proxys_role_reads_exactly_its_secrets(dev: Graph) -> None:
    read = statements(dev.one(ROLE_POLICY, "proxy-role"))
    arns = [auth["secretArn"] for auth in dev.one(PROXY).inputs["auths"]]
    assert read == [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arns}]


def test_the_proxys_role_decrypts_with_the_stacks_key_through_secrets_manager_only(prod: Graph) -> None:
    decrypt = statements(prod.one(ROLE_POLICY, "proxy-role"))[1]
    assert decrypt["Action"] == "kms:Decrypt"
    assert decrypt["Resource"] == [f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"]
    assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}


def test_end_to_end_iam_needs_no_password_of_the_application(recorded: Recorded) -> None:
    graph = recorded("end to end IAM with readers")
    assert graph.of(SECRET) == graph.of("random:index/randomPassword:RandomPassword") == ()
    assert graph.one(PROXY).inputs["defaultAuthScheme"] == "IAM_AUTH"
    connect = statements(graph.one(ROLE_POLICY, "proxy-role"))[-1]
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
            "SET time_zone='+00:00'; SET sql_mode='STRICT_ALL_TABLES,"
            "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'; "
            "SET innodb_lock_wait_timeout=4; SET group_concat_max_len=5500000; SET auto_increment_increment=1; "
            "SET innodb_lock_wait_timeout=5"
        ),
    }


def test_the_target_waits_for_the_instances_the_rules_and_the_secrets(graph: Graph) -> None:
    target = graph.one(TARGET)
    before = graph.after(target)
    rules = [*graph.of(EGRESS), *graph.of(INGRESS)]
    rules = [one for one in rules if not one.name.startswith("access-sg-")]  # of people, who come later
    needed = [*graph.of(INSTANCE), *rules, *graph.of(SECRET_VERSION), *graph.of(POOL)]
    assert {one.urn for one in needed} <= before
    assert target.inputs["dbClusterIdentifier"] in {
        "aurorest-dev-0a1b2c",
        "aurorest-prod-0a1b2c",
        "legacy",
        "aurorest-shared",
    }


def test_the_read_only_endpoint_is_the_readers_and_the_function_knows_it(recorded: Recorded) -> None:
    graph = recorded("end to end IAM with readers")
    assert graph.one("aws:rds/proxyEndpoint:ProxyEndpoint").inputs["targetRole"] == "READ_ONLY"
    host = f"aurorest-dev-0a1b2c-read.endpoint.proxy-abc.{REGION}.rds.amazonaws.com"
    assert environment(api_function(graph))["AUROREST_DATABASE_READ_HOST"] == host


def test_a_rotation_makes_a_new_password_for_the_idle_user_and_leaves_the_other_as_it_was() -> None:
    passwords: list[dict[str, str]] = []
    previous: dict[str, Any] = {}
    for version in "1234":
        graph = record({"aws:region": REGION, "aurorest:credentialVersion": version}, previous=previous)
        written = [json.loads(one.inputs["secretString"]) for one in graph.of(SECRET_VERSION)]
        passwords.append({one["username"]: one["password"] for one in written})
        previous = dict(graph.outputs)
    before, after = passwords[-2:]
    assert before["aurorest_app"] == after["aurorest_app"]
    assert before["aurorest_app_b"] != after["aurorest_app_b"]


def test_during_a_rotation_both_users_may_connect_and_the_function_uses_the_new_one() -> None:
    config = {"aws:region": REGION, "aurorest:credentialVersion": "3"}
    graph = record(config | {"aurorest:credentialVersion": "4"}, previous=dict(record(config).outputs))
    assert environment(api_function(graph))["AUROREST_DATABASE_USER"] == "aurorest_app_b"
    allowed = statements(graph.one(ROLE_POLICY, "function-connect"))[0]["Resource"]
    assert [arn.rpartition("/")[2] for arn in allowed] == ["aurorest_app_b", "aurorest_app"]
    assert [user["name"] for user in event(graph)["users"]] == ["aurorest_app_b", "aurorest_read"]
    assert len(graph.one(PROXY).inputs["auths"]) == 4


def later(previous: Graph, **changed: str) -> Graph:
    keys = {f"aurorest:{key}": value for key, value in changed.items()}
    return record({"aws:region": REGION, **keys}, previous=dict(previous.outputs))


@pytest.mark.parametrize("before, after", [("secret", "iam"), ("iam", "secret")])
def test_another_authentication_goes_through_the_second_user(before: str, after: str) -> None:
    first = record({"aws:region": REGION, "aurorest:databaseAuthentication": before})
    graph = later(first, databaseAuthentication=after, credentialVersion="2")
    assert environment(api_function(graph))["AUROREST_DATABASE_USER"] == "aurorest_app_b"
    assert [user["name"] for user in event(graph)["users"]] == ["aurorest_app_b", "aurorest_read"]
    assert event(graph)["authentication"] == after
    # The former login works until the function has moved: its secret, or its right to connect, is still there.
    written = {json.loads(one.inputs["secretString"])["username"] for one in graph.of(SECRET_VERSION)}
    proxy = statements(graph.one(ROLE_POLICY, "proxy-role"))[-1]
    allowed = {arn.rpartition("/")[2] for arn in proxy["Resource"]}
    assert graph.one(PROXY).inputs["defaultAuthScheme"] == "IAM_AUTH"
    if before == "secret":
        assert (written, allowed) == ({"aurorest_app"}, {"aurorest_app_b", "aurorest_read"})
    else:
        assert (written, allowed) == ({"aurorest_app_b", "aurorest_read"}, {"aurorest_app"})
    settled = later(graph, databaseAuthentication=after, credentialVersion="2")
    assert settled == graph


@pytest.mark.parametrize(
    "changed", [{"databaseAuthentication": "iam"}, {"applicationUser": "shop"}, {"credentialVersion": "3"}]
)
def test_a_change_that_would_touch_the_login_in_use_is_refused(dev: Graph, changed: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="together with credentialVersion 2"):
        later(dev, **changed)


def test_users_that_are_no_longer_configured_are_dropped_once_nothing_uses_them(dev: Graph) -> None:
    renamed = later(dev, applicationUser="shop", readOnlyUser="report", credentialVersion="2")
    assert event(renamed)["retired_users"] == ["aurorest_read"]
    moved = later(renamed, applicationUser="shop", readOnlyUser="report", credentialVersion="3")
    assert event(moved)["retired_users"] == ["aurorest_app", "aurorest_read"]
    assert later(moved, applicationUser="shop", readOnlyUser="report", credentialVersion="3") == moved
