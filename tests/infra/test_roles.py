"""Roles: their accounts, who may connect as them, the route of callers without a token, and what is refused."""

from __future__ import annotations

import itertools
import json

import pytest

from api.request.caller import claim_path
from api.settings import Settings
from infra.config import ConfigurationError
from infra.options.roles import ROLE_CLAIM
from tests.infra.aws import ACCOUNT, REGION
from tests.infra.graph import Graph, record
from tests.infra.reading import (
    INVOCATION,
    PROXY,
    ROLE_POLICY,
    ROUTE,
    SECRET_VERSION,
    TARGET,
    api_function,
    environment,
    event,
    statements,
)  # fmt: skip

STAGE = "aws:apigatewayv2/stage:Stage"
AUTH = {
    "iam": {"auth": "iam"},
    "jwt": {"auth": "jwt", "jwtIssuer": "https://login.example.com/", "jwtAudience": "aurorest"},
    "none": {"auth": "none", "allowPublicAccess": "true"},
}


def stack(**keys: str) -> Graph:
    return record({"aws:region": REGION, **{f"aurorest:{key}": value for key, value in keys.items()}})


def names(arns: list[str]) -> list[str]:
    return [arn.rpartition("/")[2] for arn in arns]


COMBINED = [
    (auth, authentication, anonymous)
    for auth, authentication, anonymous in itertools.product(AUTH, ("secret", "iam"), (True, False))
    if auth != "none" or anonymous  # the others are contradictions
]


