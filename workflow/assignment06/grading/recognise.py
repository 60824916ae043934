"""Decide what each file of a submission is, by its content and by its name."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from . import answers, described, legend, names, pairs, photographs, pickles, pictures, placing, progress, superseded
from .recognised import Model, Recognised
from .unpack import Unpacked

MAX_PICTURES = 200
MAX_SPARE = 3  # further models of a task
_VARIABLES = "variables/"
_SHARD = re.compile(r"\.data-00000-of-\d{5}$")  # the first file of a checkpoint's arrays
_SAVED_MODEL = ("saved_model.pb", "keras_metadata.pb", "fingerprint.pb", _VARIABLES, "assets/")
_ASSIGNMENT = re.compile(r"assign?[a-z]{0,5}[ ._-]?0?(\d{1,2})(?!\d)", re.I)
_HOLDERS = (".msgpack", ".rds", ".jld2", ".bson")  # of any data
_A_MODEL = re.compile(r"model|net(?!s?[a-z])|weight|param|checkpoint|state", re.I)
_HDF5 = b"\x89HDF\r\n\x1a\n"


def leave_other_assignments(unpacked: Unpacked) -> None:
    """Take out what lies in folders of other assignments, where a folder of this one is there."""
    told = {name: {int(n) for n in _ASSIGNMENT.findall(str(PurePosixPath(name).parent))} for name in unpacked.files}
    if any(6 in numbers for numbers in told.values()):
        unpacked.files = {
            name: path for name, path in unpacked.files.items() if not told[name] - {6} or 6 in told[name]
        }


def find_base(unpacked: Unpacked) -> tuple[str, bool]:
    """The folder that holds `results/`, and whether there is one; else that which holds a folder so called but for a
    slip of the pen, or everything.

    Where the folders of several tasks have a `results/` each, it is the folder that holds those.
    """
    homes: dict[tuple[str, ...], int] = {}
    for name in unpacked.files:
        parts = PurePosixPath(name).parts
        for depth, part in enumerate(parts[:-1]):
            if part.lower() == "results":
                homes[parts[:depth]] = homes.get(parts[:depth], 0) + 1
                break
    of_tasks = [home for home in homes if home and names.task(f"{home[-1]}/results.")[0]]
    if len({names.task(f"{home[-1]}/results.")[0] for home in of_tasks}) > 1:
        return "/".join(_common(home[:-1] for home in of_tasks)), True
    if homes:

        def rank(home: tuple[str, ...]) -> tuple:
            ours = bool(home) and bool(re.search(r"assignment[ _-]?0?6$", home[-1], re.I))
            return not ours, len(home), -homes[home]

        chosen = min(homes, key=rank)
        if chosen and names.task(f"{chosen[-1]}/results.")[0] and _has_other_tasks(unpacked, chosen[:-1]):
            chosen = chosen[:-1]  # only one of the folders of tasks has a results/
        return "/".join(chosen), True
    folders = [PurePosixPath(name).parts[:-1] for name in unpacked.files]
    meant = {parts[:depth] for parts in folders for depth, part in enumerate(parts) if _is_slip(part.lower())}
    return "/".join(_common(meant or folders)), False


def _is_slip(word: str) -> bool:
    """Whether a word is `results` with letters swapped, doubled or left out."""
    return word[:2] == "re" and (set(word) == set("results") or word == "result") and 6 <= len(word) <= 8


def _has_other_tasks(unpacked: Unpacked, folder: tuple[str, ...]) -> bool:
    """Whether a folder holds folders of several tasks."""
    paths = [PurePosixPath(name).parts for name in unpacked.files]
    inside = {parts[len(folder)] for parts in paths if parts[: len(folder)] == folder and len(parts) > len(folder) + 1}
    return len({names.task(f"{name}/results.")[0] for name in inside} - {""}) > 1


def _common(folders: Iterable[tuple[str, ...]]) -> list[str]:
    """The parts of a path that all folders begin with."""
    common: list[str] = []
    for level in zip(*folders, strict=False):
        if len(set(level)) > 1:
            break
        common.append(level[0])
    return common


def recognise(unpacked: Unpacked, expected_rows: int = 10_000) -> Recognised:
    """Sort a submission's files into models, predictions, metrics, plots and the output of 6.3."""
    base, has_results = find_base(unpacked)
    found = Recognised(base=base, has_results=has_results)
    prefix = f"{base}/" if base else ""
    files = {name[len(prefix) :]: path for name, path in unpacked.files.items() if name.startswith(prefix)}
    found.manifest = _manifest(files.get("manifest.json"))
    if found.manifest is not None:
        found.own = _own_experiments(found.manifest)
    found.scope = {
        name: path
        for name, path in files.items()
        if PurePosixPath(name).parts[0] not in names.SOURCES and (found.manifest is None or name.startswith("results/"))
    }
    for name in superseded.earlier(found.scope) if found.manifest is None else ():
        del found.scope[name], unpacked.files[f"{prefix}{name}"]
    texts: list[tuple[str, Path]] = []
    images: list[tuple[str, Path]] = []
    models: list[Model] = _saved_models(found.scope)
    inside = tuple(f"{model.name}/{part}" for model in models for part in _SAVED_MODEL)
    for name, path in sorted(found.scope.items()):
        if name.startswith(inside):
            continue
        suffix = PurePosixPath(name).suffix.lower()
        if names.certain(name) == "6.3" and (model := _model(name, path, suffix)) is None:
            found.resnet[name] = path
        elif (model := _model(name, path, suffix)) is not None:
            models.append(model)
        elif _is_picture(name, path, suffix):
            images.append((name, path))
        elif suffix in (*names.TEXTS, ".npy", ".npz") or (suffix in names.WORKBOOKS and path.suffix == ".csv"):
            progress.at("file", f"{base}/{name}" if base else name)
            if names.task(name)[0] not in names.NETS and photographs.speaks_of_imagenet(path):
                found.resnet[name] = path
            else:
                texts.append((name, path))
    for model in models:
        if model.format == "checkpoint":
            stem = _SHARD.sub("", model.name)
            ends = {name[len(stem) :]: path for name, path in found.scope.items() if name.startswith(f"{stem}.")}
            model.parts = {f"{_VARIABLES}variables{end}": path for end, path in ends.items()}
    texts = _take_architectures(models, texts)
    if found.manifest is None:
        answering = [model.name for model in models] + [n for n, _ in texts] + [n for n, _ in images]
        found.pairs = pairs.numbered(answering) | pairs.varied(answering)
        found.pairs |= pairs.counted((model.name for model in models), answering)
        found.legend = legend.words(answering, unpacked.files)
        told = {name: legend.task(name, found.legend) for name in answering}
        found.explained = described.files(answering, described.folders(found.scope))
        found.explained |= {name: task for name, task in told.items() if task}
        found.pairs |= found.explained
        answering = [n for n in answering if names.shows_training(n)]
        found.pairs |= pairs.of_models((model.name for model in models), answering) or pairs.order(answering)
    found.resnet_is_file = next(
        (n for n in found.resnet if re.fullmatch(r"(results/)?(predictions/)?res_?-?net_?-?50", n, re.I)), ""
    )
    _take_models(found, models)
    answers.take_texts(found, texts, expected_rows)
    _take_pictures(found, images)
    if not found.resnet and found.manifest is None:  # the third part of three, by its number alone
        told = [(name, path) for name, path in texts if names.task(name)[0] == "6.3" and name not in found.used()]
        found.resnet = {name: path for name, path in told if photographs.may_answer(name) and photographs.tells(path)}
    used = {*found.used(), *found.resnet}
    found.loose = [name for name, _ in texts if name not in used]
    return found


