"""The settings of a deployed function: its environment variables, validated once.

`infra.function` sets the variables listed in `ENVIRONMENT`. Only `AWS_REGION` and, locally, `AUROREST_DATABASE_URL` are
read besides these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

PREFIX = "AUROREST_"

T = TypeVar("T")

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")
"""It becomes part of a Content-Security-Policy."""


class SettingsError(ValueError):
    """An environment variable is missing or invalid; the message names it."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database listens, and the user to connect as. Without a password, every connection uses an IAM token."""

    host: str
    port: int
    user: str
    database: str
    password: str | None = field(default=None, repr=False)
    unix_socket: str | None = None
    is_role: bool = False
    """The account may lack any privilege on the database; then it connects without entering one."""


class Limit(NamedTuple):
    """A whole number that the stack's configuration can set: its default and its bounds, both included."""

    default: int
    least: int
    most: int


LIMITS: Mapping[str, Limit] = {
    "MAX_ROWS": Limit(1000, 1, 1_000_000),
    "MAX_BODY_BYTES": Limit(6_000_000, 1, 6_000_000),  # Lambda's payload
    "MAX_WRITE_ROWS": Limit(20_000, 1, 1_000_000),
    "MAX_LOCKED_ROWS": Limit(100_000, 1, 1_000_000),
    "MAX_BATCH_REQUESTS": Limit(100, 1, 1000),
    "MAX_RESPONSE_BYTES": Limit(5_500_000, 1024, 5_500_000),
    "STATEMENT_TIMEOUT_MS": Limit(8000, 10, 28_000),
    "CONNECT_TIMEOUT_SECONDS": Limit(5, 1, 28),
    "READ_TIMEOUT_SECONDS": Limit(10, 1, 28),
    "WRITE_TIMEOUT_SECONDS": Limit(10, 1, 28),
    "CATALOG_MAX_AGE_SECONDS": Limit(60, 1, 86_400),
    "IDEMPOTENCY_HOURS": Limit(24, 1, 720),
}
"""By the variable's name without its prefix. `infra.options.function` describes the configuration keys; `Settings` has
a field for each, in lower case."""

_LONGEST_REQUEST = Limit(28, 1, 900)
"""Seconds. API Gateway gives up after 30; on Lambda what remains of the function's time counts."""


LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True)
class Settings:
    """All settings of the application. The name of a number ends in its unit.

    The defaults are also those of the stack's keys, so the class has no slots, which would hide them.
    """

    writer: Address
    reader: Address | None = None
    region: str = ""
    tls_ca: str = ""
    schemas: tuple[str, ...] = ()
    max_rows: int = LIMITS["MAX_ROWS"].default
    max_body_bytes: int = LIMITS["MAX_BODY_BYTES"].default
    max_write_rows: int = LIMITS["MAX_WRITE_ROWS"].default
    max_locked_rows: int = LIMITS["MAX_LOCKED_ROWS"].default
    max_batch_requests: int = LIMITS["MAX_BATCH_REQUESTS"].default
    max_response_bytes: int = LIMITS["MAX_RESPONSE_BYTES"].default
    statement_timeout_ms: int = LIMITS["STATEMENT_TIMEOUT_MS"].default
    connect_timeout_seconds: int = LIMITS["CONNECT_TIMEOUT_SECONDS"].default
    read_timeout_seconds: int = LIMITS["READ_TIMEOUT_SECONDS"].default
    write_timeout_seconds: int = LIMITS["WRITE_TIMEOUT_SECONDS"].default
    request_timeout_seconds: int = _LONGEST_REQUEST.default
    """For a whole request. API Gateway gives up after 30 s; a function's timeout may be shorter."""
    catalog_max_age_seconds: int = LIMITS["CATALOG_MAX_AGE_SECONDS"].default
    idempotency_hours: int = LIMITS["IDEMPOTENCY_HOURS"].default
    docs: bool = True
    browse: bool = False
    browse_login: str = ""
    """Cognito's hosted pages with the client of `/browse`: `https://shop.auth...amazoncognito.com?client_id=...`."""
    plan: bool = False
    out_parameters: bool = True
    """Procedures with OUT and INOUT parameters may be called, with user variables."""
    cors_origins: tuple[str, ...] = ("*",)
    log_level: str = "INFO"
    roles: tuple[str, ...] = ()
    """The database accounts that requests act as. Empty: every request uses the writer's account."""
    role_claim: str = "role"
    """The path to the claim that names the role, as `api.request.caller.claim_path` reads it."""
    default_role: str | None = None
    """The role of a token without the claim; None refuses such a token."""
    anonymous_role: str | None = None
    """The role of a caller without a token; None refuses such callers."""
    bypass_row_security: tuple[str, ...] = ()
    """The roles that row policies do not bind."""

    @property
    def max_read_bytes(self) -> int:
        """What the rows of one request may take in memory: an answer's text, and what it is made from."""
        return 4 * self.max_response_bytes

    @staticmethod
    def from_environment(environment: Mapping[str, str]) -> Settings:
        """Read and validate the variables.

        Raises: `SettingsError`, with the variable's name and the allowed values.
        """
        read = _Reader(environment)
        settings = Settings(
            writer=read.writer(),
            reader=read.reader(),
            region=environment.get("AWS_REGION", ""),
            tls_ca=read.text("TLS_CA", ""),
            schemas=read.names("SCHEMAS", Settings.schemas),
            request_timeout_seconds=read.integer("REQUEST_TIMEOUT_SECONDS", *_LONGEST_REQUEST),
            **{name.lower(): read.integer(name, *limit) for name, limit in LIMITS.items()},
            docs=read.boolean("DOCS", Settings.docs),
            browse=read.boolean("BROWSE", Settings.browse),
            browse_login=read.login(),
            plan=read.boolean("PLAN", Settings.plan),
            out_parameters=read.boolean("OUT_PARAMETERS", Settings.out_parameters),
            cors_origins=read.names("CORS_ORIGINS", Settings.cors_origins),
            log_level=read.choice("LOG_LEVEL", Settings.log_level, LOG_LEVELS),
            roles=read.names("ROLES", Settings.roles),
            role_claim=read.text("ROLE_CLAIM", Settings.role_claim),
            default_role=read.text("DEFAULT_ROLE", "") or None,
            anonymous_role=read.text("ANONYMOUS_ROLE", "") or None,
            bypass_row_security=read.names("BYPASS_ROW_SECURITY", Settings.bypass_row_security),
        )
        _check_roles(settings)
        return settings


