"""The stack's configuration as frozen values.

Made by `infra.load`, which checks it as a whole before any resource exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import RunError

from infra.keys import Pairs, Shares


class ConfigurationError(RunError):
    """The configuration cannot be built. `problems` has one sentence for each key, naming it and what is allowed.

    Pulumi shows a `RunError` as its message alone, without the stack of calls.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("the stack's configuration cannot be built:\n" + "\n".join(f"  - {line}" for line in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """The VPC to make, or (with `vpc_id`) the one to use."""

    vpc_cidr: str
    subnet_prefix: int
    zones: tuple[str, ...]
    zone_count: int
    vpc_id: str
    subnet_ids: tuple[str, ...]
    flow_logs: bool
    access_security_group_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """An existing cluster to attach to: by the other stack's name, or by identifiers."""

    stack: str
    cluster_identifier: str
    security_group_id: str
    admin_secret_arn: str
    admin_secret_key_arn: str


@dataclass(frozen=True, slots=True)
class UserOptions:
    """The database's users and how the proxy proves who they are (`authentication`: `iam` or `secret`)."""

    admin: str
    application: str
    read_only: str
    authentication: str
    credential_version: int
    secret_recovery_days: int


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """What the cluster is made from; all empty: nothing, a new one."""

    snapshot: str
    cluster: str
    time: str


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """The Aurora cluster. Capacities in Aurora capacity units."""

    engine_version: str
    auto_minor_version_upgrade: bool
    minimum_capacity: float
    maximum_capacity: float
    name: str
    schemas: tuple[str, ...]
    readers: int
    readers_maximum: int
    reader_target_cpu_percent: int
    backup_retention_days: int
    backup_window: str
    maintenance_window: str
    final_snapshot: bool
    deletion_protection: bool
    restore: RestoreOptions
    storage: str
    data_api: bool
    instance_class: str
    insights: str
    enhanced_monitoring_seconds: int
    log_exports: tuple[str, ...]
    slow_query_seconds: int

    @property
    def serverless(self) -> bool:
        """Whether the instances scale in capacity units."""
        return self.instance_class == "db.serverless"

    @property
    def most_units(self) -> float:
        """The largest size of an instance in capacity units (2 GiB each), for the addresses that a proxy needs."""
        if self.serverless:
            return self.maximum_capacity
        size = self.instance_class.rpartition(".")[2]
        return {"medium": 2, "large": 8, "xlarge": 16, "2xlarge": 32, "4xlarge": 64, "8xlarge": 128}.get(size, 256)

    @property
    def autoscaled(self) -> bool:
        """Whether readers come and go by themselves."""
        return self.readers_maximum > self.readers

    @property
    def instances_most(self) -> int:
        """The writer and as many readers as there can be."""
        return 1 + max(self.readers, self.readers_maximum)


@dataclass(frozen=True, slots=True)
class ProxyOptions:
    """The proxy and its default target group's pool."""

    max_connections_percent: int
    max_idle_connections_percent: int
    other_shares: Shares
    headroom_percent: int
    borrow_timeout_seconds: int
    idle_client_timeout_seconds: int
    session_pinning_filters: tuple[str, ...]
    init_query: str
    debug_logging: bool
    read_endpoint: bool


@dataclass(frozen=True, slots=True)
class FunctionOptions:
    """The API's function and the limits that it keeps."""

    architecture: str
    python_version: str
    memory_megabytes: int
    timeout_seconds: int
    reserved_concurrency: int
    snap_start: bool
    xray: bool
    limits: Mapping[str, int]
    """The API's limits, by their environment variable without its prefix."""
    plan: bool
    out_parameters: bool
    log_level: str


@dataclass(frozen=True, slots=True)
class FrontOptions:
    """The HTTP API: who may call (`auth`: `iam`, `jwt` or `none`), how much, from where."""

    auth: str
    allow_public_access: bool
    jwt_issuer: str
    jwt_audience: tuple[str, ...]
    jwt_scopes: tuple[str, ...]
    cognito: bool
    cors_origins: tuple[str, ...]
    docs: bool
    public_docs: bool
    browse: bool
    browse_login: str
    throttle_rate: int
    throttle_burst: int
    access_log_fields: tuple[str, ...]
    domain_name: str
    certificate_arn: str
    hosted_zone_id: str


@dataclass(frozen=True, slots=True)
class RoleOptions:
    """The database accounts that requests act as; `names` empty: one for all."""

    names: tuple[str, ...]
    claim: str
    default: str
    anonymous: str
    anonymous_throttle_rate: int
    anonymous_throttle_burst: int
    bypass_row_security: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonitoringOptions:
    """Dashboard, alarms, who gets them, and the budget."""

    dashboard: bool
    alarms: bool
    alarm_email: str
    budget_usd: int
    log_retention_days: int


@dataclass(frozen=True, slots=True)
class StackConfig:
    """Everything that decides what the stack holds."""

    project: str
    stack: str
    region: str
    network: NetworkOptions
    attachment: Attachment | None
    database: DatabaseOptions
    users: UserOptions
    proxy: ProxyOptions
    function: FunctionOptions
    front: FrontOptions
    roles: RoleOptions
    monitoring: MonitoringOptions
    customer_managed_keys: bool
    protect: bool
    tags: Pairs

    @property
    def anonymous_route(self) -> bool:
        """Whether callers without a token have a separate route, because the default one requires a token."""
        return bool(self.roles.anonymous) and self.front.auth != "none"

    @property
    def full_name(self) -> str:
        """Project and stack: how the owner of a shared cluster names this stack in `otherShares`."""
        return f"{self.project}-{self.stack}"
