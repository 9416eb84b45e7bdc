"""The API's Lambda function and the limits that it keeps."""

from __future__ import annotations

from api.settings import LOG_LEVELS, Settings
from infra.keys import choice, flag, integer, limit

API_TIMEOUT_SECONDS = 30  # an HTTP API waits no longer for its integration

ARCHITECTURE = choice("architecture", "arm64", ("arm64", "x86_64"), "Processor of the functions.")
PYTHON_VERSION = choice(
    "pythonVersion",
    "",
    ("3.11", "3.12", "3.13", "3.14"),
    "Runtime of the functions; empty: the Python that runs Pulumi, which can then compile the bundle.",
)
MEMORY = integer("memoryMegabytes", 1024, 256, 10_240, "Memory of the function; its share of CPU follows from it.")
TIMEOUT = integer(
    "timeoutSeconds",
    15,
    2,
    API_TIMEOUT_SECONDS - 1,
    f"Longest request; above the driver's timeouts, below the API's {API_TIMEOUT_SECONDS}.",
)
CONNECT_TIMEOUT = limit(
    "connectTimeoutSeconds", "CONNECT_TIMEOUT_SECONDS", "Longest TCP connect to the proxy; below `timeoutSeconds`."
)
READ_TIMEOUT = limit(
    "readTimeoutSeconds",
    "READ_TIMEOUT_SECONDS",
    "Longest silence of the proxy; between the borrow timeout and `timeoutSeconds`.",
)
WRITE_TIMEOUT = limit(
    "writeTimeoutSeconds", "WRITE_TIMEOUT_SECONDS", "Longest stall of a send to the proxy; below `timeoutSeconds`."
)
STATEMENT_TIMEOUT = limit(
    "statementTimeoutMilliseconds",
    "STATEMENT_TIMEOUT_MS",
    "The database ends a reading statement after this; below `readTimeoutSeconds`.",
)
RESERVED_CONCURRENCY = integer(
    "reservedConcurrency",
    0,
    0,
    10_000,
    "Executions reserved for, and the most of, the function; 0: the account's pool.",
)
SNAP_START = flag("snapStart", False, "Start from a snapshot of the initialised function; needs Python 3.12 or later.")
XRAY = flag(
    "xray",
    False,
    "Trace the function with X-Ray. The isolated VPC may need an interface endpoint for it, which the stack does not "
    "create.",
)
MAX_ROWS = limit("maxRows", "MAX_ROWS", "Most rows of one answer; the rest is announced and linked.")
MAX_BODY_BYTES = limit("maxBodyBytes", "MAX_BODY_BYTES", "Largest request body; Lambda takes 6 MB.")
MAX_WRITE_ROWS = limit("maxWriteRows", "MAX_WRITE_ROWS", "Most rows that one request may write.")
MAX_LOCKED_ROWS = limit(
    "maxLockedRows",
    "MAX_LOCKED_ROWS",
    "Most rows that a PATCH or DELETE may lock one by one; it does so to show them, to count them beforehand, or to "
    "follow a filter on related tables.",
)
MAX_BATCH_REQUESTS = limit("maxBatchRequests", "MAX_BATCH_REQUESTS", "Most requests in one batch.")
MAX_RESPONSE_BYTES = limit("maxResponseBytes", "MAX_RESPONSE_BYTES", "Largest answer; Lambda gives 6 MB.")
CATALOG_MAX_AGE = limit(
    "catalogMaxAgeSeconds", "CATALOG_MAX_AGE_SECONDS", "After this the API asks whether the schema changed."
)
IDEMPOTENCY_HOURS = limit(
    "idempotencyHours", "IDEMPOTENCY_HOURS", "How long the answer to a request with an `Idempotency-Key` is kept."
)
PLAN = flag("plan", Settings.plan, "Answer `application/vnd.pgrst.plan+json` with the database's EXPLAIN.")
OUT_PARAMETERS = flag(
    "outParameters",
    Settings.out_parameters,
    "Call procedures with OUT and INOUT parameters, whose user variables pin the proxy's session for one request.",
)
LOG_LEVEL = choice(
    "logLevel",
    Settings.log_level,
    LOG_LEVELS,
    "Least level of the function's log lines; at `ERROR` borrow timeouts are no longer counted.",
)
LIMITS = (
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    WRITE_TIMEOUT,
    STATEMENT_TIMEOUT,
    MAX_ROWS,
    MAX_BODY_BYTES,
    MAX_WRITE_ROWS,
    MAX_LOCKED_ROWS,
    MAX_BATCH_REQUESTS,
    MAX_RESPONSE_BYTES,
    CATALOG_MAX_AGE,
    IDEMPOTENCY_HOURS,
)
"""The keys that only the API reads."""
