"""The password of a connection to RDS Proxy: an IAM authentication token, signed on this machine.

A token is a presigned `connect` request for one host, port, region and user. It is valid for 15 minutes and is needed
only while connecting, so a fresh one is made for every connect and none is kept. Signing takes well under a
millisecond and no network.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Connecting.html

This is the only module that imports botocore, and it does so on first use or when the function starts: a program with a
password needs none of it. A `boto3` or `botocore` client would load service models and cost 0.2 s of a cold start for
the same string.
"""

from __future__ import annotations

import logging
from importlib import import_module

LIFETIME_SECONDS = 900
"""How long RDS accepts a token; longer is refused. The connection it opened may live on."""


class TokenError(Exception):
    """No token could be signed: the environment has no AWS credentials."""


def load_signer() -> None:
    """Import what signs a token."""
    for module in ("botocore.auth", "botocore.credentials"):
        import_module(module)


def authentication_token(host: str, port: int, region: str, user: str) -> str:
    """Sign the token that opens a connection as `user` at exactly this endpoint.

    Credentials come from the environment variables that Lambda sets, or, for a function restored by SnapStart, from
    the container endpoint that Lambda names instead
    (https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html#snapstart-credentials).

    Raises:
        TokenError: neither of them gives credentials.
    """
    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import ContainerProvider, CredentialResolver, EnvProvider
    from botocore.exceptions import BotoCoreError

    # at DEBUG, botocore logs what it signs (the session token is a part of it) and the signature
    logging.getLogger("botocore").setLevel(logging.WARNING)
    try:
        credentials = CredentialResolver([EnvProvider(), ContainerProvider()]).load_credentials()
        if credentials is None:
            raise TokenError("no AWS credentials in the environment")
        request = AWSRequest(method="GET", url=f"https://{host}:{port}/", params={"Action": "connect", "DBUser": user})
        SigV4QueryAuth(credentials.get_frozen_credentials(), "rds-db", region, LIFETIME_SECONDS).add_auth(request)
    except BotoCoreError as error:
        raise TokenError(f"no AWS credentials: {error}") from error
    return str(request.url).removeprefix("https://")
