"""The files that GitHub and editors read: their form, and that what they name is there."""

import json
import re
import subprocess
import sys

import pytest
import yaml
from support import ROOT

from assignment06.orchestration.commands import COMMANDS

WORKFLOW = ROOT / ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("schema", "path"), [("github-workflows", ".github/workflows/ci.yml"), ("dependabot", ".github/dependabot.yml")]
)
def test_github_would_accept_the_file(schema: str, path: str) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", path]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_action_is_pinned_to_a_commit_and_says_its_version() -> None:
    uses = re.findall(r"uses: (.*)", WORKFLOW.read_text(encoding="utf-8"))
    assert len(uses) == 4
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def test_what_the_workflow_names_is_there() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    lines = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    commands = re.findall(r"-m assignment06 (\w+)", "\n".join(lines))
    assert set(commands) == {"lint", "test", "submission", "grade"} <= set(COMMANDS)
    named = set(re.findall(r"(?:envs|tests)/[\w./-]+", "\n".join(lines)))
    assert "envs/dev.lock" in named
    assert [path for path in named if not (ROOT / path).exists()] == []
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    oldest, too_new = map(int, re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', settings).groups())
    pythons = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert pythons == [f"3.{minor}" for minor in range(oldest, too_new)]
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets" not in WORKFLOW.read_text(encoding="utf-8")


def test_the_devcontainer_is_the_python_of_the_dockerfile_with_what_make_needs() -> None:
    given = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    base = re.search("^ARG BASE_IMAGE=(.*)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert given["image"] == base.replace("-slim", "")  # with git, make and the libraries that a slim one lacks
    assert given["postCreateCommand"] == "make .venv/dev.stamp"
