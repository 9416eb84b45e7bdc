"""Checks an IAM token as RDS does, from the specification of Signature Version 4 and not with the library that signs
it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

LIFETIME = datetime.timedelta(minutes=15)
CLOCK_SKEW = datetime.timedelta(minutes=5)


class Refused(Exception):
    """The token is not valid; the message says why (a real proxy says it in its log only)."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """Knows the secret that tokens must be signed with, and for which endpoint."""

    endpoint: str
    region: str
    access_key: str
    secret_key: str
    session_token: str | None = None
    now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC)

    def check(self, token: str, user: str) -> None:
        """Raises: `Refused` unless this is a fresh token for this endpoint, port and user."""
        address, separator, query = token.partition("/?")
        parameters = parse_qsl(query, keep_blank_values=True)
        given = dict(parameters)
        if not separator or len(given) != len(parameters):
            raise Refused("not a presigned request")
        expected = {
            "Action": "connect",
            "DBUser": user,
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-SignedHeaders": "host",
        } | ({"X-Amz-Security-Token": self.session_token} if self.session_token else {})
        unsigned = {name: text for name, text in given.items() if name != "X-Amz-Signature"}
        named = {*expected, "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires"}
        if set(unsigned) != named:
            raise Refused(f"parameters {sorted(set(unsigned) ^ named)} are missing or too many")
        for name, text in expected.items():
            if given[name] != text:
                raise Refused(f"{name} is {given[name]!r}, not {text!r}")
        if address != self.endpoint:
            raise Refused(f"signed for {address}, not for {self.endpoint}")
        self._check_age(given["X-Amz-Date"], given["X-Amz-Expires"])
        scope = "/".join((given["X-Amz-Date"][:8], self.region, "rds-db", "aws4_request"))
        if given["X-Amz-Credential"] != f"{self.access_key}/{scope}":
            raise Refused(f"the credential {given['X-Amz-Credential']} is not {self.access_key}/{scope}")
        if not hmac.compare_digest(
            given.get("X-Amz-Signature", "").encode(), self._signature(unsigned, scope).encode()
        ):
            raise Refused("the signature is wrong")

    def _check_age(self, date: str, expires: str) -> None:
        try:
            signed = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
            life = datetime.timedelta(seconds=int(expires))
        except ValueError as error:
            raise Refused(str(error)) from error
        if not datetime.timedelta(0) < life <= LIFETIME:
            raise Refused(f"valid for {expires} seconds, which is not 1 to 900")
        if not signed - CLOCK_SKEW <= self.now() <= signed + life:
            raise Refused("expired")

    def _signature(self, parameters: dict[str, str], scope: str) -> str:
        pairs = sorted((quote(name, safe="-_.~"), quote(text, safe="-_.~")) for name, text in parameters.items())
        request = "\n".join(
            (
                "GET",
                "/",
                "&".join(f"{name}={text}" for name, text in pairs),
                f"host:{self.endpoint}",
                "",
                "host",
                hashlib.sha256(b"").hexdigest(),
            )
        )
        digest = hashlib.sha256(request.encode()).hexdigest()
        to_sign = "\n".join(("AWS4-HMAC-SHA256", parameters["X-Amz-Date"], scope, digest))
        key = b"AWS4" + self.secret_key.encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, to_sign.encode(), "sha256").hex()
