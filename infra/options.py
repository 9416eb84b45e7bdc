"""Every configuration key of the stack, in the order of docs/configuration.md, which a test holds to this list."""

from __future__ import annotations

from typing import Any

from infra import keys
from infra.keys import Key, Pairs, Shares, capacity, choice, flag, integer, matching, member, text, words

IDENTIFIER = r"[a-z][a-z0-9_]{0,%d}"
USER = r"[A-Za-z][A-Za-z0-9_]{0,29}"
WEEKDAY = "(mon|tue|wed|thu|fri|sat|sun)"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
ARN = r"arn:aws[a-z-]*:%s:[a-z0-9-]*:[0-9]{12}:%s"
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
LOG_EXPORTS = ("audit", "error", "general", "iam-db-auth-error", "instance", "slowquery")
ACCESS_LOG_FIELDS = (
    "accountId",
    "apiId",
    "authorizer.claims.sub",
    "authorizer.error",
    "awsEndpointRequestId",
    "domainName",
    "error.message",
    "error.responseType",
    "extendedRequestId",
    "httpMethod",
    "identity.caller",
    "identity.sourceIp",
    "identity.user",
    "identity.userAgent",
    "identity.userArn",
    "integration.error",
    "integration.latency",
    "integration.requestId",
    "integration.status",
    "integrationErrorMessage",
    "path",
    "protocol",
    "requestId",
    "requestTime",
    "requestTimeEpoch",
    "responseLatency",
    "responseLength",
    "routeKey",
    "stage",
    "status",
)
DEFAULT_ACCESS_LOG_FIELDS = (
    "requestId",
    "requestTime",
    "httpMethod",
    "path",
    "routeKey",
    "protocol",
    "status",
    "responseLength",
    "responseLatency",
    "identity.sourceIp",
    "identity.userArn",
    "integration.status",
    "integration.latency",
    "integration.requestId",
    "integrationErrorMessage",
    "authorizer.error",
)

# Network
VPC_CIDR = Key(
    "vpcCidr",
    "IPv4 block",
    "10.20.0.0/16",
    "a private block of /16 to /26",
    "Addresses of the VPC that the stack makes.",
    keys.cidr,
)
SUBNET_PREFIX = integer(
    "subnetPrefix",
    24,
    18,
    28,
    "Size of each subnet as a prefix length; the proxy and the function share its addresses.",
)
ZONES = words(
    "zones",
    (),
    matching(r"[a-z]{2}(-[a-z]+)+-[0-9][a-z]|[a-z0-9]+-az[0-9]+"),
    "zone names (`eu-central-1a`) or zone ids (`euc1-az2`), two or more; empty: the first `zoneCount` of the region",
    "Availability zones. The first `up` prints the ones it chose: write them here, so that they never move.",
)
ZONE_COUNT = integer("zoneCount", 2, 2, 4, "How many zones are chosen while `zones` is empty.")
VPC_ID = text("vpcId", r"vpc-[0-9a-f]{8,17}", "`vpc-...`", "An existing VPC to use instead of making one.")
SUBNET_IDS = words(
    "subnetIds",
    (),
    matching(r"subnet-[0-9a-f]{8,17}"),
    "two or more `subnet-...` in different zones, with `vpcId`",
    "The subnets of the existing VPC for the function, the proxy and the database.",
)
FLOW_LOGS = flag("flowLogs", False, "Log the rejected and accepted flows of the VPC that the stack makes.")

