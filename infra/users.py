"""The database's users of a stack: their names, and in which secret slot each password lives. Pure.

A rotation never touches the password in use. `credentialVersion` alternates between two users; each has its own secret,
and the proxy knows both. Version n+1 gives the idle user a new password; then the function moves over to it.
(Secrets Manager's own alternating rotation breaks behind a proxy, whose clients ask for a fixed user:
https://github.com/aws/aws-cdk/issues/25568)
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.config import UserOptions

SLOT_SUFFIX = "_b"


@dataclass(frozen=True, slots=True)
class Credential:
    """One user with a password, which is made anew whenever `version` changes."""

    key: str
    user: str
    version: int


def application_credentials(user: str, version: int) -> tuple[Credential, ...]:
    """The application's users at this credential version, the one in use first.

    >>> [(credential.user, credential.version) for credential in application_credentials("app", 1)]
    [('app', 1)]
    >>> [(credential.user, credential.version) for credential in application_credentials("app", 4)]
    [('app_b', 4), ('app', 3)]
    """
    current = _slot(user, version)
    return (current,) if version == 1 else (current, _slot(user, version - 1))


def credentials(users: UserOptions) -> tuple[Credential, ...]:
    """Every user with a password, the application's in use first; none where all authenticate by IAM.

    The read-only user has one slot: it is for people and reports, who connect again with the new password.
    """
    if users.authentication == "iam":
        return ()
    version = users.credential_version
    return (*application_credentials(users.application, version), Credential("read-only", users.read_only, version))


def application_users(users: UserOptions) -> tuple[str, ...]:
    """Whom the function may connect as, the one in use first."""
    if users.authentication == "iam":
        return (users.application,)
    return tuple(found.user for found in application_credentials(users.application, users.credential_version))


def end_to_end_users(users: UserOptions) -> tuple[str, ...]:
    """Those that the proxy connects as by IAM, because they have no password."""
    return (users.application, users.read_only) if users.authentication == "iam" else ()


def _slot(user: str, version: int) -> Credential:
    return (
        Credential("application", user, version)
        if version % 2
        else Credential("application-b", user + SLOT_SUFFIX, version)
    )
