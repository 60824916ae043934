"""Examine one submission: unpack it, recognise its files, try its models, make the checks.

It reads a stranger's bytes, so it runs behind the walls of `sandbox`; `grade` is what others call.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path, PurePosixPath
from typing import TypeVar

import numpy as np

from . import checks, converting, fingerprints, names, official, registry, siblings, source  # noqa: F401  (importing `checks` fills the table)
from .checks.measured import agreement
from .names import FAMILIES, NETS, READ
from .pictures import Picture
from .predictions import Predictions
from .probe import TryModels
from .recognise import leave_other_assignments, recognise
from .recognised import Model, Recognised
from .registry import Evidence
from .result import Grade
from .stated import Stated
from .trial import EXPLAINED, SCALINGS, ModelFile
from .unpack import Unpacked, unpack

Item = TypeVar("Item")


def examine(
    source: Path, data_folders: list[Path], try_models: TryModels | None, unread: dict[str, str] | None = None
) -> Grade:
    """Grade one zip or folder in this very process. Its models are tried by `try_models`, or left alone (None).

    `unread` names files that are not to be read, with the reason.
    """
    started = time.monotonic()
    official.look_in(data_folders)
    try:
        with unpack(source) as unpacked:
            for name, reason in (unread or {}).items():
                within = (name, *map(str, PurePosixPath(name).parents))  # a sheet is in its workbook
                if file := next((one for one in within if one in unpacked.files), None):
                    del unpacked.files[file]
                    unpacked.corrupt.append(f"{file} ({reason})")
            leave_other_assignments(unpacked)
            converting.turn_into_text(unpacked)
            result = _judge(source, unpacked, data_folders, try_models)
    except Exception as error:
        logging.getLogger(__name__).debug("%s", source, exc_info=True)
        result = unreadable(source, type(error).__name__)
    result.seconds = time.monotonic() - started
    return result


def unreadable(source: Path, reason: str) -> Grade:
    """The grade of a submission of which nothing could be read. Reads nothing of it."""
    broken = Unpacked(source.is_file(), source.parent, corrupt=[f"{source.name} ({reason})"])
    return _judge(source, broken, [], None)


def _judge(source: Path, unpacked: Unpacked, data_folders: list[Path], try_models: TryModels | None) -> Grade:
    found = recognise(unpacked)
    evidence = Evidence(source, unpacked, found, models_tried=try_models is not None)
    evidence.imagenet = official.imagenet_classes(data_folders)
    _find_tests(evidence, data_folders)
    if try_models is not None:
        _try_models(evidence, try_models)
    siblings.take(found)
    results = registry.run(evidence)
    plots = [p for place in NETS for p in found.plots.get(place, [])] + found.pictures
    shown = [plot for plot in plots if plot.thumbnail][:24]
    graded = Grade(source, results, not unpacked.unreadable, 0.0, _used(found), [(p.name, p.thumbnail) for p in shown])
    graded.measured, graded.fingerprint = evidence.measured(), fingerprints.take(evidence)
    return graded


def _find_tests(e: Evidence, folders: list[Path]) -> None:
    """The labels to judge by: the official ones, or the folder's own for this workflow's run on sample data."""
    for family in official.SHAPES:
        test = official.find(family, folders)
        given = [p.true_labels for task, p in e.found.predictions.items() if FAMILIES[task] == family]
        own = next((labels for labels in given if labels is not None), None)
        stamped = e.found.manifest is not None and (
            e.found.manifest.get("stamps") or e.found.manifest.get("for_submission") is False
        )
        if stamped and own is not None and (test is None or not np.array_equal(own, test.labels)):
            test = official.find_sample(family, folders)
            if test is None or not np.array_equal(own, test.labels):
                e.no_labels[family] = "made from sample data that are not in the data folder"
                continue
        if test is None:
            e.no_labels[family] = "no data folder has the official labels"
            continue
        e.tests[family] = test


def _try_models(e: Evidence, try_models: TryModels) -> None:
    """Try every recognised model; then give those whose names say nothing the task their input shape fits."""
    wanted = [(task, model) for task, model in e.found.models.items()]
    wanted += [("", model) for _, model in e.found.open_models]
    files = _files(e, wanted)
    if not files:
        return
    e.models = try_models(files, e.tests)
    spare = _files(e, [(task, model) for task in NETS if _unlike(e, task) for model in e.found.spare.get(task, [])])
    if spare:
        e.models |= try_models(spare, e.tests)
        _prefer_those_that_predict(e)
    _turn_pairs(e)
    _give_a_lone_one(e)
    for _, model in e.found.open_models:
        known = e.models.get(model.name)
        family = known.facts.get("family") if known else ""
        places = [task for task in NETS if FAMILIES[task] == family and task not in e.found.models]
        if known and places:
            regularised = bool(known.facts.get("dropout") or known.facts.get("augmentation"))
            place = "6.2b" if regularised and "6.2b" in places else places[0]
            e.found.models[place] = model
            e.found.guesses.add(f"{place} model")
    _uncross(e)
    for model in e.found.models.values():
        if model.name in e.models and e.models[model.name].weights:
            model.weights = e.models[model.name].weights


def _prefer_those_that_predict(e: Evidence) -> None:
    """Of several models of a task, one of another epoch say, the one that gives its predictions answers it."""
    for task, predicted in e.found.predictions.items():
        for model in e.found.spare.get(task, []) if _unlike(e, task) else []:
            if (_agreement(e, model, predicted) or 0) >= EXPLAINED:
                e.found.models[task] = model
                break


def _turn_pairs(e: Evidence) -> None:
    """Of two nets of 6.2 whose names do not tell them apart, the one with dropout is 6.2b's, with all its files that
    are told by their names.
    """
    pair = [e.models.get(e.found.models[task].name) if task in e.found.models else None for task in ("6.2a", "6.2b")]
    dropout = [bool(known.facts.get("dropout")) if known and known.facts.get("layers") else None for known in pair]
    explained = any(model.name in e.found.explained for model in e.found.models.values())
    if e.found.pairs and not explained and dropout == [True, False]:
        named = {name for name in e.found.used() if names.task(name)[0] or name in e.found.pairs}
        for placed in (e.found.models, e.found.predictions, e.found.metrics, e.found.plots):
            files = [name for task in ("6.2a", "6.2b") if task in placed for name in _names(placed[task])]
            if named.intersection(files):
                _turn(placed)


def _give_a_lone_one(e: Evidence) -> None:
    """The only net of 6.2, where its name leaves a or b open, is 6.2b's if it has dropout: `net.h5`, saved twice."""
    models = e.found.models
    known = e.models.get(models["6.2a"].name) if "6.2a" in models and "6.2b" not in models else None
    if known is not None and known.facts.get("dropout") and names.task(models["6.2a"].name)[0] == "6.2":
        models["6.2b"] = models.pop("6.2a")


