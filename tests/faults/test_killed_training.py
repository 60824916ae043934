"""A training that is killed, at any moment and however often, ends as one that was left alone."""

import json
import os
import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from workers import OUTPUTS, SETTINGS, kill, last_epoch, training, until

from assignment06.shared.files import atomic_path, machine

KILLS = 10


def check_whole(out: Path) -> None:
    """Whatever stands under its own name can be read to its end."""
    if (out / "m.keras").exists():  # the last file of all; what a restart needs may already be going
        assert zipfile.ZipFile(out / "m.keras").testzip() is None
    elif epoch := last_epoch(out / "state"):
        state = out / f"state/epoch-{epoch:04d}"
        assert len(json.loads((state / "state.json").read_text())["history"]) == epoch
        with np.load(state / "variables.npz") as arrays:
            assert all(np.isfinite(array).all() for array in dict(arrays).values())
    if (out / "h.csv").exists():
        assert len((out / "h.csv").read_text().splitlines()) == SETTINGS["epochs"] + 1
    if (out / "f.json").exists():
        json.loads((out / "f.json").read_text())


@pytest.mark.slow
def test_killed_ten_times_at_random_moments(worker, data, undisturbed, tmp_path) -> None:
    seed = int(os.environ.get("FAULTS_SEED", time.time_ns() % 2**32))
    print(f"FAULTS_SEED={seed}")
    moment = random.Random(seed)
    began = time.monotonic()
    assert worker.run(training(data, tmp_path / "timed"), tmp_path / "timed") == 0
    length = time.monotonic() - began
    kills, attempts, out = 0, 0, tmp_path / "0"
    while True:
        before = last_epoch(out / "state") if not (out / "m.keras").exists() else None
        process = worker.start(training(data, out), out)
        if kills < KILLS:
            time.sleep(moment.uniform(0, length))
            kill(process)
        status = worker.wait()
        assert status in (0, -9), worker.terminal
        check_whole(out)
        if before and "epoch" in worker.terminal:
            assert f"goes on after epoch {before} of {SETTINGS['epochs']}" in worker.terminal
        kills += status == -9
        if status == 0:
            facts = json.loads((out / "f.json").read_text())
            assert facts["weights_sha256"] == undisturbed["weights_sha256"]
            assert facts["accuracy"] == undisturbed["accuracy"]
            assert set(os.listdir(out)) == {*OUTPUTS.values(), "job.log", "terminal.txt"}, "nothing half-written"
            if kills == KILLS:
                break
            attempts += 1
            out = tmp_path / str(attempts)


@pytest.mark.slow
def test_killed_while_it_writes(worker, data, undisturbed, tmp_path) -> None:
    """Random moments seldom meet a write: here the kill comes when a new name appears, and a moment later."""

    def names() -> set[str]:
        return {name for folder in (tmp_path, tmp_path / "state") if folder.exists() for name in os.listdir(folder)}

    for after, delay in ((1, 0), (2, 0), (1, 0.002), (2, 0.004), (1, 0.001), (2, 0.001)):
        process = worker.start(training(data, tmp_path), tmp_path)
        for _ in range(after):
            before = names()
            until(lambda: names() - before, "a new name", pause=0)  # noqa: B023  (it is called at once)
        time.sleep(delay)
        kill(process)
        assert worker.wait() == -9, "it ended before it could be killed"
        check_whole(tmp_path)
    assert worker.run(training(data, tmp_path), tmp_path) == 0, worker.terminal
    assert json.loads((tmp_path / "f.json").read_text())["weights_sha256"] == undisturbed["weights_sha256"]
    assert set(os.listdir(tmp_path)) == {*OUTPUTS.values(), "job.log", "terminal.txt"}, "nothing half-written"


@pytest.mark.slow
def test_a_damaged_state_is_left_out_and_said(worker, data, undisturbed, tmp_path) -> None:
    process = worker.start(training(data, tmp_path), tmp_path)
    until(lambda: last_epoch(tmp_path / "state") >= 2, "two epochs")
    kill(process)
    assert worker.wait() == -9, "it ended before it could be killed"
    arrays = tmp_path / f"state/epoch-{last_epoch(tmp_path / 'state'):04d}/variables.npz"
    arrays.write_bytes(arrays.read_bytes()[:-5000])
    assert worker.run(training(data, tmp_path), tmp_path) == 0
    assert "is damaged and left out" in worker.terminal.splitlines()[0]
    assert json.loads((tmp_path / "f.json").read_text())["weights_sha256"] == undisturbed["weights_sha256"]


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    gone, here = int(ended.stdout), machine()
    others = [".file.notes.part.txt", f".file.0badcafe.{gone}.part.txt"]  # notes, and another machine's
    for name in (f".file.{here}.{gone}.part.txt", f".file.{here}.{os.getppid()}.part.txt", *others):
        (tmp_path / name).write_text("half")
    # In a container every job has the same number, and a state is a folder.
    (tmp_path / f".file.{here}.{os.getpid()}.part.txt").mkdir()
    with atomic_path(tmp_path / "file.txt") as part:
        part.mkdir()
        (part / "state").write_text("whole")
    assert (tmp_path / "file.txt/state").read_text() == "whole"
    left = {"file.txt", f".file.{here}.{os.getppid()}.part.txt", *others}
    assert set(os.listdir(tmp_path)) == left, (
        "another process may still be writing, here or on another machine, and notes are nobody's"
    )
