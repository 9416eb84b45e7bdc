"""`make types`: the TypeScript types of a running API, on standard output.

It asks for `GET /rest/v1/` with `Accept: text/x.typescript`: from `make serve` by default, or from a deployed API, with
a token or signed with the AWS credentials of the environment.
"""

import argparse
import os
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

LOCAL = "http://127.0.0.1:8000"
TIMEOUT_SECONDS = 60


class Refused(Exception):
    """The types cannot be fetched; the message is one line to print."""


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 1 after an error, which is one line on standard error."""
    options = _parser().parse_args(arguments)
    token = os.environ.get("TOKEN", "")
    try:
        print(types(options.url or LOCAL, token=token, profile=options.schema, sign=options.sign), end="")
    except Refused as refused:
        print(f"make types: {refused}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make types",
        description="Print the TypeScript types of an API for supabase-js. A token is read from the variable TOKEN.",
    )
    parser.add_argument("--url", default="", help=f"the API, as apiUrl has it (default: {LOCAL}, which is make serve)")
    parser.add_argument("--schema", default="", help="an exposed database, for Accept-Profile")
    parser.add_argument("--sign", action="store_true", help="sign with AWS credentials, for an API with auth: iam")
    return parser


def types(url: str, *, token: str = "", profile: str = "", sign: bool = False) -> str:
    """The types of the API at `url`, whose address may include `/rest/v1`.

    Raises: `Refused` if the API cannot be reached or does not answer with types.
    """
    base = url.rstrip("/").removesuffix("/rest/v1")
    if urlsplit(base).scheme not in ("http", "https"):
        raise Refused(f"{url} is not an http or https address")
    headers = {"Accept": "text/x.typescript"}
    if profile:
        headers["Accept-Profile"] = profile
    if token:
        headers["Authorization"] = f"Bearer {token}"
    address = f"{base}/rest/v1/"
    if sign:
        headers |= _signature(address, headers)
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - http or https
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            media, text = answer.headers.get_content_type(), str(answer.read(), "utf-8")
    except urllib.error.HTTPError as error:
        raise Refused(f"{address} answers {error.code}: {error.read(500).decode(errors='replace')}") from None
    except OSError as error:
        raise Refused(f"{address} cannot be reached: {error}. Is make serve running?") from None
    if media != "text/x.typescript":
        raise Refused(f"{address} answers with {media}; it is not this API")
    return text


def _signature(address: str, headers: dict[str, str]) -> dict[str, str]:
    """The headers of AWS Signature Version 4 for API Gateway.

    Raises: `Refused` without credentials or a region.
    """
    import botocore.session  # imported here, because only this option needs it
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    session = botocore.session.get_session()
    credentials, region = session.get_credentials(), session.get_config_variable("region")
    if credentials is None or region is None:
        raise Refused("signing requires AWS credentials and a region (AWS_REGION) in the environment")
    request = AWSRequest("GET", address, headers=headers)
    SigV4Auth(credentials, "execute-api", region).add_auth(request)
    return dict(request.headers.items())


if __name__ == "__main__":
    sys.exit(main())
