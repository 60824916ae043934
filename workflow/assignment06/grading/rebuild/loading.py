"""From a model's file to a net that predicts, and what its configuration says of it. Imports Keras."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from . import containers, describing, reading
from .refusal import Unsupported

if TYPE_CHECKING:
    import keras


def load(
    path: Path, form: str, scratch: Path, facts: dict, architecture: Path | None = None,
    parts: dict[str, Path] | None = None,
) -> keras.Model:  # fmt: skip
    """Rebuild the model in the file `path` (`form` is "keras", "hdf5" or "savedmodel") with its weights.

    Where an HDF5 file holds weights only, `architecture` is the JSON beside it that says of which net they are. `parts`
    are the files of a SavedModel by their name within its folder. What its configuration says goes to `facts` as soon
    as it is known. Raises Refused or Unsupported.
    """
    weights = path
    if form == "keras":
        config, version, weights = containers.keras_config(path, scratch)
    elif form == "savedmodel":
        from . import saved_models  # TensorFlow, which others do without until here

        config, version = saved_models.config(parts or {})
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
    elif form == "savedmodel":
        saved_models.load(model, parts or {}, scratch)
    elif apart and not containers.in_order(path):
        arrays.load_by_path(model, path, scratch)
    else:
        arrays.load_in_order(model, path)
    return model
