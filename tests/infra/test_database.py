"""The cluster: encryption, parameters, backups, readers, restores."""

from __future__ import annotations

import pytest
from pulumi import RunError

from infra.database import _admin_secret
from infra.parameters import cluster_parameters
from tests.infra.graph import Graph
from tests.infra.reading import CLUSTER, GROUP, INSTANCE, SECRET, Recorded


def test_the_cluster_is_encrypted_backed_up_and_signs_in_by_iam(prod: Graph) -> None:
    inputs = prod.one(CLUSTER).inputs
    assert inputs["engine"] == "aurora-mysql"
    assert inputs["engineVersion"] == "8.4.mysql_aurora.8.4.7"
    assert inputs["storageEncrypted"] is True
    assert inputs["iamDatabaseAuthenticationEnabled"] is True
    assert inputs["manageMasterUserPassword"] is True
    assert inputs["backupRetentionPeriod"] == 35
    assert inputs["copyTagsToSnapshot"] is True
    assert inputs["serverlessv2ScalingConfiguration"] == {"minCapacity": 1, "maxCapacity": 16}
    assert inputs["engineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    assert "availabilityZones" not in inputs


def test_the_parameter_group_requires_tls_utc_and_strict_sql(dev: Graph) -> None:
    group = dev.one("aws:rds/clusterParameterGroup:ClusterParameterGroup").inputs
    parameters = {one["name"]: one["value"] for one in group["parameters"]}
    assert group["family"] == "aurora-mysql8.4"
    assert parameters["require_secure_transport"] == "ON"
    assert parameters["time_zone"] == "UTC"
    assert parameters["sql_mode"].split(",")[0] == "STRICT_ALL_TABLES"
    assert parameters["character_set_server"] == "utf8mb4"
    assert parameters["server_audit_logging"] == parameters["slow_query_log"] == "1"


def test_parameters_are_sent_with_the_method_that_rds_reports() -> None:
    # A parameter whose value is the family's default is reported as pending-reboot, whatever was sent, and the
    # provider's hash of a parameter contains the method:
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/parameter_group.go (parameterHash)
    exports = ("audit", "general", "slowquery")
    for seconds, methods in ((1, "immediate"), (10, "pending-reboot")):
        sent = {one.name: one.apply_method for one in cluster_parameters(exports, seconds)}
        assert sent.pop("long_query_time") == methods
        assert sent == {
            **dict.fromkeys(
                ("character_set_server", "group_concat_max_len", "require_secure_transport", "sql_mode", "time_zone"),
                "pending-reboot",
            ),
            **dict.fromkeys(
                ("general_log", "server_audit_events", "server_audit_logging", "slow_query_log"), "immediate"
            ),
        }


def test_the_family_follows_from_the_version(recorded: Recorded) -> None:
    graph = recorded("restored with everything watched")
    assert graph.one("aws:rds/clusterParameterGroup:ClusterParameterGroup").inputs["family"] == "aurora-mysql8.0"


def test_dev_leaves_nothing_behind_and_prod_cannot_be_lost(dev: Graph, prod: Graph) -> None:
    assert dev.one(CLUSTER).inputs["skipFinalSnapshot"] is True
    assert dev.one(CLUSTER).inputs["deletionProtection"] is False
    assert not any(one.protect for one in dev)
    assert prod.one(CLUSTER).inputs["finalSnapshotIdentifier"] == "aurorest-prod-0a1b2c-final"
    assert prod.one(CLUSTER).inputs["deletionProtection"] is True
    assert [one.protect for one in prod.of(INSTANCE)] == [True, False]
    assert {one.type for one in prod if one.protect} == {
        CLUSTER,
        INSTANCE,
        SECRET,
        "aws:ec2/vpc:Vpc",
        "aws:ec2/subnet:Subnet",
        "aws:kms/key:Key",
    }


def test_database_logs_go_to_groups_made_before_the_cluster(dev: Graph) -> None:
    names = {"audit", "error", "slowquery"}
    assert set(dev.one(CLUSTER).inputs["enabledCloudwatchLogsExports"]) == names
    groups = [dev.one(GROUP, f"database-{name}") for name in names]
    assert {one.inputs["name"] for one in groups} == {f"/aws/rds/cluster/aurorest-dev-0a1b2c/{name}" for name in names}
    assert {one.urn for one in groups} <= dev.after(dev.one(CLUSTER))


def test_readers_follow_the_writer_and_the_first_of_them_is_ready_to_take_over(recorded: Recorded) -> None:
    graph = recorded("end to end IAM with readers")
    instances = graph.of(INSTANCE)
    assert [one.inputs["promotionTier"] for one in instances] == [0, 1, 2]
    assert {one.inputs["instanceClass"] for one in instances} == {"db.serverless"}
    assert all(instances[0].urn in graph.after(reader) for reader in instances[1:])


def test_readers_are_added_under_load_up_to_the_maximum(recorded: Recorded) -> None:
    graph = recorded("end to end IAM with readers")
    target = graph.one("aws:appautoscaling/target:Target").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 5)
    assert target["resourceId"] == "cluster:aurorest-dev-0a1b2c"
    tracking = graph.one("aws:appautoscaling/policy:Policy").inputs["targetTrackingScalingPolicyConfiguration"]
    assert tracking["targetValue"] == 60
    assert tracking["predefinedMetricSpecification"] == {"predefinedMetricType": "RDSReaderAverageCPUUtilization"}


