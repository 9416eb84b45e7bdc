"""The Aurora MySQL cluster: Serverless v2, encrypted, reachable over TLS only, its master password kept by RDS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import parameters, policies
from infra import restore as restoring
from infra.cluster import Cluster, Place
from infra.config import StackConfig
from infra.logs import log_group

_INSIGHTS_DAYS = {"standard": 7, "advanced": 465}
# `aurora` is sent although it is the default: an absent value would leave I/O-optimized storage as it is. RDS reports
# it as empty, which the provider takes for no difference:
# https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/cluster.go (`CustomizeDiff`)
_STORAGE_TYPES = {"standard": "aurora", "io-optimized": "aurora-iopt1"}

_DECIDED_ONCE = (
    # A change of these would replace the cluster by an empty one, or is refused by RDS. An adopted one keeps its name.
    "clusterIdentifier",
    "databaseName",
    "dbSubnetGroupName",
    "engineLifecycleSupport",
    "kmsKeyId",
    "masterUserSecretKmsKeyId",
    "masterUsername",
    "performanceInsightsKmsKeyId",
    "restoreToPointInTime",
    "snapshotIdentifier",
    "storageEncrypted",
)


@dataclass(frozen=True, slots=True)
class DatabaseArgs:
    """`prefix` is the cluster's identifier: its log groups, named after it, are made before it."""

    config: StackConfig
    prefix: pulumi.Output[str]
    place: Place
    security_group_id: pulumi.Input[str]
    key_arn: pulumi.Input[str] | None


def _admin_secret(secrets: Sequence[aws.rds.outputs.ClusterMasterUserSecret]) -> str:
    arn = secrets[0].secret_arn if secrets else None
    if not arn:
        raise pulumi.RunError(
            "the cluster has no admin secret yet, which RDS creates together with the cluster; run pulumi up --refresh"
        )
    return arn


