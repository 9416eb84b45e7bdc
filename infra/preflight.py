"""What only AWS knows, asked before any resource exists: the region's zones, and the chosen subnets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi_aws as aws

from infra.cluster import Place
from infra.config import ConfigurationError, StackConfig
from infra.contradictions import ZONES_WITHOUT_PROXY, addresses_per_subnet
from infra.previous import Previous


@dataclass(frozen=True, slots=True)
class SubnetFacts:
    """An existing subnet as AWS describes it."""

    id: str
    vpc_id: str
    zone: str
    zone_id: str
    free_addresses: int


def zones_of(config: StackConfig, previous: Previous) -> tuple[str, ...]:
    """The zones to build in: the configured ones, checked, or those that the stack has and then the first of the region
    that have RDS Proxy.

    Raises: `ConfigurationError`.
    """
    found = aws.get_availability_zones(
        state="available",
        filters=[aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])],
    )
    ids = dict(zip(found.names, found.zone_ids, strict=True))
    return choose_zones(config.network.zones, config.network.zone_count, ids, previous.get("zones", ()))


def choose_zones(
    wanted: Sequence[str], count: int, ids: Mapping[str, str], former: Sequence[str] = ()
) -> tuple[str, ...]:
    """`ids`: the region's zone ids by name; names differ between accounts, so only the ids tell where there is a proxy.
    `former`: the zones that the stack has, which stay first.

    >>> choose_zones((), 2, {"us-east-1a": "use1-az6", "us-east-1e": "use1-az3", "us-east-1b": "use1-az1"})
    ('us-east-1a', 'us-east-1b')

    Raises: `ConfigurationError`.
    """
    usable = {name: zone_id for name, zone_id in sorted(ids.items()) if zone_id not in ZONES_WITHOUT_PROXY}
    allowed = ", ".join(f"{name} ({zone_id})" for name, zone_id in usable.items())
    refused = [zone for zone in wanted if zone not in usable and zone not in usable.values()]
    if refused:
        raise ConfigurationError(
            f"aurorest:zones has {', '.join(refused)}, which this account cannot use or where there is no RDS "
            f"Proxy; allowed: {allowed}"
        )
    if len({usable.get(zone, zone) for zone in wanted}) < len(wanted):
        raise ConfigurationError(f"aurorest:zones names one zone twice; allowed: different ones of {allowed}")
    if not wanted and len(usable) < count:
        raise ConfigurationError(f"aurorest:zoneCount is {count}; this region has {len(usable)} zones: {allowed}")
    others = (name for name, zone_id in usable.items() if not {name, zone_id} & set(former))
    return tuple(wanted) or (*former, *others)[:count]


def existing_place(config: StackConfig) -> Place | None:
    """The VPC and subnets that the configuration names; None: the stack makes its own.

    Raises: `ConfigurationError` when the proxy could not live there.
    """
    if not config.network.vpc_id:
        return None
    facts = [_describe(subnet_id) for subnet_id in config.network.subnet_ids]
    problems = subnet_problems(facts, config.network.vpc_id, addresses_per_subnet(config))
    if problems:
        raise ConfigurationError(*problems)
    return Place(config.network.vpc_id, config.network.subnet_ids)


def _describe(subnet_id: str) -> SubnetFacts:
    found = aws.ec2.get_subnet(id=subnet_id)
    return SubnetFacts(
        subnet_id, found.vpc_id, found.availability_zone, found.availability_zone_id, found.available_ip_address_count
    )


def subnet_problems(facts: Sequence[SubnetFacts], vpc_id: str, needed: int) -> tuple[str, ...]:
    """One sentence for each reason why these subnets cannot be used. `needed`: free addresses in each."""
    problems = []
    for subnet in facts:
        if subnet.vpc_id != vpc_id:
            problems.append(f"aurorest:subnetIds has {subnet.id} of {subnet.vpc_id}; allowed: subnets of {vpc_id}")
        if subnet.zone_id in ZONES_WITHOUT_PROXY:
            problems.append(
                f"aurorest:subnetIds has {subnet.id} in {subnet.zone} ({subnet.zone_id}), where there is no RDS Proxy; "
                "allowed: subnets of other zones"
            )
        if subnet.free_addresses < needed:
            problems.append(
                f"aurorest:subnetIds has {subnet.id} with {subnet.free_addresses} free addresses; "
                f"allowed: {needed} or more"
            )
    if facts and len({subnet.zone for subnet in facts}) < 2:
        problems.append(f"aurorest:subnetIds are all in {facts[0].zone}; allowed: subnets of two or more zones")
    return tuple(problems)
