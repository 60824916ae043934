"""What is known of a saved model that this workflow has trained."""

from pathlib import Path

from assignment06.experiments.results import Metrics
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_file


def known_model(model: str) -> Metrics:
    """Return the figures of a model of this workflow's; AssignmentError where it is none, or was changed since."""
    path = Path(model)
    metrics = path.parent.parent / "metrics" / f"{path.stem}.json"
    if not path.is_file() or path.suffix != ".keras":
        raise AssignmentError(f"{model} is no model: name a .keras file of results/models.")
    if not metrics.is_file():
        raise AssignmentError(
            f"{model} is not known: {metrics} would say what its classes are; name a file of results/models that the "
            "workflow has trained and evaluated."
        )
    found = Metrics.read(metrics)
    if found.provenance.model_sha256 != sha256_file(path):
        raise AssignmentError(
            f"{model} is not the model that {metrics} is about (another SHA-256): run the workflow again."
        )
    return found
