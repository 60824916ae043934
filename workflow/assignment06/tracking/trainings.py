"""Trainings as they stand on the disk: epochs of one under way from its checkpoint, of a finished one from its history.

Only files are read, so that a training neither knows of this nor can fail by it, and computes the same either way.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from assignment06.config.experiment import Experiment
from assignment06.experiments.results import Metrics, TrainingFacts
from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_json

CURVES = ("accuracy", "loss", "val_accuracy", "val_loss", "learning_rate", "seconds")  # columns of a history
PLOTS = ("history", "confusion_matrix", "mistakes", "augmentation", "gradcam", "layers")
Row = dict[str, float | str]


class Followed(Document):
    """What is told of a run's trainings, and to whom."""

    results: str
    logging: Literal["tensorboard", "mlflow"]
    experiments: dict[str, Experiment]


class Point(NamedTuple):
    """One value of one curve."""

    name: str
    epoch: int
    value: float
    time: float  # seconds since 1970


class Training(NamedTuple):
    """A training with the epochs that it has so far."""

    experiment: str
    identity: str
    """Eight hexadecimal digits of its first epoch, whose duration no other training has: the same for a training that
    was killed and goes on, another one for a training from the start."""
    settings: Experiment
    rows: list[Row]
    written: float
    """When the last epoch was, in seconds since 1970."""
    metrics: Metrics | None
    """Once it was evaluated."""
    files: dict[str, Path]
    """What came out, by kind; empty until it was evaluated."""

    def points(self) -> list[Point]:
        """Return all values of all curves; those of the test images stand at the epoch whose weights were saved."""
        left = [sum(float(row["seconds"]) for row in self.rows[place + 1 :]) for place in range(len(self.rows))]
        found = [
            Point(name, int(row["epoch"]), float(row[name]), self.written - after)
            for row, after in zip(self.rows, left, strict=True)
            for name in CURVES
        ]
        if self.metrics:
            test, chosen = self.metrics.test, self.metrics.training.chosen_epoch
            found += [Point(f"test_{name}", chosen, getattr(test, name), self.written) for name in ("accuracy", "loss")]
        return found


def epochs_of(results: Path, experiment: str) -> tuple[Path, list[Row]] | None:
    """Return an experiment's epochs and the file they are in: its history, else its newest checkpoint; None for none.

    A file that vanishes or is damaged counts as none: the training is between two of them.
    """
    history = results / "metrics" / f"{experiment}_history.csv"
    for path in [history, *_checkpoints(results, experiment)]:
        try:
            text = path.read_text(encoding="utf-8")
            if path == history:
                rows: list[Row] = [dict(row) for row in csv.DictReader(text.splitlines())]
            else:
                rows = json.loads(text)["history"]
            if rows and all(name in rows[-1] for name in ("epoch", *CURVES)):
                return path, rows
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def identity_of(rows: list[Row]) -> str:
    """Return what a training is known by; the same for numbers and for their text in a CSV file."""
    return sha256_json({name: str(rows[0][name]) for name in ("epoch", *CURVES)})[:8]


def metrics_of(results: Path, experiment: str) -> Metrics | None:
    """Return an experiment's metrics where they are those of the training whose history lies there."""
    try:
        facts = TrainingFacts.read(results / "training" / f"{experiment}.json")
        metrics = Metrics.read(results / "metrics" / f"{experiment}.json")
    except AssignmentError:
        return None
    return (
        metrics
        if facts.scores() == metrics.training and metrics.provenance.weights_sha256 == facts.weights_sha256
        else None
    )


class Reader:
    """The trainings of a run, those that have something new.

    What lay there before the run may be of other settings than today's: it counts only with its metrics, which say
    what its settings were. A training that goes on writes a file of its own, with all epochs from the first on.
    """

    def __init__(self, followed: Followed):
        self.results, self.experiments = Path(followed.results), followed.experiments
        self.seen: dict[str, tuple] = {}
        self.told: dict[str, tuple] = {}
        found = [epochs_of(self.results, name) for name in self.experiments]
        self.before = {one[0]: _state(one[0]) for one in found if one}

    def news(self) -> Iterator[Training]:
        """Yield each training of which not all was told (see `tell`)."""
        for name in self.experiments:
            self.seen[name] = self._states(name)
            if self.seen[name] != self.told.get(name) and (training := self._training(name)):
                yield training

    def tell(self, training: Training) -> None:
        """Note that all of a training was told."""
        self.told[training.experiment] = self.seen[training.experiment]

    def _training(self, name: str) -> Training | None:
        found = epochs_of(self.results, name)
        state = _state(found[0]) if found else None
        if found is None or state is None:
            return None
        path, rows = found
        metrics = metrics_of(self.results, name) if path.suffix == ".csv" else None
        if metrics is None and self.before.get(path) == state:
            return None
        settings = metrics.settings if metrics else self.experiments[name]
        files = self._files(name, state[0]) if metrics else {}
        return Training(name, identity_of(rows), settings, rows, state[0] / 1e9, metrics, files)

    def _files(self, name: str, least: int) -> dict[str, Path]:
        """Return an experiment's files; one that is older than its history is a former training's."""
        made = {kind: (path, _state(path)) for kind, path in self._places(name).items()}
        by_the_same_job = ("model", "net")
        return {kind: path for kind, (path, at) in made.items() if at and (kind in by_the_same_job or at[0] >= least)}

    def _places(self, name: str) -> dict[str, Path]:
        results = self.results
        return {
            "model": results / "models" / f"{name}.keras",
            "net": results / "models" / f"{name}.txt",
            "history": results / "metrics" / f"{name}_history.csv",
            "metrics": results / "metrics" / f"{name}.json",
            "predictions": results / "predictions" / f"{name}.csv",
        } | {f"plots/{kind}": results / "plots" / f"{name}_{kind}.png" for kind in PLOTS}

    def _states(self, name: str) -> tuple:
        """Return what changes whenever there is something new, without reading a file."""
        facts = self.results / "training" / f"{name}.json"
        return tuple(map(_state, [*self._places(name).values(), facts, *_checkpoints(self.results, name)]))


def _checkpoints(results: Path, experiment: str) -> list[Path]:
    """Return the states of a training under way, the newest first."""
    return sorted((results / "training" / f"{experiment}.checkpoints").glob("epoch-*/state.json"), reverse=True)


def _state(path: Path) -> tuple[int, int, str] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, str(path)
