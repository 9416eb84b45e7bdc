"""Checkov's rules over every recorded stack, as a Terraform plan. What is not followed is in `checkov.yaml`.

Checkov knows nothing about proxies, parameter groups and HTTP APIs as such; the policy pack and `tests/infra` judge those.
"""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.combinations import COMBINATIONS
from tests.infra.graph import Graph
from tests.infra.proofs.terraform import plan

pytestmark = pytest.mark.xdist_group("checkov")  # one process: the report is made once

PROGRAM = Path(".venv-checkov/bin/checkov")
ACCEPTED: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("checkov.yaml").read_text())


@dataclass(frozen=True)
class Failure:
    """One check that one resource of one stack does not pass."""

    stack: str
    check: str
    resource: str


def checked(stacks: dict[str, Graph], folder: Path) -> tuple[frozenset[Failure], int]:
    """All failures in `stacks`, and how many checks passed. One run, because starting takes longer than checking."""
    if not PROGRAM.exists():
        pytest.fail("checkov is not installed: run `make test`, or `make .venv-checkov/.stamp` for it alone")
    names = {f"{number:02}.json": name for number, name in enumerate(stacks)}
    for file, name in names.items():
        (folder / file).write_text(json.dumps(plan(stacks[name])))
    command = [str(PROGRAM), "-d", str(folder), "--framework", "terraform_plan", "--skip-download", "-o", "json"]
    run = subprocess.run([*command, "--compact"], capture_output=True, text=True, check=False)
    assert run.stdout, run.stderr
    report = json.loads(run.stdout)
    assert report["summary"]["parsing_errors"] == 0
    failures = frozenset(
        Failure(names[Path(failed["file_path"]).name], failed["check_id"], failed["resource"])
        for failed in report["results"]["failed_checks"]
    )
    return failures, report["summary"]["passed"]


@pytest.fixture(scope="module")
def result(
    recorded: Callable[[str], Graph], tmp_path_factory: pytest.TempPathFactory
) -> tuple[frozenset[Failure], int]:
    stacks = {name: recorded(name) for name in COMBINATIONS}
    return checked(stacks, tmp_path_factory.mktemp("plans"))


def test_a_check_that_fails_is_accepted_for_a_reason(result: tuple[frozenset[Failure], int]) -> None:
    failures, passed = result
    unexplained = [
        failure
        for failure in failures
        if failure.check not in ACCEPTED
        or failure.stack in ACCEPTED[failure.check].get("passes_in", ())
        or not failure.resource.endswith(ACCEPTED[failure.check].get("resources", ""))
    ]
    assert unexplained == []
    assert passed > 1500


def test_every_exception_is_needed_and_names_an_existing_stack(result: tuple[frozenset[Failure], int]) -> None:
    failures, _ = result
    assert {failure.check for failure in failures} == set(ACCEPTED)
    for entry in ACCEPTED.values():
        assert len(entry["reason"]) > 30
        assert set(entry) <= {"reason", "passes_in", "resources"}
        assert set(entry.get("passes_in", ())) <= set(COMBINATIONS)


def test_an_open_stack_is_found(dev: Graph, tmp_path: Path) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "aws:rds/cluster:Cluster": {"storageEncrypted": False},
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
            "cidrIpv4": "0.0.0.0/0",
            "fromPort": 22.0,
            "toPort": 22.0,
        },
        "aws:cloudwatch/logGroup:LogGroup": {"retentionInDays": None},
    }
    resources = tuple(replace(resource, inputs={**resource.inputs, **wrong.get(resource.type, {})}) for resource in dev)
    failures, _ = checked({"dev": replace(dev, resources=resources)}, tmp_path)
    assert {"CKV_AWS_96", "CKV_AWS_24", "CKV_AWS_66"} <= {failure.check for failure in failures}
