"""What was found out about the model of a task. No check stands here."""

import numpy as np

from ..probe import ModelFacts
from ..registry import FEW, Evidence

MODEL_ROUNDING = 0.002  # of an accuracy that is computed with the model once more, on another machine


def facts(e: Evidence, task: str) -> ModelFacts | None:
    """What the probe found about the model of a task, None if it was not tried."""
    model = e.found.models.get(task)
    return e.models.get(model.name) if model else None


def tried(e: Evidence, task: str) -> ModelFacts:
    """The same, for a check that needs one. Raises LookupError if it was not tried."""
    known = facts(e, task)
    if known is None:
        raise LookupError(f"no model of {task} was tried")
    return known


def accuracies(e: Evidence, task: str) -> dict[str, float]:
    """The model's accuracy on the test images under each scaling; empty where it was not measured."""
    known = facts(e, task)
    return {name: values["accuracy"] for name, values in (known.facts.get("scalings", {}) if known else {}).items()}


def whole(e: Evidence, task: str) -> dict[str, float]:
    """Those of these accuracies that were measured on all test images, not on a part of them."""
    known, test = facts(e, task), e.whole_test(task)
    scalings = known.facts.get("scalings", {}) if known else {}
    return {
        name: values["accuracy"]
        for name, values in scalings.items()
        if test is None or values["images"] == len(test.labels)
    }


def agreement(known: ModelFacts, labels: np.ndarray) -> dict[str, float]:
    """The share of the first n test images' classes, int [n], that a model gives, by scaling, of those tried on all."""
    return {
        name: float(np.mean(np.nan_to_num(out[: len(labels)]).argmax(axis=1) == labels))
        for name, out in known.outputs.items()
        if FEW <= len(labels) <= len(out)
    }


def images(scaling: str) -> str:
    """How images of a scaling are called in a sentence."""
    return f"images {'' if scaling.startswith('standardised') else 'scaled '}{scaling}"


def ways(known: ModelFacts) -> str:
    """The scalings that a model was tried with."""
    return ", ".join(known.facts.get("scalings", {}))
