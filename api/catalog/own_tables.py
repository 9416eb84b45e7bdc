"""What Aurorest itself keeps in a database: tables, views and a procedure. The API does not expose them."""

from __future__ import annotations

MIGRATIONS = "aurorest_migrations"
POLICIES = "aurorest_policies"
IDEMPOTENCY = "aurorest_idempotency"
TABLES = (MIGRATIONS, POLICIES, IDEMPOTENCY)

VIEWS_PREFIX = "aurorest_raw_"
"""How the names of the views begin that the subqueries of policies read."""

TRIGGER_LIST = "aurorest_triggers"
"""A procedure that takes the name of a database, and returns the names of its tables that have triggers."""
