"""From a model's file to a net that predicts, and what its configuration says of it. Imports Keras."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from . import containers, describing, reading
from .refusal import Unsupported

if TYPE_CHECKING:
    import keras


def load(path: Path, form: str, scratch: Path, facts: dict, architecture: Path | None = None) -> keras.Model:
    """Rebuild the model in the file `path` (`form` is "keras" or "hdf5") with its weights.

    Where an HDF5 file holds weights only, `architecture` is the JSON beside it that says of which net they are.
    What its configuration says goes to `facts` as soon as it is known. Raises Refused or Unsupported.
    """
    weights = path
    if form == "keras":
        config, version, weights = containers.keras_config(path, scratch)
    else:
        config, version = containers.hdf5_config(path)
    apart = config is None and architecture is not None
    if apart:
        config, version = containers.json_config(architecture)
    facts["keras_version"] = version[:20]
    if config is None:
        raise Unsupported("it holds weights only, no architecture (save_weights instead of save)")
    net = reading.read(config)
    facts |= describing.describe(net)
    from . import building
    from . import weights as arrays

    model = building.build(net)
    if form == "keras":
        arrays.load_by_path(model, weights, scratch)
        weights.unlink()
    elif apart and not containers.in_order(path):
        arrays.load_by_path(model, path, scratch)
    else:
        arrays.load_in_order(model, path)
    return model