def test_no_later_setting_replaces_the_cluster_by_an_empty_one(graph: Graph) -> None:
    for cluster in graph.of(CLUSTER):
        assert {"databaseName", "kmsKeyId", "masterUsername", "masterUserSecretKmsKeyId"} <= set(cluster.ignore_changes)
        # Of an adopted cluster these differ, and each of them forces a replacement:
        # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/cluster.go
        assert {"clusterIdentifier", "dbSubnetGroupName", "storageEncrypted"} <= set(cluster.ignore_changes)
    for instance in graph.of(INSTANCE):
        assert "identifier" in instance.ignore_changes


def test_versions_installed_by_rds_change_nothing(dev: Graph, recorded: Recorded) -> None:
    upgraded = recorded("restored from a snapshot, upgraded by RDS")
    assert all("engineVersion" in one.ignore_changes for one in (upgraded.one(CLUSTER), *upgraded.of(INSTANCE)))
    assert all("engineVersion" not in one.ignore_changes for one in (dev.one(CLUSTER), *dev.of(INSTANCE)))


def test_minor_versions_are_upgraded_only_if_configured(dev: Graph, recorded: Recorded) -> None:
    # The cluster has the setting as well, and both default to true:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html
    for graph, wanted in ((dev, False), (recorded("restored from a snapshot, upgraded by RDS"), True)):
        for one in (graph.one(CLUSTER), *graph.of(INSTANCE)):
            assert one.inputs["autoMinorVersionUpgrade"] is wanted


def test_a_cluster_without_its_admin_secret_is_a_clear_error() -> None:
    with pytest.raises(RunError, match="pulumi up --refresh"):
        _admin_secret([])


def test_instances_are_called_after_the_cluster(recorded: Recorded) -> None:
    # Without an identifier the provider calls them tf-...:
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/cluster_instance.go
    graph = recorded("end to end IAM with readers")
    names = [f"{graph.outputs['namePrefix']}-{number}" for number in range(3)]
    assert [one.inputs["identifier"] for one in graph.of(INSTANCE)] == names


def test_options_of_the_database_reach_it(recorded: Recorded) -> None:
    graph = recorded("restored with everything watched")
    assert graph.one(CLUSTER).inputs["storageType"] == "aurora-iopt1"
    # An absent storage_type would leave I/O-optimized storage as it is; the provider treats aurora and "" as equal:
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/cluster.go (CustomizeDiff)
    assert recorded("dev").one(CLUSTER).inputs["storageType"] == "aurora"
    assert graph.one(CLUSTER).inputs["databaseInsightsMode"] == "advanced"
    assert graph.one(CLUSTER).inputs["performanceInsightsRetentionPeriod"] == 465
    assert graph.one(INSTANCE).inputs["monitoringInterval"] == 15
    assert graph.one(INSTANCE).inputs["monitoringRoleArn"].endswith("role/aurorest-dev-0a1b2c-metrics")
