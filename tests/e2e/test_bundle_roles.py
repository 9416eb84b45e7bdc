"""The roles of callers, as Lambda runs them: events of an HTTP API with and without an authorizer, through the proxy's
stand-in by a token for the role's own account."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.bundle import BundleOptions, build_bundle
from local.server import Server
from tests.accounts import role_accounts
from tests.certificates import Authority
from tests.e2e.runtime import Function, running, unpack
from tests.e2e.tokens import unsigned
from tests.standin.session import StandIn, stand_in

ROOT = Path(__file__).resolve().parents[2]
LIST = json.loads((ROOT / "tests" / "events" / "list.json").read_text())
ROLES = ("visitor", "member", "auditor")
SCHEMA = (
    "CREATE TABLE todo (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(40) NOT NULL, owner VARCHAR(99))",
    "INSERT INTO todo VALUES (1, 'buy milk', 'ann')",
    "GRANT SELECT (id, title) ON todo TO visitor",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON todo TO member",
    "GRANT SELECT ON todo TO auditor",
)
USER_ARN = "arn:aws:sts::123456789012:assumed-role/auditors/ann"


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return unpack(
        build_bundle(BundleOptions(ROOT, ROOT / "build", version, "x86_64")), tmp_path_factory.mktemp("roles") / "task"
    )


@pytest.fixture(scope="module")
def proxied(mysql_server: Server, authority: Authority) -> Iterator[StandIn]:
    with stand_in(mysql_server, authority.issue("localhost"), roles=ROLES) as found:
        yield found


@pytest.fixture(scope="module")
def function(
    task: Path, proxied: StandIn, mysql_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Function]:
    with mysql_server.temporary_database() as database, role_accounts(mysql_server, *ROLES):
        mysql_server.execute(*SCHEMA, database=database)
        environment = proxied.environment(database) | {
            "AUROREST_ROLES": ",".join(ROLES),
            "AUROREST_ANONYMOUS_ROLE": "visitor",
            "AUROREST_DEFAULT_ROLE": "auditor",
            "AUROREST_ROLE_CLAIM": "app_metadata.role",
        }
        with running(task, "api.handler.handler", environment, tmp_path_factory.mktemp("function")) as found:
            yield found


def event(path: str, authorizer: Any = None, *, query: str = "", **headers: str) -> dict[str, Any]:
    """A GET as API Gateway sends it; without an authorizer, its route has none."""
    http = LIST["requestContext"]["http"] | {"path": path}
    context = LIST["requestContext"] | {"http": http}
    if authorizer is not None:
        context["authorizer"] = authorizer
    sent: dict[str, Any] = LIST | {
        "rawPath": path,
        "rawQueryString": query,
        "queryStringParameters": {},
        "headers": LIST["headers"] | headers,
        "requestContext": context,
    }
    return sent


def by_token(path: str, claims: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An event of a route with a JWT authorizer: its claims are strings, as API Gateway makes them."""
    verified = {name: text if isinstance(text, str) else f"map[{text}]" for name, text in claims.items()}
    return event(
        path, {"jwt": {"claims": verified, "scopes": None}}, authorization=f"Bearer {unsigned(**claims)}", **more
    )


def answered(function: Function, sent: dict[str, Any]) -> tuple[int, Any]:
    answer = function.invoke(sent)
    return answer["statusCode"], json.loads(answer["body"])


TODO = "/rest/v1/todo"
MEMBER = {"sub": "42", "app_metadata": {"role": "member"}, "exp": 1900000000}
WHOLE = {"id": 1, "title": "buy milk", "owner": "ann"}


def test_a_role_signs_in_as_its_own_user(function: Function, proxied: StandIn) -> None:
    proxied.proxy.forget()
    assert answered(function, by_token(TODO, MEMBER)) == (200, [WHOLE])
    assert "member" in proxied.proxy.logins
    assert proxied.proxy.pinning == []
    assert answered(function, by_token(TODO, MEMBER)) == (200, [WHOLE])
    assert proxied.proxy.logins.count("member") == 1
    assert {*proxied.proxy.logins} <= {"member", "aurorest"}


def test_a_token_without_the_claim_has_the_default_role(function: Function) -> None:
    assert answered(function, by_token(TODO, {"sub": "7"})) == (200, [WHOLE])


def test_an_iam_caller_has_the_default_role(function: Function, proxied: StandIn) -> None:
    identity = {"accessKey": "ASIA", "accountId": "123456789012", "userArn": USER_ARN, "userId": "AROA:ann"}
    proxied.proxy.forget()
    assert answered(function, event(TODO, {"iam": identity})) == (200, [WHOLE])
    assert "visitor" not in proxied.proxy.logins


@pytest.mark.parametrize("path", [TODO, "/anonymous" + TODO])
def test_a_route_without_an_authorizer_is_anonymous_whatever_is_sent(
    function: Function, proxied: StandIn, path: str
) -> None:
    proxied.proxy.forget()
    for headers in (
        {},
        {"authorization": f"Bearer {unsigned(**MEMBER)}", "apikey": unsigned(**MEMBER)},
        {"role": "member", "x-role": "member", "x-amzn-requestcontext": json.dumps({"authorizer": {"jwt": MEMBER}})},
    ):
        assert answered(function, event(path, **headers)) == (200, [{"id": 1, "title": "buy milk"}])
        status, body = answered(function, event(path, query="select=owner", **headers))
        assert (status, body["code"]) == (401, "42501")
    assert "member" not in proxied.proxy.logins


def test_the_anonymous_address_stays_anonymous_with_a_verified_token(function: Function) -> None:
    status, body = answered(function, by_token("/anonymous" + TODO, MEMBER, query="select=owner"))
    assert (status, body["code"]) == (401, "42501")


def test_the_anonymous_address_has_the_whole_api(function: Function) -> None:
    answer = function.invoke(event("/anonymous/tables"))
    assert [each["name"] for each in json.loads(answer["body"])] == ["todo"]
    assert function.invoke(event("/anonymous/health"))["statusCode"] == 200
    assert function.invoke(event("/anonymous/docs"))["statusCode"] == 200
    assert function.invoke(event("/anonymous/nowhere"))["statusCode"] == 404


@pytest.mark.parametrize(
    "claims, code",
    [
        ({"sub": "1", "app_metadata": {"role": "root"}}, "22023"),
        ({"sub": "1", "app_metadata": {"role": "aurorest"}}, "22023"),
        ({"sub": "1", "app_metadata": {"role": ["member"]}}, "22023"),
    ],
)
def test_a_role_that_is_not_configured_is_refused(
    function: Function, proxied: StandIn, claims: dict[str, Any], code: str
) -> None:
    proxied.proxy.forget()
    answer = function.invoke(by_token(TODO, claims))
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (401, code)
    assert answer["headers"]["www-authenticate"] == "Bearer"
    assert proxied.proxy.statements == []


def test_another_token_than_the_verified_one_is_refused(function: Function) -> None:
    sent = by_token(TODO, MEMBER)
    sent["headers"]["authorization"] = f"Bearer {unsigned(sub='43', app_metadata={'role': 'member'})}"
    answer = function.invoke(sent)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (401, "PGRST301")
