"""Which task a folder is of, as settings in it tell: Hydra's, MLflow's, Weights & Biases', or one's own."""

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from . import mappings, names
from .tables import read_text

_MAX_SETTINGS = 256 << 10  # bytes of a file
_SETTINGS = re.compile(
    r"(?:config|settings?|params?|parameters|hparams|hyperparameters|args|arguments|options|overrides|meta|"
    r"wandb-metadata)\.(?:ya?ml|json|toml)",
    re.I,
)
_INNER = (".hydra", "files", "params", "tags")  # folders whose settings are those of the folder around them
_TELLS = re.compile(r"mnist|cifar|(?<![\d.])6[._]?[12][ab]?(?![\d.])", re.I)  # in a value, whatever its key
_OFF = "no "  # before what is switched off
_SWITCH = re.compile(r"(?:data_?)?(augment\w{0,8}|aug|dropout)|aumento\w{0,20}|art[iı]rma|erweiterung", re.I)


def folders(files: dict[str, Path]) -> dict[PurePosixPath, str]:
    """The folders, with the net's task of each, whose settings tell one task and no other.

    There are none unless several tasks are told, each by folders without another task's in them: one setting above all
    is a default.
    """
    words: dict[PurePosixPath, list[str]] = {}
    for name, path in files.items():
        place = PurePosixPath(name)
        folder = place.parent.parent if place.parent.name in _INNER else place.parent
        with contextlib.suppress(OSError):
            if place.parent.name in ("params", "tags") and f"{folder}/meta.yaml" in files:  # MLflow's, a file a setting
                key = place.name.removeprefix("mlflow.")
                words.setdefault(folder, []).extend(_words(key, read_text(path, limit=1000) or "", 0))
            elif _SETTINGS.fullmatch(place.name):
                words.setdefault(folder, []).extend(_words("", _settings(path), 0))
    words = {folder: _telling(said) for folder, said in words.items()}
    told = {folder: names.certain(f"{' '.join(said)}.csv") for folder, said in words.items() if _agree(said)}
    if "6.2b" in told.values() and "6.2a" not in told.values():  # `cifar10` beside `cifar10-dropout`
        told = {folder: "6.2a" if task == "6.2" else task for folder, task in told.items()}
    told = {folder: task for folder, task in told.items() if task in names.NETS}
    around = {outer for folder, task in told.items() for outer in folder.parents if told.get(outer, task) != task}
    told = {folder: task for folder, task in told.items() if folder not in around}
    return told if len(set(told.values())) > 1 else {}


def files(names_of: Iterable[str], told: dict[PurePosixPath, str]) -> dict[str, str]:
    """The task of each file whose name tells none, by the nearest folder around it whose settings do."""
    found: dict[str, str] = {}
    for name in names_of if told else ():
        folder = next((folder for folder in PurePosixPath(name).parents if folder in told), None)
        if folder is not None and names.task(name)[0] not in names.TASKS:
            found[name] = told[folder]
    return found


def switched_off(name: str, path: Path) -> list[str]:
    """What settings of a net that they call 6.2b's own switch off, "dropout" and "augmentation"; nothing elsewhere."""
    words: list[str] = []
    if _SETTINGS.fullmatch(PurePosixPath(name).name):
        with contextlib.suppress(OSError):
            words = _words("", _settings(path), 0)
    if names.certain(f"{' '.join(_telling(words))}.csv") != "6.2b":
        return []
    return [word.removeprefix(_OFF) for word in words if word.startswith(_OFF)]


def _telling(words: list[str]) -> list[str]:
    """Words without what is switched on and off, where others tell the net."""
    called = [word for word in words if not word.startswith(_OFF) and not _SWITCH.fullmatch(word)]
    mnist = {names.family(f"{word}.csv") for word in called} == {"6.1"}
    return called if mnist or any(map(names.variant, called)) else words


def _settings(path: Path) -> object:
    return mappings.parse(read_text(path, limit=_MAX_SETTINGS) or "", path.suffix)


def _words(key: str, value: object, depth: int) -> list[str]:
    """What settings tell of a data set, and whether there is augmentation or dropout, in words as a file's name has."""
    if depth > 6:
        return []
    if isinstance(value, dict):
        if set(value) == {"desc", "value"}:  # as Weights & Biases writes a setting
            return _words(key, value["value"], depth + 1)
        return [word for inner, item in value.items() for word in _words(str(inner), item, depth + 1)]
    if isinstance(value, list):
        return [word for item in value[:50] if isinstance(item, str) for word in _words(*_split(item), depth + 1)]
    text = str(value).strip()[:80]
    if switch := _SWITCH.fullmatch(key):
        off = not text or text.lower() in ("false", "no", "off", "none") or re.fullmatch(r"0(\.0*)?", text)
        return [f"{_OFF}{switch[1] or 'augmentation'}" if off else switch[1] or "augmentation"]
    return [PurePosixPath(text).name] if _TELLS.search(text) else []


def _split(item: str) -> tuple[str, str]:
    """`key=value`, as Hydra lists what was set by hand, or a value alone, as a command has it."""
    key, joined, value = item.partition("=")
    return (key.lstrip("+").rpartition(".")[2], value) if joined else ("", item)


def _agree(words: list[str]) -> bool:
    """Whether words tell one data set, and not that there is both some and no dropout or augmentation."""
    families = {family for word in words if (family := names.family(f"{word}.csv"))}
    return len(families) == 1 and len({names.variant(word) for word in words} - {""}) < 2
