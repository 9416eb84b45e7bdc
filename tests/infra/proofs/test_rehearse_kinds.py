"""What the rehearsal's provider knows about the program's resources, compared with CloudFormation's schemas."""

from __future__ import annotations

import re

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from rehearse.kinds import KINDS
from tests.infra.aws import REGION
from tests.infra.graph import Graph
from tests.infra.proofs.cloudformation import TYPES

UPDATED_IN_PLACE = {
    ("aws:acm/certificate:Certificate", "domainValidationOptions"): "an output of the provider",
    (
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "routeTableId",
    ): "the provider replaces the association itself",
    ("aws:rds/proxy:Proxy", "name"): "the provider renames a proxy",
    **{
        (f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule", key): "the provider modifies a rule"
        for way in ("Egress", "Ingress")
        for key in ("cidrIpv4", "fromPort", "ipProtocol", "referencedSecurityGroupId", "toPort")
    },
}
"""Create-only in CloudFormation, and why not for the provider."""


def letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def create_only(type_: str) -> frozenset[str]:
    """The properties that CloudFormation never changes, by Pulumi's name where it is known, else by their letters."""
    counterpart = TYPES[type_]
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, counterpart.type).schema
    names = {theirs: ours for ours, theirs in counterpart.names.items() if "." not in ours}
    fixed = [path.split("/")[2] for path in schema.get("createOnlyProperties", ())]
    return frozenset(letters(names.get(name) or name) for name in fixed)


def test_every_resource_of_the_program_is_known(graph: Graph) -> None:
    made = {resource.type for resource in graph if resource.custom and not resource.type.startswith("pulumi:")}
    assert made <= KINDS.keys()


def test_what_cloudformation_never_changes_is_replaced(graph: Graph) -> None:
    for resource in graph:
        if resource.type in TYPES:
            fixed = create_only(resource.type)
            given = {name for name in resource.inputs if letters(name) in fixed}
            in_place = {name for name in given if (resource.type, name) in UPDATED_IN_PLACE}
            assert given - in_place <= KINDS[resource.type].replaces, resource.type


def test_create_only_properties_are_found() -> None:
    assert {"cidrblock", "vpcid"} <= create_only("aws:ec2/subnet:Subnet")
    assert "clusteridentifier" in create_only("aws:rds/cluster:Cluster")
