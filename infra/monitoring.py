"""The dashboard, the alarms and their recipients, and the budget."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import policies
from infra.alarms import Alarm, alarms
from infra.config import StackConfig
from infra.dashboard import dashboard_body
from infra.metrics import LOG_METRICS, Metric, Names


@dataclass(frozen=True, slots=True)
class MonitoringArgs:
    """What is watched, by its names."""

    config: StackConfig
    prefix: pulumi.Output[str]
    proxy_name: pulumi.Input[str]
    cluster_identifier: pulumi.Input[str]
    function_name: pulumi.Input[str]
    migrator_name: pulumi.Input[str]
    api_id: pulumi.Input[str]
    key_arn: pulumi.Input[str] | None


class Monitoring(pulumi.ComponentResource):
    """Dashboard and alarms. Output: `dashboard_url`, empty when there is none."""

    dashboard_url: pulumi.Output[str]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Monitoring", name, None, opts)
        self._name = name
        self._config = args.config
        self._prefix = args.prefix
        namespace = pulumi.Output.concat("Aurorest/", args.prefix)
        names = pulumi.Output.all(
            proxy=args.proxy_name,
            cluster=args.cluster_identifier,
            function=args.function_name,
            migrator=args.migrator_name,
            api=args.api_id,
            namespace=namespace,
        ).apply(lambda found: Names(**found))
        for counted in LOG_METRICS:
            aws.cloudwatch.LogMetricFilter(
                f"{name}-{counted.name.lower()}",
                log_group_name=pulumi.Output.concat("/aws/lambda/", args.function_name),
                pattern=counted.pattern,
                metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                    name=counted.name, namespace=namespace, value="1", default_value="0", unit="Count"
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
        if args.config.monitoring.alarms:
            topics = self._topic(args) if args.config.monitoring.alarm_email else ()
            for alarm in alarms(args.config):
                self._alarm(alarm, names, topics)
        if args.config.monitoring.budget_usd:
            self._budget(args)
        self.dashboard_url = pulumi.Output.from_input("")
        if args.config.monitoring.dashboard:
            self.dashboard_url = self._dashboard(names)
        self.register_outputs({"dashboardUrl": self.dashboard_url})

    def _topic(self, args: MonitoringArgs) -> Sequence[pulumi.Output[str]]:
        child = pulumi.ResourceOptions(parent=self)
        # Alarms cannot publish through AWS's own key for SNS, so without a key of the stack the topic has none.
        topic = aws.sns.Topic(
            f"{self._name}-alarms",
            name=pulumi.Output.concat(args.prefix, "-alarms"),
            kms_master_key_id=args.key_arn,
            opts=child,
        )
        aws.sns.TopicPolicy(
            f"{self._name}-alarms", arn=topic.arn, policy=topic.arn.apply(policies.publish_alarms), opts=child
        )
        aws.sns.TopicSubscription(
            f"{self._name}-alarms",
            topic=topic.arn,
            protocol="email",
            endpoint=args.config.monitoring.alarm_email,
            opts=child,
        )
        return (topic.arn,)

    def _budget(self, args: MonitoringArgs) -> None:
        options = args.config.monitoring
        aws.budgets.Budget(
            f"{self._name}-budget",
            name=args.prefix,
            budget_type="COST",
            limit_amount=str(options.budget_usd),
            limit_unit="USD",
            time_unit="MONTHLY",
            cost_filters=[
                aws.budgets.BudgetCostFilterArgs(
                    name="TagKeyValue", values=[pulumi.Output.concat("user:Stack$", args.prefix)]
                )
            ],
            notifications=[
                aws.budgets.BudgetNotificationArgs(
                    comparison_operator="GREATER_THAN",
                    threshold=float(percent),
                    threshold_type="PERCENTAGE",
                    notification_type=kind,
                    subscriber_email_addresses=[options.alarm_email],
                )
                for percent, kind in ((80, "ACTUAL"), (100, "FORECASTED"))
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _alarm(self, alarm: Alarm, names: pulumi.Output[Names], topics: Sequence[pulumi.Output[str]]) -> None:
        single = alarm.series[0] if len(alarm.series) == 1 else None
        percentile = single is not None and single.statistic.startswith("p")
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-{alarm.key}",
            name=pulumi.Output.concat(self._prefix, "-", alarm.key),
            alarm_description=alarm.about,
            namespace=None if single is None else _namespace(single.metric, names),
            metric_name=None if single is None else single.metric.name,
            dimensions=None if single is None else _dimensions(single.metric, names),
            statistic=None if single is None or percentile else single.statistic,
            extended_statistic=single.statistic if single is not None and percentile else None,
            period=None if single is None else alarm.period_seconds,
            metric_queries=None if single is not None else _share_of(alarm, names),
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.datapoints,
            threshold=float(alarm.threshold),
            comparison_operator=alarm.comparison,
            treat_missing_data="notBreaching",
            alarm_actions=list(topics),
            ok_actions=list(topics),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _dashboard(self, names: pulumi.Output[Names]) -> pulumi.Output[str]:
        region = self._config.region
        with_cluster = self._config.attachment is None
        dashboard = aws.cloudwatch.Dashboard(
            f"{self._name}-dashboard",
            dashboard_name=self._prefix,
            dashboard_body=names.apply(
                lambda found: json.dumps(dashboard_body(found, region, with_cluster=with_cluster))
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return pulumi.Output.concat(
            f"https://{_console(region)}/cloudwatch/home?region={region}#dashboards:name=",
            dashboard.dashboard_name,
        )


def _console(region: str) -> str:
    return "console.amazonaws-us-gov.com" if region.startswith("us-gov-") else f"{region}.console.aws.amazon.com"


def _namespace(metric: Metric, names: pulumi.Output[Names]) -> pulumi.Output[str]:
    return names.apply(lambda found: metric.resolved(found)[0])


def _dimensions(metric: Metric, names: pulumi.Output[Names]) -> pulumi.Output[dict[str, str]]:
    return names.apply(lambda found: metric.resolved(found)[1])


def _share_of(alarm: Alarm, names: pulumi.Output[Names]) -> Sequence[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """The first series as a percentage of the second."""
    queries = [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=f"m{number}",
            return_data=False,
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=_namespace(series.metric, names),
                metric_name=series.metric.name,
                dimensions=_dimensions(series.metric, names),
                period=alarm.period_seconds,
                stat=series.statistic,
            ),
        )
        for number, series in enumerate(alarm.series, 1)
    ]
    share = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="share", expression="IF(m2 > 0, 100 * m1 / m2, 0)", label="Percent", return_data=True
    )
    return [*queries, share]
