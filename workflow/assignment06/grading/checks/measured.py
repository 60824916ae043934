"""What was found out about the model of a task. No check stands here."""

from ..probe import ModelFacts
from ..registry import Evidence


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