@pytest.mark.parametrize("auth, authentication, anonymous", COMBINED)
def test_accounts_routes_and_permissions_of_roles(auth: str, authentication: str, anonymous: bool) -> None:
    chosen = {"anonymousRole": "anon"} if anonymous else {}
    chosen |= {"defaultRole": "member"} if auth == "iam" else {}
    graph = stack(**AUTH[auth], databaseAuthentication=authentication, roles="member,anon", **chosen)

    # the migrator makes the accounts
    made = event(graph)["roles"]
    assert [role["name"] for role in made] == ["member", "anon"]
    assert [("password" in role) for role in made] == [authentication == "secret"] * 2

    # the function may connect as exactly these users
    (allowed,) = statements(graph.one(ROLE_POLICY, "function-connect"))
    assert allowed["Action"] == "rds-db:connect"
    assert names(allowed["Resource"]) == ["aurorest_app", "member", "anon"]
    assert all(arn.startswith(f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:prx-") for arn in allowed["Resource"])

    # the proxy signs in as them
    written = {
        content["username"]: content["password"]
        for content in (json.loads(one.inputs["secretString"]) for one in graph.of(SECRET_VERSION))
    }
    behind = statements(graph.one(ROLE_POLICY, "proxy-role"))
    auths = graph.one(PROXY).inputs["auths"]
    if authentication == "secret":
        assert {"member", "anon"} <= written.keys()
        assert {role["name"]: role["password"] for role in made} == {role: written[role] for role in ("member", "anon")}
        assert len(set(written.values())) == len(written)
        assert [one["secretArn"] for one in auths] == behind[0]["Resource"]
        assert len(auths) == 1 + len(written) == 5
        assert len(behind) == 1
    else:
        assert written == {}
        assert names(behind[-1]["Resource"]) == ["aurorest_app", "aurorest_read", "member", "anon"]
        assert graph.one(PROXY).inputs["defaultAuthScheme"] == "IAM_AUTH"

    # callers without a token have their own route, where others demand one
    routes = {one.inputs["routeKey"]: one.inputs["authorizationType"] for one in graph.of(ROUTE)}
    kept = {"iam": "AWS_IAM", "jwt": "JWT", "none": "NONE"}[auth]
    apart = anonymous and auth != "none"
    assert routes == {"$default": kept} | ({"ANY /anonymous/{proxy+}": "NONE"} if apart else {})
    limits = graph.one(STAGE).inputs.get("routeSettings")
    assert limits == (
        [
            {
                "routeKey": "ANY /anonymous/{proxy+}",
                "throttlingRateLimit": 10,
                "throttlingBurstLimit": 20,
                "detailedMetricsEnabled": False,
            }
        ]
        if apart
        else None
    )
    url = graph.outputs["apiUrl"]
    assert graph.outputs["anonymousUrl"] == (f"{url}/anonymous" if apart else url if anonymous else "")

    # the function's settings are the same roles
    settings = Settings.from_environment(environment(api_function(graph)))
    assert settings.roles == ("member", "anon")
    assert settings.anonymous_role == ("anon" if anonymous else None)
    assert settings.default_role == ("member" if auth == "iam" else None)


def test_every_setting_of_roles_reaches_the_function() -> None:
    graph = stack(
        **AUTH["jwt"], roles="anon,member,root-like", roleClaim="app_metadata.role", defaultRole="member",
        anonymousRole="anon", bypassRowSecurity="root-like,member",
    )  # fmt: skip
    settings = Settings.from_environment(environment(api_function(graph)))
    assert settings.role_claim == "app_metadata.role"
    assert settings.bypass_row_security == ("root-like", "member")


def test_without_roles_there_are_no_resources_for_them(dev: Graph) -> None:
    assert event(dev)["roles"] == []
    assert [one.inputs["routeKey"] for one in dev.of(ROUTE)] == ["$default"]
    assert dev.outputs["anonymousUrl"] == ""
    assert Settings.from_environment(environment(api_function(dev))).roles == ()


ONE_ROLE = {"aws:region": REGION, "aurorest:roles": "member", "aurorest:defaultRole": "member"}


def rotated(config: dict[str, str]) -> tuple[Graph, Graph]:
    """The stack with the first version of the credentials, and with the second."""
    first = record(config)
    return first, record(config | {"aurorest:credentialVersion": "2"}, previous=dict(first.outputs))


def test_a_rotation_gives_each_role_a_new_password_that_the_proxy_reads_once_the_account_takes_it() -> None:
    first, second = rotated(ONE_ROLE)
    (before,), (after,) = event(first)["roles"], event(second)["roles"]
    assert (before["password_version"], after["password_version"]) == (1, 2)
    assert before["password"] != after["password"]
    assert [each for each in first.of(SECRET_VERSION) if each.name.endswith("role-member-rotated")] == []
    kept, written = second.one(SECRET_VERSION, "role-member"), second.one(SECRET_VERSION, "role-member-rotated")
    assert kept.ignore_changes == ("secretString",)
    assert written.inputs["secretId"] == kept.inputs["secretId"]
    assert json.loads(written.inputs["secretString"])["password"] == after["password"]
    assert written.secrets == {"secretString"}
    assert second.one(INVOCATION).urn in second.after(written)
    assert written.urn not in second.after(second.one(TARGET))
    assert len(second.one(PROXY).inputs["auths"]) == len(first.one(PROXY).inputs["auths"]) + 1  # of the second user


def test_a_rotation_leaves_a_role_without_a_password_alone() -> None:
    first, second = rotated(ONE_ROLE | {"aurorest:databaseAuthentication": "iam"})
    assert event(second)["roles"] == event(first)["roles"] == [{"name": "member"}]
    assert second.of(SECRET_VERSION) == ()


def test_a_role_may_connect_before_and_after_a_rotation() -> None:
    _, second = rotated(ONE_ROLE)
    allowed = names(statements(second.one(ROLE_POLICY, "function-connect"))[0]["Resource"])
    assert allowed == ["aurorest_app_b", "aurorest_app", "member"]


def test_a_role_that_is_no_longer_configured_is_not_dropped() -> None:
    """Its grants could not be restored, because migrations run once."""
    config = {"aws:region": REGION, "aurorest:roles": "member,old", "aurorest:defaultRole": "member"}
    first = record(config)
    second = record(config | {"aurorest:roles": "member"}, previous=dict(first.outputs))
    assert event(second)["retired_users"] == []
    assert "old" not in names(statements(second.one(ROLE_POLICY, "function-connect"))[0]["Resource"])
    assert len(second.one(PROXY).inputs["auths"]) == len(first.one(PROXY).inputs["auths"]) - 1


@pytest.mark.parametrize(
    "keys, told",
    [
        ({"anonymousRole": "anon"}, "anonymousRole and bypassRowSecurity belong to roles"),
        ({"roleClaim": "x"}, "belong to roles"),
        ({"roles": "a b"}, "aurorest:roles is 'a b'"),
        ({"roles": "1a"}, "aurorest:roles is '1a'"),
        ({"roles": "x" * 33}, "aurorest:roles is"),
        ({"roles": "a,a"}, "aurorest:roles is 'a,a'"),
        ({"roles": "a", "defaultRole": "b"}, "defaultRole has b, which is not one of roles; allowed: a"),
        ({"roles": "a", "defaultRole": "a", "anonymousRole": "b"}, "anonymousRole has b"),
        ({"roles": "a", "defaultRole": "a", "bypassRowSecurity": "b"}, "bypassRowSecurity has b"),
        ({"roles": "a", "defaultRole": "a", "roleClaim": "a..b"}, "aurorest:roleClaim is 'a..b'"),
        ({"roles": "aurorest_app", "defaultRole": "aurorest_app"}, "a name of adminUser, applicationUser"),
        ({"roles": "aurorest_app_b", "defaultRole": "aurorest_app_b"}, "a name of adminUser, applicationUser"),
        ({"roles": "Aurorest_Admin", "defaultRole": "Aurorest_Admin"}, "a name of adminUser, applicationUser"),
        ({"roles": "root", "defaultRole": "root"}, "reserve"),
        ({"roles": "public", "defaultRole": "public"}, "reserve"),
        ({"roles": "a,A", "defaultRole": "a"}, "differ in case only"),
        ({"roles": "a", "defaultRole": "a", "anonymousRole": "a", "bypassRowSecurity": "a"}, "everyone would see"),
        ({"roles": "a"}, "auth iam has no tokens that name a role"),
        ({"roles": "a", **AUTH["none"]}, "auth none has no tokens"),
        ({"roles": "a", **AUTH["none"], "anonymousRole": "a", "defaultRole": "a"}, "auth none has none"),
        ({"roles": "a", **AUTH["jwt"], "publicDocs": "true"}, "publicDocs shows what callers without a token"),
    ],
)  # fmt: skip
def test_contradictions_are_refused_before_anything_is_made(keys: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        stack(**keys)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    "path",
    ["role", ".role", "app_metadata.role", "cognito:groups[0]", "a[0].b[12]", '"https://x.org/role"', r'"a\\"b".c',
     "", ".", "a.", "a..b", "[0]", "a[", "a[-1]", "a[x]", 'a"b', '"', '""', "a]b", "a[0]b", "a\nb"],
)  # fmt: skip
def test_the_stack_and_the_function_read_the_same_claim_paths(path: str) -> None:
    try:
        claim_path(path)
        readable = True
    except ValueError:
        readable = False
    assert (ROLE_CLAIM.parse(path) is not None) == readable