def _uncross(e: Evidence) -> None:
    """Give each net of 6.2 the predictions that it gives, where no name says whose they are."""
    pair = ("6.2a", "6.2b")
    given = e.found.predictions
    if not all(
        task in e.found.models and task in given and names.certain(given[task].name) not in NETS for task in pair
    ):
        return
    own, crossed = (
        [_agreement(e, e.found.models[net], given[task]) or 0.0 for net, task in zip(pair, order, strict=True)]
        for order in (pair, pair[::-1])
    )
    if min(crossed) >= EXPLAINED > max(own):
        _turn(given)


def _names(item: Model | Predictions | Stated | list[Picture]) -> list[str]:
    """The files of what was taken for a part of an answer."""
    if isinstance(item, Stated):
        return item.sources
    return [picture.name for picture in item] if isinstance(item, list) else [item.name]


def _turn(placed: dict[str, Item]) -> None:
    given = {task: placed.pop(task) for task in ("6.2a", "6.2b") if task in placed}
    placed.update({"6.2b" if task == "6.2a" else "6.2a": item for task, item in given.items()})


def _unlike(e: Evidence, task: str) -> bool:
    """Whether the model of a task does not give the predictions handed in."""
    model, predicted = e.found.models.get(task), e.found.predictions.get(task)
    if model is None or predicted is None or predicted.problem:
        return False
    share = _agreement(e, model, predicted)
    return share is not None and share < EXPLAINED


def _agreement(e: Evidence, model: Model, predicted: Predictions) -> float | None:
    """The share of predictions that a model gives under its best scaling; None where it was not tried on them."""
    known = e.models.get(model.name)
    return max(agreement(known, predicted.labels).values(), default=None) if known else None


def _files(e: Evidence, wanted: list[tuple[str, Model]]) -> list[ModelFile]:
    """What is to be tried of models by task, with what they should give."""
    files = []
    code = {name: path for name, path in e.unpacked.files.items() if name.lower().endswith(source.PYTHON)}
    for task, model in wanted:
        if model.format not in READ:
            continue
        stated = e.found.metrics.get(task)
        claimed = stated.test_accuracy()[:1] if stated else []
        expected: dict[str, list[np.ndarray]] = {}
        for place, predicted in e.found.predictions.items():
            if place in FAMILIES and task in (place, "") and not predicted.problem:
                expected.setdefault(FAMILIES[place], []).append(predicted.labels)
        figure = claimed[0].value if claimed else None
        scalings = SCALINGS if e.found.manifest is None else SCALINGS[:1]  # this workflow's models take raw pixels
        family = FAMILIES.get(task, "")
        beside = {"architecture": model.architecture, "parts": model.parts, "code": code}
        beside["compared"] = e.found.manifest is None
        files.append(ModelFile(model.name, model.path, model.format, family, expected, figure, scalings, **beside))
    return files


def _used(found: Recognised) -> dict[str, str]:
    """What was taken for what, for the report."""
    used = {f"{task} model": model.name for task, model in found.models.items()}
    used |= {f"{task} predictions": item.name for task, item in found.predictions.items()}
    used |= {f"{task} metrics": ", ".join(item.sources[:4]) for task, item in found.metrics.items()}
    used |= {f"{task} plots": ", ".join(p.name for p in plots[:6]) for task, plots in found.plots.items()}
    if found.resnet:
        used["6.3"] = ", ".join(sorted(found.resnet)[:4])
    return dict(sorted(used.items()))
