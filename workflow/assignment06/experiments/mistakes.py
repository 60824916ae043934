"""Test images that a net got wrong."""

import pandas as pd


def mistakes(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table of predictions that are wrong, those of which the net was most certain first."""
    wrong = predictions[predictions["true_label"] != predictions["predicted_label"]]
    return wrong.sort_values(["probability", "index"], ascending=[False, True])
