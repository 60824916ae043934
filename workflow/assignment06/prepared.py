"""Read a prepared data set."""

import os

import numpy as np


def load_split(path: str | os.PathLike) -> tuple[np.ndarray, np.ndarray]:
    """Return images (uint8 [n, height, width, channels]) and labels (uint8 [n]) of a prepared .npz file."""
    with np.load(path, allow_pickle=False) as arrays:
        return arrays["x"], arrays["y"]


def stamps(description: dict) -> list[str]:
    """Return what must be written on everything made from this data set, if anything."""
    return [f"sample data ({description['name']})"] if description["data_source"] == "sample" else []
