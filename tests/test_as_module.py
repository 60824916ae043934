"""Another workflow uses this one, as Snakemake's documentation shows it: `module: snakefile: ...`."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from support import ROOT, copy_tree
from support import snakemake as run_snakemake

pytestmark = pytest.mark.slow
SNAKEFILE = """
import yaml

with open("mine.yaml") as file:
    CONFIG = yaml.safe_load(file)

module assignment06:
    snakefile: "{root}/Snakefile"
    config: CONFIG

use rule * from assignment06 as a6_*

rule mine:
    default_target: True
    input: rules.a6_write_report.output.report
    output: "mine.txt"
    shell: "wc -c {{input}} > {{output}}"
"""


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another workflow, in a folder of its own, with a config that is in no file called config.yaml."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    config |= {"data_source": "sample", "student": {"last_name": "Lovelace", "first_name": "Ada"}}
    del config["experiments"]["cifar10_plain"], config["experiments"]["cifar10_augmented"]
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (tmp_path / "data/raw/images").mkdir(parents=True)
    (tmp_path / "Snakefile").write_text(SNAKEFILE.format(root=ROOT), encoding="utf-8")
    return tmp_path


def test_another_workflow_plans_a_run_with_these_rules(other: Path) -> None:
    done = run_snakemake(other, "-n", PYTHONPATH=str(ROOT / "workflow"))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    rules = set(re.findall(r"^(?:local)?rule (\w+):", done.stdout, re.MULTILINE))
    assert {"mine", "a6_train_convnet", "a6_write_report", "a6_acquire_dataset", "a6_classify_shard"} <= rules
    assert set(re.findall(r"wildcards: experiment=(\w+)", done.stdout)) == {"mnist"}, "the module's own config"
    assert "a6_pack_submission" not in rules, "only what was asked for"


def test_another_workflow_runs_jobs_of_these_rules(other: Path) -> None:
    target = "data/prepared/mnist/train.npz"
    done = run_snakemake(other, target, PYTHONPATH=str(ROOT / "workflow"))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert (other / target).stat().st_size > 100_000
    assert (other / "results/logs/prepare_dataset/mnist.log").exists()


DEPLOYED = """
configfile: "config/config.yaml"

module assignment06:
    snakefile:
        github("owner/assignment06", path="Snakefile", tag="v0")
    config:
        config

use rule * from assignment06
"""


def test_rules_that_are_fetched_plan_a_run_as_snakedeploy_writes_it(other: Path, tmp_path_factory) -> None:
    """The address of GitHub is git's for a repository of this machine, so that nothing is asked of the network."""
    there = copy_tree(tmp_path_factory.mktemp("there") / "assignment06")
    for words in ("init -q", "add -A -f", "-c user.name=a -c user.email=a@b commit -q -m one", "tag v0"):
        subprocess.run(["git", *words.split()], cwd=there, check=True, capture_output=True)
    (other / "config").mkdir()
    (other / "mine.yaml").rename(other / "config/config.yaml")
    (other / "Snakefile").write_text(DEPLOYED, encoding="utf-8")
    here = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{there.as_uri()}.insteadOf"}
    here |= {"GIT_CONFIG_VALUE_0": "https://github.com/owner/assignment06", "XDG_CACHE_HOME": str(other / "cache")}
    done = run_snakemake(other, "-n", PYTHONPATH=str(ROOT / "workflow"), **here)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    rules = set(re.findall(r"^(?:local)?rule (\w+):", done.stdout, re.MULTILINE))
    assert {"train_convnet", "write_report", "deliver_submission"} <= rules
