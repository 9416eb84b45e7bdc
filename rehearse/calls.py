"""What the provider's functions (`aws.get_...`) find in the account."""

from __future__ import annotations

from typing import Any

from rehearse.answers import ACCOUNT, REGION
from rehearse.rules import Refused, there
from rehearse.world import World

Values = dict[str, Any]


def answer(world: World, token: str, arguments: Values) -> Values:
    """The result of one function. Raises: `Refused`."""
    if token == "aws:index/getAvailabilityZones:getAvailabilityZones":
        names = [f"{REGION}{letter}" for letter in "abc"]
        return {"names": names, "zoneIds": ["euc1-az2", "euc1-az3", "euc1-az1"], "id": REGION, "region": REGION}
    if token == "aws:index/getCallerIdentity:getCallerIdentity":
        return {"accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/deployer", "userId": "u", "id": ACCOUNT}
    if token == "aws:index/getPartition:getPartition":
        return {"partition": "aws", "dnsSuffix": "amazonaws.com", "id": "aws", "reverseDnsPrefix": "com.amazonaws"}
    if token == "aws:index/getRegion:getRegion":
        return {"name": REGION, "region": REGION, "id": REGION, "description": "Europe (Frankfurt)"}
    if token == "aws:rds/getCluster:getCluster":
        return _found(world, "aws:rds/cluster:Cluster", arguments["clusterIdentifier"])
    if token == "aws:rds/getClusterSnapshot:getClusterSnapshot":
        name = str(arguments["dbClusterSnapshotIdentifier"]).rpartition(":")[2]
        if name not in world.snapshots:
            raise Refused(f"NotFound: there is no cluster snapshot {name}")
        return {**world.snapshots[name], "id": name, "dbClusterSnapshotIdentifier": name}
    if token == "aws:ec2/getSubnet:getSubnet":
        return {**_found(world, "aws:ec2/subnet:Subnet", arguments["id"]), "availableIpAddressCount": 250}
    raise Refused(f"the rehearsal does not know {token}: describe it in rehearse/calls.py")


def _found(world: World, type_: str, id_: str) -> Values:
    return {**there(world, type_, id_).state, "id": id_}