# Database
ENGINE_VERSION = text(
    "engineVersion",
    r"[0-9]+\.[0-9]+\.mysql_aurora\.[0-9]+\.[0-9]+\.[0-9]+",
    "a full Aurora MySQL version, `8.0.mysql_aurora.3.x.y` or `8.4.mysql_aurora.8.4.x`",
    "Engine version; the parameter group's family follows from it.",
    "8.4.mysql_aurora.8.4.7",
)
AUTO_MINOR_UPGRADE = flag(
    "autoMinorVersionUpgrade",
    False,
    "Let RDS install minor versions in the maintenance window. Not for an LTS version.",
)
MINIMUM_CAPACITY = capacity("minCapacity", 0.5, "Least capacity of an instance, in Aurora capacity units (2 GiB each).")
MAXIMUM_CAPACITY = capacity("maxCapacity", 2.0, "Most capacity of an instance; at least 1. Sets `max_connections` too.")
DATABASE_NAME = text(
    "databaseName",
    IDENTIFIER % 63,
    "lower-case letters, digits, `_`; 1 to 64",
    "The database that the API serves.",
    "app",
)
SCHEMAS = words(
    "schemas",
    (),
    matching(IDENTIFIER % 63),
    "database names of lower-case letters, digits, `_`",
    "Further databases served as profiles (`Accept-Profile`).",
)
ADMIN_USER = text(
    "adminUser",
    IDENTIFIER % 15,
    "lower-case letters, digits, `_`; 1 to 16",
    "The master user; only the migrator connects as it.",
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
    "credentialVersion", 1, 1, 10_000, "Add one to rotate the application's password (mode `secret`), without downtime."
)
READERS = integer("readers", 0, 0, 15, "Reader instances beside the writer.")
READERS_MAXIMUM = integer(
    "readersMaximum", 0, 0, 15, "Above `readers`: readers are added up to this number under load. 0: no autoscaling."
)
READER_TARGET_CPU = integer(
    "readerTargetCpuPercent", 60, 10, 90, "Average CPU of the readers that autoscaling keeps to."
)
READ_ENDPOINT = flag(
    "readEndpoint", False, "GET and HEAD read from the readers; `Prefer: consistency=strong` from the writer."
)
BACKUP_RETENTION = integer("backupRetentionDays", 7, 1, 35, "Days of backups, and how far back a restore reaches.")
BACKUP_WINDOW = text(
    "backupWindow",
    f"{CLOCK}-{CLOCK}",
    "`hh:mm-hh:mm` in UTC, 30 minutes or more",
    "Daily backup window.",
    "01:00-02:00",
)
MAINTENANCE_WINDOW = text(
    "maintenanceWindow",
    f"{WEEKDAY}:{CLOCK}-{WEEKDAY}:{CLOCK}",
    "`ddd:hh:mm-ddd:hh:mm` in UTC, 30 minutes or more, outside `backupWindow`",
    "Weekly maintenance window.",
    "sun:03:00-sun:04:00",
)
FINAL_SNAPSHOT = flag("finalSnapshot", True, "Keep a snapshot when the cluster is destroyed.")
DELETION_PROTECTION = flag("deletionProtection", True, "AWS refuses to delete the cluster and the log-in pool.")
PROTECT = flag("protect", False, "Pulumi refuses to delete or replace the VPC, the cluster, its secrets and keys.")
RESTORE_SNAPSHOT = text(
    "restoreSnapshot",
    r"[A-Za-z][A-Za-z0-9-]{0,254}|" + ARN % ("rds", "cluster-snapshot:[A-Za-z0-9:.-]+"),
    "a cluster snapshot's identifier or ARN",
    "Make the cluster from this snapshot.",
)
RESTORE_CLUSTER = text(
    "restoreCluster",
    r"[A-Za-z][A-Za-z0-9-]{0,62}",
    "a cluster identifier of this region",
    "Make the cluster as a copy of this one at `restoreTime`.",
)
RESTORE_TIME = Key(
    "restoreTime",
    "time",
    "",
    "ISO 8601 with an offset; empty: the latest restorable time",
    "The point in time for `restoreCluster`.",
    keys.moment,
)
STORAGE = choice("storage", "standard", ("standard", "io-optimized"), "Aurora's storage price model.")
DATABASE_INSIGHTS = choice(
    "databaseInsights", "standard", ("standard", "advanced"), "Database Insights mode; `advanced` keeps 15 months."
)
ENHANCED_MONITORING = member(
    "enhancedMonitoringSeconds", 0, (0, 1, 5, 10, 15, 30, 60), "Interval of the operating system's metrics; 0: off."
)
LOG_EXPORTS_KEY = words(
    "logExports",
    ("audit", "error", "slowquery"),
    LOG_EXPORTS.__contains__,
    ", ".join(f"`{name}`" for name in LOG_EXPORTS) + "; `[]` for none",
    "Database logs that go to CloudWatch.",
)
SLOW_QUERY_SECONDS = integer("slowQuerySeconds", 1, 1, 3600, "Statements slower than this are in the slow query log.")

# An existing cluster
CLUSTER_STACK = text(
    "clusterStack",
    r"[\w.-]+(/[\w.-]+){0,2}",
    "`stack`, `project/stack` or `organisation/project/stack`",
    "The Aurorest stack whose network and cluster this stack attaches to.",
)
CLUSTER_IDENTIFIER = text(
    "clusterIdentifier",
    r"[a-z][a-z0-9-]{0,62}",
    "an Aurora MySQL cluster's identifier",
    "Attach to this cluster; with `vpcId`, `subnetIds`, `clusterSecurityGroupId`, `adminSecretArn` and `adminUser`.",
)
CLUSTER_SECURITY_GROUP = text(
    "clusterSecurityGroupId",
    r"sg-[0-9a-f]{8,17}",
    "`sg-...`",
    "The existing cluster's security group; the proxy is let in.",
)
ADMIN_SECRET_ARN = text(
    "adminSecretArn",
    ARN % ("secretsmanager", "secret:[A-Za-z0-9/_+=.@!-]+"),
    "a secret's ARN",
    "The existing cluster's admin secret, a JSON object with `username` and `password`.",
)
ADMIN_SECRET_KEY_ARN = text(
    "adminSecretKeyArn",
    ARN % ("kms", "key/[a-z0-9-]+"),
    "a key's ARN",
    "The customer managed key of `adminSecretArn`, if any.",
)

# Proxy
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
    "`SET name=value` statements, `;` between; not `time_zone`, `sql_mode`, `sql_auto_is_null`",
    "Further statements for every new database connection (InitQuery), after the ones that the API depends on.",
    keys.init_query,
)
PROXY_DEBUG_LOGGING = flag(
    "proxyDebugLogging", False, "Log the statements and authentication of the proxy; off after 24 hours."
)

