"""Give each task the file that answers it best."""

import re
from pathlib import PurePosixPath
from typing import TypeVar

from . import names
from .pairs import SECOND_CHOICE
from .predictions import Predictions

Item = TypeVar("Item")
_TRUE = re.compile(r"(?<![a-z])(?:actual|true|truth|y_?test|y_?true|(?:test_)?labels?|targets?)(?![a-z])")
_OTHER = re.compile(
    r"(?<![a-z])(?:cm|conf(?:usion)?|matrix|reports?|wrong|misclass[a-z]{0,10}|mispredict[a-z]{0,4}|errors?|incorrect|"
    r"mistakes?|samples?|examples?|first|train(?:ing)?|val(?:id(?:ation)?)?)(?![a-z])"
)


def without_side_files(predicted: list[tuple[str, Predictions]], rows: int) -> list[tuple[str, Predictions]]:
    """Without files that a task has beside its predictions: true labels, a confusion matrix, other images, mistakes."""
    groups: dict[str, list[tuple[str, Predictions]]] = {}
    for name, item in predicted:
        groups.setdefault(names.task(name)[0], []).append((name, item))
    kept = []
    for task, group in groups.items():
        wanted = rows if task in names.NETS else None
        beside = [_beside(name, item, wanted) for name, item in group]
        kept += [pair for pair, how in zip(group, beside, strict=True) if not task or how == min(beside)]
    return kept


def _beside(name: str, item: Predictions, rows: int | None) -> tuple[bool, bool]:
    """Whether a file's name says that it is something else, and whether what it holds does, where `rows` are wanted."""
    stem = names.apart(PurePosixPath(name).stem).lower().replace("-", "_")
    other = _OTHER.search(stem) or (_TRUE.search(stem) and "pred" not in stem)
    return bool(other), rows is not None and (item.rows != rows or bool(item.problem))


def rank(name: str, role: str, own: frozenset[str]) -> tuple:
    """Sorts candidates for one place: the workflow's own name first, then in `results/`, then the plainest."""
    parts = PurePosixPath(name).parts
    stem = PurePosixPath(name).stem.lower()
    return (
        stem.removesuffix("_history") not in own,
        parts[0].lower() != "results",
        role not in "/".join(parts[:-1]).lower(),
        bool(SECOND_CHOICE.search(name)),
        len(name),
        name,
    )


def place(
    candidates: list[tuple[str, Item]], role: str, own: frozenset[str], pairs: dict[str, str]
) -> tuple[dict[str, Item], list[tuple[str, Item]]]:
    """Give each task its best candidate; those of 6.2 whose name leaves a or b open fill the places left, in order.

    `pairs` has what names tell beside others (see `pairs`).
    """
    placed: dict[str, Item] = {}
    unsure: list[tuple[str, Item]] = []
    unknown: list[tuple[str, Item]] = []
    ordered = sorted(candidates, key=lambda item: rank(item[0], role, own))
    for name, item in ordered:
        place, guessed = names.task(name)
        if name in pairs and not guessed and place in ("", "6.2b"):
            place = pairs[name]
        if place in names.NETS and not guessed:
            placed.setdefault(place, item)
        elif place in names.NETS or place == "6.2":
            unsure.append((name, item))
        else:
            unknown.append((name, item))
    for name, item in sorted(unsure, key=lambda pair: (bool(SECOND_CHOICE.search(pair[0])), pair[0])):
        place = pairs.get(name) or names.task(name)[0]
        choices = [place] if place in names.NETS else []
        free = next((p for p in [*choices, "6.2a", "6.2b"] if p not in placed), None)
        if free:
            placed[free] = item
    return placed, unknown
