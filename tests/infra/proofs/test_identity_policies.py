"""Every identity policy of the stack, read by a policy parser: known actions, resources of their kind, valid ARNs.

Trust policies, key policies and topic policies are resource policies, which parliament does not read; cfn-lint does
(`test_cloudformation.py`), the actions of identity policies included, so two parsers look at those.
"""

import functools
import json
import warnings
from typing import Any

import pytest

from tests.infra.graph import Graph

EXPECTED = {
    "lambda:SourceFunctionArn": "a documented condition key of every call that a function makes; parliament lacks it. "
    "https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html",
}
"""Parts of findings that are wrong about us, and why."""


@functools.cache
def findings(text: str) -> tuple[str, ...]:
    """What parliament says about one policy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parliament's imports warn
        import parliament
    analysed: Any = parliament.analyze_policy_string(text)
    return tuple(f"{finding.issue}: {finding.detail}" for finding in analysed.findings)


def policies(graph: Graph) -> dict[str, str]:
    """The text of every identity policy by the name of its resource."""
    return {resource.name: str(resource.inputs["policy"]) for resource in graph.of("aws:iam/rolePolicy:RolePolicy")}


def test_every_identity_policy_is_sound(graph: Graph) -> None:
    found = {name: findings(text) for name, text in policies(graph).items()}
    wrong = [
        f"{name}: {finding}"
        for name, all_of_it in found.items()
        for finding in all_of_it
        if not any(part in finding for part in EXPECTED)
    ]
    assert wrong == []
    assert len(found) >= 7


@pytest.mark.parametrize(
    "changes, issue",
    [
        ({"Action": "rds-db:conect"}, "UNKNOWN_ACTION"),
        ({"Resource": "arn:aws:s3:::bucket"}, "RESOURCE_MISMATCH"),
        ({"Resource": "*"}, "RESOURCE_STAR"),
        ({"Resource": "dbuser/app"}, "INVALID_ARN"),
        ({"Effect": "Alow"}, "MALFORMED"),
        ({"Condition": {"StringEqual": {"aws:SourceVpc": "vpc-1"}}}, "UNKNOWN_OPERATOR"),
    ],
)
def test_a_mistake_in_a_policy_is_found(dev: Graph, changes: dict[str, Any], issue: str) -> None:
    policy = json.loads(policies(dev)["function-connect"])
    policy["Statement"][0] |= changes
    assert any(finding.startswith(issue) for finding in findings(json.dumps(policy)))


def test_every_exception_is_needed(dev: Graph) -> None:
    everything = " ".join(finding for text in policies(dev).values() for finding in findings(text))
    assert all(part in everything for part in EXPECTED)
