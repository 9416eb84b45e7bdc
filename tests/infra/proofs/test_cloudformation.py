"""The values of every resource against the schemas that CloudFormation itself checks."""

import functools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tests.infra.aws import REGION
from tests.infra.combinations import COMBINATIONS
from tests.infra.graph import Graph
from tests.infra.proofs.cloudformation import TYPES, WITHOUT_TYPE, Unmapped, template

pytestmark = pytest.mark.xdist_group("cfn-lint")  # one process: what was linted once is kept

EXPECTED = {
    "W2530": "the version that SnapStart needs is published by the function itself (`publish`)",
    "W3010": "zones are chosen once and then fixed on purpose: a new zone of the region must not move subnets",
    "W3688": "a cluster made from a snapshot keeps the snapshot's admin user; the configuration names the same one",
    "W3689": "a cluster restored to a point in time keeps its source's admin user and encryption, which are named again",
}
"""Rules of cfn-lint that report correct values, and why."""


@functools.cache
def linted(text: str) -> tuple[tuple[str, str], ...]:
    """The rule and the sentence of each problem that cfn-lint reports in a template."""
    matches = lint(text, config=ManualArgs(regions=[REGION]))
    return tuple((match.rule.id, f"{getattr(match, 'path', '')}: {match.message}") for match in matches)


def findings(graph: Graph) -> list[str]:
    """What is wrong with the stack."""
    found = linted(json.dumps(template(graph)))
    return [f"{rule} {sentence}" for rule, sentence in found if rule not in EXPECTED]


def changed(graph: Graph, type_: str, **inputs: Any) -> Graph:
    """The stack with other inputs of one type's resources."""
    resources = tuple(
        replace(resource, inputs={**resource.inputs, **inputs}) if resource.type == type_ else resource
        for resource in graph
    )
    return replace(graph, resources=resources)


def test_every_value_is_one_that_aws_takes(graph: Graph) -> None:
    assert findings(graph) == []


def test_values_that_aws_refuses_are_found(dev: Graph) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "aws:rds/proxy:Proxy": {"engineFamily": "MARIADB", "vpcSecurityGroupIds": ["network-routes-id"]},
        "aws:rds/cluster:Cluster": {"backupRetentionPeriod": 36.0, "engineVersion": "5.6.mysql_aurora.1.22.2"},
        "aws:lambda/function:Function": {"runtime": "python3.7", "memorySize": 64.0},
        "aws:cloudwatch/logGroup:LogGroup": {"retentionInDays": 8.0},
        "aws:iam/role:Role": {"assumeRolePolicy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Alow"}]}'},
    }
    stack = dev
    for type_, inputs in wrong.items():
        stack = changed(stack, type_, **inputs)
    found = " ".join(findings(stack))
    for part in ("'MARIADB'", "VpcSecurityGroupIds", "36", "1.22.2", "python3.7", "64", "is not one of", "'Alow'"):
        assert part in found


def test_a_property_that_was_not_compared_is_an_error(dev: Graph) -> None:
    with pytest.raises(Unmapped, match="requireTlsNow has no counterpart"):
        template(changed(dev, "aws:rds/proxy:Proxy", requireTlsNow=True))


def test_a_resource_that_was_not_compared_is_an_error(dev: Graph) -> None:
    other = replace(dev.one("aws:rds/proxy:Proxy"), type="aws:rds/instance:Instance")
    with pytest.raises(Unmapped, match="aws:rds/instance:Instance"):
        template(replace(dev, resources=(*dev.resources, other)))


def test_every_exception_is_needed(recorded: Callable[[str], Graph]) -> None:
    graphs = [recorded(name) for name in COMBINATIONS]
    rules = {rule for graph in graphs for rule, _ in linted(json.dumps(template(graph)))}
    assert rules == set(EXPECTED)
    types = {resource.type for graph in graphs for resource in graph if resource.custom}
    assert set(TYPES) | set(WITHOUT_TYPE) >= types
    assert set(TYPES) <= types
