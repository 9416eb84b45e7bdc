"""Log groups: created before what writes to them, so none is ever unbounded or unencrypted."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


def log_group(
    logical_name: str,
    name: pulumi.Input[str],
    *,
    retention_days: int,
    key_arn: pulumi.Input[str] | None,
    parent: pulumi.Resource,
) -> aws.cloudwatch.LogGroup:
    """One log group with a fixed name, as services that write to it ask for."""
    return aws.cloudwatch.LogGroup(
        logical_name,
        name=name,
        retention_in_days=retention_days,
        kms_key_id=key_arn,
        opts=pulumi.ResourceOptions(parent=parent),
    )
