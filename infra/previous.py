"""What the last successful `pulumi up` of this stack exported, and which settings can no longer change because of it.

The engine reads a stack's own outputs before any resource is registered, so a refusal comes first, in the preview:
https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/builtins.go (`readStackOutputs`)
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pulumi

from infra.config import ConfigurationError, StackConfig

Previous = Mapping[str, Any]
"""Outputs by name; empty before the first successful `pulumi up`."""


def previous_outputs(config: StackConfig) -> Previous:
    """The outputs of this stack as the last successful `pulumi up` left them."""
    name = f"{pulumi.get_organization()}/{config.project}/{config.stack}"
    for attempt in range(_ATTEMPTS):
        try:
            found: Previous = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": name}).value["outputs"]
        except Exception:
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return found
    raise AssertionError("unreachable")


_ATTEMPTS = 5
_PAUSE_SECONDS = 0.2
"""A file backend writes its checkpoint while the program runs, and not atomically: a read in between finds half a file.
"""


def check_unchangeable(config: StackConfig, previous: Previous) -> None:
    """Refuse settings that a living stack cannot change.

    Raises: `ConfigurationError` with the reason and what to do instead.
    """
    problems = refusals(config, previous)
    if problems:
        raise ConfigurationError(*problems)


def refusals(config: StackConfig, previous: Previous) -> tuple[str, ...]:
    """One sentence for each setting that contradicts what the stack already has.

    A cluster, its backups and its snapshots keep the key they were encrypted with:
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html
    The provider leaves a secret on its key when the setting is removed:
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/secretsmanager/secret.go
    """
    key_arn = previous.get("encryptionKeyArn", "")
    owns_cluster = config.attachment is None and bool(previous.get("clusterIdentifier"))
    problems = []
    if key_arn and not config.customer_managed_keys:
        problems.append(
            f"aurorest:customerManagedKeys is false, but this stack's data is encrypted with {key_arn} and stays so; "
            "allowed: true. To stop using the key, restore into a new stack"
        )
    if owns_cluster and not key_arn and config.customer_managed_keys:
        problems.append(
            "aurorest:customerManagedKeys is true, but this stack's cluster was created with AWS's key and keeps it; "
            "allowed: false. To use a key of your own, restore into a new stack"
        )
    if owns_cluster and previous.get("adminUser") != config.users.admin:
        problems.append(
            f"aurorest:adminUser is {config.users.admin}, but this stack's cluster was created with "
            f"{previous.get('adminUser')} and keeps it; allowed: {previous.get('adminUser')}"
        )
    return tuple(problems)
