"""What a second `pulumi up` may do to a stack that exists already."""

from __future__ import annotations

from typing import Any

import pytest

from infra.config import ConfigurationError
from tests.infra.aws import REGION
from tests.infra.combinations import COMBINATIONS
from tests.infra.graph import Graph, record
from tests.infra.reading import Recorded


def again(name: str, previous: dict[str, Any], **changed: str) -> Graph:
    """The combination as it is recorded after an `up` that exported `previous`, with some keys changed."""
    wanted = COMBINATIONS[name]
    keys = {f"aurorest:{key}": value for key, value in changed.items()}
    return record(
        {**wanted.config, **keys},
        stack=wanted.stack,
        references=wanted.references,
        subnets=wanted.subnets,
        previous=previous,
    )


@pytest.mark.parametrize("name", COMBINATIONS)
def test_a_second_up_changes_nothing(recorded: Recorded, name: str) -> None:
    first = recorded(name)
    assert again(name, dict(first.outputs)) == first


def test_the_key_and_its_alias_outlive_the_stack(graph: Graph) -> None:
    # Deletion in the provider is ScheduleKeyDeletion:
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/kms/key.go
    kept = {one.type for one in graph if one.retain_on_delete}
    assert kept == ({"aws:kms/key:Key", "aws:kms/alias:Alias"} if graph.of("aws:kms/key:Key") else set())


def test_the_keys_arn_is_an_output(prod: Graph, dev: Graph) -> None:
    assert prod.outputs["encryptionKeyArn"] == prod.one("aws:kms/key:Key").outputs["arn"]
    assert dev.outputs["encryptionKeyArn"] == ""


@pytest.mark.parametrize(
    "name, changed, told",
    [
        ("prod", {"customerManagedKeys": "false"}, "allowed: true"),
        ("dev", {"customerManagedKeys": "true"}, "created with AWS's key"),
        ("dev", {"adminUser": "other_admin"}, "allowed: aurorest_admin"),
    ],
)
def test_a_setting_that_the_cluster_keeps_cannot_change(
    recorded: Recorded, name: str, changed: dict[str, str], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        again(name, dict(recorded(name).outputs), **changed)


def test_an_attached_stack_may_start_to_use_its_own_key_and_then_keeps_it(recorded: Recorded) -> None:
    name = "attached by identifiers"
    graph = again(name, dict(recorded(name).outputs), customerManagedKeys="true")
    assert graph.outputs["encryptionKeyArn"].startswith(f"arn:aws:kms:{REGION}:")
    with pytest.raises(ConfigurationError, match="allowed: true"):
        again(name, dict(graph.outputs))
