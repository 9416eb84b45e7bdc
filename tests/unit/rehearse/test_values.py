"""Property values between the engine and the rehearsal's providers."""

from typing import Any

import pytest
from google.protobuf import json_format

from rehearse.kinds import KINDS, Kind
from rehearse.provider import difference
from rehearse.values import SIGNATURE, UNKNOWN, Secret, from_struct, known, same, to_struct

ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"


def test_a_secret_is_wrapped_on_the_way_out_and_plain_on_the_way_in() -> None:
    sent = to_struct({"a": [Secret("x"), 1, 0.5, True, None]})
    wrapped = json_format.MessageToDict(sent)["a"][0]
    assert wrapped.keys() == {SIGNATURE, "value"}
    assert wrapped["value"] == "x"
    assert from_struct(sent) == {"a": ["x", 1, 0.5, True, None]}
    assert isinstance(from_struct(sent)["a"][1], int)


def test_a_value_is_known_when_all_of_it_is() -> None:
    assert known({"a": ["b", {"c": 1}]})
    assert not known({"a": ["b", {"c": UNKNOWN}]})


@pytest.mark.parametrize(
    "wanted, found, alike",
    [
        ({"a": 1}, {"a": 1, "filled": 2}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, None, False),
        (["a", "b"], ["b", "a"], True),
        (["a", "a"], ["a", "b"], False),
        (["a"], ["a", "b"], False),
        ([{"n": 1}], [{"n": 1, "filled": 0}], True),
        ('{"a": [1, 2]}', '{"a":[1,2]}', True),
        ('{"a": 1}', '{"a": 2}', False),
        ("{not json", "{not json", True),
        ("{not json", "{nor this", False),
        ({SIGNATURE: ARCHIVE, "hash": "1", "path": "/a"}, {SIGNATURE: ARCHIVE, "hash": "1", "path": "/b"}, True),
        ({SIGNATURE: ARCHIVE, "hash": "1"}, {SIGNATURE: ARCHIVE, "hash": "2"}, False),
    ],
)
def test_what_exists_is_compared_with_what_is_asked_for(wanted: Any, found: Any, alike: bool) -> None:
    assert same(wanted, found) is alike


def test_an_input_that_is_given_up_counts_unless_aws_fills_it_in() -> None:
    kind = Kind(kept=frozenset({"filled"}))
    state = {"filled": "x", "own": "y", "flag": False}
    assert difference(kind, {"filled": "x", "own": "y", "flag": False}, state, {}) == {"own"}


def test_an_input_that_is_not_known_yet_counts() -> None:
    assert difference(Kind(), {}, {"a": "x"}, {"a": UNKNOWN}) == {"a"}


def test_what_replaces_a_resource_is_one_of_its_inputs() -> None:
    cluster = KINDS["aws:rds/cluster:Cluster"]
    assert {"databaseName", "masterUsername", "kmsKeyId"} <= cluster.replaces
    assert "backupRetentionPeriod" not in cluster.replaces
