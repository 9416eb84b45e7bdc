"""The HTTP API: who may call it, from where, how often, under which name."""

from __future__ import annotations

from api.settings import Settings
from infra.keys import choice, flag, integer, matching, text, words
from infra.options.shapes import ARN

ACCESS_LOG_FIELD_NAMES = (
    "accountId",
    "apiId",
    "authorizer.claims.sub",
    "authorizer.error",
    "awsEndpointRequestId",
    "domainName",
    "error.message",
    "error.responseType",
    "extendedRequestId",
    "httpMethod",
    "identity.caller",
    "identity.sourceIp",
    "identity.user",
    "identity.userAgent",
    "identity.userArn",
    "integration.error",
    "integration.latency",
    "integration.requestId",
    "integration.status",
    "integrationErrorMessage",
    "path",
    "protocol",
    "requestId",
    "requestTime",
    "requestTimeEpoch",
    "responseLatency",
    "responseLength",
    "routeKey",
    "stage",
    "status",
)
DEFAULT_ACCESS_LOG_FIELDS = (
    "requestId",
    "requestTime",
    "httpMethod",
    "path",
    "routeKey",
    "protocol",
    "status",
    "responseLength",
    "responseLatency",
    "identity.sourceIp",
    "identity.userArn",
    "integration.status",
    "integration.latency",
    "integration.requestId",
    "integrationErrorMessage",
    "authorizer.error",
)

AUTH = choice("auth", "iam", ("iam", "jwt", "none"), "Who may call: signed by IAM, bearers of a JWT, or everyone.")
ALLOW_PUBLIC_ACCESS = flag("allowPublicAccess", False, "Must be `true` with `auth: none`: everyone may read and write.")
JWT_ISSUER = text("jwtIssuer", r"https://[^\s?#]+", "an `https://` address", "Issuer of the tokens, with `auth: jwt`.")
JWT_AUDIENCE = words(
    "jwtAudience", (), matching(r"\S+"), "one or more words", "Audiences of the tokens, with `auth: jwt`."
)
JWT_SCOPES = words("jwtScopes", (), matching(r"[!#-\[\]-~]+"), "scope names", "A token needs one of these scopes.")
COGNITO = flag("cognito", False, "Make a Cognito user pool and use it as the issuer, with `auth: jwt`.")
CORS_ORIGINS = words(
    "corsOrigins",
    Settings.cors_origins,
    matching(r"\*|https?://[A-Za-z0-9.-]+(:[0-9]+)?"),
    "`*`, or origins such as `https://app.example.com`",
    "Origins whose pages may read the answers.",
)
DOCS = flag("docs", Settings.docs, "Serve `/docs` and `/openapi.json`.")
PUBLIC_DOCS = flag("publicDocs", False, "Let everyone read `/docs` and `/openapi.json`, whatever `auth` is.")
BROWSE = flag(
    "browse",
    Settings.browse,
    "Serve `/browse`, a page for people, to everyone; its data still needs what `auth` says. Not with `iam`.",
)
BROWSE_LOGIN = text(
    "browseLogin",
    r"(https://[A-Za-z0-9.-]+/?\?client_id=[A-Za-z0-9]+)?",
    "`https://HOST?client_id=ID`",
    "Hosted login page that `/browse` offers; its client must allow the code grant and `/browse` as a callback.",
)
THROTTLE_RATE = integer("throttleRate", 50, 1, 10_000, "Requests per second, steady.")
THROTTLE_BURST = integer("throttleBurst", 100, 1, 5_000, "Requests at once.")
ACCESS_LOG_FIELDS = words(
    "accessLogFields",
    DEFAULT_ACCESS_LOG_FIELDS,
    ACCESS_LOG_FIELD_NAMES.__contains__,
    ", ".join(f"`{name}`" for name in ACCESS_LOG_FIELD_NAMES),
    "Fields of the API's access log (`$context.` names). The query string is left out, as it contains data.",
)
DOMAIN_NAME = text(
    "domainName",
    r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    "a lower-case host name",
    "The API's own address, with `certificateArn` or `hostedZoneId`.",
)
CERTIFICATE_ARN = text(
    "certificateArn",
    ARN % ("acm", "certificate/[a-z0-9-]+"),
    "an ACM certificate's ARN",
    "Certificate for `domainName`.",
)
HOSTED_ZONE_ID = text(
    "hostedZoneId",
    r"Z[A-Z0-9]{1,31}",
    "a Route 53 zone's id",
    "Where `domainName` (and its certificate's proof) is written.",
)
