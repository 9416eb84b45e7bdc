"""A cluster that another stack or another tool made, as this stack sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.cluster import Cluster, Place
from infra.config import Attachment, ConfigurationError, StackConfig
from infra.preflight import existing_place


@dataclass(frozen=True, slots=True)
class Existing:
    """Where the cluster is, and the security group that must let the proxy in."""

    place: Place
    security_group_id: pulumi.Input[str]
    cluster: Cluster


def attach(config: StackConfig) -> Existing | None:
    """What the configuration attaches to: another Aurorest stack's, or one that AWS describes; None: neither."""
    attachment = config.attachment
    if attachment is None:
        return None
    place = existing_place(config)
    return _of_stack(config, attachment) if place is None else _by_identifiers(config, attachment, place)


def _by_identifiers(config: StackConfig, attachment: Attachment, place: Place) -> Existing:
    found = aws.rds.get_cluster_output(cluster_identifier=attachment.cluster_identifier)
    return Existing(
        place,
        attachment.security_group_id,
        Cluster(
            identifier=attachment.cluster_identifier,
            arn=found.arn,
            resource_id=found.cluster_resource_id,
            endpoint=found.endpoint,
            admin_user=config.users.admin,
            admin_secret_arn=attachment.admin_secret_arn,
            admin_secret_key_arn=attachment.admin_secret_key_arn,
        ),
    )


def _of_stack(config: StackConfig, attachment: Attachment) -> Existing:
    owner = pulumi.StackReference(qualified(attachment.stack, pulumi.get_organization(), config.project))
    checked = pulumi.Output.all(owner.require_output("otherShares"), owner.require_output("readers")).apply(
        lambda found: check_owner(config, found[0], int(found[1]))
    )

    def output(name: str) -> pulumi.Output[Any]:
        return checked.apply(lambda _: owner.require_output(name))

    subnets = output("subnetIds")
    return Existing(
        # A stack has at least two subnets, and RDS Proxy wants no more.
        Place(output("vpcId"), [subnets.apply(lambda ids: ids[0]), subnets.apply(lambda ids: ids[1])]),
        output("databaseSecurityGroupId"),
        Cluster(
            identifier=output("clusterIdentifier"),
            arn=output("clusterArn"),
            resource_id=output("clusterResourceId"),
            endpoint=output("clusterEndpoint"),
            admin_user=output("adminUser"),
            admin_secret_arn=output("adminSecretArn"),
            admin_secret_key_arn=output("adminSecretKeyArn"),
        ),
    )


def check_owner(config: StackConfig, shares: Mapping[str, float], readers: int) -> None:
    """Refuse what the owner of the cluster does not grant this stack: a share of the connections, or readers.

    Raises: `ConfigurationError`.
    """
    wanted, share = config.proxy.max_connections_percent, int(shares.get(config.full_name, 0))
    problems = []
    if wanted > share:
        problems.append(
            f"aurorest:maxConnectionsPercent is {wanted}, and the stack that owns the cluster sets {share} aside for "
            f"{config.full_name} (its aurorest:otherShares); allowed: {share} or less, or raise it there first"
        )
    if config.proxy.read_endpoint and not readers:
        problems.append("aurorest:readEndpoint needs readers, and the cluster's owner has none; allowed: false")
    if problems:
        raise ConfigurationError(*problems)


def qualified(stack: str, organization: str, project: str) -> str:
    """A stack's full name.

    >>> qualified("prod", "acme", "shop"), qualified("shop/prod", "acme", "x"), qualified("me/shop/prod", "acme", "x")
    ('acme/shop/prod', 'acme/shop/prod', 'me/shop/prod')
    """
    parts = stack.split("/")
    return "/".join((*(organization, project)[: 3 - len(parts)], *parts))
