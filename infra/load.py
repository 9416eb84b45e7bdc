"""Reads the configuration: raw texts to `StackConfig`, or one error that tells everything that is wrong. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TypeVar

from infra import options
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
    StackConfig,
    UserOptions,
)
from infra.contradictions import contradictions
from infra.keys import Key

T = TypeVar("T")
NAMESPACE = "aurorest"


def load(values: Mapping[str, str], *, project: str, stack: str, region: str) -> StackConfig:
    """Read and check. `values`: the raw texts by key, without the namespace; an empty text is the default.

    Raises: `ConfigurationError`.
    """
    reader = _Reader(values)
    config = _read(reader, project, stack, region)
    problems = (*reader.problems, *_unknown(values), *(() if reader.problems else contradictions(config)))
    if problems:
        raise ConfigurationError(*problems)
    return config


class _Reader:
    """Reads typed values and remembers what was wrong, so that all of it is told at once."""

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
    known = [key.name for key in options.KEYS]
    found = []
    for name in sorted(set(values) - set(known)):
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else f"allowed: {', '.join(known)}"
        found.append(f"{NAMESPACE}:{name} is no key of this stack; {hint}")
    return tuple(found)


def _read(read: _Reader, project: str, stack: str, region: str) -> StackConfig:
    attachment = Attachment(
        stack=read(options.CLUSTER_STACK),
        cluster_identifier=read(options.CLUSTER_IDENTIFIER),
        security_group_id=read(options.CLUSTER_SECURITY_GROUP),
        admin_secret_arn=read(options.ADMIN_SECRET_ARN),
        admin_secret_key_arn=read(options.ADMIN_SECRET_KEY_ARN),
    )
    return StackConfig(
        project=project,
        stack=stack,
        region=region,
        network=NetworkOptions(
            vpc_cidr=read(options.VPC_CIDR),
            subnet_prefix=read(options.SUBNET_PREFIX),
            zones=read(options.ZONES),
            zone_count=read(options.ZONE_COUNT),
            vpc_id=read(options.VPC_ID),
            subnet_ids=read(options.SUBNET_IDS),
            flow_logs=read(options.FLOW_LOGS),
        ),
        attachment=None if attachment == Attachment("", "", "", "", "") else attachment,
        database=_database(read),
        users=UserOptions(
            admin=read(options.ADMIN_USER),
            application=read(options.APPLICATION_USER),
            read_only=read(options.READ_ONLY_USER),
            authentication=read(options.DATABASE_AUTHENTICATION),
            credential_version=read(options.CREDENTIAL_VERSION),
        ),
        proxy=ProxyOptions(
            max_connections_percent=read(options.MAX_CONNECTIONS),
            max_idle_connections_percent=read(options.MAX_IDLE_CONNECTIONS),
            other_shares=read(options.OTHER_SHARES),
            headroom_percent=read(options.HEADROOM),
            borrow_timeout_seconds=read(options.BORROW_TIMEOUT),
            idle_client_timeout_seconds=read(options.IDLE_CLIENT_TIMEOUT),
            session_pinning_filters=read(options.PINNING_FILTERS),
            init_query=read(options.INIT_QUERY),
            debug_logging=read(options.PROXY_DEBUG_LOGGING),
            read_endpoint=read(options.READ_ENDPOINT),
        ),
        function=_function(read),
        front=_front(read),
        monitoring=MonitoringOptions(
            dashboard=read(options.DASHBOARD),
            alarms=read(options.ALARMS),
            alarm_email=read(options.ALARM_EMAIL),
            log_retention_days=read(options.LOG_RETENTION),
        ),
        customer_managed_keys=read(options.CUSTOMER_MANAGED_KEYS),
        protect=read(options.PROTECT),
        tags=read(options.TAGS),
    )


def _database(read: _Reader) -> DatabaseOptions:
    return DatabaseOptions(
        engine_version=read(options.ENGINE_VERSION),
        auto_minor_version_upgrade=read(options.AUTO_MINOR_UPGRADE),
        minimum_capacity=read(options.MINIMUM_CAPACITY),
        maximum_capacity=read(options.MAXIMUM_CAPACITY),
        name=read(options.DATABASE_NAME),
        schemas=read(options.SCHEMAS),
        readers=read(options.READERS),
        readers_maximum=read(options.READERS_MAXIMUM),
        reader_target_cpu_percent=read(options.READER_TARGET_CPU),
        backup_retention_days=read(options.BACKUP_RETENTION),
        backup_window=read(options.BACKUP_WINDOW),
        maintenance_window=read(options.MAINTENANCE_WINDOW),
        final_snapshot=read(options.FINAL_SNAPSHOT),
        deletion_protection=read(options.DELETION_PROTECTION),
        restore=RestoreOptions(
            snapshot=read(options.RESTORE_SNAPSHOT),
            cluster=read(options.RESTORE_CLUSTER),
            time=read(options.RESTORE_TIME),
        ),
        storage=read(options.STORAGE),
        insights=read(options.DATABASE_INSIGHTS),
        enhanced_monitoring_seconds=read(options.ENHANCED_MONITORING),
        log_exports=read(options.LOG_EXPORTS_KEY),
        slow_query_seconds=read(options.SLOW_QUERY_SECONDS),
    )


def _function(read: _Reader) -> FunctionOptions:
    return FunctionOptions(
        architecture=read(options.ARCHITECTURE),
        python_version=read(options.PYTHON_VERSION),
        memory_megabytes=read(options.MEMORY),
        timeout_seconds=read(options.TIMEOUT),
        connect_timeout_seconds=read(options.CONNECT_TIMEOUT),
        read_timeout_seconds=read(options.READ_TIMEOUT),
        write_timeout_seconds=read(options.WRITE_TIMEOUT),
        statement_timeout_milliseconds=read(options.STATEMENT_TIMEOUT),
        reserved_concurrency=read(options.RESERVED_CONCURRENCY),
        snap_start=read(options.SNAP_START),
        xray=read(options.XRAY),
        max_rows=read(options.MAX_ROWS),
        max_body_bytes=read(options.MAX_BODY_BYTES),
        max_write_rows=read(options.MAX_WRITE_ROWS),
        max_response_bytes=read(options.MAX_RESPONSE_BYTES),
        catalog_max_age_seconds=read(options.CATALOG_MAX_AGE),
        plan=read(options.PLAN),
        log_level=read(options.LOG_LEVEL),
    )


def _front(read: _Reader) -> FrontOptions:
    return FrontOptions(
        auth=read(options.AUTH),
        allow_public_access=read(options.ALLOW_PUBLIC_ACCESS),
        jwt_issuer=read(options.JWT_ISSUER),
        jwt_audience=read(options.JWT_AUDIENCE),
        jwt_scopes=read(options.JWT_SCOPES),
        cognito=read(options.COGNITO),
        cors_origins=read(options.CORS_ORIGINS),
        docs=read(options.DOCS),
        public_docs=read(options.PUBLIC_DOCS),
        throttle_rate=read(options.THROTTLE_RATE),
        throttle_burst=read(options.THROTTLE_BURST),
        access_log_fields=read(options.ACCESS_LOG_FIELDS_KEY),
        domain_name=read(options.DOMAIN_NAME),
        certificate_arn=read(options.CERTIFICATE_ARN),
        hosted_zone_id=read(options.HOSTED_ZONE_ID),
    )
