"""From a model's file to a net that predicts, and what its configuration says of it. Imports Keras."""

from __future__ import annotations

import logging
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from .. import progress
from ..official import SHAPES
from . import containers, describing, reading
from .refusal import Unsupported

if TYPE_CHECKING:
    import keras

    from ..trial import ModelFile

_NO_NET = {
    "hdf5": "it holds weights only, no architecture (save_weights instead of save)",
    "checkpoint": "it is a checkpoint of TensorFlow: weights only, no architecture",
    "savedmodel": "it is a SavedModel without a description of its net, which is a program and is not run",
}


def load(file: ModelFile, scratch: Path, facts: dict) -> keras.Model:
    """Rebuild the model in a file (its format is "keras", or one of `_NO_NET`) with its weights.

    What its configuration says goes to `facts` as soon as it is known. Where a file holds weights only, the net is that
    of the JSON beside it, or one that the code beside it writes (`facts["written"]` says where). Raises Refused or
    Unsupported.
    """
    weights, config, version = file.path, None, ""
    if file.format == "keras":
        config, version, weights = containers.keras_config(file.path, scratch)
    elif file.format == "savedmodel":
        from . import saved_models  # TensorFlow, which others do without until here

        config, version = saved_models.config(file.parts)
    elif file.format == "hdf5":
        config, version = containers.hdf5_config(file.path)
    apart = config is None
    if apart and file.architecture is not None:
        config, version = containers.json_config(file.architecture)
    facts["keras_version"] = version[:20]
    if config is None:
        return _of_code(file, scratch, facts)
    net = reading.read(config)
    facts |= describing.describe(net)
    facts["code"] = _in_code(file) if file.compared else []
    from . import building
    from . import weights as arrays

    model = building.build(net)
    if file.format == "keras":
        arrays.load_by_path(model, weights, scratch)
        weights.unlink()
    else:
        _fill(model, file, scratch, apart)
    return model


def _fill(model: keras.Model, file: ModelFile, scratch: Path, apart: bool) -> None:
    from . import weights as arrays

    if file.format != "hdf5":
        from . import saved_models

        saved_models.load(model, file.parts, scratch)
    elif apart and not containers.in_order(file.path):
        arrays.load_by_path(model, file.path, scratch, alone=True)
    else:
        arrays.load_in_order(model, file.path)


def _in_code(file: ModelFile) -> list[tuple[str, list[str]]]:
    """Place and `widths` of each net for a model's images that code beside it writes; none where there is a net that is
    not read to its end.
    """
    from . import written

    found = []
    nets, left = written.nets(file.code)
    for net in nets:
        try:
            told = describing.describe(reading.read(net.config(next(iter(SHAPES.values())))))
        except Exception as error:  # noqa: BLE001  as for a file's own net
            logging.getLogger(__name__).debug("%s: %s", net.place, error)
            return []
        if net.shape is None or not file.family or tuple(net.shape) == SHAPES[file.family]:
            found.append((net.place, told["widths"]))
        if not net.sure:
            return []
    return [] if left else found


def _of_code(file: ModelFile, scratch: Path, facts: dict) -> keras.Model:
    """The net that code beside the file writes and that its weights fit, first one that the code saves to such a file.

    Where several fit that differ in their layers, those of the net are not told.
    """
    from . import building, written

    fitting: list[tuple[int, keras.Model, dict, written.Written]] = []
    nets, left = written.nets(file.code)
    for net in nets:
        for shape in SHAPES.values() if net.shape is None else [tuple(net.shape)]:
            progress.at("model", file.name)
            try:
                told = reading.read(net.config(shape))
                model = building.build(told)
                _fill(model, file, scratch, apart=True)
            except Exception as error:  # noqa: BLE001  whatever Keras raises for layers that do not fit together
                logging.getLogger(__name__).debug("%s: %s", net.place, error)
                continue
            own = max((_same(file.name, text) for text in net.saved), default=0)
            fitting.append((own, model, describing.describe(told), net))
    if not fitting:
        facts["unread"] = left
        raise Unsupported(_NO_NET[file.format])
    most = max(own for own, *_ in fitting)
    best = [one for one in fitting if one[0] == most]
    _, model, described, net = best[0]
    facts["written"] = net.place
    one = all(other == described and made.sure for _, _, other, made in best)
    if one and (not left or most > 1):  # else the net may be one that is left out, and saved to a file of this name
        facts |= described
    return model


def _same(name: str, text: str) -> int:
    """How many parts of a file's path a text in code has, as far as it goes, `cp.ckpt` or `../results/mnist/cp.ckpt`; 0
    where it names another.
    """
    said = [part for part in PurePath(text).parts if part not in ("/", "..")]
    there = PurePath(name).parts
    folders = min(len(said), len(there))
    ends = [list(parts[-folders:]) for parts in (said, there)]
    same = folders and ends[0][:-1] == ends[1][:-1] and len({end[-1].partition(".")[0] for end in ends}) == 1
    return folders if same else 0
