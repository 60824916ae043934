"""Grade submissions one after the other."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import checks, official, registry  # noqa: F401  (importing `checks` fills the table)
from .names import FAMILIES, NETS
from .pictures import Picture
from .probe import ModelFile, Prober
from .recognise import Recognised, recognise
from .registry import FAILED, Evidence, Result
from .trial import SCALINGS
from .unpack import Unpacked, unpack

_TRIED = ("keras", "hdf5")


@dataclass
class Grade:
    """One submission's results. `verdict` is "passed", "failed" or "could not be read"."""

    source: Path
    results: list[Result]
    readable: bool = True
    seconds: float = 0.0
    used: dict[str, str] = field(default_factory=dict)
    thumbnails: list[Picture] = field(default_factory=list)

    def failed(self, required: bool = True) -> list[Result]:
        return [r for r in self.results if r.status == FAILED and r.check.required == required]

    @property
    def verdict(self) -> str:
        if not self.readable:
            return "could not be read"
        return "failed" if self.failed() else "passed"


def exit_status(grades: Iterable[Grade]) -> int:
    """0 if all passed, 2 if one could not be read, else 1."""
    verdicts = {grade.verdict for grade in grades}
    return 2 if "could not be read" in verdicts else 1 if "failed" in verdicts else 0


def grade_all(
    sources: list[Path], data_folders: list[Path], *, models: bool = True, threads: int = 2
) -> Iterator[Grade]:
    """Grade each zip or folder in turn; one that breaks does not stop the others.

    `data_folders` are looked through for test images (see `datasets`); `models=False` leaves models alone.
    """
    with Prober(threads) as prober:
        for source in sources:
            yield grade(source, data_folders, prober if models else None)


def grade(source: Path, data_folders: list[Path], prober: Prober | None) -> Grade:
    """Grade one zip or folder. Its models are tried by `prober`, or left alone where that is None."""
    started = time.monotonic()
    official.look_in(data_folders)
    try:
        with unpack(source) as unpacked:
            result = _grade(source, unpacked, data_folders, prober)
    except Exception as error:
        logging.getLogger(__name__).debug("%s", source, exc_info=True)
        broken = Unpacked(is_zip=source.is_file(), corrupt=[f"{source.name} ({type(error).__name__})"])
        result = _grade(source, broken, data_folders, None)
    result.seconds = time.monotonic() - started
    return result


def _grade(source: Path, unpacked: Unpacked, data_folders: list[Path], prober: Prober | None) -> Grade:
    found = recognise(unpacked)
    evidence = Evidence(source, unpacked, found, models_tried=prober is not None)
    _find_tests(evidence, data_folders)
    if prober is not None:
        _try_models(evidence, prober)
    results = registry.run(evidence)
    plots = [p for place in NETS for p in found.plots.get(place, [])] + found.pictures
    shown = [plot for plot in plots if plot.thumbnail][:24]
    return Grade(source, results, not unpacked.unreadable, 0.0, _used(found), shown)


def _find_tests(e: Evidence, folders: list[Path]) -> None:
    """The labels to judge by: the official ones, or the folder's own for this workflow's run on sample data."""
    for family in official.SHAPES:
        test = official.find(family, folders)
        own = next(
            (p for task, p in e.found.predictions.items() if FAMILIES[task] == family and p.true_labels is not None),
            None,
        )
        stamped = e.found.manifest is not None and (
            e.found.manifest.get("stamps") or e.found.manifest.get("for_submission") is False
        )
        if stamped and own is not None and (test is None or not np.array_equal(own.true_labels, test.labels)):
            test = official.find_sample(family, folders)
            if test is None or not np.array_equal(own.true_labels, test.labels):
                e.no_labels[family] = "made from sample data that are not in the data folder"
                continue
        if test is None:
            e.no_labels[family] = "no data folder has the official labels"
            continue
        e.tests[family] = test


def _try_models(e: Evidence, prober: Prober) -> None:
    """Try every recognised model; then give those whose names say nothing the task their input shape fits."""
    wanted = [(task, model) for task, model in e.found.models.items() if model.format in _TRIED]
    wanted += [("", model) for _, model in e.found.open_models if model.format in _TRIED]
    if not wanted:
        return
    files = []
    for task, model in wanted:
        stated = e.found.metrics.get(task)
        claimed = stated.test_accuracy()[:1] if stated else []
        expected: dict[str, list[np.ndarray]] = {}
        for place, predicted in e.found.predictions.items():
            if place in FAMILIES and task in (place, "") and not predicted.problem:
                expected.setdefault(FAMILIES[place], []).append(predicted.labels)
        figure = claimed[0].value if claimed else None
        scalings = SCALINGS if e.found.manifest is None else SCALINGS[:1]  # this workflow's models take raw pixels
        family = FAMILIES.get(task, "")
        files.append(ModelFile(model.name, model.path, model.format, family, expected, figure, scalings))
    e.models = prober.probe(files, e.tests)
    for _, model in e.found.open_models:
        known = e.models.get(model.name)
        family = known.facts.get("family") if known else ""
        places = [task for task in NETS if FAMILIES[task] == family and task not in e.found.models]
        if places:
            regularised = bool(known.facts.get("dropout") or known.facts.get("augmentation"))
            e.found.models["6.2b" if regularised and "6.2b" in places else places[0]] = model


def _used(found: Recognised) -> dict[str, str]:
    """What was taken for what, for the report."""
    used = {f"{task} model": model.name for task, model in found.models.items()}
    used |= {f"{task} predictions": item.name for task, item in found.predictions.items()}
    used |= {f"{task} metrics": ", ".join(item.sources[:4]) for task, item in found.metrics.items()}
    used |= {f"{task} plots": ", ".join(p.name for p in plots[:6]) for task, plots in found.plots.items()}
    if found.resnet:
        used["6.3"] = ", ".join(sorted(found.resnet)[:4])
    return dict(sorted(used.items()))