def _manifest(path: Path | None) -> dict | None:
    """This workflow's own manifest, or None where there is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8")) if path and path.stat().st_size < 32 << 20 else None
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and isinstance(data.get("files"), dict) and "assignment" in data else None


def _own_experiments(manifest: dict) -> frozenset[str]:
    """The experiment that stands for each task in this workflow's own zip: of several seeds or settings, the first."""
    chosen: dict[str, str] = {}
    experiments = manifest.get("experiments")
    for name in sorted(map(str, experiments if isinstance(experiments, dict) else [])):
        task = names.task(f"{name}.csv")[0]
        if task in names.NETS and chosen.get(task) not in names.EXPERIMENTS:
            chosen[task] = name if name in names.EXPERIMENTS else chosen.get(task, name)
    return frozenset(chosen.values() or names.EXPERIMENTS)


def _is_picture(name: str, path: Path, suffix: str) -> bool:
    """Whether a file is taken for a picture: a page only if it draws one, a PDF only if its name speaks of a plot."""
    if suffix in pictures.PAGES:
        return pictures.is_chart(path)
    words = "/".join(PurePosixPath(name).parts[-2:])
    return suffix in pictures.SUFFIXES and (suffix != ".pdf" or names.PLOT.search(words) is not None)


def _saved_models(files: dict[str, Path]) -> list[Model]:
    found = []
    for name, path in sorted(files.items()):
        if PurePosixPath(name).name == "saved_model.pb":
            folder = PurePosixPath(name).parent
            inside = [other for other in files if PurePosixPath(other).is_relative_to(folder)]
            parts = {PurePosixPath(other).relative_to(folder).as_posix(): files[other] for other in inside}
            parts = {part: at for part, at in parts.items() if part.startswith(_SAVED_MODEL)}
            found.append(Model(str(folder), path, "savedmodel", "a SavedModel folder", parts=parts))
    return found


