"""Arithmetic of addresses: subnets of a block, and how many addresses the stack takes in each. Pure."""

from __future__ import annotations

import ipaddress

AWS_RESERVED = 5  # first four and the last: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
FUNCTION_ADDRESSES = 8
_PER_INSTANCE = ((16, 10), (32, 15), (64, 25), (128, 40), (256, 75))
_PER_ENDPOINT = 3
_PROXY_MOST = 215


def subnets(block: str, prefix: int, count: int) -> tuple[str, ...]:
    """The first `count` subnets of size `prefix` in `block`.

    >>> subnets("10.20.0.0/16", 24, 2)
    ('10.20.0.0/24', '10.20.1.0/24')

    Raises: `ValueError` when they do not fit.
    """
    network = ipaddress.IPv4Network(block)
    if prefix < network.prefixlen or 2 ** (prefix - network.prefixlen) < count:
        raise ValueError(f"{block} has no room for {count} subnets of /{prefix}")
    found = network.subnets(new_prefix=prefix)
    return tuple(str(next(found)) for _ in range(count))


def usable_addresses(prefix: int) -> int:
    """Addresses of a subnet that AWS leaves.

    >>> usable_addresses(26)
    59
    """
    return int(2 ** (32 - prefix)) - AWS_RESERVED


def proxy_addresses(maximum_capacity: float, instances: int, further_endpoints: int) -> int:
    """Free addresses that RDS asks for in each of a proxy's subnets.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-network-prereqs.html

    >>> proxy_addresses(2, 1, 0), proxy_addresses(64, 3, 1), proxy_addresses(256, 4, 1)
    (10, 78, 215)
    """
    each = next(addresses for most, addresses in _PER_INSTANCE if maximum_capacity <= most)
    return min(_PROXY_MOST, each * instances + _PER_ENDPOINT * further_endpoints)


def needed_addresses(maximum_capacity: float, instances: int, further_endpoints: int) -> int:
    """Free addresses that the whole stack wants in each subnet: the proxy, the instances, the functions' interfaces."""
    return proxy_addresses(maximum_capacity, instances, further_endpoints) + instances + FUNCTION_ADDRESSES
