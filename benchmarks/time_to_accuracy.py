"""Seconds of training until a test accuracy is first reached: this workflow against plain Keras scripts.

The clock starts with the process, so that imports, reading the data and compiling count (the start-up is given
separately as well), and stands still while the test set is evaluated. Reading the test accuracy after each epoch
is for this clock only: it selects nothing, and the workflow itself meets the test set once, at its end.
"""

import csv
import json
import logging
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assignment06.data import acquisition, datasets
from assignment06.data.prepared import load_split
from assignment06.shared.errors import AssignmentError
from benchmarks.measuring import DEFAULTS, PROJECT, THREADS, Options, column, fresh, in_turn
from benchmarks.ratios import Interval, ratio


@dataclass(frozen=True)
class Contest:
    """An experiment's baseline (in `baselines`), and the accuracies in question: [(accuracy, target or None)]."""

    title: str
    script: str
    goals: tuple[tuple[float, float | None], ...]  # a target is how many times as fast this workflow shall be
    pairs: int


CONTESTS = {
    "mnist": Contest("6.1", "listing_5_3", ((0.991, 2.0),), 3),
    "cifar10_plain": Contest("6.2a", "keras_cifar10_plain", ((0.70, None),), 3),
    "cifar10_augmented": Contest("6.2b", "keras_cifar10", ((0.79, 3.0),), 1),
}


class Reached(Exception):
    """Every accuracy in question has been reached."""


class AccuracyClock:
    """Note the test accuracy after each epoch, and the seconds since `started` (of `time.time`) without that."""

    def __init__(self, started: float, goals: list[float]):
        self.started, self.goals, self.paused = started, goals, 0.0
        self.startup, self.epochs = 0.0, []

    def seconds(self) -> float:
        """Return what the clock shows."""
        return time.time() - self.started - self.paused

    def begin(self) -> None:
        """Note the start-up, right before the first epoch."""
        self.startup = self.seconds()

    def epoch_done(self, model, x, y) -> bool:
        """Evaluate with the clock stopped; return whether every accuracy has been reached."""
        seconds, stopped = self.seconds(), time.time()
        accuracy = model.evaluate(x, y, batch_size=500, verbose=0, return_dict=True)["accuracy"]
        self.epochs.append({"epoch": len(self.epochs) + 1, "seconds": seconds, "accuracy": float(accuracy)})
        self.paused += time.time() - stopped
        return max(row["accuracy"] for row in self.epochs) >= max(self.goals)


def ours(experiment: str, settings: dict, folder: str, goals: list[float], started: float, threads: int) -> dict:
    """Train as the workflow does, with its own function, until all `goals` are reached or the epochs are over."""
    import numpy as np

    from assignment06.config.experiment import Experiment
    from assignment06.experiments import fitting, training

    clock = AccuracyClock(started, goals)
    x, y = load_split(Path(folder) / "test.npz")
    one_hot = np.eye(int(y.max()) + 1, dtype=np.float32)[y]

    class TimedProgress(fitting.EpochProgress):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            clock.begin()

        def show_row(self, rows: list[dict]) -> None:
            if clock.epoch_done(self.model, x, one_hot):
                raise Reached

    fitting.EpochProgress = TimedProgress
    with tempfile.TemporaryDirectory() as name, suppress(Reached):
        work = Path(name)
        training.train_convnet(
            experiment, Experiment(**settings), f"{folder}/train.npz", f"{folder}/dataset.json",
            model=f"{work}/model.keras", summary=f"{work}/summary.txt", history=f"{work}/history.csv",
            facts=f"{work}/facts.json", checkpoints=f"{work}/checkpoints", threads=threads, code="",
        )  # fmt: skip
    return {"startup_seconds": clock.startup, "seed": settings["seed"], "epochs": clock.epochs}


def theirs(script: str, folder: str, goals: list[float], cap: float, seed: int, started: float, threads: int) -> dict:
    """Train a script of `baselines` until all `goals` are reached, or `cap` seconds are over at an epoch's end."""
    from assignment06.backend import compute  # before TensorFlow: it sets what TensorFlow reads when it is imported

    compute.configure(threads)
    import keras

    from benchmarks import baselines

    keras.utils.set_random_seed(seed)
    clock = AccuracyClock(started, goals)
    model, data, (x, y) = getattr(baselines, script)(
        load_split(f"{folder}/train.npz"), load_split(f"{folder}/test.npz")
    )

    def after_epoch(epoch: int, logs: dict) -> None:
        model.stop_training = clock.epoch_done(model, x, y) or clock.seconds() >= cap

    clock.begin()
    model.fit(**data, epochs=10_000, verbose=0, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=after_epoch)])
    return {"startup_seconds": clock.startup, "seed": seed, "epochs": clock.epochs}


