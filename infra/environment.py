"""The environment variables of the functions. `api.settings` names them and bounds the limits. Pure.

A test compares `api_environment` with `api.settings.ENVIRONMENT`.
"""

from __future__ import annotations

from api.settings import PREFIX
from infra.cluster import MYSQL_PORT
from infra.config import FunctionOptions, StackConfig


def limits(options: FunctionOptions) -> dict[str, str]:
    """The variables for sizes, times and logs."""
    return {
        **{f"{PREFIX}{name}": str(value) for name, value in options.limits.items()},
        "AUROREST_PLAN": _flag(options.plan),
        "AUROREST_OUT_PARAMETERS": _flag(options.out_parameters),
        "AUROREST_LOG_LEVEL": options.log_level,
    }


def api_environment(config: StackConfig) -> dict[str, str]:
    """Every variable of the API but those that are known only once the proxy exists (`DATABASE_HOST`, `_READ_HOST`)."""
    return {
        "AUROREST_DATABASE_PORT": str(MYSQL_PORT),
        "AUROREST_DATABASE_NAME": config.database.name,
        "AUROREST_SCHEMAS": ",".join(config.database.schemas),
        "AUROREST_DOCS": _flag(config.front.docs),
        "AUROREST_BROWSE": _flag(config.front.browse),
        "AUROREST_BROWSE_LOGIN": config.front.browse_login,
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
