"""Watching, keeping, encrypting and naming."""

from __future__ import annotations

from infra import keys
from infra.keys import Key, Pairs, flag, integer, member, text

LOG_RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)

DASHBOARD = flag("dashboard", True, "Make the CloudWatch dashboard.")
ALARMS = flag("alarms", True, "Make the CloudWatch alarms.")
ALARM_EMAIL = text(
    "alarmEmail", r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address", "Who gets the alarms; must confirm once."
)
BUDGET = integer(
    "budgetUsd",
    0,
    0,
    1_000_000,
    "Monthly budget; `alarmEmail` gets a message at 80 percent of it and when the forecast exceeds it. 0: none.",
)
LOG_RETENTION = member("logRetentionDays", 30, LOG_RETENTION_DAYS, "Days that every log group keeps.")
CUSTOMER_MANAGED_KEYS = flag(
    "customerManagedKeys",
    False,
    "Encrypt with a key that the stack creates instead of AWS's keys. Cannot change later; the key outlives the stack.",
)
PROTECT = flag("protect", False, "Pulumi refuses to delete or replace network, cluster, secrets, key and user pool.")
TAGS: Key[Pairs] = Key(
    "tags", "map", (), "up to 40 names and values; not `aws:...`", "Tags on every resource.", keys.tags
)
