"""The tables that Aurorest itself keeps in a database. The API does not expose them."""

from __future__ import annotations

MIGRATIONS = "aurorest_migrations"
POLICIES = "aurorest_policies"
IDEMPOTENCY = "aurorest_idempotency"