def _model(name: str, path: Path, suffix: str) -> Model | None:
    with open(path, "rb") as file:
        start = file.read(8)
    if start == _HDF5:
        return Model(name, path, "hdf5")
    if suffix in names.MODEL_SUFFIXES:
        kind = "keras" if start[:4] == b"PK\x03\x04" else names.MODEL_SUFFIXES[suffix]
        return Model(name, path, kind)
    if suffix in names.PICKLE_SUFFIXES:
        words = "/".join(PurePosixPath(name).parts[-2:])
        is_answer = names.PREDICTIONS.search(words) or names.METRICS.search(words)
        with contextlib.suppress(ValueError, OSError):  # of one that holds more than plain values
            if pickles.is_net(pickles.read(path)):
                return Model(name, path, "other", "a pickle of arrays")
        return None if is_answer else Model(name, path, "pickle", "a pickle")
    if _SHARD.search(name):
        return Model(name, path, "checkpoint", names.OTHER_MODELS[".ckpt"])
    if suffix in _HOLDERS and not _A_MODEL.search("/".join(PurePosixPath(name).parts[-2:])):
        return None
    if suffix in names.OTHER_MODELS:
        kind = names.OTHER_MODELS[".pt" if start[:4] == b"PK\x03\x04" and suffix == ".ckpt" else suffix]
        return Model(name, path, "other", kind)  # Lightning's checkpoints are PyTorch's
    return None


