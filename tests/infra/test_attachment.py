"""Applications that attach to a cluster of another stack or tool."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.combinations import COMBINATIONS, OWNER
from tests.infra.graph import Graph, record
from tests.infra.reading import CLUSTER, INGRESS, POOL, PROXY, ROLE_POLICY, TARGET, Recorded, statements


def test_an_application_attaches_by_identifiers(recorded: Recorded) -> None:
    graph = recorded("attached by identifiers")
    assert graph.of(CLUSTER) == graph.of("aws:ec2/vpc:Vpc") == ()
    assert graph.one(TARGET).inputs["dbClusterIdentifier"] == "legacy"
    assert graph.one(INGRESS, "proxy-to-database").inputs["securityGroupId"] == "sg-0a0a0a0a0a0a0a0a0"
    admin = COMBINATIONS["attached by identifiers"].config["aurorest:adminSecretArn"]
    assert graph.one(PROXY).inputs["auths"][0]["secretArn"] == admin
    assert graph.one(POOL).inputs["connectionPoolConfig"]["maxConnectionsPercent"] == 30


def test_an_application_attaches_to_the_outputs_of_another_stack(recorded: Recorded) -> None:
    graph = recorded("attached to another stack")
    assert graph.one(TARGET).inputs["dbClusterIdentifier"] == OWNER["clusterIdentifier"]
    assert graph.one(PROXY).inputs["vpcSubnetIds"] == OWNER["subnetIds"]
    assert graph.one(PROXY).inputs["auths"][0]["secretArn"] == OWNER["adminSecretArn"]
    decrypt = statements(graph.one(ROLE_POLICY, "proxy-role"))[1]
    assert decrypt["Resource"] == [OWNER["adminSecretKeyArn"]]


def test_a_stack_offers_all_that_another_one_attaches_to(dev: Graph) -> None:
    assert set(OWNER) <= set(dev.outputs)


@pytest.mark.parametrize(
    "changed, granted, told",
    [
        ({"aurorest:maxConnectionsPercent": "50"}, {}, "sets 40 aside for aurorest-orders"),
        ({}, {"otherShares": {}}, "sets 0 aside for aurorest-orders"),
        ({}, {"readers": 0}, "readEndpoint needs readers"),
    ],
)
def test_what_the_owner_of_the_cluster_does_not_grant_is_refused(
    changed: dict[str, str], granted: dict[str, Any], told: str
) -> None:
    wanted = COMBINATIONS["attached to another stack"]
    references = {name: {**outputs, **granted} for name, outputs in wanted.references.items()}
    with pytest.raises(Exception, match=told):
        record({**wanted.config, **changed}, stack=wanted.stack, references=references)
