import re
import subprocess

import pytest
import yaml

from shoplake.deploy.generated_files import write_generated
from shoplake.deploy.github.workflows import WorkflowPaths, github_files

from ..environments import ROOT

CI, DEPLOY = ".github/workflows/ci.yml", ".github/workflows/deploy.yml"
PATHS = WorkflowPaths("shop/shoplake.toml")


@pytest.fixture
def workflows():
    """The two workflows, as values."""
    return {name: yaml.safe_load(text) for name, text in github_files(PATHS, "0.1.0").items()}


def test_each_action_is_pinned_by_a_commit(workflows):
    uses = [
        step["uses"]
        for flow in workflows.values()
        for job in flow["jobs"].values()
        for step in job["steps"]
        if "uses" in step
    ]

    assert len(uses) > 5
    assert [each for each in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each)] == []


def test_a_pull_request_deploys_to_dev_and_a_tag_to_prod(workflows):
    jobs = workflows[DEPLOY]["jobs"]

    assert workflows[DEPLOY][True] == {"pull_request": {"branches": ["main"]}, "push": {"tags": ["v*"]}}
    for name, event in {"dev": "pull_request", "prod": "push"}.items():
        commands = [step["run"] for step in jobs[name]["steps"] if "run" in step]
        assert f"databricks bundle deploy --target {name}" in commands
        assert all(f"--target {name}" in command for command in commands)
        assert jobs[name]["if"].startswith(f"github.event_name == '{event}'")
        assert jobs[name]["environment"] == name


def test_only_deployments_have_an_identity_and_nothing_has_a_secret(workflows):
    permissions = {name: job["permissions"] for flow in workflows.values() for name, job in flow["jobs"].items()}
    identity = {"contents": "read", "id-token": "write"}

    assert permissions == {"test": {"contents": "read"}, "dev": identity, "prod": identity}
    assert [flow["permissions"] for flow in workflows.values()] == [{}, {}]
    assert "secrets." not in str(workflows)


def test_packages_are_those_of_the_lock_file_where_there_is_one():
    locked = github_files(WorkflowPaths("shoplake.toml", has_lock=True), "0.1.0")[CI]

    assert "uv run --locked shoplake tables --config shoplake.toml" in locked
    assert "uv run --no-project --with 'shoplake[sail]==0.1.0' shoplake tables" in github_files(PATHS, "0.1.0")[CI]


def test_the_contracts_loop_checks_each_file_there_is(tmp_path, workflows):
    script = workflows[CI]["jobs"]["test"]["steps"][-1]["run"]
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts/sales.odcs.yaml").touch()
    (tmp_path / "uv").write_text('#!/bin/sh\necho "$*"\n')
    (tmp_path / "uv").chmod(0o755)

    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/bin:/usr/bin"},
        capture_output=True,
        text=True,
    )

    assert done.stdout.splitlines() == [
        "run --no-project --with shoplake[sail]==0.1.0 --with pyyaml "
        "shoplake contract check contracts/sales.odcs.yaml --config shop/shoplake.toml"
    ]


@pytest.fixture
def checked(tmp_path):
    """The files of the workflows, and the project's own."""
    return [*write_generated(tmp_path, github_files(PATHS, "0.1.0")), *(ROOT / ".github/workflows").glob("*.yml")]


@pytest.mark.slow
def test_the_workflows_are_those_of_the_schema(checker, checked):
    assert "ok" in checker("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *checked)


@pytest.mark.slow
def test_the_workflows_have_no_known_weakness(checker, checked):
    assert "No findings to report" in checker("zizmor", "--offline", "--no-progress", "--persona", "pedantic", *checked)
