"""Read the text files of a submission: predictions, and the figures that it states."""

import contextlib
import json
import logging
import re
from collections.abc import Callable
from itertools import permutations
from pathlib import Path, PurePosixPath

import numpy as np

from . import diagnosis, legend, metrics, names, official, placing, predictions, progress, several
from .recognised import Recognised
from .stated import Figure

_FEW, _MUCH = 100, 10_000  # rows of a table, and bytes of its file
_NO_ANSWER = re.compile(r"(^|/)(readme|requirements|licen[cs]e|discussion)|summary_of_model", re.I)


def take_texts(found: Recognised, texts: list[tuple[str, Path]], expected_rows: int) -> None:
    predicted: list[tuple[str, predictions.Predictions]] = []
    stated: list[tuple[str, list[Figure]]] = []
    for name, path in texts:
        if _NO_ANSWER.search(name):
            continue
        progress.at("file", f"{found.base}/{name}" if found.base else name)
        try:
            if parts := several.by_task(name, path, found.legend):
                predicted += parts.items()
                continue
            answer = _read_text(name, path, expected_rows)
            if isinstance(answer, predictions.Predictions):
                predicted.append((name, answer))
                if answer.amid and (figures := metrics.read(name, path)):
                    stated.append((name, figures))
            elif answer is not None:
                stated.append((name, answer))
                _keep_recording(found, name, path)
        except Exception:
            logging.getLogger(__name__).debug("%s", name, exc_info=True)
    if found.manifest is None:
        predicted = placing.without_side_files(_joined(predicted, expected_rows), expected_rows)
    found.predictions, unknown = placing.place(predicted, "predict", found.own, found.pairs)
    for task, item in list(found.predictions.items()):
        if item.problem and item.foreign is None and legend.task(item.name, found.legend):  # a form that is not known
            found.unplaced.append(found.predictions.pop(task))
    for _, item in unknown:
        for family in dict.fromkeys(names.FAMILIES.values()):
            _tell_foreign(item, _test_labels(family))
        if not _place_by_agreement(found, item):
            found.unplaced.append(item)
    for task, item in found.predictions.items():
        settle(task, item)
    _take_stated(found, stated)
    if found.manifest is None:
        shared = [(name, path) for name, path in texts if not names.task(name)[0]]
        take_shared(found, shared, lambda word: legend.task(word, found.legend))


def _joined(
    predicted: list[tuple[str, predictions.Predictions]], rows: int
) -> list[tuple[str, predictions.Predictions]]:
    """With one file's predictions for those of a task in several, each of a part of the `rows` images.

    They are put in the order of their names, or in another that agrees better with the official labels: of `premier`
    and `deuxieme` the alphabet has the second first.
    """
    groups: dict[str, list[tuple[str, predictions.Predictions]]] = {}
    counted: dict[str, list[tuple[str, predictions.Predictions]]] = {}  # `part_00` to `part_09`, whatever 01 may be
    for name, item in predicted:
        counted.setdefault(f"{PurePosixPath(name).parent}/{re.sub(r'[0-9]+', '', names.stem(name))}", []).append(
            (name, item)
        )
    chunks = {key for key, group in counted.items() if len(group) > 2 and sum(item.rows for _, item in group) == rows}
    for key, group in counted.items():
        for name, item in group:
            place = key if key in chunks else f"{names.task(name)[0]} {PurePosixPath(name).parent}"
            groups.setdefault(place, []).append((name, item))
    kept = []
    for group in groups.values():
        parts = sorted(group, key=lambda pair: re.sub(r"\d{1,9}", lambda digits: digits[0].zfill(9), pair[0]))
        if len(parts) > 1 and sum(item.rows for _, item in parts) == rows and not any(i.problem for _, i in parts):
            labels = _in_best_order([item.labels for _, item in parts], names.task(parts[0][0])[0])
            kept.append((parts[0][0], predictions.Predictions(parts[0][0], labels, names=parts[0][1].names)))
        else:
            kept += group
    return kept


def _test_labels(family: str) -> np.ndarray:
    """The official labels uint8 [n] of a data set's test images; none where they are not known."""
    return official.official_labels().get(f"{family}_test", np.zeros(0, np.uint8))


def _in_best_order(parts: list[np.ndarray], task: str) -> np.ndarray:
    """The labels int [n] of several parts, in the order given; up to four in that which agrees best."""
    true = _test_labels(names.FAMILIES.get(task, ""))
    orders = [np.concatenate(order) for order in permutations(parts)] if len(parts) <= 4 else [np.concatenate(parts)]
    if len(orders[0]) != len(true):
        return orders[0]
    return max(orders, key=lambda labels: int(np.sum(labels == true)))


def settle(task: str, item: predictions.Predictions) -> None:
    """Where no heading tells which column holds the predictions, the official labels tell which one repeats them."""
    labels = _test_labels(names.FAMILIES[task])
    if predictions.ONLY_TRUE in item.problem and (item.labels >= 0).all() and not np.array_equal(item.labels, labels):
        if item.rows == len(labels):  # headings such as Kaggle's `target` stand over predictions as well
            item.problem, item.true_labels = "", None
        elif not len(labels):
            item.problem, item.true_labels, item.doubt = "", None, "its heading speaks of true labels"
    _tell_foreign(item, labels)
    if not item.others or not _FEW <= item.rows <= len(labels):
        return
    labels = labels[: item.rows]  # or those of the first images alone
    columns = {"": item.labels} | item.others
    true = [heading for heading, column in columns.items() if np.array_equal(column, labels)]
    left = [heading for heading in columns if heading not in true]
    if len(true) == 1 and len(left) == 1:
        item.true_labels, item.labels = columns[true[0]], columns[left[0]]
        item.doubt, item.others = "", {}


