"""Snakemake killed, started twice, interrupted: the same command goes on, and nothing is left at work."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_project import NOTE, Run, environment, half_written, hear_interrupts, processes_in
from support import ROOT
from workers import last_epoch, until

pytestmark = pytest.mark.slow


def test_killed_and_started_twice_the_same_command_goes_on(killed: dict) -> None:
    assert killed["epochs"] == 25


def test_after_ctrl_c_nothing_is_left_and_the_same_command_goes_on(project: Path, killed: dict) -> None:
    target = "results/models/stopped.keras"
    run = Run(project, target)
    state = project / "results/training/stopped.checkpoints"
    until(lambda: last_epoch(state) >= 2, "two epochs")
    began = time.monotonic()
    run.interrupt()
    while run.alive():  # as who is impatient does, up to Python's own last steps
        time.sleep(0.03)
        run.interrupt()
    status, said = run.end(timeout=60)
    assert status == 1
    assert time.monotonic() - began < 30
    assert "Terminating processes on user request" in said
    assert "Traceback" not in said
    assert "Interrupted. What is finished is kept: the same command goes on where it was." in said, said
    assert processes_in(project) == []
    assert half_written(project) == []
    assert not list((project / "results/models").glob("stopped*"))
    assert last_epoch(state) >= 2
    assert (project / "results/logs/train_convnet/stopped.log").read_text().endswith("interrupted\n")
    status, said = Run(project, target).end()
    assert status == 0, said
    assert "stopped: goes on after epoch " in said
    assert NOTE not in said
    facts = json.loads((project / "results/training/stopped.json").read_text())
    assert facts["weights_sha256"] == killed["weights_sha256"], "killed or stopped, the same weights"


ENTER = "import os, pathlib, sys; from assignment06.orchestration.run_lock import enter; enter(pathlib.Path({!r})); {}"


def enter(folder: Path, then: str = "") -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", ENTER.format(str(folder), then)], env=environment(PYTHONPATH=str(ROOT / "workflow")),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_interrupts,
    )  # fmt: skip


def test_a_lock_is_removed_only_where_its_owner_is_known_to_be_dead(tmp_path: Path) -> None:
    lock = tmp_path / "locks/0.output.lock"
    assert enter(tmp_path).wait() == 0
    lock.parent.mkdir()

    lock.write_text("results/x\n")
    alive = enter(tmp_path, "print('here', flush=True); input()")
    assert alive.stdout.readline() == "here\n"
    assert NOTE in alive.stderr.readline()
    lock.write_text("results/x\n")  # now it is that process's
    other = enter(tmp_path)
    assert other.communicate()[1] == ""
    assert lock.exists()
    alive.kill()
    alive.wait()

    (tmp_path / "alive").write_text("another-machine\nanother-boot\n")
    assert enter(tmp_path).communicate()[1] == ""
    assert lock.exists(), "another machine's processes cannot be seen from here"
    (tmp_path / "alive").write_text(f"{os.uname().nodename}\nan-earlier-boot\n")
    assert NOTE in enter(tmp_path).communicate()[1]
    assert not lock.exists(), "the power failed"


JOB = """
import pathlib, sys, time
from assignment06.orchestration.run_lock import follow
follow(pathlib.Path(sys.argv[1]))
try:
    print("working", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_a_job_ends_with_the_snakemake_that_started_it_and_holds_the_lock_until_then(tmp_path: Path) -> None:
    start = f"import subprocess; subprocess.run([sys.executable, '-c', {JOB!r}, {str(tmp_path)!r}])"
    first = enter(tmp_path, start)
    assert first.stdout.readline() == "working\n"
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks/0.output.lock").touch()
    first.kill()
    first.wait()
    second = enter(tmp_path)  # waits until the job has noticed
    assert NOTE in second.communicate()[1]
    assert first.stdout.read() == "interrupted\n"
