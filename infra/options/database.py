"""The Aurora cluster, its capacity, readers, backups and logs."""

from __future__ import annotations

from infra import keys
from infra.keys import Key, capacity, choice, flag, integer, matching, member, text, words
from infra.options.shapes import ARN, CLOCK, IDENTIFIER, WEEKDAY

LOG_EXPORT_NAMES = ("audit", "error", "general", "iam-db-auth-error", "instance", "slowquery")

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
MINIMUM_CAPACITY = capacity(
    "minCapacity", 0.5, 0.5, "Minimum capacity of an instance, in Aurora capacity units (2 GiB each)."
)
MAXIMUM_CAPACITY = capacity(
    "maxCapacity", 2.0, 1, "Maximum capacity of an instance; at least 1. It also determines `max_connections`."
)
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
READERS = integer("readers", 0, 0, 15, "Reader instances in addition to the writer.")
READERS_MAXIMUM = integer(
    "readersMaximum", 0, 0, 15, "If above `readers`, autoscaling adds readers up to this number. 0: no autoscaling."
)
READER_TARGET_CPU = integer("readerTargetCpuPercent", 60, 10, 90, "The readers' average CPU that autoscaling aims for.")
STORAGE = choice("storage", "standard", ("standard", "io-optimized"), "Aurora's storage price model.")
BACKUP_RETENTION = integer(
    "backupRetentionDays", 7, 1, 35, "How many days backups are kept, and so how far back a restore can go."
)
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
DELETION_PROTECTION = flag(
    "deletionProtection",
    True,
    "AWS refuses to delete the cluster and the user pool.",
)
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
DATA_API = flag(
    "dataApi",
    False,
    "Switch on the RDS Data API: SQL over HTTPS with the admin's secret, without a connection into the network.",
)
INSTANCE_CLASS = text(
    "instanceClass",
    r"db\.(serverless|[a-z0-9]+\.(medium|large|[0-9]{0,2}xlarge))",
    "`db.serverless`, or a provisioned class such as `db.r8g.large`",
    "Class of all instances. A provisioned one has no `minCapacity` and `maxCapacity`.",
    "db.serverless",
)
DATABASE_INSIGHTS = choice(
    "databaseInsights", "standard", ("standard", "advanced"), "Database Insights mode; `advanced` keeps 15 months."
)
ENHANCED_MONITORING = member(
    "enhancedMonitoringSeconds", 0, (0, 1, 5, 10, 15, 30, 60), "Interval of the operating system's metrics; 0: off."
)
LOG_EXPORTS = words(
    "logExports",
    ("audit", "error", "slowquery"),
    LOG_EXPORT_NAMES.__contains__,
    ", ".join(f"`{name}`" for name in LOG_EXPORT_NAMES) + "; `[]` for none",
    "Database logs that go to CloudWatch.",
)
SLOW_QUERY_SECONDS = integer("slowQuerySeconds", 1, 1, 3600, "Statements slower than this are in the slow query log.")
