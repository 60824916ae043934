"""The whole workflow as jobs of a real Slurm, with the shipped profile; what is asserted comes from Slurm's records."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
from support import PLUGINS, ROOT, copy_tree, library_path

from assignment06.orchestration.container_image import image_name

pytestmark = pytest.mark.slow
# What this one-node Slurm differs in: no accounting database, and jobs of seconds.
TEST_OVERLAY = [
    "--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "5",
    "--seconds-between-status-checks", "1",
]  # fmt: skip
LOCAL_RULES = {
    "acquire_dataset", "acquire_classifier", "prepare_dataset", "write_stand_ins", "list_photographs",
    "deliver_submission",
}  # fmt: skip


CONTAINED = "podman" in os.environ.get("ASSIGNMENT06_ENGINES_REQUIRED", "").split()


def submit(folder: Path, *arguments: str, limit: int = 600) -> subprocess.CompletedProcess:
    """Run snakemake with the shipped Slurm profile, in containers where there are; errors and output come together."""
    command = [
        sys.executable, "-m", "snakemake", "--workflow-profile", "workflow/profiles/slurm", *TEST_OVERLAY, *arguments,
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": library_path(folder, PLUGINS / "slurm")}
    if CONTAINED:
        command += ["--sdm", "apptainer"]
        path = [str(folder / "workflow/containers/bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
        environment |= {"ASSIGNMENT06_ENGINE": "podman", "PATH": os.pathsep.join(path)}
    return subprocess.run(
        ["timeout", "-k", "10", str(limit), *command], cwd=folder, env=environment, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def records(folder: Path) -> list[dict[str, str]]:
    """Slurm's own records of the jobs that were submitted in `folder`."""
    shown = subprocess.run(["scontrol", "show", "jobs", "-o"], capture_output=True, text=True, check=True).stdout
    jobs = [dict(re.findall(r"(\S+?)=(\S*)", line)) for line in shown.splitlines()]
    return [job for job in jobs if job.get("WorkDir") == str(folder)]


def rule_of(job: dict[str, str]) -> str:
    return re.match(r"rule_(.*?)(?:_wildcards_|$)", job["Comment"])[1]


@pytest.fixture(scope="module")
def finished(slurm, tmp_path_factory) -> Path:
    """A copy of the project in which a cluster's user ran the workflow; one training was cancelled under way."""
    folder = copy_tree(tmp_path_factory.mktemp("slurm") / "assignment06")
    shutil.copy(ROOT / "tests/small.yaml", folder)
    cancelled = []
    over = threading.Event()

    def cancel_one_training() -> None:
        checkpoints = folder / "results/training/mnist.checkpoints"
        while not over.wait(0.2):
            running = [job for job in records(folder) if job["JobState"] == "RUNNING" and "mnist" in job["Comment"]]
            if checkpoints.is_dir() and any(checkpoints.iterdir()) and running:
                subprocess.run(["scancel", running[0]["JobId"]], check=True)
                cancelled.append(running[0]["JobId"])
                return

    watcher = threading.Thread(target=cancel_one_training)
    watcher.start()
    try:
        done = submit(folder, "--configfile", "small.yaml")
    finally:
        over.set()
        watcher.join()
    (folder / "said.txt").write_text(done.stdout)
    (folder / "cancelled.txt").write_text(" ".join(cancelled))
    assert done.returncode == 0, done.stdout[-6000:]
    return folder


def test_every_job_ran_in_slurm_but_those_that_move_data(finished) -> None:
    jobs = records(finished)
    by_rule = [rule_of(job) for job in jobs if job["JobState"] == "COMPLETED"]
    assert set(by_rule).isdisjoint(LOCAL_RULES)
    assert sorted(by_rule).count("train_convnet") == by_rule.count("predict_test_set") == 3
    assert len(by_rule) >= 20
    with zipfile.ZipFile(finished / "assignment06_LovelaceAda.zip") as archive:
        assert archive.testzip() is None
    assert json.loads((finished / "results/submission/verification.json").read_text())["sound"]


