"""The GitHub workflows have minimal rights, and docs/ci.md lists the settings they need."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

FILES = sorted(Path(".github/workflows").glob("*.yml"))
DOCUMENT = Path("docs/ci.md").read_text()


def workflow(path: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as true.
    return {("on" if key is True else key): value for key, value in yaml.safe_load(path.read_text()).items()}


def jobs() -> list[tuple[str, dict[str, Any]]]:
    return [(f"{path.stem}.{name}", job) for path in FILES for name, job in workflow(path)["jobs"].items()]


def test_there_are_tests_deployments_and_a_drift_check() -> None:
    assert [path.stem for path in FILES] == ["deploy", "drift", "tests"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_by_default_and_never_runs_with_the_rights_of_main_for_a_fork(path: Path) -> None:
    found = workflow(path)
    assert found["permissions"] == {"contents": "read"}
    if path.stem == "drift":
        assert set(found["on"]) == {"schedule", "workflow_dispatch"}
        return
    assert set(found["on"]) == {"pull_request", "push"}
    assert found["on"]["push"] == {"branches": ["main"]}


@pytest.mark.parametrize("name, job", jobs(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_job_has_a_time_limit_and_keeps_no_credentials_in_the_checkout(name: str, job: dict[str, Any]) -> None:
    assert job["timeout-minutes"] <= 90
    for step in job["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"[a-z-]+/[a-z-]+@v\d+", step["uses"])
        if str(step.get("uses")).startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False


def test_only_deployments_take_a_role_and_each_its_own() -> None:
    roles = {
        name: step["with"]["role-to-assume"]
        for name, job in jobs()
        for step in job["steps"]
        if "role-to-assume" in step.get("with", {})
    }
    assert roles == {
        "deploy.preview": "${{ vars.AWS_PREVIEW_ROLE_ARN }}",
        "deploy.up": "${{ vars.AWS_DEPLOY_ROLE_ARN }}",
        "drift.drift": "${{ vars.AWS_PREVIEW_ROLE_ARN }}",
    }


def test_the_drift_check_refreshes_and_fails_on_any_change() -> None:
    (job,) = workflow(Path(".github/workflows/drift.yml"))["jobs"].values()
    preview = job["steps"][-1]["with"]
    assert (preview["command"], preview["refresh"], preview["expect-no-changes"]) == ("preview", True, True)


def test_only_main_is_deployed_and_only_after_approval() -> None:
    deploy = workflow(Path(".github/workflows/deploy.yml"))
    assert deploy["jobs"]["up"]["if"] == "github.event_name == 'push'"
    assert deploy["jobs"]["up"]["environment"] == "production"
    assert "head.repo.full_name == github.repository" in deploy["jobs"]["preview"]["if"]
    assert deploy["concurrency"]["cancel-in-progress"] is False


def test_the_workflow_runs_the_same_command_as_developers() -> None:
    (job,) = workflow(Path(".github/workflows/tests.yml"))["jobs"].values()
    assert job["steps"][-1] == {"run": "make test"}
    assert "exec make test" in Path(".ci/run").read_text()


def test_a_seed_repeats_the_random_order_of_the_tests() -> None:
    environment = {name: text for name, text in os.environ.items() if name != "MAKEFLAGS"}
    command = ["make", "--dry-run", "test", "SEED=123"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    (line,) = [line for line in done.stdout.splitlines() if "-m pytest" in line]
    assert "--randomly-seed=123" in line.split()
    assert "--no-loadscope-reorder" in line.split()


def test_the_document_names_exactly_the_settings_that_the_workflows_read() -> None:
    used = set(re.findall(r"\b(?:vars|secrets)\.([A-Z_]+)", "".join(path.read_text() for path in FILES)))
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", DOCUMENT, re.MULTILINE))
    assert described == used


def test_the_documented_trust_policy_allows_one_environment_of_one_repository() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    (statement,) = json.loads(text)["Statement"]
    conditions = statement["Condition"]["StringEquals"]
    assert conditions["token.actions.githubusercontent.com:sub"] == "repo:OWNER/REPOSITORY:environment:production"
    assert conditions["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
