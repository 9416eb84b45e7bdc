"""The API's Lambda function and the limits that it keeps."""

from __future__ import annotations

from infra.keys import choice, flag, integer

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
CONNECT_TIMEOUT = integer(
    "connectTimeoutSeconds", 5, 1, 28, "Longest TCP connect to the proxy; below `timeoutSeconds`."
)
READ_TIMEOUT = integer(
    "readTimeoutSeconds", 10, 1, 28, "Longest silence of the proxy; between the borrow timeout and `timeoutSeconds`."
)
WRITE_TIMEOUT = integer(
    "writeTimeoutSeconds", 10, 1, 28, "Longest stall of a send to the proxy; below `timeoutSeconds`."
)
STATEMENT_TIMEOUT = integer(
    "statementTimeoutMilliseconds",
    8000,
    10,
    28_000,
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
MAX_ROWS = integer("maxRows", 1000, 1, 1_000_000, "Most rows of one answer; the rest is announced and linked.")
MAX_BODY_BYTES = integer("maxBodyBytes", 6_000_000, 1, 6_000_000, "Largest request body; Lambda takes 6 MB.")
MAX_WRITE_ROWS = integer("maxWriteRows", 20_000, 1, 1_000_000, "Most rows that one request may write.")
MAX_RESPONSE_BYTES = integer("maxResponseBytes", 5_500_000, 1024, 5_500_000, "Largest answer; Lambda gives 6 MB.")
CATALOG_MAX_AGE = integer("catalogMaxAgeSeconds", 60, 1, 86_400, "The schema is read again after this.")
PLAN = flag("plan", False, "Answer `application/vnd.pgrst.plan+json` with the database's EXPLAIN.")
LOG_LEVEL = choice(
    "logLevel",
    "INFO",
    ("DEBUG", "INFO", "WARNING", "ERROR"),
    "Least level of the function's log lines; at `ERROR` borrow timeouts are no longer counted.",
)
