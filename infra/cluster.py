"""The network and the cluster that the application's part of a stack uses, created by this stack or another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

MYSQL_PORT = 3306  # a proxy listens on no other


@dataclass(frozen=True, slots=True)
class Place:
    """A VPC, and which of its subnets are used."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]

    @property
    def proxy_subnet_ids(self) -> Sequence[pulumi.Input[str]]:
        """The first two. Other subnets would replace the proxy: 10 to 20 minutes without an API. And its endpoint is in
        two zones however many subnets it has, so further zones are only for the database and the functions.

        https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/proxy.go (`vpc_subnet_ids`)
        """
        return self.subnet_ids[:2]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, and how its admin user is known. `admin_secret_key_arn` empty: AWS's own key.

    `instances`: what a proxy's target must wait for; empty if they already exist.
    """

    identifier: pulumi.Input[str]
    arn: pulumi.Input[str]
    resource_id: pulumi.Input[str]
    endpoint: pulumi.Input[str]
    admin_user: pulumi.Input[str]
    admin_secret_arn: pulumi.Input[str]
    admin_secret_key_arn: pulumi.Input[str]
    instances: Sequence[pulumi.Resource] = ()