LONGEST_ACCOUNT_NAME = 32
_ACCOUNT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
SERVER_ACCOUNTS = frozenset(
    {"root", "rdsadmin", "rdsproxyadmin", "mysql.sys", "mysql.session", "mysql.infoschema", "mariadb.sys"}
)


WORDS_OF_GRANT = frozenset({"all", "current_role", "current_user", "default", "none", "public", "session_user"})
"""A role with such a name would mean something else in GRANT or in a policy."""


def is_account_name(name: str) -> bool:
    """Whether MySQL, RDS Proxy and IAM all accept this name for an account, and the server does not use it itself."""
    return (
        _ACCOUNT_NAME.fullmatch(name) is not None and len(name) <= LONGEST_ACCOUNT_NAME and name not in SERVER_ACCOUNTS
    )


def _check_roles(settings: Settings) -> None:
    """Raises: `SettingsError` for a role that cannot be an account, and for roles that contradict each other."""
    for role in settings.roles:
        if not is_account_name(role) or role.lower() in WORDS_OF_GRANT:
            raise SettingsError(
                f"{PREFIX}ROLES contains {role!r}; a role is a letter, then letters, digits, _ . -, at most "
                f"{LONGEST_ACCOUNT_NAME}, and neither an account of the server nor one of: "
                f"{', '.join(sorted(WORDS_OF_GRANT))}"
            )
    if len(set(settings.roles)) < len(settings.roles):
        raise SettingsError(f"{PREFIX}ROLES names a role twice")
    if settings.writer.user in settings.roles:
        raise SettingsError(
            f"{PREFIX}ROLES contains {settings.writer.user!r}, the account that the API itself uses; a role is another"
        )
    named = {
        "DEFAULT_ROLE": (settings.default_role,),
        "ANONYMOUS_ROLE": (settings.anonymous_role,),
        "BYPASS_ROW_SECURITY": settings.bypass_row_security,
    }
    for name, roles in named.items():
        unknown = [role for role in roles if role is not None and role not in settings.roles]
        if unknown:
            allowed = ", ".join(settings.roles) or f"none, because {PREFIX}ROLES is empty"
            raise SettingsError(f"{PREFIX}{name} is {', '.join(unknown)!r}; allowed: {allowed}")
    if settings.anonymous_role in settings.bypass_row_security:
        raise SettingsError(
            f"{PREFIX}BYPASS_ROW_SECURITY contains {settings.anonymous_role!r}, the role of callers without a token: "
            "row policies would protect nothing"
        )


