"""Shapes of text that several keys share, as regular expressions."""

from __future__ import annotations

IDENTIFIER = r"[a-z][a-z0-9_]{0,%d}"
ROLE = r"[A-Za-z][A-Za-z0-9_.-]{0,31}"
_CLAIM_KEY = r"""(?:"(?:[^"\\]|\\.)+"|[^\s."\[\]\\]+)"""
CLAIM_PATH = rf"(?s)\.?{_CLAIM_KEY}(?:\.{_CLAIM_KEY}|\[[0-9]{{1,9}}\])*"
"""As `api.request.caller.claim_path` reads it."""
USER = r"[A-Za-z][A-Za-z0-9_]{0,29}"
WEEKDAY = "(mon|tue|wed|thu|fri|sat|sun)"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
ARN = r"arn:aws[a-z-]*:%s:[a-z0-9-]*:[0-9]{12}:%s"