# Function
ARCHITECTURE = choice("architecture", "arm64", ("arm64", "x86_64"), "Processor of the functions.")
PYTHON_VERSION = choice("pythonVersion", "3.13", ("3.11", "3.12", "3.13", "3.14"), "Runtime of the functions.")
MEMORY = integer("memoryMegabytes", 1024, 256, 10_240, "Memory of the function; its share of CPU follows from it.")
TIMEOUT = integer("timeoutSeconds", 15, 2, 29, "Longest request; above the driver's timeouts, below the API's 30.")
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
XRAY = flag("xray", False, "Trace the function with X-Ray.")
MAX_ROWS = integer("maxRows", 1000, 1, 1_000_000, "Most rows of one answer; the rest is announced and linked.")
MAX_BODY_BYTES = integer("maxBodyBytes", 6_000_000, 1, 6_000_000, "Largest request body; Lambda takes 6 MB.")
MAX_WRITE_ROWS = integer("maxWriteRows", 20_000, 1, 1_000_000, "Most rows that one request may write.")
MAX_RESPONSE_BYTES = integer("maxResponseBytes", 5_500_000, 1024, 5_500_000, "Largest answer; Lambda gives 6 MB.")
CATALOG_MAX_AGE = integer("catalogMaxAgeSeconds", 60, 1, 86_400, "The schema is read again after this.")
PLAN = flag("plan", False, "Answer `application/vnd.pgrst.plan+json` with the database's EXPLAIN.")
LOG_LEVEL = choice(
    "logLevel", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"), "Least level of the function's log lines."
)
LOG_RETENTION = member("logRetentionDays", 30, LOG_RETENTION_DAYS, "Days that every log group keeps.")

# Front
AUTH = choice("auth", "iam", ("iam", "jwt", "none"), "Who may call: signed by IAM, bearers of a JWT, or everyone.")
ALLOW_PUBLIC_ACCESS = flag("allowPublicAccess", False, "Must be `true` with `auth: none`: everyone may read and write.")
JWT_ISSUER = text("jwtIssuer", r"https://[^\s?#]+", "an `https://` address", "Issuer of the tokens, with `auth: jwt`.")
JWT_AUDIENCE = words(
    "jwtAudience", (), matching(r"\S+"), "one or more words", "Audiences of the tokens, with `auth: jwt`."
)
JWT_SCOPES = words("jwtScopes", (), matching(r"[!#-\[\]-~]+"), "scope names", "A token needs one of these scopes.")
COGNITO = flag("cognito", False, "Make a Cognito user pool and use it as the issuer, with `auth: jwt`.")
CORS_ORIGINS = words(
    "corsOrigins",
    ("*",),
    matching(r"\*|https?://[A-Za-z0-9.-]+(:[0-9]+)?"),
    "`*`, or origins such as `https://app.example.com`",
    "Origins whose pages may read the answers.",
)
DOCS = flag("docs", True, "Serve `/docs` and `/openapi.json`.")
PUBLIC_DOCS = flag("publicDocs", False, "Let everyone read `/docs` and `/openapi.json`, whatever `auth` is.")
THROTTLE_RATE = integer("throttleRate", 50, 1, 10_000, "Requests per second, steady.")
THROTTLE_BURST = integer("throttleBurst", 100, 1, 5_000, "Requests at once.")
ACCESS_LOG_FIELDS_KEY = words(
    "accessLogFields",
    DEFAULT_ACCESS_LOG_FIELDS,
    ACCESS_LOG_FIELDS.__contains__,
    ", ".join(f"`{name}`" for name in ACCESS_LOG_FIELDS),
    "Fields of the API's access log (`$context.` names). There is no query string: it holds data.",
)
DOMAIN_NAME = text(
    "domainName",
    r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    "a lower-case host name",
    "The API's own address, with `certificateArn` or `hostedZoneId`.",
)
CERTIFICATE_ARN = text(
    "certificateArn",
    ARN % ("acm", "certificate/[a-z0-9-]+"),
    "an ACM certificate's ARN",
    "Certificate for `domainName`.",
)
HOSTED_ZONE_ID = text(
    "hostedZoneId",
    r"Z[A-Z0-9]{1,31}",
    "a Route 53 zone's id",
    "Where `domainName` (and its certificate's proof) is written.",
)

# Monitoring and the rest
DASHBOARD = flag("dashboard", True, "Make the CloudWatch dashboard.")
ALARMS = flag("alarms", True, "Make the CloudWatch alarms.")
ALARM_EMAIL = text(
    "alarmEmail", r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address", "Who is told of alarms; must confirm once."
)
CUSTOMER_MANAGED_KEYS = flag("customerManagedKeys", False, "Encrypt with a key of the stack instead of AWS's keys.")
TAGS: Key[Pairs] = Key(
    "tags", "map", (), "up to 40 names and values; not `aws:...`", "Tags on every resource.", keys.tags
)

KEYS: tuple[Key[Any], ...] = tuple(value for value in list(globals().values()) if isinstance(value, Key))
"""All of them, in the order above."""
