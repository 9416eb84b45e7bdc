"""A cluster made from a snapshot or from another cluster's backups: what fits is checked before anything is created.

Restoring takes fewer settings than creating, and the provider sends the rest only with a later change:
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/cluster.go (`resourceClusterCreate`)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pulumi_aws as aws

from infra.config import ConfigurationError, StackConfig
from infra.parameters import family
from infra.previous import Previous

_NEVER_SENT = (
    "autoMinorVersionUpgrade",
    "databaseInsightsMode",
    "enableHttpEndpoint",
    "performanceInsightsEnabled",
    "performanceInsightsRetentionPeriod",
)


@dataclass(frozen=True, slots=True)
class Source:
    """What a cluster is restored from. `admin_user` is empty if AWS does not report it (for snapshots)."""

    engine: str
    engine_version: str
    encrypted: bool
    admin_user: str


def check_restore(config: StackConfig, previous: Previous) -> None:
    """Refuse a source that this configuration cannot be restored from; nothing is asked once the cluster exists.

    Raises: `ConfigurationError` with what is allowed and the steps to take.
    """
    restore = config.database.restore
    if previous.get("clusterIdentifier") or not (restore.snapshot or restore.cluster):
        return
    problems = tuple(
        _snapshot_problems(config, _snapshot(restore.snapshot))
        if restore.snapshot
        else _cluster_problems(config, _cluster(restore.cluster))
    )
    if problems:
        raise ConfigurationError(*problems)


def not_sent(config: StackConfig) -> list[str]:
    """The cluster's settings that restoring leaves out; ignored until the restore keys are removed, so that a second
    `pulumi up` finds no difference."""
    restore = config.database.restore
    if restore.snapshot:
        return [*_NEVER_SENT, "iamDatabaseAuthenticationEnabled"]
    return [*_NEVER_SENT] if restore.cluster else []


def _snapshot(identifier: str) -> Source:
    found = aws.rds.get_cluster_snapshot(db_cluster_snapshot_identifier=identifier, include_shared=True)
    return Source(found.engine, found.engine_version, found.storage_encrypted, "")


def _cluster(identifier: str) -> Source:
    found = aws.rds.get_cluster(cluster_identifier=identifier)
    return Source(found.engine, found.engine_version, found.storage_encrypted, found.master_username)


def _snapshot_problems(config: StackConfig, source: Source) -> Iterator[str]:
    snapshot, version = config.database.restore.snapshot, config.database.engine_version
    yield from _engine_problems("restoreSnapshot", snapshot, source)
    if source.engine == "aurora-mysql" and (
        family(source.engine_version) != family(version) or _numbers(source.engine_version) > _numbers(version)
    ):
        yield (
            f"aurorest:engineVersion is {version}, and the snapshot {snapshot} has {source.engine_version}; "
            f"allowed: {source.engine_version}, or a newer one of {family(source.engine_version)}"
        )
    if not source.encrypted and not config.customer_managed_keys:
        yield (
            f"aurorest:restoreSnapshot {snapshot} is not encrypted, and neither would be the cluster; "
            "allowed: with customerManagedKeys true, which encrypts the new cluster, or an encrypted snapshot"
        )
    if config.users.authentication == "iam":
        yield (
            "aurorest:databaseAuthentication iam needs a setting of the cluster that restoring a snapshot leaves out; "
            "allowed: secret. Afterwards remove restoreSnapshot and run pulumi up, which switches it on, then set iam "
            "and add one to credentialVersion"
        )


def _cluster_problems(config: StackConfig, source: Source) -> Iterator[str]:
    cluster, version = config.database.restore.cluster, config.database.engine_version
    yield from _engine_problems("restoreCluster", cluster, source)
    if source.engine_version != version:
        yield (
            f"aurorest:engineVersion is {version}, but a restored cluster has the version of {cluster}; "
            f"allowed: {source.engine_version} (change it afterwards)"
        )
    if source.admin_user != config.users.admin:
        yield (
            f"aurorest:adminUser is {config.users.admin}, but a restored cluster keeps the one of {cluster}; "
            f"allowed: {source.admin_user}"
        )
    if not source.encrypted:
        yield (
            f"aurorest:restoreCluster {cluster} is not encrypted, and neither would be its copy; take a snapshot and "
            "use restoreSnapshot with customerManagedKeys true, which encrypts the new cluster"
        )


def _engine_problems(key: str, name: str, source: Source) -> Iterator[str]:
    if source.engine != "aurora-mysql":
        yield f"aurorest:{key} {name} has the engine {source.engine}; allowed: aurora-mysql"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"[0-9]+", version)))
