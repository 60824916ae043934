"""What each file of a submission was taken for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from . import names, weights
from .pictures import Picture
from .predictions import Predictions
from .stated import Figure, Stated


@dataclass
class Model:
    """A file, or a SavedModel's folder, that holds a model; `format` is one of `names.READ`, pickle or other."""

    name: str
    path: Path
    format: str
    what: str = ""
    architecture: Path | None = None  # the JSON beside it, where the file holds weights only
    parts: dict[str, Path] = field(default_factory=dict)  # a SavedModel's files by their name in it; a checkpoint's too

    @cached_property
    def weights(self) -> dict[str, tuple[str, int, str]]:
        """The digests of its weight arrays (see `weights.digests`)."""
        return weights.digests(self.path, self.format)


@dataclass
class Recognised:
    """The files of a submission by task. Names are relative to the submission; `base` is what stands before `results/`.

    `open_models` have a name that says nothing of their task; they are given one when their input shape is known.
    `pairs` are the files that tell their task only beside others (see `pairs`), with that task.
    `legend` are words in names that a text of the submission explains, with their task (see `legend`); `explained` are
    the files that have such a word, or lie in a run's folder whose settings tell (see `described`), with their task.
    `spare` are further models of a task, tried only where the first does not give the predictions.
    `unplaced` are predictions whose name tells no task, and that agree with none.
    `nameless` are files that state figures, with these, under a name that tells no task.
    `guesses` ("6.2a plots") were given to their task because none other was left; `loose` are files that may be answers
    and were given to none.
    """

    base: str = ""
    has_results: bool = False
    models: dict[str, Model] = field(default_factory=dict)
    open_models: list[tuple[str, Model]] = field(default_factory=list)
    pairs: dict[str, str] = field(default_factory=dict)
    legend: dict[str, str] = field(default_factory=dict)
    explained: dict[str, str] = field(default_factory=dict)
    spare: dict[str, list[Model]] = field(default_factory=dict)
    predictions: dict[str, Predictions] = field(default_factory=dict)
    metrics: dict[str, Stated] = field(default_factory=dict)
    plots: dict[str, list[Picture]] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    unplaced: list[Predictions] = field(default_factory=list)
    nameless: list[tuple[str, list[Figure]]] = field(default_factory=list)
    resnet: dict[str, Path] = field(default_factory=dict)
    resnet_is_file: str = ""
    guesses: set[str] = field(default_factory=set)
    loose: list[str] = field(default_factory=list)
    manifest: dict | None = None
    own: frozenset[str] = frozenset(names.EXPERIMENTS)
    recordings: dict[str, dict] = field(default_factory=dict)
    scope: dict[str, Path] = field(default_factory=dict)

    def certain(self, name: str) -> str:
        """The task that a path tells beyond doubt, by itself or by what explains it; "" where it does not."""
        return names.certain(name) or self.explained.get(name, "")

    def take_stated(self, task: str, name: str, figures: list[Figure]) -> None:
        """Take a file, with what it states, for metrics of a task."""
        own = self.metrics.setdefault(task, Stated())
        own.sources.append(name)
        own.figures.extend(figures)

    def of(self, name: str) -> list[str]:
        """The nets' tasks that a file states figures of."""
        return [task for task, own in self.metrics.items() if name in own.sources]

    def without_test_accuracy(self) -> list[str]:
        """The nets' tasks of which no file states a test accuracy."""
        return [task for task in names.NETS if not (task in self.metrics and self.metrics[task].test_accuracy())]

    def answers(self) -> list[list[str]]:
        """The names of the files that were taken for an answer, those of one answer together."""
        found = [[model.name] for model in self.models.values()] + [[p.name] for p in self.predictions.values()]
        found += [stated.sources for stated in self.metrics.values()]
        return found + [[plot.name for plot in plots] for plots in self.plots.values()]

    def used(self) -> list[str]:
        """The names of the files that were taken for an answer."""
        return [name for together in self.answers() for name in together]