def test_slurm_was_asked_for_what_the_rules_state(finished) -> None:
    asked = {rule_of(job): job for job in records(finished) if job["JobState"] == "COMPLETED"}
    wanted = {
        "train_convnet": (2, 3000, 120), "predict_test_set": (1, 2000, 20), "evaluate_predictions": (1, 1000, 10),
        "classify_shard": (1, 2500, 60),
    }  # fmt: skip
    if "mnist" in asked["train_convnet"]["Comment"]:
        wanted["train_convnet"] = (1, 3000, 120)  # its row says so
    for rule, (threads, megabytes, minutes) in wanted.items():
        job = asked[rule]
        told = dict(re.findall(r"(\w+)=([^,]+)", job["TRES"]))
        if rule == "train_convnet" and int(megabytes) * 2 == _megabytes(told["mem"]):
            megabytes, minutes = megabytes * 2, minutes * 2  # the second attempt, after scancel
        assert (int(told["cpu"]), _megabytes(told["mem"])) == (threads, megabytes), rule
        assert job["TimeLimit"] == time.strftime("%H:%M:00", time.gmtime(minutes * 60)), rule


def test_a_cancelled_training_was_retried_with_more_memory_and_went_on(finished) -> None:
    cancelled = (finished / "cancelled.txt").read_text()
    jobs = [
        job
        for job in records(finished)
        if job["Comment"].startswith("rule_train_convnet") and "mnist" in job["Comment"]
    ]
    assert cancelled in [job["JobId"] for job in jobs if job["JobState"] == "CANCELLED"]
    last = jobs[-1]
    assert last["JobState"] == "COMPLETED"
    assert "mem=6000M" in last["TRES"]
    assert "Trying to restart job" in (finished / "said.txt").read_text()


def test_jobs_ran_in_containers_where_there_is_an_engine(finished) -> None:
    if not CONTAINED:
        pytest.skip("no Podman with the project's image: the jobs ran without containers")
    metrics = json.loads((finished / "results/metrics/mnist.json").read_text())
    assert metrics["provenance"]["container"] == {"runtime": "podman", "image": image_name()}


def test_a_failing_job_ends_the_run_with_its_last_lines_and_the_path_of_its_log(finished) -> None:
    broken = finished / "data/prepared/mnist/train.npz"
    good = broken.read_bytes()
    broken.write_bytes(b"not an array")
    try:
        target = "results/models/mnist.keras"
        done = submit(finished, target, "--configfile", "small.yaml", "--retries", "0", "--forcerun", "train_convnet")
    finally:
        broken.write_bytes(good)
    assert done.returncode == 1
    assert "Error in rule train_convnet" in done.stdout
    assert "results/logs/train_convnet/mnist.log" in done.stdout
    assert "error: " in done.stdout


def test_a_partition_that_does_not_exist_is_named(slurm, tmp_path) -> None:
    folder = copy_tree(tmp_path / "assignment06")
    shutil.copy(ROOT / "tests/small.yaml", folder)
    arguments = ["--configfile", "small.yaml", "--default-resources", "slurm_partition=nowhere", "--retries", "0"]
    done = submit(folder, "results/plots/rulegraph.svg", *arguments, limit=60)
    assert done.returncode == 1
    assert "invalid partition specified: nowhere" in done.stdout


def _megabytes(text: str) -> int:
    number, unit = re.fullmatch(r"([\d.]+)([MG])", text).groups()
    return round(float(number) * (1024 if unit == "G" else 1))


def test_faces_are_looked_for_in_slurm(finished) -> None:
    detector = "mtcnn" if CONTAINED else "lbp"  # MTCNN is in the image
    (finished / "faces.yaml").write_text(f"faces: {{detector: {detector}}}\n")
    done = submit(finished, "results/predictions/faces.csv", "--configfile", "small.yaml", "faces.yaml")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "detect_faces" in [rule_of(job) for job in records(finished) if job["JobState"] == "COMPLETED"]
    facts = json.loads((finished / "results/detection/faces/metadata.json").read_text())
    assert facts["images"] == 7
