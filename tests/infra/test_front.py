"""The HTTP API: who may call it, what is public, and what is written down."""

from __future__ import annotations

import json

import pytest

from api.response.cors import EXPOSED
from tests.infra.aws import ACCOUNT, REGION
from tests.infra.graph import Graph
from tests.infra.reading import ROUTE, Recorded


@pytest.mark.parametrize(
    "name, authorization",
    [("dev", "AWS_IAM"), ("JWT from elsewhere with public docs", "JWT"), ("public with a given certificate", "NONE")],
)
def test_the_default_route_requires_what_is_configured(recorded: Recorded, name: str, authorization: str) -> None:
    route = recorded(name).one(ROUTE, "gateway-default")
    assert (route.inputs["routeKey"], route.inputs["authorizationType"]) == ("$default", authorization)


def test_tokens_are_checked_for_issuer_audience_and_scopes(recorded: Recorded) -> None:
    graph = recorded("JWT from elsewhere with public docs")
    authorizer = graph.one("aws:apigatewayv2/authorizer:Authorizer").inputs
    assert authorizer["jwtConfiguration"] == {"issuer": "https://login.example.com/", "audiences": ["aurorest"]}
    assert graph.one(ROUTE, "gateway-default").inputs["authorizationScopes"] == ["read", "write"]


def test_a_user_pool_of_the_stack_is_the_issuer(recorded: Recorded) -> None:
    graph = recorded("Cognito with a custom domain")
    authorizer = graph.one("aws:apigatewayv2/authorizer:Authorizer").inputs
    client = graph.one("aws:cognito/userPoolClient:UserPoolClient")
    assert authorizer["jwtConfiguration"] == {
        "issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_AbCdEfGhI",
        "audiences": [f"{client.name}-id"],
    }


def test_only_the_configured_pages_are_public(dev: Graph, recorded: Recorded) -> None:
    graph = recorded("JWT from elsewhere with public docs")
    public = [one.inputs["routeKey"] for one in graph.of(ROUTE) if one.inputs["authorizationType"] == "NONE"]
    assert sorted(public) == [
        "GET /browse",
        "GET /browse/{proxy+}",
        "GET /docs",
        "GET /docs/{proxy+}",
        "GET /openapi.json",
    ]
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
    # Nothing reads the metrics of single routes, and they are billed by the metric.
    assert stage["defaultRouteSettings"]["detailedMetricsEnabled"] is False
    fields = json.loads(stage["accessLogSettings"]["format"])
    assert fields["status"] == "$context.status"
    assert not any("query" in field.lower() for field in fields)


def test_the_api_is_deployed_only_when_its_routes_are_guarded(graph: Graph) -> None:
    stage = graph.one("aws:apigatewayv2/stage:Stage")
    assert {route.urn for route in graph.of(ROUTE)} <= graph.after(stage)


def test_the_integration_speaks_payload_2_to_the_alias(dev: Graph) -> None:
    integration = dev.one("aws:apigatewayv2/integration:Integration").inputs
    assert integration["payloadFormatVersion"] == "2.0"
    assert integration["integrationUri"].endswith(":function:aurorest-dev-0a1b2c-api:live/invocations")
    permission = dev.one("aws:lambda/permission:Permission").inputs
    assert permission["qualifier"] == "live"
    assert permission["sourceArn"] == f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2c3d4e5/*/*"


def test_a_domain_has_a_certificate_a_record_and_is_the_only_door(recorded: Recorded) -> None:
    graph = recorded("Cognito with a custom domain")
    assert graph.outputs["apiUrl"] == "https://api.example.com"
    assert graph.one("aws:apigatewayv2/api:Api").inputs["disableExecuteApiEndpoint"] is True
    assert {one.inputs["type"] for one in graph.of("aws:route53/record:Record")} == {"A", "CNAME"}
    given = recorded("public with a given certificate")
    assert given.of("aws:acm/certificate:Certificate") == given.of("aws:route53/record:Record") == ()
    assert given.outputs["domainTarget"] == f"d-abc.execute-api.{REGION}.amazonaws.com"