class Database(pulumi.ComponentResource):
    """The cluster and its instances.

    `cluster`: what the rest of the stack needs of it; RDS manages and rotates its admin secret.
    """

    cluster: Cluster

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Database", name, None, opts)
        self._name = name
        self._args = args
        self._config = config = args.config
        cluster = self._cluster()
        instances = self._instances(cluster)
        if config.database.autoscaled:
            self._autoscaling(cluster, instances)
        self.cluster = Cluster(
            identifier=cluster.cluster_identifier,
            arn=cluster.arn,
            resource_id=cluster.cluster_resource_id,
            endpoint=cluster.endpoint,
            admin_user=config.users.admin,
            admin_secret_arn=cluster.master_user_secrets.apply(_admin_secret),
            admin_secret_key_arn=args.key_arn or "",
            instances=instances,
        )
        self.register_outputs(
            {
                "identifier": self.cluster.identifier,
                "resourceId": self.cluster.resource_id,
                "endpoint": self.cluster.endpoint,
                "adminSecretArn": self.cluster.admin_secret_arn,
            }
        )

    def _cluster(self) -> aws.rds.Cluster:
        name, args, config, options = self._name, self._args, self._config, self._config.database
        child = pulumi.ResourceOptions(parent=self)
        groups = [
            log_group(
                f"{name}-{export}",
                pulumi.Output.concat("/aws/rds/cluster/", args.prefix, "/", export),
                retention_days=config.monitoring.log_retention_days,
                key_arn=args.key_arn,
                parent=self,
            )
            for export in options.log_exports
        ]
        subnets = aws.rds.SubnetGroup(
            f"{name}-subnets",
            name=args.prefix,
            subnet_ids=list(args.place.subnet_ids),
            description="The subnets of the cluster",
            opts=child,
        )
        group = aws.rds.ClusterParameterGroup(
            f"{name}-parameters",
            # A prefix: another family replaces the group while the cluster still uses it.
            name_prefix=pulumi.Output.concat(args.prefix, "-"),
            family=parameters.family(options.engine_version),
            description="TLS, UTC and strict SQL",
            parameters=[
                aws.rds.ClusterParameterGroupParameterArgs(
                    name=one.name, value=one.value, apply_method=one.apply_method
                )
                for one in parameters.cluster_parameters(options.log_exports, options.slow_query_seconds)
            ],
            opts=child,
        )
        restore = options.restore
        return aws.rds.Cluster(
            f"{name}-cluster",
            cluster_identifier=args.prefix,
            engine=aws.rds.EngineType.AURORA_MYSQL,
            engine_mode=aws.rds.EngineMode.PROVISIONED,
            engine_version=options.engine_version,
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            allow_major_version_upgrade=False,
            # The instances have this setting too; the default of both is true.
            auto_minor_version_upgrade=options.auto_minor_version_upgrade,
            database_name=options.name,
            master_username=config.users.admin,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.key_arn,
            iam_database_authentication_enabled=True,
            storage_encrypted=True,
            storage_type=_STORAGE_TYPES[options.storage],
            kms_key_id=args.key_arn,
            serverlessv2_scaling_configuration=aws.rds.ClusterServerlessv2ScalingConfigurationArgs(
                min_capacity=options.minimum_capacity, max_capacity=options.maximum_capacity
            )
            if options.serverless
            else None,
            enable_http_endpoint=options.data_api,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[args.security_group_id],
            db_cluster_parameter_group_name=group.name,
            enabled_cloudwatch_logs_exports=list(options.log_exports),
            backup_retention_period=options.backup_retention_days,
            preferred_backup_window=options.backup_window,
            preferred_maintenance_window=options.maintenance_window,
            copy_tags_to_snapshot=True,
            database_insights_mode=options.insights,
            performance_insights_enabled=True,
            performance_insights_retention_period=_INSIGHTS_DAYS[options.insights],
            performance_insights_kms_key_id=args.key_arn,
            deletion_protection=options.deletion_protection,
            skip_final_snapshot=not options.final_snapshot,
            final_snapshot_identifier=pulumi.Output.concat(args.prefix, "-final") if options.final_snapshot else None,
            snapshot_identifier=restore.snapshot or None,
            restore_to_point_in_time=aws.rds.ClusterRestoreToPointInTimeArgs(
                source_cluster_identifier=restore.cluster,
                restore_to_time=restore.time or None,
                use_latest_restorable_time=None if restore.time else True,
            )
            if restore.cluster
            else None,
            apply_immediately=True,
            # Never availability_zones: RDS fills them up to three, and the difference would replace the cluster.
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=config.protect,
                depends_on=groups,
                ignore_changes=[*_DECIDED_ONCE, *self._moving_version(), *restoring.not_sent(config)],
            ),
        )

    def _moving_version(self) -> list[str]:
        return ["engineVersion"] if self._config.database.auto_minor_version_upgrade else []

    def _instances(self, cluster: aws.rds.Cluster) -> Sequence[aws.rds.ClusterInstance]:
        name, args, config, options = self._name, self._args, self._config, self._config.database
        monitoring, policies_first = self._monitoring_role()
        writer: list[pulumi.Resource] = []
        instances = []
        for number in range(1 + options.readers):
            instance = aws.rds.ClusterInstance(
                f"{name}-instance-{number}",
                identifier=pulumi.Output.concat(args.prefix, "-", str(number)),
                cluster_identifier=cluster.id,
                engine=aws.rds.EngineType.AURORA_MYSQL,
                engine_version=options.engine_version,
                instance_class=options.instance_class,
                # Tiers 0 and 1 keep the writer's capacity, so the first reader is ready to take over.
                promotion_tier=number,
                publicly_accessible=False,
                auto_minor_version_upgrade=options.auto_minor_version_upgrade,
                performance_insights_enabled=True,
                performance_insights_retention_period=_INSIGHTS_DAYS[options.insights],
                performance_insights_kms_key_id=args.key_arn,
                monitoring_interval=options.enhanced_monitoring_seconds,
                monitoring_role_arn=monitoring,
                apply_immediately=True,
                # The first instance becomes the writer, so the others wait for it.
                opts=pulumi.ResourceOptions(
                    parent=self,
                    protect=config.protect and number == 0,
                    depends_on=[*writer, *policies_first],
                    ignore_changes=["identifier", "performanceInsightsKmsKeyId", *self._moving_version()],
                ),
            )
            writer = writer or [instance]
            instances.append(instance)
        return tuple(instances)

    def _monitoring_role(self) -> tuple[pulumi.Output[str] | None, Sequence[pulumi.Resource]]:
        if not self._config.database.enhanced_monitoring_seconds:
            return None, ()
        child = pulumi.ResourceOptions(parent=self)
        partition = aws.get_partition_output(opts=pulumi.InvokeOutputOptions(parent=self)).partition
        role = aws.iam.Role(
            f"{self._name}-metrics",
            name=pulumi.Output.concat(self._args.prefix, "-metrics"),
            assume_role_policy=policies.assume_by("monitoring.rds.amazonaws.com"),
            opts=child,
        )
        attached = aws.iam.RolePolicyAttachment(
            f"{self._name}-metrics",
            role=role.name,
            # The enumeration of the SDK has this ARN for one partition only.
            policy_arn=partition.apply(
                lambda found: f"arn:{found}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
            ),
            opts=child,
        )
        return role.arn, (attached,)

    def _autoscaling(self, cluster: aws.rds.Cluster, instances: Sequence[pulumi.Resource]) -> None:
        options = self._config.database
        target = aws.appautoscaling.Target(
            f"{self._name}-readers",
            service_namespace="rds",
            scalable_dimension="rds:cluster:ReadReplicaCount",
            resource_id=pulumi.Output.concat("cluster:", cluster.cluster_identifier),
            min_capacity=options.readers,
            max_capacity=options.readers_maximum,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(instances)),
        )
        aws.appautoscaling.Policy(
            f"{self._name}-readers",
            name=pulumi.Output.concat(self._args.prefix, "-readers"),
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                    predefined_metric_type="RDSReaderAverageCPUUtilization"
                ),
                target_value=float(options.reader_target_cpu_percent),
                scale_in_cooldown=300,
                scale_out_cooldown=120,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
