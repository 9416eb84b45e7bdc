"""RDS Proxy and its pool of connections."""

from __future__ import annotations

from infra import keys
from infra.keys import Key, Shares, flag, integer, words

MAX_CONNECTIONS = integer(
    "maxConnectionsPercent",
    90,
    1,
    100,
    "The proxy's share of the database's `max_connections` (MaxConnectionsPercent).",
)
MAX_IDLE_CONNECTIONS = integer(
    "maxIdleConnectionsPercent",
    45,
    0,
    100,
    "Connections kept open while idle (MaxIdleConnectionsPercent); not above the share.",
)
OTHER_SHARES: Key[Shares] = Key(
    "otherShares",
    "map",
    (),
    "application: 1 to 100",
    "`maxConnectionsPercent` of the other applications on this cluster; all shares and the headroom stay within 100.",
    keys.shares,
)
HEADROOM = integer(
    "connectionHeadroomPercent", 10, 0, 50, "Connections that no proxy may take, for people and for RDS."
)
BORROW_TIMEOUT = integer(
    "connectionBorrowTimeoutSeconds", 5, 0, 300, "Longest wait for a database connection (ConnectionBorrowTimeout)."
)
IDLE_CLIENT_TIMEOUT = integer(
    "idleClientTimeoutSeconds",
    1800,
    60,
    28_800,
    "The proxy closes a client's connection after this (IdleClientTimeout).",
)
PINNING_FILTERS = words(
    "sessionPinningFilters",
    (),
    {"EXCLUDE_VARIABLE_SETS"}.__contains__,
    "`EXCLUDE_VARIABLE_SETS`; empty: none",
    "SessionPinningFilters. The API never pins, so it needs none; the filter lets one client's settings reach another.",
)
INIT_QUERY = Key(
    "initQuery",
    "SQL",
    "",
    "`SET name=value` statements, `;` between; not `time_zone`, `sql_mode`, `sql_auto_is_null`, "
    "`auto_increment_increment`",
    "Further statements for every new database connection (InitQuery), after the ones that the API depends on.",
    keys.init_query,
)
READ_ENDPOINT = flag(
    "readEndpoint", False, "GET and HEAD read from the readers; `Prefer: consistency=strong` from the writer."
)
PROXY_DEBUG_LOGGING = flag(
    "proxyDebugLogging", False, "Log the statements and authentication of the proxy; off after 24 hours."
)
