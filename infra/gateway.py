"""The HTTP API in front of the function: who may call it, how often, and what is written down about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.config import StackConfig
from infra.logs import log_group
from infra.options.function import API_TIMEOUT_SECONDS

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
REQUEST_HEADERS = (
    # Written out: a browser does not count Authorization among `*`.
    "accept",
    "accept-profile",
    "apikey",
    "authorization",
    "content-profile",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "prefer",
    "range",
    "range-unit",
    "traceparent",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-client-info",
    "x-request-id",
    "x-requested-with",
    "x-retry-count",
    "x-supabase-api-version",
)
EXPOSED_HEADERS = (
    "Allow",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Location",
    "Content-Profile",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Preference-Applied",
    "Proxy-Status",
    "Range-Unit",
    "Retry-After",
    "Server-Timing",
    "Warning",
)
_PUBLIC_DOCS_ROUTES = ("GET /docs", "GET /docs/{proxy+}", "GET /openapi.json")
_BROWSE_ROUTES = ("GET /browse", "GET /browse/{proxy+}")
ANONYMOUS_PATH = "/anonymous"
ANONYMOUS_ROUTE = f"ANY {ANONYMOUS_PATH}/{{proxy+}}"
_CORS_MAX_AGE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class GatewayArgs:
    """`issuer` and `audience`: of the tokens, with `auth: jwt`."""

    config: StackConfig
    prefix: pulumi.Output[str]
    function_name: pulumi.Input[str]
    alias: pulumi.Input[str]
    invoke_arn: pulumi.Input[str]
    issuer: pulumi.Input[str]
    audience: Sequence[pulumi.Input[str]]
    key_arn: pulumi.Input[str] | None


class Gateway(pulumi.ComponentResource):
    """The API. Outputs: `api_id`, `stage_name`, `url` (its own address, without a slash at the end)."""

    api_id: pulumi.Output[str]
    stage_name: pulumi.Output[str]
    url: pulumi.Output[str]

    def __init__(self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Gateway", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        api = aws.apigatewayv2.Api(
            f"{name}-api",
            name=args.prefix,
            protocol_type="HTTP",
            description="REST API over a MySQL database",
            # A browser's preflight is never signed, so the API answers it and not the function.
            cors_configuration=aws.apigatewayv2.ApiCorsConfigurationArgs(
                allow_origins=list(args.config.front.cors_origins),
                allow_methods=list(METHODS),
                allow_headers=list(REQUEST_HEADERS),
                expose_headers=list(EXPOSED_HEADERS),
                max_age=_CORS_MAX_AGE_SECONDS,
            ),
            # With a custom domain there is one address only.
            disable_execute_api_endpoint=bool(args.config.front.domain_name),
            opts=child,
        )
        integration = aws.apigatewayv2.Integration(
            f"{name}-function",
            api_id=api.id,
            integration_type="AWS_PROXY",
            integration_uri=args.invoke_arn,
            payload_format_version="2.0",
            timeout_milliseconds=API_TIMEOUT_SECONDS * 1000,
            opts=child,
        )
        routes = self._routes(name, args, api, integration)
        group = log_group(
            f"{name}-access",
            pulumi.Output.concat("/aws/vendedlogs/", args.prefix, "/access"),
            retention_days=args.config.monitoring.log_retention_days,
            key_arn=args.key_arn,
            parent=self,
        )
        stage = aws.apigatewayv2.Stage(
            f"{name}-stage",
            api_id=api.id,
            name="$default",
            auto_deploy=True,
            access_log_settings=aws.apigatewayv2.StageAccessLogSettingsArgs(
                destination_arn=group.arn, format=access_log_format(args.config.front.access_log_fields)
            ),
            default_route_settings=aws.apigatewayv2.StageDefaultRouteSettingsArgs(
                throttling_rate_limit=float(args.config.front.throttle_rate),
                throttling_burst_limit=args.config.front.throttle_burst,
                # Metrics for each route would be billed, and neither alarm nor chart reads them.
                detailed_metrics_enabled=False,
            ),
            route_settings=anonymous_limits(args.config),
            # Deployed only once every route requires authorization.
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(routes)),
        )
        aws.lambda_.Permission(
            f"{name}-invoke",
            action="lambda:InvokeFunction",
            function=args.function_name,
            qualifier=args.alias,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"),
            opts=child,
        )
        self.api_id = api.id
        self.stage_name = stage.name
        self.url = api.api_endpoint
        self.register_outputs({"apiId": self.api_id, "stageName": self.stage_name, "url": self.url})

    def _routes(
        self, name: str, args: GatewayArgs, api: aws.apigatewayv2.Api, integration: aws.apigatewayv2.Integration
    ) -> Sequence[pulumi.Resource]:
        child = pulumi.ResourceOptions(parent=self)
        target = pulumi.Output.concat("integrations/", integration.id)
        authorizer = None
        if args.config.front.auth == "jwt":
            authorizer = aws.apigatewayv2.Authorizer(
                f"{name}-jwt",
                name="jwt",
                api_id=api.id,
                authorizer_type="JWT",
                identity_sources=["$request.header.Authorization"],
                jwt_configuration=aws.apigatewayv2.AuthorizerJwtConfigurationArgs(
                    issuer=args.issuer, audiences=list(args.audience)
                ),
                opts=child,
            )
        routes = [
            aws.apigatewayv2.Route(
                f"{name}-default",
                api_id=api.id,
                route_key="$default",
                target=target,
                authorization_type={"iam": "AWS_IAM", "jwt": "JWT", "none": "NONE"}[args.config.front.auth],
                authorizer_id=None if authorizer is None else authorizer.id,
                authorization_scopes=list(args.config.front.jwt_scopes) or None,
                opts=child,
            )
        ]
        if args.config.anonymous_route:
            routes.append(
                aws.apigatewayv2.Route(
                    f"{name}-anonymous",
                    api_id=api.id,
                    route_key=ANONYMOUS_ROUTE,
                    target=target,
                    # The function takes a caller's role from its route's authorizer alone, and this one has none.
                    authorization_type="NONE",
                    opts=child,
                )
            )
        # Files without data, so that a browser can load the page before its user has logged in.
        for page, keys, wanted in (
            ("docs", _PUBLIC_DOCS_ROUTES, args.config.front.public_docs),
            ("browse", _BROWSE_ROUTES, args.config.front.browse),
        ):
            routes += [
                aws.apigatewayv2.Route(
                    f"{name}-{page}-{number}",
                    api_id=api.id,
                    route_key=route_key,
                    target=target,
                    authorization_type="NONE",
                    opts=child,
                )
                for number, route_key in enumerate(keys if wanted else (), 1)
            ]
        return routes


def anonymous_limits(config: StackConfig) -> list[aws.apigatewayv2.StageRouteSettingArgs] | None:
    """The throttle of callers without a token, apart from everybody else's."""
    if not config.anonymous_route:
        return None
    return [
        aws.apigatewayv2.StageRouteSettingArgs(
            route_key=ANONYMOUS_ROUTE,
            throttling_rate_limit=float(config.roles.anonymous_throttle_rate),
            throttling_burst_limit=config.roles.anonymous_throttle_burst,
            detailed_metrics_enabled=False,
        )
    ]


def access_log_format(fields: Sequence[str]) -> str:
    """One JSON object a line.

    >>> access_log_format(["requestId", "identity.sourceIp"])
    '{"requestId": "$context.requestId", "identity.sourceIp": "$context.identity.sourceIp"}'
    """
    return json.dumps({field: f"$context.{field}" for field in fields})
