"""A clock that was set back or forward: what is finished stays finished, and every run ends."""

import hashlib
import os
import time
from pathlib import Path

import pytest
from small_project import Run
from workers import until

from assignment06.orchestration.clocks import date_back

DAY = 24 * 3600
OUTPUTS = [f"results/{name}" for name in ("models/dated.keras", "models/dated.txt", "training/dated.json")]
PREPARED = [f"data/prepared/own/{name}" for name in ("train.npz", "test.npz", "dataset.json")]

INPUTS = [PREPARED[0], PREPARED[2]]  # of the training


def digests(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in PREPARED}


def date(folder: Path, names: list[str], when: float) -> None:
    for name in names:
        os.utime(folder / name, (when, when))


@pytest.mark.slow
def test_a_clock_set_back_loses_no_training_and_one_set_forward_changes_nothing(project: Path) -> None:
    assert Run(project, *PREPARED).end()[0] == 0
    before, script = digests(project), project / "workflow/scripts/job.py"
    date(project, PREPARED, time.time() + 10 * DAY)
    os.utime(script, (time.time() + 11 * DAY,) * 2)
    run = Run(project, OUTPUTS[0])
    until((project / "results/logs/train_convnet/dated.log").exists, "the training")
    date(project, INPUTS, time.time() + 10 * DAY)  # and again while it trains
    status, said = run.end()
    assert status == 0, said  # Snakemake alone trains, then deletes the model as older than its images
    assert max(path.stat().st_mtime for path in (script, *(project / name for name in INPUTS))) <= time.time()
    status, said = Run(project, "-n", OUTPUTS[0]).end()
    assert "Nothing to be done" in said, "and nothing is trained again and again"

    date(project, OUTPUTS + PREPARED, time.time() + 10 * DAY)  # once more, when all is done
    assert "Nothing to be done" in Run(project, OUTPUTS[0]).end()[1]

    model = (project / OUTPUTS[0]).read_bytes()
    date(project, PREPARED, time.time() - 9000 * DAY)  # they seem older than the code that makes them
    status, said = Run(project, *PREPARED).end()
    assert status == 0, said
    assert digests(project) == before
    assert (project / OUTPUTS[0]).read_bytes() == model


def test_files_of_the_future_are_dated_now_in_their_order(tmp_path: Path) -> None:
    now = time.time()
    ages = {"past": -50, "a": 30, "b": 20, "c": 20, "d": 40, "folder/.snakemake_timestamp": 35}
    (tmp_path / "folder").mkdir()
    for name, age in ages.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (now + age, now + age))
    date_back([*(tmp_path / name.split("/")[0] for name in ages), tmp_path / "missing"])
    dated = {name: (tmp_path / name).stat().st_mtime_ns for name in ages}
    assert dated["past"] == pytest.approx((now - 50) * 1e9, abs=1000)
    assert dated["past"] < dated["b"] == dated["c"] < dated["a"] < dated["folder/.snakemake_timestamp"] < dated["d"]
    assert dated["d"] <= time.time_ns()
