"""The policy pack over every recorded stack: what it lets pass, and what it is right to stop."""

import pytest
from pulumi_policy import PolicyResourceOptions, ResourceValidationArgs

from policy.policies import POLICIES
from tests.infra.graph import Graph

OPTIONS = PolicyResourceOptions(False, [], False, None, [], None, [])  # type: ignore[arg-type]

SPOKEN = {
    "public with a given certificate": {"route-asks-who-calls"},
    "JWT from elsewhere with public docs": {"route-asks-who-calls"},
    "JWT with roles and an anonymous one": {"route-asks-who-calls"},
    "end to end IAM with roles": {"route-asks-who-calls"},
    "restored with everything watched": {"proxy-does-not-log-statements", "pool-keeps-sessions-apart"},
}
"""Combinations that ask for what the pack warns of: an API open to everyone, statements in the log, a pinning filter."""


def test_a_stack_passes_but_for_what_it_asks_for(graph: Graph, request: pytest.FixtureRequest) -> None:
    spoken: set[str] = set()
    for resource in graph:
        args = ResourceValidationArgs(resource.type, dict(resource.inputs), resource.urn, resource.name, OPTIONS, None)
        for policy in POLICIES:

            def report(message: str, urn: str | None = None, name: str = policy.name) -> None:
                spoken.add(name)

            policy.validate(args, report)
    assert spoken == SPOKEN.get(request.node.callspec.params["graph"], set())
