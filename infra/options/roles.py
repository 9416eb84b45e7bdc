"""The database accounts that requests act as, and how a caller's token chooses one (docs/security.md)."""

from __future__ import annotations

from api.settings import Settings
from infra.keys import integer, matching, text, words
from infra.options.shapes import CLAIM_PATH, ROLE

_NAMES = "names of a letter, then letters, digits, `_` `.` `-`; 32 at most"

ROLES = words(
    "roles",
    Settings.roles,
    matching(ROLE),
    _NAMES,
    "The roles: database accounts without any privilege, to which `migrations/` grant. "
    "Empty: every request uses `applicationUser`.",
)
ROLE_CLAIM = text(
    "roleClaim",
    CLAIM_PATH,
    "keys and array positions, such as `app_metadata.role`, `cognito:groups[0]`",
    "The claim of a token that names its role.",
    Settings.role_claim,
)
DEFAULT_ROLE = text("defaultRole", ROLE, "one of `roles`", "The role of a token without the claim; empty: 401.")
ANONYMOUS_ROLE = text(
    "anonymousRole",
    ROLE,
    "one of `roles`",
    "The role of callers without a token, at the output `anonymousUrl`; empty: 401.",
)
ANONYMOUS_THROTTLE_RATE = integer(
    "anonymousThrottleRate", 10, 1, 10_000, "Requests per second without a token, steady."
)
ANONYMOUS_THROTTLE_BURST = integer("anonymousThrottleBurst", 20, 1, 5_000, "Requests without a token at once.")
BYPASS_ROW_SECURITY = words(
    "bypassRowSecurity",
    Settings.bypass_row_security,
    matching(ROLE),
    "some of `roles`",
    "The roles that row policies do not bind.",
)
