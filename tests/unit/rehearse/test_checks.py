"""What the rehearsal concludes from what the engine and the account report."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearse.__main__ import main
from rehearse.checks import before, exactly, exposed, nothing, out_of_order, refused, told, within, without
from rehearse.cli import Outcome, Step, steps
from rehearse.report import Report
from rehearse.tools import MissingTool, toolbox
from rehearse.world import Event

FUNCTION = "aws:lambda/function:Function"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
TARGET = "aws:rds/proxyTarget:ProxyTarget"


def outcome(*changes: tuple[str, str], code: int = 0, text: str = "") -> Outcome:
    return Outcome("pulumi up", code, text, tuple(Step(op, type_, f"n{n}") for n, (op, type_) in enumerate(changes)))


def test_components_and_the_stack_do_not_count_as_changes() -> None:
    assert nothing(outcome(("create", "aurorest:infra:Proxy"))).good
    assert not nothing(outcome(("update", FUNCTION))).good


def test_a_failed_command_changes_nothing_and_is_an_error() -> None:
    verdict = nothing(outcome(code=1, text="error: update failed\nerror: no such table\n"))
    assert not verdict.good
    assert verdict.found == "failed: error: no such table"


def test_a_replacement_counts_once() -> None:
    parts = [Step(op, FUNCTION, "f") for op in ("create-replacement", "replace", "delete-replaced")]
    assert told(Outcome("up", 0, "", tuple(parts))) == "replace lambda Function"


def test_changes_are_compared_with_what_is_expected() -> None:
    found = outcome(("update", FUNCTION), ("create", INSTANCE), ("create", INSTANCE))
    assert exactly(found, {"update lambda Function": 1, "create rds ClusterInstance": 2}).good
    assert not exactly(found, {"update lambda Function": 1, "create rds ClusterInstance": 1}).good
    assert within(found, {"update lambda Function"}, "create rds ClusterInstance").good
    assert not within(found, (), "create rds ClusterInstance").good
    assert not without(found, ("update",), ("lambda Function",)).good
    assert without(found, ("replace", "delete"), ("lambda Function",)).good


def test_a_refusal_names_its_reason_and_changes_nothing() -> None:
    assert refused(outcome(code=1, text="error: maxCapacity is much"), "maxcapacity").good
    assert not refused(outcome(code=1, text="error: out of memory"), "maxCapacity").good
    assert not refused(outcome(code=0, text="maxCapacity"), "maxCapacity").good
    assert not refused(outcome(("create", FUNCTION), code=1, text="maxCapacity"), "maxCapacity").good


def event(call: str, type_: str, id_: str, begin: int, end: int) -> Event:
    return Event(call, type_, id_, id_, begin, end)


@pytest.mark.parametrize(
    "events, problems",
    [
        ([event("create", INSTANCE, "i", 1, 2), event("create", TARGET, "t", 3, 4)], 0),
        ([event("create", INSTANCE, "i", 1, 3), event("create", TARGET, "t", 2, 4)], 1),
        ([event("delete", TARGET, "t", 1, 2), event("delete", INSTANCE, "i", 3, 4)], 0),
        ([event("delete", INSTANCE, "i", 1, 2), event("delete", TARGET, "t", 3, 4)], 1),
        ([event("create", FUNCTION, "f", 1, 2), event("create", GROUP, "/aws/lambda/f", 3, 4)], 1),
        ([event("create", FUNCTION, "f", 1, 2), event("create", GROUP, "/aws/lambda/f2", 3, 4)], 0),
    ],
)
def test_what_comes_too_early_is_found(events: list[Event], problems: int) -> None:
    assert len(out_of_order(events)) == problems


def test_one_kind_of_change_is_complete_before_another() -> None:
    instance, target = INSTANCE.removeprefix("aws:"), TARGET.removeprefix("aws:")
    events = [event("create", INSTANCE, "i", 1, 2), event("update", TARGET, "t", 3, 4)]
    assert before(events, instance, target)
    assert not before(events, target, instance)
    assert not before(events[:1], instance, target)


def line(kind: str, op: str, name: str) -> dict[str, Any]:
    return {kind: {"metadata": {"op": op, "type": FUNCTION, "urn": f"urn:pulumi:dev::aurorest::{FUNCTION}::{name}"}}}


def test_steps_are_read_from_a_log_of_events() -> None:
    log = [
        line("resourcePreEvent", "update", "b"),
        line("resourcePreEvent", "create", "a"),
        line("resOutputsEvent", "create", "a"),
        line("resOutputsEvent", "same", "c"),
        {"summaryEvent": {}},
    ]
    found = steps(iter(json.loads(json.dumps(log))))
    assert [(step.op, step.name) for step in found] == [("create", "a"), ("update", "b")]


def test_passwords_in_output_are_counted() -> None:
    assert exposed("a secret-1 b", {"secret-1", "secret-2"}) == 1


def test_the_table_counts_the_differences() -> None:
    report = Report()
    report.add("up again", "nothing", nothing(outcome()))
    report.add("a long change " * 6, "nothing", nothing(outcome(("update", FUNCTION))))
    assert report.differences == 1
    text = report.text()
    assert "NO" in text
    assert text.endswith("1 as expected, 1 not")


def test_without_a_cli_and_without_go_the_reason_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingTool, match="needs the Pulumi CLI or Go"):
        toolbox(tmp_path, print)


def test_an_unknown_scene_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["make rehearse", "live"])
    with pytest.raises(SystemExit):
        main()
    assert "there is no scene 'live'; there are life, production" in capsys.readouterr().err
