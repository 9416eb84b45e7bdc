"""The account of a rehearsal: what it makes, refuses, keeps and loses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearse.account import Account
from rehearse.rules import Refused
from rehearse.values import UNKNOWN
from rehearse.world import Thing

CLUSTER = "aws:rds/cluster:Cluster"
FUNCTION = "aws:lambda/function:Function"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
KEY = "aws:kms/key:Key"
PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
SECURITY = "aws:ec2/securityGroup:SecurityGroup"
TARGET = "aws:rds/proxyTarget:ProxyTarget"


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path / "account.json", lambda _seconds: None)


def cluster(account: Account, **inputs: Any) -> Thing:
    if account.see().find("rds/subnetGroup:SubnetGroup", name="s") is None:
        account.create("aws:rds/subnetGroup:SubnetGroup", "subnets", {"name": "s"})
        account.create(PARAMETERS, "parameters", {"name": "p", "family": "aurora-mysql8.4"})
    wanted = {
        "clusterIdentifier": "c",
        "dbSubnetGroupName": "s",
        "dbClusterParameterGroupName": "p",
        "engineVersion": "8.4.mysql_aurora.8.4.7",
        "iamDatabaseAuthenticationEnabled": True,
        "masterUsername": "admin",
        "performanceInsightsEnabled": True,
        "storageEncrypted": True,
        **inputs,
    }
    return account.create(CLUSTER, "cluster", wanted)


def function(account: Account, **inputs: Any) -> Thing:
    role = account.create("aws:iam/role:Role", "role", {"name": "r"})
    allowed = {"Statement": [{"Effect": "Allow", "Action": ["ec2:CreateNetworkInterface"], "Resource": "*"}]}
    account.create("aws:iam/rolePolicy:RolePolicy", "policy", {"name": "p", "role": "r", "policy": json.dumps(allowed)})
    wanted = {"name": "f", "role": role.state["arn"], "publish": True, "vpcConfig": {"securityGroupIds": []}, **inputs}
    return account.create(FUNCTION, "function", wanted)


def test_a_name_is_taken_once(account: Account) -> None:
    account.create(GROUP, "one", {"name": "/g"})
    with pytest.raises(Refused, match="AlreadyExists"):
        account.create(GROUP, "other", {"name": "/g"})
    assert len(account.see().things) == 1


def test_a_preview_knows_the_inputs_and_nothing_else(account: Account) -> None:
    planned = account.planned("aws:rds/proxy:Proxy", {"name": "p"})
    assert planned["name"] == "p"
    assert planned["endpoint"] == planned["arn"] == UNKNOWN
    assert account.see().things == {}


def test_a_target_needs_an_instance(account: Account) -> None:
    cluster(account)
    account.create("aws:rds/proxy:Proxy", "proxy", {"name": "p"})
    wanted = {"dbProxyName": "p", "targetGroupName": "default", "dbClusterIdentifier": "c"}
    with pytest.raises(Refused, match="InvalidDBInstanceState"):
        account.create(TARGET, "target", wanted)
    account.create(INSTANCE, "writer", {"clusterIdentifier": "c"})
    account.create(TARGET, "target", wanted)


def test_a_cluster_goes_when_nothing_holds_it(account: Account) -> None:
    made = cluster(account, deletionProtection=True, skipFinalSnapshot=False)
    account.create(INSTANCE, "writer", {"clusterIdentifier": "c", "identifier": "w"})
    with pytest.raises(Refused, match="used by writer"):
        account.delete(CLUSTER, "c")
    account.delete(INSTANCE, "w")
    with pytest.raises(Refused, match="protected"):
        account.delete(CLUSTER, "c")
    account.update(CLUSTER, "c", {"deletionProtection": False}, {"deletionProtection"}, ())
    with pytest.raises(Refused, match="finalSnapshotIdentifier"):
        account.delete(CLUSTER, "c")
    account.update(CLUSTER, "c", {"finalSnapshotIdentifier": "last"}, {"finalSnapshotIdentifier"}, ())
    account.delete(CLUSTER, "c")
    assert account.see().snapshots["last"]["kmsKeyId"] == made.state["kmsKeyId"]


def test_a_deleted_key_that_data_needs_is_a_loss(account: Account) -> None:
    key = account.create(KEY, "key", {})
    cluster(account, kmsKeyId=key.state["arn"], skipFinalSnapshot=False, finalSnapshotIdentifier="last")
    account.delete(CLUSTER, "c")
    account.delete(KEY, key.id)
    assert account.see().lost == ["the key that encrypts the final snapshot last is scheduled for deletion"]


def test_a_security_group_waits_for_the_rules_of_others(account: Account) -> None:
    one = account.create(SECURITY, "one", {"name": "one", "vpcId": "v"})
    other = account.create(SECURITY, "other", {"name": "other", "vpcId": "v"})
    rule = {"securityGroupId": other.id, "referencedSecurityGroupId": one.id}
    account.create("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "rule", rule)
    with pytest.raises(Refused, match="DependencyViolation"):
        account.delete(SECURITY, one.id)
    account.delete(SECURITY, other.id)


def test_a_function_in_a_network_needs_the_right_to_interfaces(account: Account) -> None:
    role = account.create("aws:iam/role:Role", "role", {"name": "r"})
    with pytest.raises(Refused, match="CreateNetworkInterface"):
        account.create(FUNCTION, "function", {"name": "f", "role": role.state["arn"], "vpcConfig": {}})


def test_a_change_of_a_function_publishes_a_version_unless_it_is_of_its_tags(account: Account) -> None:
    made = function(account)
    assert made.state["version"] == "1"
    inputs = {name: made.state[name] for name in ("name", "role", "publish")}
    assert account.update(FUNCTION, "f", {**inputs, "tags": {"a": "b"}}, {"tags"}, ()).state["version"] == "1"
    assert account.update(FUNCTION, "f", {**inputs, "memorySize": 512}, {"memorySize"}, ()).state["version"] == "2"


def test_a_log_group_that_a_service_had_to_make_is_in_the_way(account: Account) -> None:
    function(account)
    assert account.see().leftovers == ["/aws/lambda/f"]
    with pytest.raises(Refused, match="ResourceAlreadyExistsException"):
        account.create(GROUP, "group", {"name": "/aws/lambda/f"})


def test_parameters_with_the_familys_value_are_reported_as_pending(account: Account) -> None:
    parameters = [
        {"name": "time_zone", "value": "UTC", "applyMethod": "immediate"},
        {"name": "sql_mode", "value": "X", "applyMethod": "immediate"},
    ]
    made = account.create(PARAMETERS, "p", {"name": "p", "family": "aurora-mysql8.0", "parameters": parameters})
    assert [each["applyMethod"] for each in made.state["parameters"]] == ["pending-reboot", "immediate"]


def test_a_restored_cluster_lacks_what_the_provider_does_not_send(account: Account) -> None:
    cluster(account, finalSnapshotIdentifier="last")
    account.delete(CLUSTER, "c")
    restored = cluster(account, snapshotIdentifier="last")
    assert restored.state["iamDatabaseAuthenticationEnabled"] is False
    assert restored.state["performanceInsightsEnabled"] is False


def test_late_log_lines_bring_groups_back(account: Account, tmp_path: Path) -> None:
    account.create(GROUP, "group", {"name": "/aws/rds/proxy/p"})
    account.create("aws:rds/proxy:Proxy", "proxy", {"name": "p"})
    account.delete("aws:rds/proxy:Proxy", "p")
    account.delete(GROUP, "/aws/rds/proxy/p")
    world = account.see()
    world.late_lines()
    assert world.leftovers == ["/aws/rds/proxy/p"]


def test_every_call_is_remembered_with_its_beginning_and_its_end(account: Account) -> None:
    account.create(GROUP, "group", {"name": "/g"})
    account.update(GROUP, "/g", {"name": "/g", "retentionInDays": 7}, {"retentionInDays"}, ())
    account.delete(GROUP, "/g")
    events = account.see().events
    assert [event.call for event in events] == ["create", "update", "delete"]
    assert events[1].detail == {"retentionInDays": 7}
    assert all(event.begin < event.end for event in events)
