"""What a session must look like, and how changes that a stored program left in it are noticed.

A routine or trigger may change session variables or create temporary tables. RDS Proxy does not see that, and would
hand the database connection to the next client as it is. So after a stored program the session is compared with a new
one before its transaction ends, and a session that differs is given up.
"""

from __future__ import annotations

from functools import cache

from api.settings import LIMITS
from api.statement import Statement, join, sql

SQL_MODE = "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
"""The mode that the API relies on; the proxy's initialization query and the cluster's parameter group set the same.

ONLY_FULL_GROUP_BY is not part of it: the API's own statements do not need it, and some views can only be read without.
Nor are NO_ZERO_DATE and NO_ZERO_IN_DATE, so that a zero date can be compared with, and written back as it was read;
`api.values.temporal` refuses all other impossible dates.
"""

LOCK_WAIT_SECONDS = 4
"""How long a statement waits for a row lock: two waits, with a retry between them, fit into the default read
timeout."""

GROUP_CONCAT_BYTES = LIMITS["MAX_RESPONSE_BYTES"].most
"""The longest array of embedded rows that the server makes; no answer has room for a longer one."""

INCREMENT = 1
"""The step between AUTO_INCREMENT numbers: the ids of several new rows are known from the first one."""

DIRECT_SESSION = (
    f"SET time_zone = '+00:00', sql_mode = '{SQL_MODE}', innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}, "
    f"group_concat_max_len = {GROUP_CONCAT_BYTES}, auto_increment_increment = {INCREMENT}"
)
"""Sent on a direct connection only, where no proxy configures the session and none can pin it."""

GIVE_UP = "SET @aurorest_session_changed = 1"
"""Pins the session on purpose: once its client is gone, RDS Proxy does not hand it to another."""

_INHERITED = (
    sql("auto_increment_offset"),
    sql("big_tables"),
    sql("completion_type"),
    sql("default_storage_engine"),
    sql("default_week_format"),
    sql("div_precision_increment"),
    sql("foreign_key_checks"),
    sql("lc_time_names"),
    sql("low_priority_updates"),
    sql("max_join_size"),
    sql("max_sort_length"),
    sql("optimizer_switch"),
    sql("sql_auto_is_null"),
    sql("sql_big_selects"),
    sql("sql_quote_show_create"),
    sql("sql_safe_updates"),
    sql("sql_select_limit"),
    sql("unique_checks"),
    sql("updatable_views_with_limit"),
)
"""Variables that change what later statements mean, or whether they run. A new session has their global values."""

_OF_MYSQL = (
    sql("default_collation_for_utf8mb4"),
    sql("max_execution_time"),
    sql("transaction_isolation"),
    sql("transaction_read_only"),
)
_OF_MARIADB = (sql("max_statement_time"), sql("old_mode"), sql("tx_isolation"), sql("tx_read_only"))

_OWN = sql(
    "@@autocommit=1 AND @@character_set_client='utf8mb4' AND @@character_set_connection='utf8mb4' AND "
    "@@character_set_results='utf8mb4' AND @@collation_connection=COLLATION(CONVERT('' USING utf8mb4)) AND "
    "@@time_zone='+00:00' AND @@session.auto_increment_increment=1 AND @@insert_id=0 AND "
    "ABS(@@timestamp-UNIX_TIMESTAMP(SYSDATE()))<60"
)

CREATED_TABLES: Statement = sql(
    "SHOW SESSION STATUS WHERE Variable_name IN ('Com_create_table','Com_create_temporary_table')"
)
"""How many tables the session has created. A temporary one may hide another from all later statements."""


@cache
def variables(*, mariadb: bool) -> Statement:
    """One row: `1` where the session's variables are those of a new one, and the values for `has_own_values`."""
    inherited = (*_INHERITED, *(_OF_MARIADB if mariadb else _OF_MYSQL))
    return sql(
        "SELECT {} AND {},@@sql_mode,@@innodb_lock_wait_timeout,@@group_concat_max_len",
        join(" AND ", [sql("@@session.{}=@@global.{}", name, name) for name in inherited]),
        _OWN,
    )


def has_own_values(sql_mode: object, lock_wait_seconds: object, group_concat_bytes: object) -> bool:
    """Whether these are the values that this API's sessions have; a server lists the modes in its own order."""
    same = frozenset(str(sql_mode).split(",")) == frozenset(SQL_MODE.split(","))
    numbers = (str(lock_wait_seconds), str(group_concat_bytes))
    return same and numbers == (str(LOCK_WAIT_SECONDS), str(GROUP_CONCAT_BYTES))
