"""Made-up predictions and histories of a small experiment."""

import numpy as np
import pandas as pd

CLASSES = ["airplane", "<b>cat</b>", "dog & co"]
IMAGES = 300


def predictions(hit_rate, seed: int) -> pd.DataFrame:
    """Predictions of `IMAGES` test images; a class's share of right ones is `hit_rate[class]`."""
    rng = np.random.default_rng(seed)
    true = np.arange(IMAGES) % len(CLASSES)
    right = rng.random(IMAGES) < np.array(hit_rate)[true]
    predicted = np.where(right, true, (true + 1) % len(CLASSES))
    probabilities = np.full((IMAGES, len(CLASSES)), 0.0)
    top = rng.uniform(0.5, 0.99, IMAGES)
    probabilities[:] = ((1 - top) / (len(CLASSES) - 1))[:, None]
    probabilities[np.arange(IMAGES), predicted] = top
    table = {"index": np.arange(IMAGES), "true_label": true, "predicted_label": predicted, "probability": top}
    names = np.array(CLASSES)
    shares = {f"p_{name}": probabilities[:, place] for place, name in enumerate(CLASSES)}
    return pd.DataFrame({**table, "true_class": names[true], "predicted_class": names[predicted], **shares})


def history(training: list[float], validation: list[float]) -> pd.DataFrame:
    """A history with these accuracies; losses follow from them."""
    epochs = np.arange(1, len(training) + 1)
    columns = {"epoch": epochs, "accuracy": training, "loss": 2 - np.array(training)}
    return pd.DataFrame({**columns, "val_accuracy": validation, "val_loss": 2 - np.array(validation)})
