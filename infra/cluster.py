"""What the application's part of a stack stands on, whether this stack made it or another did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

MYSQL_PORT = 3306  # a proxy listens on no other


@dataclass(frozen=True, slots=True)
class Place:
    """A VPC and the subnets of it that are used."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]

    @property
    def proxy_subnet_ids(self) -> Sequence[pulumi.Input[str]]:
        """The first two. Other subnets replace a proxy, which leaves 10 to 20 minutes without an API, and its endpoint
        is in two zones however many subnets it has. So further zones are for the database and the functions only.

        https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/proxy.go (`vpc_subnet_ids`)
        """
        return self.subnet_ids[:2]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, and how its admin user is known. `admin_secret_key_arn` empty: AWS's own key.

    `instances`: what a proxy's target must wait for; empty when they have long been there.
    """

    identifier: pulumi.Input[str]
    arn: pulumi.Input[str]
    resource_id: pulumi.Input[str]
    endpoint: pulumi.Input[str]
    admin_user: pulumi.Input[str]
    admin_secret_arn: pulumi.Input[str]
    admin_secret_key_arn: pulumi.Input[str]
    instances: Sequence[pulumi.Resource] = ()
