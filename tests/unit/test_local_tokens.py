"""The tokens of `make serve` and `make token`."""

import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from api.errors import ApiError
from local.tokens import caller_claims, kept_secret, main, signed, verified

SECRET = "s3cret-s3cret-s3cret-s3cret-s3cret"


def refusal(token: str, secret: str | None = SECRET) -> tuple[int, str, str]:
    with pytest.raises(ApiError) as raised:
        caller_claims({"authorization": f"Bearer {token}"}, secret)
    return raised.value.status, raised.value.code, raised.value.message


def test_a_token_gives_the_claims_that_it_was_made_with() -> None:
    claims = verified(signed({"role": "member", "sub": "42", "level": 7}, SECRET), SECRET)
    assert {name: claims[name] for name in ("role", "sub", "level")} == {"role": "member", "sub": "42", "level": 7}


def test_what_is_not_of_this_secret_is_refused() -> None:
    claims = {"role": "admin"}
    other = jwt.encode(claims, SECRET + "x", "HS256")
    assert refusal(other) == (401, "PGRST301", "JWT cryptographic operation failed")
    unsigned = jwt.encode(claims, "", "none")
    assert refusal(unsigned) == (401, "PGRST301", "Wrong or unsupported encoding algorithm")
    longer = jwt.encode(claims, SECRET * 2, "HS512")
    assert refusal(longer) == (401, "PGRST301", "Wrong or unsupported encoding algorithm")
    header, _, signature = signed({"role": "anon"}, SECRET).split(".")
    swapped = ".".join([header, jwt.encode(claims, SECRET, "HS256").split(".")[1], signature])
    assert refusal(swapped) == (401, "PGRST301", "JWT cryptographic operation failed")
    assert refusal("a.b") == (401, "PGRST301", "Expected 3 parts in JWT; got 2")
    assert refusal("")[:2] == (401, "PGRST301")


@pytest.mark.parametrize(
    "claims, message",
    [
        ({"exp": 1}, "JWT expired"),
        ({"nbf": 10**10}, "JWT not yet valid"),
        ({"iat": 10**10}, "JWT not yet valid"),
        ({"exp": "soon"}, "Parsing claims failed"),
    ],
)
def test_a_token_that_may_not_be_used_now_is_refused(claims: dict[str, Any], message: str) -> None:
    assert refusal(jwt.encode(claims, SECRET, "HS256")) == (401, "PGRST303", message)


def test_clocks_may_differ_a_little() -> None:
    now = int(time.time())
    assert verified(jwt.encode({"exp": now - 10, "iat": now + 10}, SECRET, "HS256"), SECRET)["exp"] == now - 10


def test_a_caller_without_a_token_is_nobody() -> None:
    for headers in (
        {},
        {"apikey": "x"},
        {"authorization": "Basic eDp5"},
        {"authorization": "Bearer sb_publishable_x", "apikey": "sb_publishable_x"},
    ):
        assert caller_claims(headers, SECRET) is None
        assert caller_claims(headers, None) is None


def test_a_key_that_is_a_token_counts_as_one() -> None:
    key = signed({"role": "anon"}, SECRET)
    claims = caller_claims({"authorization": f"Bearer {key}", "apikey": key}, SECRET)
    assert claims is not None
    assert claims["role"] == "anon"
    forged = jwt.encode({"role": "admin"}, "x" * 40, "HS256")
    with pytest.raises(ApiError, match="PGRST301"):
        caller_claims({"authorization": f"Bearer {forged}", "apikey": forged}, SECRET)


def test_a_token_cannot_be_verified_without_a_secret() -> None:
    assert refusal(signed({}, SECRET), None) == (500, "PGRST300", "Server lacks JWT secret")


def test_the_command_prints_a_token(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("JWT_SECRET", SECRET)
    arguments = [
        "--role",
        "member",
        "--sub",
        "42",
        "--claims",
        '{"app_metadata": {"tenant": "acme"}}',
        "--seconds",
        "60",
    ]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    claims = verified(printed.strip(), SECRET)
    assert claims["app_metadata"] == {"tenant": "acme"}
    assert (claims["role"], claims["sub"]) == ("member", "42")
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == 60

    monkeypatch.delenv("JWT_SECRET")
    assert main(["--sub", "7", "--folder", str(tmp_path)]) == 0
    secret = kept_secret(tmp_path)
    assert verified(capsys.readouterr().out.strip(), secret)["sub"] == "7"
    assert (tmp_path / "jwt-secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "secret, arguments, said",
    [
        ("short", [], "JWT_SECRET has 5 characters; it must have at least 32"),
        (SECRET, ["--claims", "{"], "CLAIMS is not JSON"),
        (SECRET, ["--claims", "[]"], "CLAIMS must be a JSON object"),
        (SECRET, ["--seconds", "-1"], "SECONDS is '-1'"),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], secret: str, arguments: list[str], said: str
) -> None:
    monkeypatch.setenv("JWT_SECRET", secret)
    assert main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"make token: {said}")
    assert printed.err.count("\n") == 1
