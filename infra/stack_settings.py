"""Pulumi's own view of the configuration, passed to `infra.load` as strings."""

from __future__ import annotations

import pulumi
from pulumi.runtime import config as written_config

from infra.config import ConfigurationError, StackConfig
from infra.load import NAMESPACE, load


def stack_config() -> StackConfig:
    """The configuration of the stack that is being deployed.

    Raises: `ConfigurationError`.
    """
    project, stack = pulumi.get_project(), pulumi.get_stack()
    written = {**written_config.get_config_env(), **written_config.CONFIG.get()}
    # `pulumi config set auth jwt` writes under the project's name, where this program does not look for it.
    lost = sorted(key for key in written if key.startswith(f"{project}:") and project != NAMESPACE)
    if lost:
        raise ConfigurationError(
            f"{', '.join(lost)}: the keys of this stack begin with {NAMESPACE}: whatever the project is called; "
            f"use pulumi config set {NAMESPACE}:{lost[0].partition(':')[2]} instead"
        )
    values = {key.partition(":")[2]: str(text) for key, text in written.items() if key.startswith(f"{NAMESPACE}:")}
    return load(values, project=project, stack=stack, region=pulumi.Config("aws").get("region") or "")