def _take_architectures(models: list[Model], texts: list[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """Give HDF5 files the JSON of their net, by name, task or folder; returns the texts that are none such."""
    nets = [(name, path) for name, path in texts if name.lower().endswith(".json") and is_architecture(path)]
    folders = [PurePosixPath(name).parent for name, _ in nets]
    for model in models:
        if model.format == "hdf5":
            fitting = [
                name for name, _ in nets if _belongs(name, model.name, folders.count(PurePosixPath(name).parent))
            ]
            first = min(fitting, key=lambda name: (_stem(name) != _stem(model.name), name), default="")
            model.architecture = dict(nets).get(first)
    return [item for item in texts if item not in nets]


def is_architecture(path: Path) -> bool:
    """Whether a JSON file begins as `model.to_json()` does."""
    with open(path, "rb") as file:
        start = file.read(400)
    return bool(re.match(rb'\s*\{\s*"(?:module|class_name)":\s*"[\w. >]{1,60}",\s*"(?:class_name|config)":', start))


def _stem(name: str) -> str:
    """A model's name without folders, endings and the words for its parts."""
    stem = re.sub(r"(\.weights)?\.\w{1,5}$", "", PurePosixPath(name).name.lower())
    return re.sub(r"[\W_]*(?:weights|architecture|arch|config|json)[\W_]*", "", stem)


def _belongs(net: str, weights: str, nets: int) -> bool:
    """Whether a net's JSON, one of that many in its folder, is that of some weights."""
    if _stem(net) == _stem(weights):
        return names.task(net)[0] == names.task(weights)[0]
    if names.certain(net) or names.certain(weights):
        return names.certain(net) == names.certain(weights)
    return nets == 1 and PurePosixPath(net).parent == PurePosixPath(weights).parent


def _is_second_choice(name: str) -> bool:
    return pairs.SECOND_CHOICE.search(PurePosixPath(name).name) is not None


def _take_models(found: Recognised, models: list[Model]) -> None:
    order = {form: number for number, form in enumerate(names.READ)}
    ranked = sorted(models, key=lambda m: order.get(m.format, len(order)))
    final = {PurePosixPath(m.name).parent for m in models if m.format in names.READ and not _is_second_choice(m.name)}
    best: list[Model] = []
    for model in ranked:  # a task that has a readable model does not need the same one in another form
        place, guessed = names.task(model.name)
        if (guessed or not place) and _is_second_choice(model.name) and PurePosixPath(model.name).parent in final:
            continue  # `ckpt-01` beside `final_model`
        if guessed or not any(
            names.task(b.name) == (place, False)
            and place in names.NETS
            and order.get(b.format, len(order)) < order.get(model.format, len(order))
            for b in best
        ):
            best.append(model)
    placed, unknown = placing.place([(m.name, m) for m in best], "model", found.own, found.pairs)
    found.models = placed
    if found.manifest is not None:
        return  # this workflow's own names say which model answers a task; further ones may be large
    for task, first in placed.items():
        mine = (task, "6.2") if task != "6.1" else (task,)
        others = [m for m in ranked if names.task(m.name)[0] in mine and m.format in names.READ]
        others = [m for m in others if m is not first and m not in placed.values()]
        if others:
            found.spare[task] = sorted(others, key=lambda m: placing.rank(m.name, "model", found.own))[:MAX_SPARE]
    unknown = sorted(unknown, key=lambda one: _is_second_choice(one[0]))
    found.open_models = [(name, model) for name, model in unknown if names.certain(name) != "6.3"][:6]


def _take_pictures(found: Recognised, images: list[tuple[str, Path]]) -> None:
    sure = {place for place, guessed in (names.task(name) for name, _ in images) if not guessed}
    for name, path in images[:MAX_PICTURES]:
        progress.at("file", f"{found.base}/{name}" if found.base else name)
        picture = pictures.look(name, path)
        told, guessed = names.task(name)
        if guessed and told == "6.2b" and "6.2b" in sure and "6.2a" not in sure:  # another net says that it is 6.2b's
            told = "6.2a"
        place = "" if names.is_bare_number(name) else found.pairs.get(name) or told
        place = "6.2a" if place == "6.2" else place
        if place in names.NETS:
            found.plots.setdefault(place, []).append(picture)
        else:
            found.pictures.append(picture)
    if "6.2b" not in found.plots and "6.2a" in found.plots:
        unsure = [p for p in found.plots["6.2a"] if names.task(p.name)[0] == "6.2"]
        sure = [p for p in found.plots["6.2a"] if p not in unsure]
        if sure and unsure:
            found.plots["6.2a"], found.plots["6.2b"] = sure, unsure
            found.guesses |= {"6.2b plots"}
    _share_out(found)


def curves(plots: list[pictures.Picture]) -> list[pictures.Picture]:
    """Those that show the training, as far as name and picture tell."""
    return [p for p in plots if names.shows_training(p.name) and (p.curve is not False or p.blank or p.problem)]


def _share_out(found: Recognised) -> None:
    """Curves without a task in their name go to the one task that has none, or in order, one each, to all of them."""
    without = [task for task in names.NETS if not curves(found.plots.get(task, []))]
    nameless = [p for p in curves(found.pictures) if not p.problem]
    shares: list[list[pictures.Picture]] = []
    if len(without) == 1:
        shares = [nameless]
    elif without and nameless and len(nameless) % len(without) == 0 and len(nameless) <= 2 * len(without):
        each = len(nameless) // len(without)
        shares = [nameless[i : i + each] for i in range(0, len(nameless), each)]
    for task, share in zip(without, shares, strict=False):
        if share:
            found.plots.setdefault(task, []).extend(share)
            found.guesses.add(f"{task} plots")
            found.pictures = [p for p in found.pictures if p not in share]
