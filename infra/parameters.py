"""What every connection finds set: the cluster's parameters and the proxy's initialization query. Pure.

Both set the same session values, so that neither a connection past the proxy nor an edited parameter group changes what
the API reads and writes.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass

from api.settings import LIMITS

SQL_MODE = (
    "STRICT_ALL_TABLES",
    "ERROR_FOR_DIVISION_BY_ZERO",
    "NO_ENGINE_SUBSTITUTION",
)


_DEFAULT_SLOW_QUERY_SECONDS = 10

LOCK_WAIT_SECONDS = 4
"""How long a statement waits for a row's lock: two waits fit into the driver's read timeout, so the client
learns of the lock and not of a timeout."""


GROUP_CONCAT_BYTES = LIMITS["MAX_RESPONSE_BYTES"].most
"""The longest array of embedded rows that the database makes: as long as an answer may be."""


def init_query(further: str) -> str:
    """What the proxy runs on every new database connection: UTC, strict mode, short lock waits, room for embedded rows,
    AUTO_INCREMENT numbers in steps of 1, then the configured statements."""
    own = (
        f"SET time_zone='+00:00'; SET sql_mode='{','.join(SQL_MODE)}'; "
        f"SET innodb_lock_wait_timeout={LOCK_WAIT_SECONDS}; SET group_concat_max_len={GROUP_CONCAT_BYTES}; "
        "SET auto_increment_increment=1"
    )
    return f"{own}; {further}" if further else own


def family(engine_version: str) -> str:
    """The parameter group family of a full engine version.

    >>> family("8.4.mysql_aurora.8.4.7"), family("8.0.mysql_aurora.3.10.4")
    ('aurora-mysql8.4', 'aurora-mysql8.0')

    Raises: `ValueError` for anything but an Aurora MySQL version.
    """
    found = re.match(r"([0-9]+\.[0-9]+)\.mysql_aurora\.", engine_version)
    if found is None:
        raise ValueError(f"{engine_version} is not an Aurora MySQL version")
    return f"aurora-mysql{found[1]}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the cluster. `apply_method` is `immediate` or `pending-reboot`."""

    name: str
    value: str
    apply_method: str


def cluster_parameters(log_exports: tuple[str, ...], slow_query_seconds: int) -> tuple[Parameter, ...]:
    """The cluster's parameters by name.

    RDS reports `pending-reboot` for a parameter whose value is the family's default, and what was sent for any other.
    The provider compares the method too, so `immediate` there would be a change at every `pulumi up`. Parameters that
    never change (some are a family's default: TLS in 8.4, UTC everywhere) are therefore sent as `pending-reboot`: a
    cluster starts with them. The others are sent as `immediate`, to take effect at once.
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/cluster_parameter_group.go
    https://github.com/hashicorp/terraform-provider-aws/issues/18035
    """
    fixed = {
        "character_set_server": "utf8mb4",
        "group_concat_max_len": str(GROUP_CONCAT_BYTES),
        "require_secure_transport": "ON",
        "sql_mode": ",".join(SQL_MODE),
        "time_zone": "UTC",
    }
    changing: dict[str, str] = {}
    if "audit" in log_exports:
        changing |= {"server_audit_logging": "1", "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL"}
    if "general" in log_exports:
        changing["general_log"] = "1"
    if "slowquery" in log_exports:
        changing["slow_query_log"] = "1"
        slow = fixed if slow_query_seconds == _DEFAULT_SLOW_QUERY_SECONDS else changing
        slow["long_query_time"] = str(slow_query_seconds)
    parameters = [Parameter(name, value, "pending-reboot") for name, value in fixed.items()]
    parameters += [Parameter(name, value, "immediate") for name, value in changing.items()]
    return tuple(sorted(parameters, key=operator.attrgetter("name")))
