"""Tokens for tests in which nobody checks a signature."""

from __future__ import annotations

import base64
import json


def unsigned(**claims: object) -> str:
    """A token with these claims, as it looks."""
    parts = ({"alg": "RS256"}, claims)
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*texts, "c2lnbmF0dXJl"])
