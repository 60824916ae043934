"""Try the models of a submission: rebuild each and let it predict. Runs behind the walls (see `sandbox`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import official, progress, trial, weights
from .rebuild.refusal import Refused, Unsupported
from .trial import ModelFile

if TYPE_CHECKING:
    import keras


@dataclass
class ModelFacts:
    """What was learnt about a model. `status`: ok, refused, unsupported or failed, with the `reason`.

    `weights` are a SavedModel's digests (see `weights.digests`), which only its net can tell apart; `outputs`
    maps a scaling's name to the float32 [n, 10] outputs for all test images.
    """

    name: str
    status: str = "failed"
    reason: str = ""
    facts: dict = field(default_factory=dict)
    outputs: dict[str, np.ndarray] = field(default_factory=dict)
    weights: dict[str, tuple[str, int, str]] = field(default_factory=dict)


TryModels = Callable[[list[ModelFile], dict[str, official.TestSet]], dict[str, ModelFacts]]


def try_models(files: list[ModelFile], tests: dict[str, official.TestSet], scratch: Path) -> dict[str, ModelFacts]:
    """What is learnt about each model, by name. Never raises for what a file holds; may well end the process."""
    answers = {}
    for file in files:
        progress.at("model", file.name)
        answers[file.name] = _try(file, tests, scratch)
    return answers


def _try(file: ModelFile, tests: dict[str, official.TestSet], scratch: Path) -> ModelFacts:
    from .rebuild import loading

    found = ModelFacts(file.name, "ok", facts={"format": file.format})
    try:
        model = loading.load(file, scratch, found.facts)
        _shapes(model, found.facts)
        if file.format in ("savedmodel", "checkpoint"):  # those of other files are read without building the net
            found.weights = weights.of_arrays((v.path, v.numpy()) for v in model.weights)
        family = found.facts["family"]
        if family and len(found.facts["outputs"]) == 1:
            test = tests.get(family)
            learnt, found.outputs = trial.run(model, file, found.facts, test if test and test.images else None)
            found.facts |= learnt
    except Refused as refusal:
        found.status, found.reason = "refused", str(refusal)
    except Unsupported as refusal:
        found.status, found.reason = "unsupported", str(refusal)
    except MemoryError:
        found.status, found.reason = "failed", "it needs more memory than it is given"
    except Exception as error:  # noqa: BLE001  whatever Keras or HDF5 raise for a broken or hostile file
        first = (str(error).strip().splitlines() or [""])[0]
        found.status, found.reason = "failed", f"{type(error).__name__}: {first[:200]}"
    return found


def _shapes(model: keras.Model, facts: dict) -> None:
    shapes = [[None if d is None else int(d) for d in t.shape[1:]] for t in model.inputs]
    outputs = [[None if d is None else int(d) for d in t.shape[1:]] for t in model.outputs]
    facts |= {"inputs": shapes, "outputs": outputs, "parameters": int(model.count_params()), "family": ""}
    if len(shapes) == 1:
        for family, shape in trial.SHAPES.items():
            if trial.fits(shapes[0], shape):
                facts["family"] = family
                break
    arrays = model.get_weights()
    biases = [values for variable, values in zip(model.weights, arrays, strict=True) if variable.name == "bias"]
    facts["untrained"] = len(biases) > 1 and not any(values.any() for values in biases)  # a step of training moves them
    facts["finite"] = bool(all(np.isfinite(w).all() for w in arrays if w.dtype.kind == "f"))