def _tell_foreign(item: predictions.Predictions, labels: np.ndarray) -> None:
    """Where ten class names are of another language, the official labels tell what each stands for."""
    if item.foreign is not None and item.rows == len(labels):
        named = diagnosis.named(item.foreign, labels)
        if named is not None and not np.array_equal(named, item.labels):
            item.probabilities = item.scored = None  # whose columns are in another order
            item.labels, item.problem, item.names = named, "", "class names, told by what they agree with"


def take_shared(found: Recognised, texts: list[tuple[str, Path]], told: Callable[[str], str] = lambda word: "") -> None:
    """Files whose names tell no task may state figures of several; they serve tasks that have no test accuracy yet.

    `told` tells the task of words that name none.
    """
    without = found.without_test_accuracy()
    predicted = {item.name for item in found.predictions.values()}
    for name, path in texts:
        shared: dict[str, list[Figure]] = {}
        if name not in predicted and not _NO_ANSWER.search(name):
            progress.at("file", f"{found.base}/{name}" if found.base else name)
            with contextlib.suppress(Exception):  # as above: what cannot be read states nothing
                shared = metrics.by_task(name, path, told)
        for task, figures in shared.items():
            if task in without:
                found.take_stated(task, name, figures)


def _read_text(name: str, path: Path, expected_rows: int) -> predictions.Predictions | list[Figure] | None:
    """Predictions, or stated figures, or None. A name that speaks of predictions decides where the content is open."""
    words = "/".join(PurePosixPath(name).parts[-2:])
    about_metrics = names.METRICS.search(PurePosixPath(name).name)
    says = names.PREDICTIONS.search(PurePosixPath(name).name) or (names.PREDICTIONS.search(words) and not about_metrics)
    if not says and (figures := metrics.read(name, path)):
        return figures
    result = predictions.read(name, path, expected_rows)
    if result is not None and result.rows < _FEW and path.stat().st_size > _MUCH:
        return None  # ten rows of ten thousand numbers, say: not understood, so not judged
    if result is not None and (result.rows >= 500 or (says and (result.rows >= 5 or not result.problem))):
        return result
    if figures := metrics.read(name, path):
        return figures
    about_metrics = names.METRICS.search(words)
    return [] if about_metrics and names.task(name)[0] in names.NETS and path.suffix.lower() != ".npy" else None


def _keep_recording(found: Recognised, name: str, path: Path) -> None:
    """The whole content of this workflow's own metrics file, for the checks of its provenance."""
    if path.suffix.lower() == ".json" and found.manifest is not None:
        data = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(data, dict) and isinstance(data.get("experiment"), str):
            found.recordings[data["experiment"]] = data


def _take_stated(found: Recognised, stated: list[tuple[str, list[Figure]]]) -> None:
    """All files that state figures of a task belong to it, not only one (a history and a result, say)."""
    open_ones: dict[str, str] = {}  # stems, and folders of CIFAR-10 alone -> 6.2a or 6.2b
    sure = {names.task(name)[0] for name, _ in stated if not names.task(name)[1]}
    order = [place for place in ("6.2a", "6.2b") if place not in sure]
    for name, figures in sorted(stated, key=lambda item: placing.rank(item[0], "metric", found.own)):
        place, guessed = (found.pairs[name], False) if name in found.pairs else names.task(name)
        if place == "6.2" or (guessed and place in sure):
            stem = re.sub(r"(acc\w*|loss|history|metrics?|eval\w*)", "", PurePosixPath(name).stem)
            folder = str(PurePosixPath(name).parent)
            key = stem.strip("_-. ") or folder
            place = open_ones.get(key) or (order.pop(0) if order else open_ones.get(folder, ""))
            open_ones[key] = place
            if names.task(f"{folder}/metrics.")[0] == "6.2":
                open_ones.setdefault(folder, place)
        if place not in names.NETS:
            found.nameless.append((name, figures))
        elif found.manifest is None or PurePosixPath(name).stem.removesuffix("_history") in found.own:
            found.take_stated(place, name, figures)


def _place_by_agreement(found: Recognised, item: predictions.Predictions) -> bool:
    """Whether a nameless file could be given to the first free task that it agrees with, or is but a copy of one that
    was placed.
    """
    places = _by_agreement(item)
    free = [place for place in places if place not in found.predictions]
    before = [found.predictions[place] for place in places if place in found.predictions]
    if not free or any(np.array_equal(item.labels, other.labels) for other in before):
        return bool(before)
    found.predictions[free[0]] = item
    for one in [item, *before] if free[0] == "6.2b" else []:
        if not names.task(one.name)[0]:
            one.doubt = one.doubt or "its name does not say whether it is 6.2a's or 6.2b's"
    return True


def _by_agreement(item: predictions.Predictions) -> list[str]:
    """The tasks whose official test labels a nameless file of predictions agrees with."""
    for family, places, least in (("mnist", ["6.1"], 0.5), ("cifar10", ["6.2a", "6.2b"], 0.3)):
        labels = _test_labels(family)
        if item.rows == len(labels) and float(np.mean(item.labels == labels)) > least:
            return places
    return []
