"""Who connects to the database, and how that is proved."""

from __future__ import annotations

from infra.keys import choice, integer, member, text
from infra.options.shapes import IDENTIFIER, USER

ADMIN_USER = text(
    "adminUser",
    IDENTIFIER % 15,
    "lower-case letters, digits, `_`; 1 to 16",
    "The master user; only the migrator connects as it. A cluster keeps the one that it was made with.",
    "aurorest_admin",
)
APPLICATION_USER = text(
    "applicationUser",
    USER,
    "letters, digits, `_`; 1 to 30",
    "The database user of the API, made by the migrator with least privilege.",
    "aurorest_app",
)
READ_ONLY_USER = text(
    "readOnlyUser",
    USER,
    "letters, digits, `_`; 1 to 30",
    "A database user that may only read, for people and reports.",
    "aurorest_read",
)
DATABASE_AUTHENTICATION = choice(
    "databaseAuthentication",
    "secret",
    ("iam", "secret"),
    "Between proxy and database: `secret`, a password in Secrets Manager; `iam`, end to end without any password.",
)
CREDENTIAL_VERSION = integer(
    "credentialVersion",
    1,
    1,
    10_000,
    "Add one to rotate the application's password, or to change how or as whom the API signs in, without downtime.",
)
SECRET_RECOVERY = member(
    "secretRecoveryDays",
    30,
    (0, *range(7, 31)),
    "Days in which a deleted secret can be restored; 0: none. Run `pulumi up` after a change, before `destroy`.",
)
