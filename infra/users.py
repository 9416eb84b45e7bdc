"""The database's users of a stack: their names, and in which secret slot each password lives. Pure.

A rotation never touches the password in use. `credentialVersion` alternates between two users; each has its own secret,
and the proxy knows both. Version n+1 gives the idle user a new password; then the function moves over to it.
(Secrets Manager's own alternating rotation breaks behind a proxy, whose clients ask for a fixed user:
https://github.com/aws/aws-cdk/issues/25568)
"""

from __future__ import annotations

from dataclasses import dataclass

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


def read_only_credential(user: str, version: int) -> Credential:
    """The read-only user: one slot, for people and reports, who connect again with the new password."""
    return Credential("read-only", user, version)


def _slot(user: str, version: int) -> Credential:
    return (
        Credential("application", user, version)
        if version % 2
        else Credential("application-b", user + SLOT_SUFFIX, version)
    )
