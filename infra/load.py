"""Reads the configuration: strings to `StackConfig`, or one error that names everything that is wrong. Pure."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from typing import TypeVar

from infra.bundle import PYTHON_VERSIONS
from infra.config import (
    Attachment,
    ConfigurationError,
    DatabaseOptions,
    FrontOptions,
    FunctionOptions,
    MonitoringOptions,
    NetworkOptions,
    ProxyOptions,
    RestoreOptions,
    RoleOptions,
    StackConfig,
    UserOptions,
)
from infra.contradictions import contradictions
from infra.keys import Key
from infra.options import KEYS, attachment, database, front, function, network, operation, proxy, roles, users

T = TypeVar("T")
NAMESPACE = "aurorest"


def load(values: Mapping[str, str], *, project: str, stack: str, region: str) -> StackConfig:
    """Read and check. `values`: the strings by key, without the namespace; an empty one is the default.

    Raises: `ConfigurationError`.
    """
    reader = _Reader(values)
    config = _read(reader, project, stack, region)
    problems = (*reader.problems, *_unknown(values), *(() if reader.problems else contradictions(config)))
    if problems:
        raise ConfigurationError(*problems)
    return config


class _Reader:
    """Reads typed values and collects what is wrong, to report it all at once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.problems: list[str] = []

    def __call__(self, key: Key[T]) -> T:
        written = self.values.get(key.name, "").strip()
        if not written:
            return key.default
        value = key.parse(written)
        if value is None:
            self.problems.append(f"{NAMESPACE}:{key.name} is {written!r}; allowed: {key.allowed}")
            return key.default
        return value


def _unknown(values: Mapping[str, str]) -> tuple[str, ...]:
    known = [key.name for key in KEYS]
    found = []
    for name in sorted(set(values) - set(known)):
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else f"allowed: {', '.join(known)}"
        found.append(f"{NAMESPACE}:{name} is not a key of this stack; {hint}")
    return tuple(found)


def _read(read: _Reader, project: str, stack: str, region: str) -> StackConfig:
    attached = Attachment(
        stack=read(attachment.CLUSTER_STACK),
        cluster_identifier=read(attachment.CLUSTER_IDENTIFIER),
        security_group_id=read(attachment.CLUSTER_SECURITY_GROUP),
        admin_secret_arn=read(attachment.ADMIN_SECRET_ARN),
        admin_secret_key_arn=read(attachment.ADMIN_SECRET_KEY_ARN),
    )
    return StackConfig(
        project=project,
        stack=stack,
        region=region,
        network=NetworkOptions(
            vpc_cidr=read(network.VPC_CIDR),
            subnet_prefix=read(network.SUBNET_PREFIX),
            zones=read(network.ZONES),
            zone_count=read(network.ZONE_COUNT),
            vpc_id=read(network.VPC_ID),
            subnet_ids=read(network.SUBNET_IDS),
            flow_logs=read(network.FLOW_LOGS),
            access_security_group_ids=read(network.ACCESS_SECURITY_GROUPS),
        ),
        attachment=None if attached == Attachment("", "", "", "", "") else attached,
        database=_database(read),
        users=UserOptions(
            admin=read(users.ADMIN_USER),
            application=read(users.APPLICATION_USER),
            read_only=read(users.READ_ONLY_USER),
            authentication=read(users.DATABASE_AUTHENTICATION),
            credential_version=read(users.CREDENTIAL_VERSION),
            secret_recovery_days=read(users.SECRET_RECOVERY),
        ),
        proxy=ProxyOptions(
            max_connections_percent=read(proxy.MAX_CONNECTIONS),
            max_idle_connections_percent=read(proxy.MAX_IDLE_CONNECTIONS),
            other_shares=read(proxy.OTHER_SHARES),
            headroom_percent=read(proxy.HEADROOM),
            borrow_timeout_seconds=read(proxy.BORROW_TIMEOUT),
            idle_client_timeout_seconds=read(proxy.IDLE_CLIENT_TIMEOUT),
            session_pinning_filters=read(proxy.PINNING_FILTERS),
            init_query=read(proxy.INIT_QUERY),
            debug_logging=read(proxy.PROXY_DEBUG_LOGGING),
            read_endpoint=read(proxy.READ_ENDPOINT),
        ),
        function=_function(read),
        front=_front(read),
        roles=RoleOptions(
            names=read(roles.ROLES),
            claim=read(roles.ROLE_CLAIM),
            default=read(roles.DEFAULT_ROLE),
            anonymous=read(roles.ANONYMOUS_ROLE),
            anonymous_throttle_rate=read(roles.ANONYMOUS_THROTTLE_RATE),
            anonymous_throttle_burst=read(roles.ANONYMOUS_THROTTLE_BURST),
            bypass_row_security=read(roles.BYPASS_ROW_SECURITY),
        ),
        monitoring=MonitoringOptions(
            dashboard=read(operation.DASHBOARD),
            alarms=read(operation.ALARMS),
            alarm_email=read(operation.ALARM_EMAIL),
            budget_usd=read(operation.BUDGET),
            log_retention_days=read(operation.LOG_RETENTION),
        ),
        customer_managed_keys=read(operation.CUSTOMER_MANAGED_KEYS),
        protect=read(operation.PROTECT),
        tags=read(operation.TAGS),
    )


