"""What an upgrade of Snakemake has moved, of all that orchestration/snakemake_internals.py takes from inside it."""

import ast
import json
import logging
import shutil
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import snakemake
from snakemake_interface_logger_plugins.common import LogEvent
from support import ROOT, run_python
from support import snakemake as run_snakemake

from assignment06.orchestration import snakemake_internals as internals

INSTALLED = Path(snakemake.__file__).parent
# Of messages that Snakemake puts together: the pieces that it says itself
PIECES = {
    "Using workflow specific profile": ("Using ", "workflow specific profile"),
    "WorkflowError:\nAt least one job did not complete": ("At least one job did not complete",),
    "RuleException:\nCalledProcessError": ("RuleException",),
    "Config file config.yaml is extended": ("Config file {} is {} by additional config", "extended"),
}
# Messages that it keeps under a name, or that are made from an exception, before they are said
ELSEWHERE = {
    "Reasons:\n", "Exiting because a job execution failed", "WorkflowError:\nAt least one job did not complete",
    "RuleException:\nCalledProcessError",
}  # fmt: skip


@cache
def texts() -> tuple[frozenset[str], frozenset[str]]:
    """Return all texts in Snakemake's own code, and those of them that are said to its logger."""
    everything, said = set(), set()
    for path in INSTALLED.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ClassDef):
                everything.add(node.name)
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                everything.add(node.value)
            if isinstance(node, ast.Call) and "logger." in ast.unparse(node.func):
                inner = (one for argument in node.args for one in ast.walk(argument))
                said |= {one.value for one in inner if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return frozenset(everything), frozenset(said)


@pytest.mark.parametrize("message", [*internals.CHATTER, *internals.AFTER_FAILURE, internals.FAILED_SCRIPT])
def test_each_message_that_is_left_out_is_one_of_snakemakes(message: str) -> None:
    everything, said = texts()
    assert len(said) > 100
    first, *rest = PIECES.get(message, (message,))
    among = everything if message in ELSEWHERE else said
    assert any(text.startswith(first) for text in among), f"Snakemake no longer says {first!r}"
    for piece in rest:
        assert any(text.startswith(piece) for text in everything), f"Snakemake no longer says {piece!r}"


def test_nothing_that_a_user_must_act_upon_is_left_out() -> None:
    important = [
        "Error in rule",
        "MissingInputException",
        "Nothing to be done",
        "Directory cannot be locked",
        "Warning",
    ]
    assert not [text for text in important if text.startswith(internals.CHATTER)]


def test_only_rules_with_very_many_inputs_find_them_by_name() -> None:
    few, many = (SimpleNamespace(input=["a"] * number, dependencies={"a": "rule"}) for number in (300, 301))
    internals.find_many_inputs_by_name(SimpleNamespace(rules=[few, many]))
    assert (few.dependencies, many.dependencies) == ({"a": "rule"}, {})


@pytest.mark.parametrize(
    ("module", "owner", "attribute"),
    [
        ("snakemake.workflow", "Workflow", "storage_settings"),
        ("snakemake.workflow", "Workflow", "is_main_process"),
        ("snakemake.workflow", "Workflow", "current_basedir"),
        ("snakemake.workflow", "Workflow", "dag"),
        ("snakemake.workflow", "Workflow", "rules"),
        ("snakemake.rules", "Rule", "dependencies"),
        ("snakemake.dag", "DAG", "jobs"),
        ("snakemake.workflow", "Workflow", "config_settings"),
        ("snakemake.workflow", "Workflow", "execution_settings"),
        ("snakemake.workflow", "Workflow", "dryrun"),
        ("snakemake.dag", "DAG", "needrun"),
        ("snakemake.dag", "DAG", "finished"),
        ("snakemake.settings.types", "ConfigSettings", "configfiles"),
        ("snakemake.settings.types", "ExecutionSettings", "keep_going"),
        ("snakemake.jobs", "Job", "rule"),
        ("snakemake.jobs", "Job", "input"),
        ("snakemake.jobs", "Job", "output"),
        ("snakemake.settings.types", "StorageSettings", "default_storage_provider"),
        ("snakemake.settings.types", "StorageSettings", "default_storage_prefix"),
        ("snakemake.settings.types", "DeploymentSettings", "deployment_method"),
        ("snakemake.sourcecache", "SourceFile", "get_path_or_uri"),
    ],
)
def test_each_part_is_where_it_was(module: str, owner: str, attribute: str) -> None:
    source = ast.parse((INSTALLED.parent / f"{module.replace('.', '/')}.py").read_bytes())
    found = next((node for node in source.body if isinstance(node, ast.ClassDef) and node.name == owner), None)
    assert found, f"{module} has no {owner}"
    names = {node.name for node in found.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    names |= {node.target.id for node in found.body if isinstance(node, ast.AnnAssign)}
    names |= {
        node.attr
        for node in ast.walk(found)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }
    assert attribute in names, f"{module}.{owner} has no {attribute}"


def test_an_outputs_path_without_its_storage() -> None:
    class Stored:
        flags = {"storage_object": type("Storage", (), {"query": "s3://bucket/run/results/{experiment,a|b}.csv"})}  # noqa: RUF012

    storage = internals.Storage("s3", "s3://bucket/run")
    assert internals.unstored(Stored(), storage) == "results/{experiment}.csv"
    assert internals.unstored("results/{experiment}.csv", storage) == "results/{experiment}.csv"
    assert storage.remote and not internals.Storage(None, None).remote and not internals.Storage("none", None).remote
    everything, _ = texts()
    assert "storage_object" in everything, "Snakemake no longer marks what lies in a storage so"


SNAKEFILE = """
import json
import logging
from assignment06.orchestration import snakemake_internals as internals

include: "sub/more.smk"

rule all:
    default_target: True
    input: "made", "early.txt"

rule folder:
    output: directory("made")
    shell: "mkdir made; cp -r .snakemake/locks made"

rule early:
    output: "early.txt"
    shell: "echo > early.txt"

onstart:
    found = {
        "folder": str(FOLDER), "storage": list(internals.storage(workflow)),
        "main": internals.is_main_process(workflow),
        "containers": internals.in_containers(workflow),
        "jobs": sorted(job.rule.name for job in internals.jobs(workflow)),
        "files": sorted(path for job in internals.jobs(workflow) for path in (*job.input, *job.output)),
        "up to date": sorted(internals.up_to_date(workflow)),
    }
    with open("found.json", "w") as file:
        json.dump(found, file)
"""


@pytest.mark.slow
def test_snakemake_itself_gives_what_is_asked_of_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/more.smk").write_text("FOLDER = internals.snakefile_folder(workflow)\n")
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    more = {"PYTHONPATH": str(ROOT / "workflow")}
    first = run_snakemake(tmp_path, "early.txt", cores=1, **more)
    assert first.returncode == 0, first.stderr
    done = run_snakemake(tmp_path, cores=1, **more)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found == {
        "folder": str(tmp_path / "sub"), "storage": [None, ""], "main": True, "containers": False,
        "jobs": ["all", "early", "folder"], "files": ["early.txt", "early.txt", "made", "made"],
        "up to date": ["early"],
    }  # fmt: skip
    locks = tmp_path / internals.FOLDER / "locks"
    shutil.rmtree(locks, ignore_errors=True)
    shutil.copytree(tmp_path / "made/locks", locks)  # as a killed Snakemake leaves them
    there = {path for path in locks.rglob("*") if path.is_file()}
    assert there and set((tmp_path / internals.FOLDER).glob(internals.LOCKS)) == there, "a lock is called otherwise"
    refused = run_snakemake(tmp_path, "--forceall", cores=1, **more)
    assert "Directory cannot be locked" in refused.stdout + refused.stderr, "what is looked for is what locks"
    assert (tmp_path / "made" / internals.TIMESTAMP).exists()


def test_the_module_can_be_read_without_snakemake(tmp_path: Path) -> None:
    code = "import sys, assignment06.orchestration.snakemake_internals; print('snakemake' in sys.modules)"
    assert run_python(code, tmp_path).stdout == "False\n"


def test_jobs_are_heard_of_as_they_begin_fail_and_are_done() -> None:
    """A quiet run's log does not say what is done, so that is looked up."""
    jobs, finished, heard = ["a", "b"], set(), []
    dag = SimpleNamespace(jobs=jobs, jobid=jobs.index, finished=finished.__contains__)
    listener = internals.Listener(SimpleNamespace(dag=dag), lambda job, state: heard.append((job, state)))
    say = logging.getLogger("snakemake.logging")
    try:
        say.error("", extra={"event": LogEvent.JOB_INFO, "jobid": 0})
        say.error("", extra={"event": LogEvent.JOB_INFO, "jobid": 1})
        say.error("", extra={"event": LogEvent.JOB_INFO, "jobid": 7})  # none of this run
        say.error("", extra={"event": LogEvent.JOB_ERROR, "jobid": 1})
        listener.settle()
        finished.update(jobs)
        listener.settle()
        listener.settle()
    finally:
        say.removeHandler(listener)
    assert heard == [(0, "begun"), (1, "begun"), (1, "failed"), (0, "done")]
