"""The Idempotency-Key of a request, and the fingerprint that tells whether it is the same request again.

https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import NamedTuple

from api import errors
from api.request.caller import Caller

_QUOTED = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_BARE = re.compile(r"[\x21\x23-\x2b\x2d-\x7e]+")
LONGEST_KEY = 255
_DECIDING = ("accept", "content-profile", "content-type", "if-match", "if-none-match", "prefer")
"""The headers that change what a write does or answers."""


class Idempotency(NamedTuple):
    """The key as the client chose it, and the SHA-256 of the request."""

    key: str
    fingerprint: bytes

    def of(self, caller: Caller) -> bytes:
        """The key as it is stored, 32 bytes. Each caller, by role and `sub`, has its own keys."""
        owner = (caller.role, caller.claims.get("sub"), self.key)
        return sha256(json.dumps(owner, default=str).encode()).digest()


def parse_idempotency(
    method: str, path: str, query_string: bytes | str, headers: Mapping[str, str], body: Callable[[], bytes]
) -> Idempotency | None:
    """The key of a request that has one. A key may be quoted, as the draft says, or not. `body` is called only then.

    >>> found = parse_idempotency("POST", "/film", "", {"idempotency-key": '"8e03978e"'}, lambda: b"{}")
    >>> found.key, len(found.fingerprint)
    ('8e03978e', 32)

    Raises: `ApiError` PGRST100 for what cannot be a key, PGRST127 for a request that does not write.
    """
    sent = headers.get("idempotency-key")
    if sent is None or method == "OPTIONS":
        return None
    if method in ("GET", "HEAD"):
        raise errors.not_implemented(
            "Only a request that writes takes an Idempotency-Key.", "A GET can be repeated as it is."
        )
    key = _key(sent.strip())
    query = query_string.encode() if isinstance(query_string, str) else query_string
    parts = (method, path, query.decode("latin-1"), *(headers.get(name) for name in _DECIDING))
    fingerprint = sha256(json.dumps(parts).encode())
    fingerprint.update(body())
    return Idempotency(key, fingerprint.digest())


def _key(sent: str) -> str:
    quoted = _QUOTED.fullmatch(sent)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else sent if _BARE.fullmatch(sent) else ""
    if not key or len(key) > LONGEST_KEY:
        raise errors.parse_failed(
            "Idempotency-Key", sent, f"expecting 1 to {LONGEST_KEY} characters of ASCII, such as a UUID"
        )
    return key
