"""Who a request comes from: the event of API Gateway, and the role that its claims choose."""

import base64
import json
from decimal import Decimal
from typing import Any

import pytest

from api.errors import ApiError
from api.request.caller import NOBODY, Caller
from api.request.token import bearer, caller_of, claims_of_event, payload_of

USER_ARN = "arn:aws:iam::123456789012:user/ann"


def token(payload: object) -> str:
    """Unsigned: what API Gateway has verified is not verified again."""

    def part(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return f"{part('{}')}.{part(text)}.signature"


def event(authorizer: object, **headers: str) -> dict[str, object]:
    return {"headers": headers, "requestContext": {"authorizer": authorizer}}


def jwt_event(payload: dict[str, Any], **changes: object) -> dict[str, object]:
    """As API Gateway sends it: every claim as a string."""
    claims = {name: text if isinstance(text, str) else str(text) for name, text in payload.items()}
    return event({"jwt": {"claims": claims | changes, "scopes": None}}, authorization=f"Bearer {token(payload)}")


def test_claims_of_a_verified_token_have_their_types() -> None:
    payload = {
        "iss": "https://issuer.example", "sub": "4ü2", "exp": 1800000000, "admin": True, "level": 1.50,
        "groups": ["a", "b"], "app_metadata": {"tenant": "acme", "nothing": None}, "nothing": None,
    }  # fmt: skip
    claims = claims_of_event(jwt_event(payload))
    assert claims == payload
    assert claims is not None
    assert isinstance(claims["exp"], int)
    assert isinstance(claims["level"], Decimal)


@pytest.mark.parametrize("header", ["Bearer {}", "bearer {}", "{}", "BEARER   {} "])
def test_the_token_is_found_as_api_gateway_finds_it(header: str) -> None:
    payload = {"sub": "42"}
    found = event({"jwt": {"claims": {"sub": "42"}}}, Authorization=header.format(token(payload)))
    assert claims_of_event(found) == payload


@pytest.mark.parametrize(
    "verified",
    [
        {"sub": "43", "role": "anon"},  # another value
        {"sub": "42"},  # the payload adds a claim
        {"sub": "42", "role": "anon", "more": "x"},  # the payload lacks one
        {},
    ],
)
def test_a_payload_that_was_not_verified_is_refused(verified: dict[str, str]) -> None:
    forged = event({"jwt": {"claims": verified}}, authorization=f"Bearer {token({'sub': '42', 'role': 'anon'})}")
    with pytest.raises(ApiError) as raised:
        claims_of_event(forged)
    assert (raised.value.status, raised.value.code) == (401, "PGRST301")


def test_arrays_of_another_token_are_refused() -> None:
    forged = event({"jwt": {"claims": {"sub": "42"}}}, authorization=f"Bearer {token({'groups': ['admin']})}")
    with pytest.raises(ApiError, match="PGRST301"):
        claims_of_event(forged)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer a.b", "Bearer a.b.c.d", "Bearer x, Bearer y"])
def test_a_verified_caller_without_its_token_is_refused(header: str) -> None:
    with pytest.raises(ApiError, match="PGRST301"):
        claims_of_event(event({"jwt": {"claims": {"sub": "42"}}}, authorization=header))


def test_an_iam_identity_has_claims() -> None:
    identity = {
        "accessKey": "AKIAEXAMPLE", "accountId": "123456789012", "callerId": "AIDA", "cognitoIdentity": None,
        "principalOrgId": "aws:PrincipalOrgID", "userArn": USER_ARN, "userId": "AIDA",
    }  # fmt: skip
    claims = claims_of_event(event({"iam": identity}))
    assert claims is not None
    assert claims["sub"] == USER_ARN
    assert Caller(None, claims).claim("iam.accountId") == "123456789012"
    assert "AKIAEXAMPLE" not in str(claims)


@pytest.mark.parametrize(
    "anonymous",
    [
        {},
        {"requestContext": {}},
        {"requestContext": None},
        {"requestContext": {"authorizer": None}},
        event({}, authorization=f"Bearer {token({'role': 'admin'})}"),
        event({"lambda": {"role": "admin"}}),
        event("jwt", authorization=f"Bearer {token({'role': 'admin'})}"),
    ],
)
def test_without_an_authorizer_of_aws_nobody_is_known(anonymous: dict[str, object]) -> None:
    assert claims_of_event(anonymous) is None


@pytest.mark.parametrize(
    "text",
    ["", "a.b", "a.!.c", "..", token("[]"), token('"x"'), token("{"), token('{"a": NaN}'), token("[" * 100_000),
     token('{"a": 1e999999}'), token('{"a": ' + "9" * 5000 + "}"), "a." + "\ud800" + ".c"],
)  # fmt: skip
def test_what_is_not_a_token_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as raised:
        payload_of(text)
    assert (raised.value.status, raised.value.code) == (401, "PGRST301")
    assert raised.value.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')


def test_only_the_scheme_bearer_carries_a_token() -> None:
    assert bearer("Bearer abc") == "abc"
    assert bearer("Basic abc") is None
    assert bearer("") is None
    assert bearer("AWS4-HMAC-SHA256 Credential=x") is None


def who(claims: dict[str, object] | None, **changes: Any) -> Caller:
    rules: dict[str, Any] = {
        "roles": ("anon", "member", "admin"),
        "role_claim": "role",
        "default_role": None,
        "anonymous_role": "anon",
    }
    return caller_of(claims, **(rules | changes))


def test_the_claim_chooses_the_role() -> None:
    assert who({"role": "member"}) == Caller("member", {"role": "member"})
    assert who({"role": "anon"}).role == "anon"
    assert who({"a": {"roles": ["x", "admin"]}}, role_claim="a.roles[1]").role == "admin"
    assert who({"cognito:groups": ["admin"]}, role_claim="cognito:groups[0]").role == "admin"
    assert who(None) == Caller("anon")
    assert who({}, default_role="member").role == "member"
    assert who({"role": None}, default_role="member").role == "member"


@pytest.mark.parametrize(
    "claims, changes, status, code",
    [
        (None, {"anonymous_role": None}, 401, "PGRST302"),
        ({}, {}, 401, "PGRST303"),
        ({"role": "root"}, {}, 401, "22023"),
        ({"role": "root"}, {"default_role": "member"}, 401, "22023"),
        ({"role": ["admin"]}, {}, 401, "22023"),
        ({"role": True}, {}, 401, "22023"),
        ({"role": Decimal("1.5")}, {}, 401, "22023"),
        ({"role": "ADMIN"}, {}, 401, "22023"),
    ],
)
def test_no_other_role_is_taken(
    claims: dict[str, object] | None, changes: dict[str, Any], status: int, code: str
) -> None:
    with pytest.raises(ApiError) as raised:
        who(claims, **changes)
    assert (raised.value.status, raised.value.code) == (status, code)
    assert raised.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_roles_claims_are_kept_and_no_role_is_acted_as() -> None:
    assert who({"role": "admin"}, roles=()) == Caller(None, {"role": "admin"})
    assert who(None, roles=()) is NOBODY