def finished(results: Path, experiment: str) -> dict:
    """Return the epochs of a finished run in place of a training: its seconds, and its validation accuracy.

    Whatever else the job did, its closing evaluation included, is counted as start-up. Raises AssignmentError
    where the run did not finish this experiment.
    """
    files = [
        results / f"metrics/{experiment}_history.csv",
        results / f"training/{experiment}.json",
        results / f"benchmarks/train_convnet/{experiment}.tsv",
    ]
    if missing := [str(path) for path in files if not path.is_file()]:
        raise AssignmentError(f"{', '.join(missing)} is not there: name the results folder of a finished run.")
    with open(files[0], newline="", encoding="utf-8") as history, open(files[2], newline="", encoding="utf-8") as job:
        rows, (facts,) = list(csv.DictReader(history)), csv.DictReader(job, delimiter="\t")
    seconds = startup = float(facts["s"]) - sum(float(row["seconds"]) for row in rows)
    epochs = []
    for row in rows:
        seconds += float(row["seconds"])
        epochs.append({"epoch": int(row["epoch"]), "seconds": seconds, "accuracy": float(row["val_accuracy"])})
    seed = json.loads(files[1].read_text(encoding="utf-8"))["seed"]
    return {"startup_seconds": startup, "seed": seed, "epochs": epochs, "peak_rss_mb": float(facts["max_rss"])}


def reached(epochs: list[dict], goal: float) -> Interval:
    """Return the seconds until `goal` was first reached; (all seconds, infinity) where it was not."""
    for row in epochs:
        if row["accuracy"] >= goal:
            return row["seconds"], row["seconds"]
    return epochs[-1]["seconds"], float("inf")


def prepare(dataset: str, sample: bool, folder: Path) -> None:
    """Write the training set, test set and description of `dataset` into `folder`, from the official files."""
    receipt, raw = str(folder / "source.json"), str(PROJECT / "data/raw")
    source = "sample" if sample else "official"
    acquisition.acquire_dataset(dataset, source, raw, os.environ.get("ASSIGNMENT06_MIRROR"), receipt)
    names = {"train": "train.npz", "test": "test.npz", "description": "dataset.json"}
    datasets.prepare_dataset(dataset, receipt, raw, **{key: str(folder / name) for key, name in names.items()})


def measure(quick: bool, options: Options = DEFAULTS) -> dict:
    """Run the contests; with `quick`, two epochs on sample data, which shows only that it works."""
    logging.getLogger("assignment06").setLevel(logging.ERROR)
    measurements, ratios = [], []
    for experiment, settings in options.chosen().items():
        if (contest := CONTESTS.get(experiment)) is None or (quick and contest.script == "keras_cifar10_plain"):
            continue
        if quick:
            settings = settings | {"epochs": 2, "schedule": "constant", "warmup_epochs": 0}
        goals = [0.2] if quick else [goal for goal, _ in contest.goals]
        with tempfile.TemporaryDirectory() as folder:
            prepare(settings["dataset"], quick, Path(folder))
            rows = _pairs(experiment, settings, contest, folder, goals, quick, options)
        measurements += rows
        kind = "validation" if options.results else "test"
        for goal, (_, target) in zip(goals, contest.goals, strict=False):
            seconds = {
                arm: [reached(epochs, goal) for epochs in column(rows, arm, "epochs")]
                for arm in (contest.script, "ours")
            }
            name = f"{contest.title} to {100 * goal:g} % {kind} accuracy: times as fast"
            us = "this workflow, in a finished run" if options.results else "this workflow"
            over, under = (contest.script, seconds[contest.script]), (us, seconds["ours"])
            ratios.append(ratio(name, over, under, "s", at_least=None if quick else target))
    return {"measurements": measurements, "ratios": ratios}


def _pairs(
    experiment: str, settings: dict, contest: Contest, folder: str, goals: list[float], quick: bool, options: Options
) -> list[dict]:
    caps = []

    def our_turn(pair: int) -> dict:
        if options.results:
            answer = finished(options.results, experiment)
        else:
            seeded = settings | {"seed": settings["seed"] + pair}  # the first pair is the config to the letter
            answer = fresh(
                ours, experiment=experiment, settings=seeded, folder=folder, goals=goals, started=time.time(),
                threads=THREADS,
            )  # fmt: skip
        caps.append(options.cap * reached(answer["epochs"], goals[-1])[0])
        return answer

    def their_turn(pair: int) -> dict:
        return fresh(
            theirs, script=contest.script, folder=folder, goals=goals, cap=caps[-1], seed=settings["seed"] + pair,
            started=time.time(), threads=THREADS,
        )  # fmt: skip

    pairs = 1 if quick else options.pairs or contest.pairs
    return in_turn(experiment, {"ours": our_turn, contest.script: their_turn}, pairs)