def _database(read: _Reader) -> DatabaseOptions:
    return DatabaseOptions(
        engine_version=read(database.ENGINE_VERSION),
        auto_minor_version_upgrade=read(database.AUTO_MINOR_UPGRADE),
        minimum_capacity=read(database.MINIMUM_CAPACITY),
        maximum_capacity=read(database.MAXIMUM_CAPACITY),
        name=read(database.DATABASE_NAME),
        schemas=read(database.SCHEMAS),
        readers=read(database.READERS),
        readers_maximum=read(database.READERS_MAXIMUM),
        reader_target_cpu_percent=read(database.READER_TARGET_CPU),
        backup_retention_days=read(database.BACKUP_RETENTION),
        backup_window=read(database.BACKUP_WINDOW),
        maintenance_window=read(database.MAINTENANCE_WINDOW),
        final_snapshot=read(database.FINAL_SNAPSHOT),
        deletion_protection=read(database.DELETION_PROTECTION),
        restore=RestoreOptions(
            snapshot=read(database.RESTORE_SNAPSHOT),
            cluster=read(database.RESTORE_CLUSTER),
            time=read(database.RESTORE_TIME),
        ),
        storage=read(database.STORAGE),
        data_api=read(database.DATA_API),
        instance_class=read(database.INSTANCE_CLASS),
        insights=read(database.DATABASE_INSIGHTS),
        enhanced_monitoring_seconds=read(database.ENHANCED_MONITORING),
        log_exports=read(database.LOG_EXPORTS),
        slow_query_seconds=read(database.SLOW_QUERY_SECONDS),
    )


def _running_python() -> str:
    """The version of the Python that runs this program, or the newest runtime where Lambda does not have it."""
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    return running if running in PYTHON_VERSIONS else PYTHON_VERSIONS[-1]


def _function(read: _Reader) -> FunctionOptions:
    return FunctionOptions(
        architecture=read(function.ARCHITECTURE),
        python_version=read(function.PYTHON_VERSION) or _running_python(),
        memory_megabytes=read(function.MEMORY),
        timeout_seconds=read(function.TIMEOUT),
        reserved_concurrency=read(function.RESERVED_CONCURRENCY),
        snap_start=read(function.SNAP_START),
        xray=read(function.XRAY),
        limits={key.variable: read(key) for key in function.LIMITS},
        plan=read(function.PLAN),
        out_parameters=read(function.OUT_PARAMETERS),
        log_level=read(function.LOG_LEVEL),
    )


def _front(read: _Reader) -> FrontOptions:
    return FrontOptions(
        auth=read(front.AUTH),
        allow_public_access=read(front.ALLOW_PUBLIC_ACCESS),
        jwt_issuer=read(front.JWT_ISSUER),
        jwt_audience=read(front.JWT_AUDIENCE),
        jwt_scopes=read(front.JWT_SCOPES),
        cognito=read(front.COGNITO),
        cors_origins=read(front.CORS_ORIGINS),
        docs=read(front.DOCS),
        public_docs=read(front.PUBLIC_DOCS),
        browse=read(front.BROWSE),
        browse_login=read(front.BROWSE_LOGIN),
        throttle_rate=read(front.THROTTLE_RATE),
        throttle_burst=read(front.THROTTLE_BURST),
        access_log_fields=read(front.ACCESS_LOG_FIELDS),
        domain_name=read(front.DOMAIN_NAME),
        certificate_arn=read(front.CERTIFICATE_ARN),
        hosted_zone_id=read(front.HOSTED_ZONE_ID),
    )
