"""The migrator Lambda function: `migrator.handler.handler`, invoked by `pulumi up`.

The event (JSON; an unknown key is refused):

    {
      "database": "shop",                     required; created if it does not exist
      "schemas": ["reporting"],               further databases that the users may access (not created; default none)
      "authentication": "secret" | "iam",     required; how the proxy authenticates to the database
      "users": [                              required; created, or changed to exactly this state
        {"name": "shop_api", "access": "read-write", "password": "..."},
        {"name": "shop_read", "access": "read-only", "password": "..."}
      ],                                      "password" is required with "secret" and refused with "iam"
      "roles": [                              accounts without privileges, created before the migrations, which grant
        {"name": "anon", "password": "..."}     to them; existing grants stay (default none)
      ],
      "retired_users": ["shop_api_1"],        dropped after everything else succeeded (default none)
      "migrate": true,                        apply migrations/*.sql of the bundle (default true)
      "revision": "sha256 of the inputs",     ignored; changes whenever the inputs change, so that a stack invokes again
      "tf": {...}                             ignored (added by aws.lambda.Invocation with lifecycle CRUD);
                                              with {"action": "delete"} the function does nothing
    }

It returns {"database": "shop", "applied": ["0001_orders.sql"], "users": ["shop_api", "shop_read"], "roles": ["anon"]}.
Errors are raised, so that Lambda reports a FunctionError and `pulumi up` shows its message: the file, the number and
line of the statement, and MySQL's error. Neither the result nor the message contains a password.

Host of the proxy, port, admin user and timeouts come from the function's environment (see `api.settings`). The admin
user signs in with an IAM token, so the environment contains no password either. Give the function Lambda's maximum of
900 seconds: connecting, waiting for another run, and a statement may each use what remains of it, less the time needed
to report.

To rotate a password without downtime, the stack alternates between two users (`infra.users`): this function gives the
idle one its new password, then the API's function moves over to it. The account of a role also accepts its former
password, until the proxy reads the new one from its secret.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pymysql.err import MySQLError

from api.settings import Settings
from migrator import event as events
from migrator.connecting import HANDSHAKE_SECONDS, Deadline, connect, connect_patiently, limit_statements
from migrator.errors import MigratorError, described
from migrator.files import load
from migrator.idempotency import create_idempotency_table
from migrator.ledger import locked
from migrator.policy_tokens import quoted
from migrator.policy_views import grant_views
from migrator.run import execute, migrate
from migrator.trigger_list import make_trigger_list
from migrator.users import drop, make_roles, make_users

if TYPE_CHECKING:
    from pymysql import Connection
    from pymysql.cursors import Cursor

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
SECONDS_TO_REPORT = 10
SECONDS_WITHOUT_CONTEXT = 890

log = logging.getLogger("aurorest.migrator")
log.setLevel(logging.INFO)


class Context(Protocol):
    """The part of Lambda's context object that the migrator uses."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda stops the function."""
        ...


def handler(event: object, context: Context | None = None) -> dict[str, object]:
    """Do what the event requests.

    Raises: `MigratorError`, whose text becomes the invocation's error message.
    """
    if events.is_deletion(event):
        return {"applied": [], "users": [], "roles": []}
    job = events.parse(event)
    seconds = context.get_remaining_time_in_millis() / 1000 if context else SECONDS_WITHOUT_CONTEXT
    deadline = Deadline(time.monotonic() + seconds - SECONDS_TO_REPORT)
    try:
        return perform(job, _connector(deadline), MIGRATIONS, deadline)
    except MySQLError as error:
        raise MigratorError("database", "the connection to the database failed", described(error)) from error


def perform(
    job: events.Job, connect_to: Callable[[str], Connection[Cursor]], directory: Path, deadline: Deadline
) -> dict[str, object]:
    """Create the database and the roles, apply the migrations, make the table of stored answers, create or change the
    users and drop the retired ones, in that order.

    `connect_to` opens an autocommit connection to a database, or to none if the name is empty. The migrations use a
    second connection, opened in the new database, so that nothing depends on a proxy following USE. All files are
    checked before anything is changed. Runs take turns: an AWS SDK repeats an Invoke if it lost the response, and the
    second run then finds nothing to apply. Raises: `MigratorError`, and the driver's errors if a connection is lost.
    """
    migrations = load(directory) if job.migrate else ()
    database = job.databases[0]
    with closing(connect_to("")) as connection:
        execute(connection, f"CREATE DATABASE IF NOT EXISTS {quoted(database)} CHARACTER SET utf8mb4")
    with closing(connect_to(database)) as connection, locked(connection, database, deadline.seconds(), log.info):
        limit_statements(connection, deadline.seconds())
        make_roles(connection, job.roles, job.authentication, log.info)
        applied = migrate(connection, database, migrations, report=log.info) if migrations else ()
        grant_views(connection, [role.name for role in job.roles])
        make_trigger_list(connection, log.info)
        create_idempotency_table(connection, database, job.roles)
        make_users(connection, job.users, job.databases, job.authentication, log.info)
        drop(connection, job.retired_users, log.info)
    answer: dict[str, object] = {
        "database": database,
        "applied": list(applied),
        "users": [user.name for user in job.users],
        "roles": [role.name for role in job.roles],
    }
    log.info(json.dumps(answer))
    return answer


def _connector(deadline: Deadline) -> Callable[[str], Connection[Cursor]]:
    """Return a function that connects through the proxy as the admin user; statements may take until the deadline."""
    settings = Settings.from_environment(os.environ)
    handshake = replace(settings, read_timeout_seconds=HANDSHAKE_SECONDS, write_timeout_seconds=HANDSHAKE_SECONDS)

    def connect_to(database: str) -> Connection[Cursor]:
        address = replace(settings.writer, database=database)
        connection = connect_patiently(lambda: connect(address, handshake), deadline, address.host, log.info)
        limit_statements(connection, deadline.seconds())
        return connection

    return connect_to
