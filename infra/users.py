"""The database users of a stack: their names, how they sign in, and in which secret each password is. Pure.

A change never touches the login in use. `credentialVersion` alternates between two users; the new one is made, the
function moves over to it, and the former stays as it was until the next change. That holds for a new password, for
another `databaseAuthentication` and for another `applicationUser`. What the last `pulumi up` left is in the stack's
output `databaseUsers`. A role has one account, the one that migrations grant to; it accepts both its new and its former
password (`migrator.users`).
(Secrets Manager's own alternating rotation breaks behind a proxy, whose clients ask for a fixed user:
https://github.com/aws/aws-cdk/issues/25568)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from infra.config import ConfigurationError, UserOptions

SLOT_SUFFIX = "_b"


@dataclass(frozen=True, slots=True)
class Login:
    """A user and how the proxy signs in as it: `iam`, or `secret` with the password of one version."""

    user: str
    authentication: str
    version: int

    @property
    def slot(self) -> str:
        """The name of its secret in the program."""
        return "application" if self.version % 2 else "application-b"


@dataclass(frozen=True, slots=True)
class Credential:
    """One user with a password, which gets a new one whenever `version` changes. `key` names its secret.

    `keeps_former`: the account also accepts its former password, until the next change. So the migrator changes the
    account first, and then the secret is written.
    """

    key: str
    user: str
    version: int
    keeps_former: bool = False


@dataclass(frozen=True, slots=True)
class DatabaseUsers:
    """The users that exist after this `pulumi up`. `former` may still be in use while the function moves over.

    `roles` are the accounts that requests act as. `retired` are dropped: the names of users that an earlier
    configuration had. A role that is no longer configured is left alone, because its grants could not be restored.
    """

    current: Login
    former: Login | None
    read_only: str
    retired: tuple[str, ...]
    roles: tuple[str, ...] = ()

    @property
    def application(self) -> tuple[Login, ...]:
        """Whom the function may connect as, the login in use first."""
        return (self.current,) if self.former is None else (self.current, self.former)

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """Every user with a password. The read-only one is for people, who connect again with the new password."""
        found = [Credential(one.slot, one.user, one.version) for one in self.application if _has_password(one)]
        if _has_password(self.current):
            found.append(Credential("read-only", self.read_only, self.current.version))
            version = self.current.version
            found += [Credential(f"role-{role}", role, version, keeps_former=True) for role in self.roles]
        return tuple(found)

    @property
    def end_to_end(self) -> tuple[str, ...]:
        """The users that the proxy signs in as by IAM."""
        found = [one.user for one in self.application if not _has_password(one)]
        return tuple(found if _has_password(self.current) else [*found, self.read_only, *self.roles])

    def output(self) -> dict[str, object]:
        """What the next `pulumi up` reads."""
        return {
            "current": asdict(self.current),
            "former": asdict(self.former) if self.former else {},
            "readOnly": self.read_only,
            "retired": list(self.retired),
        }


def database_users(options: UserOptions, left: Mapping[str, Any], roles: tuple[str, ...] = ()) -> DatabaseUsers:
    """The users of this configuration, with its roles. `left`: `DatabaseUsers.output` of the last `pulumi up`, empty
    before the first.

    >>> options = UserOptions("admin", "app", "reader", "secret", 1, 30)
    >>> first = database_users(options, {})
    >>> first.current.user, first.former
    ('app', None)
    >>> second = database_users(replace(options, credential_version=2), first.output())
    >>> second.current.user, second.former.user
    ('app_b', 'app')

    Raises: `ConfigurationError` for a change that would touch the login in use.
    """
    version = options.credential_version
    user = options.application if version % 2 else options.application + SLOT_SUFFIX
    current = Login(user, options.authentication, version)
    if not left:
        return DatabaseUsers(current, None, options.read_only, (), roles)
    last, before = _login(left["current"]), _login(left["former"]) if left["former"] else None
    if current != last:
        _check_change(current, last)
    users = DatabaseUsers(current, before if current == last else last, options.read_only, (), roles)
    known = {left["readOnly"], *left["retired"], last.user, *({before.user} if before else ())}
    kept = {*roles, users.read_only, *(one.user for one in users.application)}
    return replace(users, retired=tuple(sorted(known - kept)))


def _check_change(current: Login, last: Login) -> None:
    """The next login must be in the other slot."""
    if abs(current.version - last.version) != 1:
        what = "databaseAuthentication or applicationUser" if current.version == last.version else "credentialVersion"
        raise ConfigurationError(
            f"aurorest:{what} changes the login that the API uses; allowed: together with credentialVersion "
            f"{last.version + 1}, so that the API moves to the other user without an interruption"
        )


def _login(found: Mapping[str, Any]) -> Login:
    return Login(found["user"], found["authentication"], int(found["version"]))


def _has_password(login: Login) -> bool:
    return login.authentication == "secret"
