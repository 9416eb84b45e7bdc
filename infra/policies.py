"""IAM and key policies as documents, each with exactly what one part needs. Pure; ARNs are taken apart, not looked up.

No action or resource is a bare wildcard, except for the actions in `WITHOUT_RESOURCE`, which IAM allows on `*` only,
and in key policies, where `*` means that key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

Statement = Mapping[str, object]

KEY_ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:ListRetirableGrants",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
KEY_USE = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


def document(*statements: Statement) -> str:
    """A policy document in JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def assume_by(service: str) -> str:
    """A trust policy for one service. RDS Proxy allows no global condition key here, so there is none."""
    return document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def database_user_arn(resource_arn: str, resource_id: str, user: str) -> str:
    """What `rds-db:connect` is granted on. `resource_arn` only gives partition, region and account.

    `resource_id` is the proxy's `prx-...` in front of a proxy, the cluster's `cluster-...` behind it.

    >>> database_user_arn("arn:aws:rds:eu-central-1:1:cluster:x", "cluster-ABC", "app")
    'arn:aws:rds-db:eu-central-1:1:dbuser:cluster-ABC/app'
    """
    _, partition, _, region, account, *_ = resource_arn.split(":")
    return f"arn:{partition}:rds-db:{region}:{account}:dbuser:{resource_id}/{user}"


def proxy_id(proxy_arn: str) -> str:
    """The `prx-...` at the end of a proxy's ARN. The proxy's own id in Pulumi is its name.

    >>> proxy_id("arn:aws:rds:eu-central-1:1:db-proxy:prx-0123")
    'prx-0123'
    """
    return proxy_arn.rpartition(":")[2]


def connect_through_proxy(proxy_arn: str, users: Sequence[str]) -> str:
    """Connect to one proxy as these users."""
    found = [database_user_arn(proxy_arn, proxy_id(proxy_arn), user) for user in users]
    return document({"Effect": "Allow", "Action": "rds-db:connect", "Resource": found})


def proxy_access(
    *,
    secret_arns: Sequence[str],
    key_arns: Sequence[str],
    cluster_arn: str,
    cluster_resource_id: str,
    end_to_end_users: Sequence[str],
) -> str:
    """What the proxy's role may: read its secrets, decrypt them, connect as the users that have no password."""
    region = cluster_arn.split(":")[3]
    statements: list[Statement] = [
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": list(secret_arns)}
    ]
    if key_arns:
        # Without this the proxy fails silently: https://github.com/aws/aws-cdk/issues/28848
        statements.append(
            {
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": list(key_arns),
                "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}},
            }
        )
    if end_to_end_users:
        users = [database_user_arn(cluster_arn, cluster_resource_id, user) for user in end_to_end_users]
        statements.append({"Effect": "Allow", "Action": "rds-db:connect", "Resource": users})
    return document(*statements)


def write_logs(log_group_arn: str) -> str:
    """Write to one log group and its streams; the stack creates the group."""
    return document(*_write_logs(log_group_arn))


def _write_logs(log_group_arn: str) -> Sequence[Statement]:
    return (
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [log_group_arn, f"{log_group_arn}:*"],
        },
    )


WITHOUT_RESOURCE = (
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "logs:DescribeLogGroups",
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html"""


def write_flow_logs(log_group_arn: str) -> str:
    """What VPC flow logs need; they also look for their group.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    return document(
        *_write_logs(log_group_arn),
        {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*"},
    )


def network_interfaces(role_arn: str, region: str) -> str:
    """What Lambda needs to place a function in a VPC, in every partition.

    The same actions as AWSLambdaVPCAccessExecutionRole, to which AWS added `ec2:DescribeSubnets` in 2024; the older
    AWSLambdaENIManagementAccess lacks it.
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    _, partition, _, _, account, *_ = role_arn.split(":")
    return document(
        {
            "Effect": "Allow",
            "Action": [*_INTERFACE_ACTIONS],
            "Resource": [f"arn:{partition}:ec2:{region}:{account}:{kind}/*" for kind in ("*", *_INTERFACE_PARTS)],
        },
        {"Effect": "Allow", "Action": ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], "Resource": "*"},
    )


def write_traces() -> str:
    """The actions of AWSXRayDaemonWriteAccess."""
    return document(
        {
            "Effect": "Allow",
            "Action": [action for action in WITHOUT_RESOURCE if action.startswith("xray:")],
            "Resource": "*",
        }
    )


def no_network_interfaces(function_arn: str) -> str:
    """Lambda needs these rights to place the function in the VPC; the function's own code does not.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    _, partition, _, region, account, *_ = function_arn.split(":")
    return document(
        {
            "Effect": "Deny",
            "Action": [*_INTERFACE_ACTIONS],
            "Resource": [f"arn:{partition}:ec2:{region}:{account}:{kind}/*" for kind in _INTERFACE_PARTS],
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": function_arn}},
        }
    )


_INTERFACE_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
)
_INTERFACE_PARTS = ("network-interface", "security-group", "subnet")


def key_policy(*, partition: str, region: str, account: str, prefix: str) -> str:
    """Who may use the stack's key: the account through its own policies, this stack's log groups, its alarms."""
    root = {"AWS": f"arn:{partition}:iam::{account}:root"}
    groups = (f"/aws/lambda/{prefix}-*", f"/aws/rds/*/{prefix}*", f"/aws/vendedlogs/{prefix}/*")
    arns = [f"arn:{partition}:logs:{region}:{account}:log-group:{group}" for group in groups]
    return document(
        {
            "Sid": "Administration",
            "Effect": "Allow",
            "Principal": root,
            "Action": list(KEY_ADMINISTRATION),
            "Resource": "*",
        },
        {
            "Sid": "UseByPolicy",
            "Effect": "Allow",
            "Principal": root,
            "Action": list(KEY_USE),
            "Resource": "*",
        },
        {
            "Sid": "GrantsForServices",
            "Effect": "Allow",
            "Principal": root,
            "Action": "kms:CreateGrant",
            "Resource": "*",
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
        {
            "Sid": "LogGroups",
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{region}.amazonaws.com"},
            "Action": list(KEY_USE),
            "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arns}},
        },
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        },
    )


def publish_alarms(topic_arn: str) -> str:
    """A topic's policy: alarms of the same account may publish."""
    account = topic_arn.split(":")[4]
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
    )