ENVIRONMENT = tuple(
    PREFIX + name
    for name in (
        "DATABASE_HOST",
        "DATABASE_PORT",
        "DATABASE_USER",
        "DATABASE_NAME",
        "DATABASE_READ_HOST",
        "TLS_CA",
        "SCHEMAS",
        "DOCS",
        "BROWSE",
        "BROWSE_LOGIN",
        "PLAN",
        "OUT_PARAMETERS",
        "CORS_ORIGINS",
        "LOG_LEVEL",
        "ROLES",
        "ROLE_CLAIM",
        "DEFAULT_ROLE",
        "ANONYMOUS_ROLE",
        "BYPASS_ROW_SECURITY",
        *LIMITS,
    )
)
"""Every variable of a deployed function. Locally, `AUROREST_DATABASE_URL` replaces the first four."""


def address_from_url(url: str) -> Address:
    """The address in `mysql://user:password@host:port/database`, optionally with `?unix_socket=/path`.

    >>> address_from_url("mysql://me:p%40ss@localhost/shop").database
    'shop'

    Raises: `SettingsError`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 3306
    except ValueError as error:
        raise SettingsError(f"invalid database URL: {error}") from None
    database = unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("mysql", "mariadb"):
        raise SettingsError(f"the database URL must start with mysql://, but its scheme is {parts.scheme!r}")
    if not database or not parts.username:
        raise SettingsError(
            "the database URL must name a user and a database: mysql://user:password@host:port/database"
        )
    options = dict(parse_qsl(parts.query))
    unknown = set(options) - {"unix_socket"}
    if unknown:
        raise SettingsError(f"unknown option in the database URL: {', '.join(sorted(unknown))}; allowed: unix_socket")
    return Address(
        host=parts.hostname or "localhost",
        port=port,
        user=unquote(parts.username),
        database=database,
        password=unquote(parts.password or ""),
        unix_socket=options.get("unix_socket"),
    )


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def text(self, name: str, default: str) -> str:
        return self.environment.get(PREFIX + name, "") or default

    def parsed(self, name: str, default: T, parse: Callable[[str], T | None], allowed: str) -> T:
        text = self.text(name, "")
        if not text:
            return default
        parsed = parse(text)
        if parsed is None:
            raise SettingsError(f"{PREFIX}{name} is {text!r}; allowed: {allowed}")
        return parsed

    def integer(self, name: str, default: int, minimum: int, maximum: int) -> int:
        def parse(text: str) -> int | None:
            return int(text) if text.isascii() and text.isdigit() and minimum <= int(text) <= maximum else None

        return self.parsed(name, default, parse, f"a whole number from {minimum} to {maximum}")

    def boolean(self, name: str, default: bool) -> bool:
        return self.parsed(name, default, {"true": True, "false": False}.get, "true, false")

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        return self.parsed(name, default, lambda text: text if text in choices else None, ", ".join(choices))

    def names(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name, "").split(",") if part.strip()) or default

    def login(self) -> str:
        def parse(text: str) -> str | None:
            try:
                parts = urlsplit(text)
                options = dict(parse_qsl(parts.query, strict_parsing=True))
            except ValueError:
                return None
            is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "127.0.0.1")
            is_origin = _HOST.fullmatch(parts.netloc) is not None and parts.path in ("", "/")
            return text if is_safe and is_origin and options.keys() == {"client_id"} and options["client_id"] else None

        return self.parsed("BROWSE_LOGIN", "", parse, "https://HOST?client_id=ID")

    def writer(self) -> Address:
        url = self.text("DATABASE_URL", "")
        if url:
            return address_from_url(url)
        missing = [
            PREFIX + name for name in ("DATABASE_HOST", "DATABASE_USER", "DATABASE_NAME") if not self.text(name, "")
        ]
        if missing:
            raise SettingsError(f"{', '.join(missing)} must be set (or {PREFIX}DATABASE_URL, to run locally)")
        return self.address(self.text("DATABASE_HOST", ""))

    def reader(self) -> Address | None:
        host = self.text("DATABASE_READ_HOST", "")
        return self.address(host) if host else None

    def address(self, host: str) -> Address:
        return Address(
            host=host,
            port=self.integer("DATABASE_PORT", 3306, 1, 65_535),
            user=self.text("DATABASE_USER", ""),
            database=self.text("DATABASE_NAME", ""),
        )
