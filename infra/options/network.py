"""Where the stack lives: a new VPC, or an existing one."""

from __future__ import annotations

from infra import keys
from infra.keys import Key, flag, integer, matching, text, words

VPC_CIDR = Key(
    "vpcCidr",
    "IPv4 block",
    "10.20.0.0/16",
    "a private block of /16 to /26",
    "Addresses of the VPC that the stack makes.",
    keys.cidr,
)
SUBNET_PREFIX = integer(
    "subnetPrefix",
    24,
    18,
    28,
    "Size of each subnet as a prefix length; the proxy and the functions share its addresses.",
)
ZONES = words(
    "zones",
    (),
    matching(r"[a-z]{2}(-[a-z]+)+-[0-9][a-z]|[a-z0-9]+-az[0-9]+"),
    "zone names (`eu-central-1a`) or zone ids (`euc1-az2`), two or more; empty: the first `zoneCount` of the region",
    "Availability zones; cannot change later, except that further ones are added at the end.",
)
ZONE_COUNT = integer(
    "zoneCount", 2, 2, 4, "How many zones are chosen while `zones` is empty. May grow later: the first ones stay."
)
VPC_ID = text("vpcId", r"vpc-[0-9a-f]{8,17}", "`vpc-...`", "An existing VPC to use instead of making one.")
SUBNET_IDS = words(
    "subnetIds",
    (),
    matching(r"subnet-[0-9a-f]{8,17}"),
    "two or more `subnet-...` in different zones, with `vpcId`",
    "The subnets of the existing VPC for the functions and the database; the first two are the proxy's.",
)
FLOW_LOGS = flag("flowLogs", False, "Log the rejected and accepted flows of the VPC that the stack makes.")
ACCESS_SECURITY_GROUPS = words(
    "accessSecurityGroupIds",
    (),
    matching(r"sg-[0-9a-f]{8,17}"),
    "`sg-...` of the same VPC or a peered one",
    "Security groups that the proxy lets in besides the functions: a bastion, a reporting tool, a VPN.",
)
