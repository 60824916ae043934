"""Jobs that can be killed at any moment without waiting for TensorFlow's import each time."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from support import ROOT

SETTINGS = {
    "dataset": "own", "model": "book_mnist", "augmentation": "light", "dropout": 0.2, "epochs": 6, "batch_size": 32,
    "optimizer": "adam", "learning_rate": 0.003, "schedule": "cosine", "warmup_epochs": 0, "weight_decay": 0,
    "label_smoothing": 0, "validation_split": 0.2, "seed": 3, "compute_dtype": "auto",
}  # fmt: skip
OUTPUTS = {"model": "m.keras", "summary": "m.txt", "history": "h.csv", "facts": "f.json"}
# It has imported everything and started nothing; each job is a fork of it, a process of its own.
PARENT = """
import json, os, sys
import assignment06.experiments.training, assignment06.plots.experiments
import assignment06.submission.packaging, assignment06.data.datasets
from assignment06.config.experiment import Experiment
from assignment06.config.model import Student
import pooch, requests
from assignment06.shared.console import job
print(assignment06.experiments.training.__file__, flush=True)
for line in sys.stdin:
    code, folder = json.loads(line)
    child = os.fork()
    if not child:
        status = 70
        try:
            os.dup2(os.open(folder + "/terminal.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            with job(folder + "/job.log"):
                exec(code)
            status = 0
        except SystemExit as end:
            status = end.code
        finally:
            os._exit(status)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Worker:
    """Runs pieces of Python, one at a time, each as a job with a log and a terminal in a folder of its own."""

    def __init__(self):
        self.parent = subprocess.Popen(
            [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(ROOT / "workflow")},
        )  # fmt: skip
        assert self.parent.stdout.readline().startswith(str(ROOT / "workflow")), "this project's library, no other"
        self.folder = Path()

    def start(self, code: str, folder: Path) -> int:
        """Start a job and return its process; `folder` gets job.log and terminal.txt."""
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.parent.stdin.write(json.dumps([code, str(folder)]) + "\n")
        self.parent.stdin.flush()
        return int(self.parent.stdout.readline())

    def wait(self) -> int:
        """Return how the job ended: 0, 1 after a sentence, -9 when it was killed."""
        return int(self.parent.stdout.readline())

    def run(self, code: str, folder: Path) -> int:
        self.start(code, folder)
        return self.wait()

    @property
    def terminal(self) -> str:
        return (self.folder / "terminal.txt").read_text()

    def close(self) -> None:
        self.parent.stdin.close()
        self.parent.wait()


def training(data: Path, out: Path, state: Path | None = None, **settings: object) -> str:
    """Return the code of a training on the images in `data`, with its results in `out`."""
    arguments = {
        "experiment": "e", "code": "the same", "train": str(data / "train.npz"), "threads": 2,
        "description": str(data / "dataset.json"), "checkpoints": str(state or out / "state"),
        **{key: str(out / name) for key, name in OUTPUTS.items()},
    }  # fmt: skip
    row = f"Experiment(**{SETTINGS | settings!r})"
    return f"assignment06.experiments.training.train_convnet(**{arguments!r}, settings={row})"


def last_epoch(state: Path) -> int:
    """Return the number of the last epoch whose state stands under its own name, 0 for none."""
    return max((int(folder.name.removeprefix("epoch-")) for folder in state.glob("epoch-*")), default=0)


def until(condition, what: str, seconds: float = 180, pause: float = 0.01) -> None:
    """Wait until something has happened, and fail with its name if it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(pause)


def kill(process: int) -> None:
    """End a process as the system does when memory runs out; it may have ended just before."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
