"""Check the invocation's input (described in `migrator.handler`) and turn it into a `Job`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from migrator.errors import MigratorError
from migrator.users import PRIVILEGES, Access, Authentication, Role, User, check_name

_KEYS = frozenset(
    {"database", "schemas", "authentication", "users", "roles", "retired_users", "migrate", "revision", "tf"}
)
_USER_KEYS = frozenset({"name", "access", "password"})
_ROLE_KEYS = frozenset({"name", "password", "password_version"})
_LONGEST_DATABASE = 64


@dataclass(frozen=True, slots=True)
class Job:
    """What one invocation does. `databases` begins with the one that is created and migrated."""

    databases: tuple[str, ...]
    authentication: Authentication
    users: tuple[User, ...]
    roles: tuple[Role, ...]
    retired_users: tuple[str, ...]
    migrate: bool


def is_deletion(event: object) -> bool:
    """Whether the stack is being destroyed, which an Invocation with lifecycle CRUD reports in `tf`."""
    lifecycle = event.get("tf") if isinstance(event, dict) else None
    return isinstance(lifecycle, dict) and lifecycle.get("action") == "delete"


def parse(event: object) -> Job:
    """Check the event.

    Raises: `MigratorError` (`event`) that names the key and what it allows. It never contains a password.
    """
    keys = _mapping(event, "the event", _KEYS)
    authentication = _authentication(keys.get("authentication"))
    users = tuple(
        _user(user, f"users[{position}]", authentication) for position, user in enumerate(_list(keys, "users"))
    )
    retired = tuple(_text(name, "retired_users") for name in _list(keys, "retired_users"))
    if not users:
        raise _refused("users", "must name at least one user")
    roles = tuple(
        _role(role, f"roles[{position}]", authentication) for position, role in enumerate(_list(keys, "roles"))
    )
    names = [user.name for user in users] + [role.name for role in roles] + list(retired)
    for name in retired:
        check_name(name)
    if len(set(names)) < len(names):
        raise _refused("users, roles, retired_users", "must not name an account twice")
    migrate = keys.get("migrate", True)
    if not isinstance(migrate, bool):
        raise _refused("migrate", "must be true or false")
    schemas = [_database(name, "schemas") for name in _list(keys, "schemas")]
    databases = dict.fromkeys([_database(keys.get("database"), "database"), *schemas])
    return Job(tuple(databases), authentication, users, roles, retired, migrate)


def _user(value: object, place: str, authentication: Authentication) -> User:
    keys = _mapping(value, place, _USER_KEYS)
    access = keys.get("access")
    if access not in PRIVILEGES:
        raise _refused(f"{place}.access", f"must be one of {', '.join(PRIVILEGES)}")
    granted: Access = "read-write" if access == "read-write" else "read-only"
    return User(_text(keys.get("name"), f"{place}.name"), granted, _password(keys, place, authentication))


def _role(value: object, place: str, authentication: Authentication) -> Role:
    keys = _mapping(value, place, _ROLE_KEYS)
    version = keys.get("password_version")
    if version is not None and (type(version) is not int or version < 1):
        raise _refused(f"{place}.password_version", "must be a whole number from 1")
    return Role(
        _text(keys.get("name"), f"{place}.name"),
        _password(keys, place, authentication),
        password_version=version if type(version) is int else None,
    )


def _password(keys: Mapping[str, object], place: str, authentication: Authentication) -> str | None:
    password = keys.get("password")
    if authentication == "iam" and password is not None:
        raise _refused(f"{place}.password", 'must be absent with authentication "iam"')
    if authentication == "secret" and (not isinstance(password, str) or not password):
        raise _refused(f"{place}.password", 'must be a string with authentication "secret"')
    return password if isinstance(password, str) else None


def _authentication(value: object) -> Authentication:
    match value:
        case "iam":
            return "iam"
        case "secret":
            return "secret"
        case _:
            raise _refused("authentication", 'must be "secret" or "iam"')


def _mapping(value: object, place: str, allowed: frozenset[str]) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _refused(place, "must be a JSON object")
    unknown = sorted(str(key) for key in value.keys() - allowed)
    if unknown:
        raise _refused(f"{place}: {', '.join(unknown)}", f"unknown; allowed: {', '.join(sorted(allowed))}")
    return value


def _list(keys: Mapping[str, object], key: str) -> list[object]:
    value = keys.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _refused(key, "must be a list")
    return list(value)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise _refused(place, "must be a non-empty string")
    return value


def _database(value: object, place: str) -> str:
    name = _text(value, place)
    if len(name) > _LONGEST_DATABASE or name.endswith(" ") or "\0" in name:
        raise _refused(place, f"must be the name of a MySQL database, at most {_LONGEST_DATABASE} characters")
    if name.lower() in {"mysql", "information_schema", "performance_schema", "sys"}:
        raise _refused(place, f"{name} is a system database")
    return name


def _refused(place: str, message: str) -> MigratorError:
    return MigratorError("event", f"{place} {message}")
