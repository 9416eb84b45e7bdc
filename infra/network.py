"""The network: a VPC whose subnets have no way in or out, or an existing one."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import cidr, policies
from infra.cluster import Place
from infra.config import StackConfig
from infra.logs import log_group


@dataclass(frozen=True, slots=True)
class NetworkArgs:
    """`zones`: as many subnets, in this order."""

    config: StackConfig
    prefix: pulumi.Output[str]
    zones: tuple[str, ...]
    key_arn: pulumi.Input[str] | None


class Network(pulumi.ComponentResource):
    """An isolated VPC: no internet gateway, no NAT, no public address. `place`: it and its subnets."""

    place: Place

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurorest:infra:Network", name, None, opts)
        config, options = args.config, args.config.network
        child = pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=options.vpc_cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            opts=pulumi.ResourceOptions(parent=self, protect=config.protect),
        )
        # Empty: whatever is created without a group can neither reach anything nor be reached.
        aws.ec2.DefaultSecurityGroup(f"{name}-default", vpc_id=vpc.id, ingress=[], egress=[], opts=child)
        routes = aws.ec2.RouteTable(f"{name}-routes", vpc_id=vpc.id, routes=[], opts=child)
        # Zones that the stack chose by itself stay where they are when AWS opens another one.
        placed = pulumi.ResourceOptions(
            parent=self,
            protect=config.protect,
            ignore_changes=None if options.zones else ["availabilityZone", "availabilityZoneId"],
        )
        subnets = []
        for number, (zone, block) in enumerate(
            zip(args.zones, cidr.subnets(options.vpc_cidr, options.subnet_prefix, len(args.zones)), strict=True), 1
        ):
            by_id = "-az" in zone
            subnet = aws.ec2.Subnet(
                f"{name}-isolated-{number}",
                vpc_id=vpc.id,
                cidr_block=block,
                availability_zone=None if by_id else zone,
                availability_zone_id=zone if by_id else None,
                map_public_ip_on_launch=False,
                opts=placed,
            )
            aws.ec2.RouteTableAssociation(
                f"{name}-isolated-{number}", subnet_id=subnet.id, route_table_id=routes.id, opts=child
            )
            subnets.append(subnet)
        if options.flow_logs:
            self._log_flows(name, args, vpc)
        self.place = Place(vpc.id, [subnet.id for subnet in subnets])
        self.register_outputs({"vpcId": self.place.vpc_id, "subnetIds": self.place.subnet_ids})

    def _log_flows(self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc) -> None:
        child = pulumi.ResourceOptions(parent=self)
        group = log_group(
            f"{name}-flows",
            pulumi.Output.concat("/aws/vendedlogs/", args.prefix, "/flows"),
            retention_days=args.config.monitoring.log_retention_days,
            key_arn=args.key_arn,
            parent=self,
        )
        role = aws.iam.Role(
            f"{name}-flows",
            name=pulumi.Output.concat(args.prefix, "-flows"),
            assume_role_policy=policies.assume_by("vpc-flow-logs.amazonaws.com"),
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-flows", role=role.name, policy=group.arn.apply(policies.write_flow_logs), opts=child
        )
        aws.ec2.FlowLog(
            f"{name}-flows",
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
