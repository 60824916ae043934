"""Several arrays in one file (`.npz`), of several tasks: split by what their keys say."""

from pathlib import Path

from . import arrays, names
from .predictions import MAX_NUMBERS, Predictions, choose


def by_task(name: str, path: Path) -> dict[str, Predictions]:
    """The predictions of each task in an `.npz` with keys of at least two, under names that tell the task; else {}."""
    try:
        given, left = arrays.load(path, MAX_NUMBERS)
    except (OSError, ValueError, EOFError, KeyError):
        return {}
    groups: dict[str, list[str]] = {}
    for key in given:
        groups.setdefault(_task(key), []).append(key)
    groups = {task: keys for task, keys in groups.items() if task in names.NETS or task == "6.2"}
    if len(groups) < 2:
        return {}
    found = {}
    for task, keys in groups.items():
        item = choose(name, {key: given[key] for key in keys}, [key for key in left if _task(key) == task])
        if item is not None:
            found[f"{name}/{keys[0]}.npy"] = item
    return found


def _task(key: str) -> str:
    return names.task(f"{key}.npy")[0]
