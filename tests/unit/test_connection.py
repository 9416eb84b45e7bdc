"""How a connection is opened, without a server: tokens, encoders, trust."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from api.database.connection import tls
from api.database.token import LIFETIME_SECONDS, TokenError, authentication_token
from tests.standin.token import Refused, Verifier

ACCESS_KEY, SECRET_KEY, SESSION_TOKEN = "ASIAEXAMPLE", "secret/with+signs", "session/token+of=="
VERIFIER = Verifier("db.proxy.test:3307", "eu-central-1", ACCESS_KEY, SECRET_KEY, SESSION_TOKEN)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", raising=False)
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", raising=False)


def token(user: str = "app") -> str:
    return authentication_token("db.proxy.test", 3307, "eu-central-1", user)


class TestToken:
    @pytest.mark.parametrize("user", ["app", "odd +/&=é user"])
    def test_it_equals_the_token_of_the_rds_client(self, user: str) -> None:
        client: Any = get_session().create_client("rds", region_name="eu-central-1")
        theirs = client.generate_db_auth_token("db.proxy.test", 3307, user)
        ours = token(user)
        assert ours.split("&X-Amz-Date=")[0] == theirs.split("&X-Amz-Date=")[0]
        VERIFIER.check(theirs, user)
        VERIFIER.check(ours, user)

    def test_long_term_credentials_sign_without_a_session_token(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_SESSION_TOKEN")
        replace(VERIFIER, session_token=None).check(token(), "app")

    def test_without_credentials_there_is_no_token(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        with pytest.raises(TokenError):
            token()

    def test_half_the_credentials_are_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(TokenError):
            token()


def later(minutes: int) -> Callable[[], datetime.datetime]:
    return lambda: datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)


class TestVerifier:
    @pytest.mark.parametrize(
        "verifier",
        [
            replace(VERIFIER, endpoint="other.proxy.test:3307"),
            replace(VERIFIER, endpoint="db.proxy.test:3306"),
            replace(VERIFIER, region="us-east-1"),
            replace(VERIFIER, access_key="ASIAOTHER"),
            replace(VERIFIER, secret_key="secret/with+signs "),
            replace(VERIFIER, session_token="another"),
            replace(VERIFIER, session_token=None),
            replace(VERIFIER, now=later(LIFETIME_SECONDS // 60 + 1)),
            replace(VERIFIER, now=later(-6)),
        ],
    )
    def test_it_refuses_a_token_for_another_host_key_or_time(self, verifier: Verifier) -> None:
        with pytest.raises(Refused):
            verifier.check(token(), "app")

    def test_it_accepts_a_token_until_its_last_minute(self) -> None:
        replace(VERIFIER, now=later(14)).check(token(), "app")

    def test_it_refuses_a_token_for_another_user(self) -> None:
        with pytest.raises(Refused):
            VERIFIER.check(token("admin"), "app")

    @given(position=st.integers(min_value=0), replacement=st.sampled_from("0aZ%&=+/"))
    def test_it_refuses_a_token_with_any_character_changed(self, position: int, replacement: str) -> None:
        good = token()
        position %= len(good)
        changed = good[:position] + replacement + good[position + 1 :]
        if changed != good:
            with pytest.raises(Refused):
                VERIFIER.check(changed, "app")

    @pytest.mark.parametrize("text", ["", "password", "db.proxy.test:3307/?", "db.proxy.test:3307/?Action=connect"])
    def test_it_refuses_anything_that_is_not_a_token(self, text: str) -> None:
        with pytest.raises(Refused):
            VERIFIER.check(text, "app")


class TestTrust:
    def test_the_certificate_must_match_the_host_name(self) -> None:
        context = tls("")
        assert context.check_hostname
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2

    def test_amazons_root_certificates_are_trusted_by_default(self) -> None:
        subjects = [str(root["subject"]) for root in tls("").get_ca_certs()]
        for number in (1, 2, 3, 4):
            assert any(f"'Amazon Root CA {number}'" in subject for subject in subjects)
