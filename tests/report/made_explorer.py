"""What the page to explore is made from: the two experiments of `conftest`, and a net that reads digits."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from made_documents import made_provenance, metrics, training
from made_results import history

from assignment06.experiments.evaluation import score
from assignment06.experiments.networks import build
from assignment06.experiments.prediction import write_predictions

DIGITS = [str(digit) for digit in range(10)]


def digit_net() -> keras.Model:
    """Return the book's net for MNIST with weights drawn from a seed."""
    return build("book_mnist", (28, 28, 1), classes=10, dropout=0.5, seed=0)


def with_digits(results: dict, net: keras.Model, x: np.ndarray, y: np.ndarray, folder: Path) -> dict:
    """Return arguments for `write_explorer`: those experiments, and `net` with what it says of digits x [n, 28, 28, 1].

    y are their labels, uint8 [n].
    """
    net.save(folder / "digits.keras")
    np.savez(folder / "digits.npz", x=x, y=y)
    write_predictions(net.predict(x.astype("float32"), verbose=0), y, DIGITS, str(folder / "digits.csv"))
    table = pd.read_csv(folder / "digits.csv")
    history([0.5, 0.6], [0.4, 0.5]).to_csv(folder / "digits_history.csv", index=False)
    facts = metrics(
        "digits", title="6.1 Digits", dataset="mnist", provenance=made_provenance(), **score(table, DIGITS),
        training=training(epochs=2),
    )  # fmt: skip
    facts.write(folder / "digits.json")
    given = ("photograph_predictions", "classifier", "manifest")
    return {
        "metrics": [*results["metrics"], str(folder / "digits.json")],
        "histories": [*results["histories"], str(folder / "digits_history.csv")],
        "predictions": [*results["predictions"], str(folder / "digits.csv")],
        "tests": [*results["tests"], str(folder / "digits.npz")],
        **{name: results[name] for name in given},
        "explorer": str(folder / "explore.html"), "drawn": "digits", "model": str(folder / "digits.keras"),
    }  # fmt: skip
