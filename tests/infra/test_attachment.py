"""Applications that attach to a cluster of another stack or tool."""

from __future__ import annotations

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
    decrypt = statements(graph.one(ROLE_POLICY, "-proxy-role"))[1]
    assert decrypt["Resource"] == [OWNER["adminSecretKeyArn"]]


def test_a_stack_offers_all_that_another_one_attaches_to(dev: Graph) -> None:
    assert set(OWNER) <= set(dev.outputs)


def test_a_share_that_the_owner_did_not_set_aside_is_refused() -> None:
    wanted = COMBINATIONS["attached to another stack"]
    with pytest.raises(ValueError, match="sets 40 aside for aurorest-orders"):
        record(
            {**wanted.config, "aurorest:maxConnectionsPercent": "50"},
            stack=wanted.stack,
            references=wanted.references,
        )
