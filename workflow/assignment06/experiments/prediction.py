"""Predict a test set with a saved model."""

import keras
import numpy as np
import pandas as pd

from assignment06.backend import compute
from assignment06.data.prepared import DatasetDescription, load_split
from assignment06.experiments import batches
from assignment06.experiments.looks import record_look
from assignment06.experiments.weights import weights_digest
from assignment06.shared.files import atomic_path, sha256_file


def predict_test_set(
    model: str, test: str, description: str, predictions: str, looks: str, threads: int
) -> None:  # fmt: skip
    """Predict the test images of a prepared data set, write one CSV row an image, and add to the history in `looks`.

    Columns: index, true_label, predicted_label, probability (of the predicted class), true_class,
    predicted_class, and p_<class> for every class, with seven significant digits.
    """
    compute.configure(threads, seed=0)  # nothing is drawn here: this makes every operation deterministic
    facts = DatasetDescription.read(description)
    x, y = load_split(test)
    net = keras.saving.load_model(model, safe_mode=True)
    net.compile(jit_compile=compute.compile_with_xla())
    write_predictions(net.predict(batches.in_order(x), verbose=0), y, facts.classes, predictions)
    record_look(looks, facts.name, sha256_file(test), weights_digest(net))


def write_predictions(probabilities: np.ndarray, y: np.ndarray, classes: list[str], path: str) -> None:
    """Write float32 probabilities [n, classes] beside the true labels [n] as `predict_test_set` says."""
    with atomic_path(path) as part:
        table_of(probabilities, y, classes).to_csv(part, index=False, float_format="%.7g", lineterminator="\n")


def table_of(probabilities: np.ndarray, y: np.ndarray, classes: list[str]) -> pd.DataFrame:
    """Return float32 probabilities [n, classes] beside the true labels [n] as a table."""
    predicted = probabilities.argmax(axis=1)
    names = np.array(classes)
    return pd.DataFrame(
        {
            "index": np.arange(len(y)),
            "true_label": y,
            "predicted_label": predicted,
            "probability": probabilities.max(axis=1),
            "true_class": names[y],
            "predicted_class": names[predicted],
            **{f"p_{name}": probabilities[:, column] for column, name in enumerate(classes)},
        }
    )
