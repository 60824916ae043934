"""What the page to explore is made from: the two experiments of `conftest`, a net that reads digits, and boxes."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from made_documents import made_provenance, metrics, photograph_captions, training
from made_results import history

from assignment06.experiments.evaluation import score
from assignment06.experiments.networks import build
from assignment06.experiments.prediction import write_predictions
from assignment06.gradcam.results import PhotographMaps

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


HEAT = [[0.0, 0.25, 0.5], [0.1, 1.0, 0.6], [0.0, 0.3, 0.2]]
DOG = {"image": "a & b.jpg", "label": "<i>dog", "score": 0.875, "x": 100, "y": 60, "width": 200, "height": 120}
FACE = {"image": "a & b.jpg", "label": "face", "score": 1, "x": 0, "y": 0, "width": 40, "height": 30}


def with_found(
    arguments: dict, folder: Path, objects: Sequence[dict] = (DOG,), faces: Sequence[dict] = (FACE,)
) -> dict:  # fmt: skip
    """Return arguments for `write_explorer` with boxes on the photograph of 400 x 300 pixels, a map and a caption."""
    PhotographMaps(maps={"a & b.jpg": HEAT}).write(folder / "maps.json")
    made = {"objects": objects, "faces": faces}
    for what, rows in made.items():
        pd.DataFrame(rows, columns=list(DOG)).to_csv(folder / f"{what}.csv", index=False)
        row = {"image": "a & b.jpg", "number": 0, "width": 400, "height": 300, "found": len(rows)}
        pd.DataFrame([row]).to_csv(folder / f"{what}_images.csv", index=False)
    pd.DataFrame([{"image": "a & b.jpg", "caption": "a <i>dog"}]).to_csv(folder / "captions.csv", index=False)
    photograph_captions().write(folder / "captions.json")
    return {
        **arguments, "maps": str(folder / "maps.json"), "sought": list(made),
        "captions": str(folder / "captions.csv"), "captions_metadata": str(folder / "captions.json"),
        "found": [str(folder / f"{what}.csv") for what in made],
        "found_images": [str(folder / f"{what}_images.csv") for what in made],
    }  # fmt: skip
