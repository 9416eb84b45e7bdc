"""Restores: one `pulumi up` ends in a working stack, or is refused before anything exists."""

from __future__ import annotations

from typing import Any

import pytest

from infra.config import ConfigurationError
from tests.infra.aws import CLUSTERS, REGION, SNAPSHOTS
from tests.infra.graph import record
from tests.infra.reading import CLUSTER, Recorded

SNAPSHOT, SOURCE = "aurorest-dev-0a1b2c-final", "aurorest-old"
FROM_SNAPSHOT = {"aws:region": REGION, "aurorest:restoreSnapshot": SNAPSHOT}
FROM_CLUSTER = {
    "aws:region": REGION,
    "aurorest:restoreCluster": SOURCE,
    "aurorest:engineVersion": "8.0.mysql_aurora.3.10.4",
}
NEVER_SENT = {
    "autoMinorVersionUpgrade",
    "databaseInsightsMode",
    "enableHttpEndpoint",
    "performanceInsightsEnabled",
    "performanceInsightsRetentionPeriod",
}


def test_a_cluster_is_restored_from_a_moment_and_keeps_it_when_the_keys_are_removed(recorded: Recorded) -> None:
    cluster = recorded("restored with everything watched").one(CLUSTER)
    assert cluster.inputs["restoreToPointInTime"] == {
        "sourceClusterIdentifier": SOURCE,
        "restoreToTime": "2026-11-01T03:00:00Z",
    }
    assert {"restoreToPointInTime", "snapshotIdentifier", "masterUsername"} <= set(cluster.ignore_changes)
    from_snapshot = recorded("restored from a snapshot, upgraded by RDS").one(CLUSTER)
    assert from_snapshot.inputs["snapshotIdentifier"] == SNAPSHOT


def test_settings_that_restoring_leaves_out_are_ignored_until_the_keys_are_removed() -> None:
    # RestoreDBClusterFromSnapshot and RestoreDBClusterToPointInTime as the provider calls them:
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/cluster.go
    snapshot = record(FROM_SNAPSHOT).one(CLUSTER).ignore_changes
    moment = record(FROM_CLUSTER).one(CLUSTER).ignore_changes
    usual = record({"aws:region": REGION}).one(CLUSTER).ignore_changes
    assert set(snapshot) - set(usual) == NEVER_SENT | {"iamDatabaseAuthenticationEnabled"}
    assert set(moment) - set(usual) == NEVER_SENT
    # Encryption replaces the cluster, and the lifecycle cannot be modified at all.
    assert {"storageEncrypted", "engineLifecycleSupport"} <= set(usual)


@pytest.mark.parametrize(
    "config, source, told",
    [
        (FROM_SNAPSHOT, {"engine": "aurora-postgresql"}, "allowed: aurora-mysql"),
        (FROM_SNAPSHOT, {"engineVersion": "8.0.mysql_aurora.3.10.4"}, "or a newer one of aurora-mysql8.0"),
        (FROM_SNAPSHOT, {"engineVersion": "8.4.mysql_aurora.8.4.10"}, "allowed: 8.4.mysql_aurora.8.4.10"),
        (FROM_SNAPSHOT, {"storageEncrypted": False}, "with customerManagedKeys true"),
        (FROM_SNAPSHOT | {"aurorest:databaseAuthentication": "iam"}, {}, "remove restoreSnapshot and run pulumi up"),
        (FROM_CLUSTER, {"engine": "aurora-postgresql"}, "allowed: aurora-mysql"),
        (FROM_CLUSTER, {"engineVersion": "8.0.mysql_aurora.3.8.0"}, "allowed: 8.0.mysql_aurora.3.8.0"),
        (FROM_CLUSTER, {"masterUsername": "root_of_old"}, "allowed: root_of_old"),
        (FROM_CLUSTER, {"storageEncrypted": False}, "take a snapshot"),
    ],
)
def test_a_source_that_does_not_fit_is_refused_with_the_steps(
    config: dict[str, str], source: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = SNAPSHOTS if "aurorest:restoreSnapshot" in config else CLUSTERS
    name = SNAPSHOT if known is SNAPSHOTS else SOURCE
    monkeypatch.setitem(known, name, known[name] | source)
    with pytest.raises(ConfigurationError, match=told):
        record(config)


def test_an_unencrypted_snapshot_is_encrypted_with_the_stacks_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SNAPSHOTS, SNAPSHOT, SNAPSHOTS[SNAPSHOT] | {"storageEncrypted": False})
    graph = record(FROM_SNAPSHOT | {"aurorest:customerManagedKeys": "true"})
    assert graph.one(CLUSTER).inputs["kmsKeyId"] == graph.one("aws:kms/key:Key").outputs["arn"]


def test_a_source_is_not_asked_for_once_the_cluster_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    first = record(FROM_SNAPSHOT)
    monkeypatch.delitem(SNAPSHOTS, SNAPSHOT)
    assert record(FROM_SNAPSHOT, previous=dict(first.outputs)) == first
