"""The environment variables of the functions: the only thing that `infra` and `api` have in common. Pure.

A test compares `api_environment` with `api.settings.ENVIRONMENT`.
"""

from __future__ import annotations

from infra.cluster import MYSQL_PORT
from infra.config import FunctionOptions, StackConfig


def limits(options: FunctionOptions) -> dict[str, str]:
    """The variables for sizes, times and logs."""
    return {
        "AUROREST_MAX_ROWS": str(options.max_rows),
        "AUROREST_MAX_BODY_BYTES": str(options.max_body_bytes),
        "AUROREST_MAX_WRITE_ROWS": str(options.max_write_rows),
        "AUROREST_MAX_RESPONSE_BYTES": str(options.max_response_bytes),
        "AUROREST_STATEMENT_TIMEOUT_MS": str(options.statement_timeout_milliseconds),
        "AUROREST_CONNECT_TIMEOUT_SECONDS": str(options.connect_timeout_seconds),
        "AUROREST_READ_TIMEOUT_SECONDS": str(options.read_timeout_seconds),
        "AUROREST_WRITE_TIMEOUT_SECONDS": str(options.write_timeout_seconds),
        "AUROREST_CATALOG_MAX_AGE_SECONDS": str(options.catalog_max_age_seconds),
        "AUROREST_PLAN": _flag(options.plan),
        "AUROREST_LOG_LEVEL": options.log_level,
    }


def api_environment(config: StackConfig) -> dict[str, str]:
    """Every variable of the API but those that are known only once the proxy exists (`DATABASE_HOST`, `_READ_HOST`)."""
    return {
        "AUROREST_DATABASE_PORT": str(MYSQL_PORT),
        "AUROREST_DATABASE_NAME": config.database.name,
        "AUROREST_SCHEMAS": ",".join(config.database.schemas),
        "AUROREST_DOCS": _flag(config.front.docs),
        "AUROREST_CORS_ORIGINS": ",".join(config.front.cors_origins),
        "AUROREST_TLS_CA": "",
        "AUROREST_ROLES": ",".join(config.roles.names),
        "AUROREST_ROLE_CLAIM": config.roles.claim,
        "AUROREST_DEFAULT_ROLE": config.roles.default,
        "AUROREST_ANONYMOUS_ROLE": config.roles.anonymous,
        "AUROREST_BYPASS_ROW_SECURITY": ",".join(config.roles.bypass_row_security),
        **limits(config.function),
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"
