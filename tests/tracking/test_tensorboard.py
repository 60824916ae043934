"""TensorBoard's event files: each point once, however often a training is killed."""

import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from made_trainings import finish, followed, under_way
from support import ROOT, copy_tree, library_path, run_python
from support import snakemake as run_snakemake

from assignment06.tracking.trainings import Reader

pytestmark = pytest.mark.skipif(
    find_spec("tensorboard") is None, reason="not installed: make submission EXTRAS=tensorboard"
)
LOOK = """
import json, sys
from pathlib import Path
from assignment06.tracking.events import _points
print(json.dumps({str(place.relative_to(FOLDER)): sorted(_points(place)) for place in Path(FOLDER).glob("*/*")}))
print("tensorflow" in sys.modules)
"""


def points(folder: Path) -> dict[str, list]:
    """All points of all trainings, and that nothing imported TensorFlow for them."""
    done = run_python(f"FOLDER = {str(folder)!r}\n{LOOK}", folder)
    found, loaded = done.stdout.splitlines()
    assert loaded == "False"
    return yaml.safe_load(found)


def test_a_training_that_goes_on_goes_on_in_its_own_folder(tmp_path) -> None:
    from assignment06.tracking.events import EventFiles

    for step in (1, 2, "killed", 3, "done", "again", "anew"):
        if step in (1, "killed", "again", "anew"):
            reader, files = Reader(followed(tmp_path, "tensorboard")), EventFiles(tmp_path / "tensorboard")
        if step == "done":
            finish(tmp_path)
        elif step == "anew":
            for path in (tmp_path / "metrics").iterdir():
                path.unlink()
            under_way(tmp_path, 1, speed=9)
        elif isinstance(step, int):
            under_way(tmp_path, step)
        for training in reader.news():
            files.write(training)
            reader.tell(training)
        if step in ("killed", "done", "anew"):
            files.close()
    first, anew = sorted(points(tmp_path / "tensorboard").values(), key=len, reverse=True)
    assert len(first) == len({tuple(one) for one in first}) == 4 * 6 + 2
    assert len(anew) == 6


@pytest.mark.slow
def test_a_killed_run_goes_on_with_its_curves_and_off_trains_nothing(tmp_path) -> None:
    folder = copy_tree(tmp_path / "assignment06")
    small = yaml.safe_load((ROOT / "tests/small.yaml").read_text()) | {"logging": "tensorboard"}
    (folder / "small.yaml").write_text(yaml.safe_dump(small))
    target = ["results/metrics/mnist.json", "--configfile", "small.yaml"]
    states = folder / "results/training/mnist.checkpoints"
    process = subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", "2", *target], cwd=folder, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": library_path(folder)},
    )  # fmt: skip
    end = time.monotonic() + 180
    while not list(states.glob("epoch-*")):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = run_snakemake(folder, *target)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "mnist: goes on after epoch" in done.stderr + (folder / "results/logs/train_convnet/mnist.log").read_text()
    ((name, found),) = points(folder / "results/tensorboard").items()
    assert name.startswith("mnist/")
    assert len(found) == len({tuple(one) for one in found}) == 3 * 6 + 2
    off = run_snakemake(folder, "-n", *target, "--config", "logging=none")
    assert "Nothing to be done" in off.stderr + off.stdout
