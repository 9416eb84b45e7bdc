"""What a second `pulumi up` may do to a stack that exists already."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.runtime.mocks import MockResourceArgs

from infra.config import ConfigurationError
from infra.previous import previous_outputs
from tests.infra.aws import REGION, AwsAnswers
from tests.infra.combinations import COMBINATIONS
from tests.infra.graph import Graph, record
from tests.infra.reading import Recorded, physical_names


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


def test_only_the_key_outlives_the_stack(graph: Graph) -> None:
    # Deletion in the provider is ScheduleKeyDeletion:
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/kms/key.go
    kept = {one.type for one in graph if one.retain_on_delete}
    assert kept == ({"aws:kms/key:Key"} if graph.of("aws:kms/key:Key") else set())


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


@pytest.mark.parametrize("name", COMBINATIONS)
def test_a_renamed_stack_changes_no_resource(recorded: Recorded, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The engine keeps an ignored input as it was, so the prefix of the first name is still the answer:
    # https://www.pulumi.com/docs/iac/concepts/options/ignorechanges/
    first = recorded(name)
    chosen = first.one("random:index/randomId:RandomId")
    assert chosen.ignore_changes == ("prefix",)
    kept = chosen.outputs["hex"]
    answer = AwsAnswers.new_resource

    def remember(self: AwsAnswers, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        id_, state = answer(self, args)
        return id_, state | {"hex": kept} if args.typ == chosen.type else state

    monkeypatch.setattr(AwsAnswers, "new_resource", remember)
    wanted = COMBINATIONS[name]
    references = {
        one: {**outputs, "otherShares": {"aurorest-renamed": 40}} for one, outputs in wanted.references.items()
    }
    renamed = record(
        wanted.config, stack="renamed", references=references, subnets=wanted.subnets, previous=dict(first.outputs)
    )
    assert registered(renamed) == registered(first)


def test_a_third_zone_adds_subnets_and_replaces_nothing_that_serves(recorded: Recorded) -> None:
    # vpc_subnet_ids of a proxy and of its endpoints force a replacement:
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/proxy.go
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/proxy_endpoint.go
    name = "end to end IAM with readers"
    two = recorded(name)
    three = again(name, dict(two.outputs), zoneCount="3")
    added = {(one.type, one.name) for one in three} - {(one.type, one.name) for one in two}
    assert added == {
        ("aws:ec2/subnet:Subnet", "network-isolated-3"),
        ("aws:ec2/routeTableAssociation:RouteTableAssociation", "network-isolated-3"),
    }
    before = {(one.type, one.name): one.inputs for one in two}
    changed = {
        (one.type, key)
        for one in three
        if (one.type, one.name) in before
        for key, value in one.inputs.items()
        if value != before[one.type, one.name].get(key)
    }
    # Both are updated in place:
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/subnet_group.go
    # https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/lambda/function.go
    assert changed == {("aws:rds/subnetGroup:SubnetGroup", "subnetIds"), ("aws:lambda/function:Function", "vpcConfig")}
    assert len(three.one("aws:rds/proxy:Proxy").inputs["vpcSubnetIds"]) == 2


def registered(graph: Graph) -> list[tuple[str, str, dict[str, Any]]]:
    """Types, logical names and inputs, but for the ignored ones."""
    return [
        (one.type, one.name, {key: value for key, value in one.inputs.items() if key not in one.ignore_changes})
        for one in graph
    ]


def test_two_lives_of_a_stack_share_no_name(dev: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    # AWS creates a log group again when a deleted function or proxy delivers its last lines:
    # https://github.com/terraform-aws-modules/terraform-aws-lambda/issues/342
    monkeypatch.setattr("tests.infra.aws.RANDOM_END", "ffffff")
    second = record(COMBINATIONS["dev"].config)
    assert physical_names(dev) & physical_names(second) == set()


class Flaky:
    """An engine whose backend is writing its checkpoint during the first reads."""

    def __init__(self, failures: int) -> None:
        self.left = failures

    def __call__(self, _token: str, arguments: dict[str, str]) -> object:
        if self.left:
            self.left -= 1
            raise RuntimeError("failed to load checkpoint: EOF")
        return SimpleNamespace(value={"outputs": {"read": arguments["name"]}})


def test_a_checkpoint_that_is_being_written_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulumi.get_organization", lambda: "acme")
    monkeypatch.setattr("infra.previous.time.sleep", lambda _seconds: None)
    config: Any = SimpleNamespace(project="aurorest", stack="dev")
    monkeypatch.setattr("pulumi.runtime.invoke", Flaky(4))
    assert previous_outputs(config) == {"read": "acme/aurorest/dev"}
    monkeypatch.setattr("pulumi.runtime.invoke", Flaky(5))
    with pytest.raises(RuntimeError, match="EOF"):
        previous_outputs(config)
