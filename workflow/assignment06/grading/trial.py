"""Try a loaded model on the test images, under the scalings that people train with. Runs behind the walls."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import progress
from .official import TestSet

if TYPE_CHECKING:
    import keras

SUBSET = 1000  # images for every scaling; those that matter then get the others too
BATCH = 500
SCALINGS = ("0-255", "0-1", "standardised", "-1 to 1")
SHAPES = {"mnist": (28, 28, 1), "cifar10": (32, 32, 3)}
_USUAL = {
    "mnist": (33.3, 78.6),
    "cifar10": (120.7, 64.2),
}  # mean and deviation of the pixels


@dataclass
class ModelFile:
    """One model to try: its `family` ("mnist" or "cifar10") where known, the accuracy it should give, and, by family,
    the labels int [n] that it may have predicted; `scalings` are those to try.
    """

    name: str
    path: Path
    format: str
    family: str = ""
    expected: dict[str, list[np.ndarray]] = field(default_factory=dict)
    stated: float | None = None
    scalings: tuple[str, ...] = SCALINGS


def scaled(pixels: np.ndarray, scaling: str, mean: float, deviation: float) -> np.ndarray:
    """uint8 pixels as float32 under one of `SCALINGS`; `mean` and `deviation` are those of the whole test set."""
    x = pixels.astype(np.float32)
    if scaling == "0-1":
        return x / 255
    if scaling == "standardised":
        return (x - mean) / deviation
    return x / 127.5 - 1 if scaling == "-1 to 1" else x


def fits(wanted: list[int | None], shape: tuple[int, int, int]) -> bool:
    """Whether an input takes images of `shape` (height, width, channels) as they are, flat, or channels first."""
    height, width, channels = shape
    options = [[height, width, channels], [channels, height, width], [height * width * channels]]
    if channels == 1:
        options.append([height, width])
    return any(
        len(option) == len(wanted)
        and wanted[-1] is not None
        and all(w is None or w == o for w, o in zip(wanted, option, strict=True))
        for option in options
    )


def shaped(x: np.ndarray, wanted: list[int | None]) -> np.ndarray:
    """Images [n, height, width, channels] in the form that an input asks for: as they are, flat, or channels first."""
    if len(wanted) != 3:
        return x.reshape(len(x), *wanted)
    return x if wanted[2] == x.shape[3] else x.transpose(0, 3, 1, 2)


def run(model: keras.Model, file: ModelFile, facts: dict, test: TestSet | None) -> tuple[dict, dict[str, np.ndarray]]:
    """Predict a part of the test images under each of the file's scalings, and all of them under those that matter.

    A scaling matters if it gives the best accuracy, the stated one, or the classes that were handed in. Without
    images (None) noise tells whether the model is alive. Returns what was learnt, and by scaling the float32 [n, 10]
    outputs for all images.
    """
    family, scalings = facts["family"], file.scalings
    if test is not None:
        pixels, labels = test.pixels, test.labels
        parts = [pixels[i : i + 1000].astype(np.float64) for i in range(0, len(pixels), 1000)]
        mean = float(np.mean([part.mean() for part in parts]))
        deviation = float(np.sqrt(np.mean([((part - mean) ** 2).mean() for part in parts]))) + 1e-7
    else:
        pixels, labels = np.random.default_rng(0).integers(0, 256, (256, *SHAPES[family]), dtype=np.uint8), None
        mean, deviation = _USUAL[family]

    def predict(scaling: str, begin: int, end: int) -> np.ndarray:
        rows = []
        for start in range(begin, end, BATCH):
            progress.at("model", file.name)
            x = scaled(pixels[start : min(start + BATCH, end)], scaling, mean, deviation)
            answer = model.predict_on_batch(shaped(x, facts["inputs"][0]))
            rows.append(np.asarray(answer, dtype=np.float32).reshape(len(x), -1))
        return np.concatenate(rows)

    count = min(SUBSET, len(pixels))
    first = {scaling: predict(scaling, 0, count) for scaling in scalings}
    ten = facts["outputs"] == [[10]]
    learnt = _signs_of_life(list(first.values()), ten and labels is not None)
    if labels is None or not ten:
        return learnt, {}
    guessed = {scaling: np.nan_to_num(out).argmax(axis=1) for scaling, out in first.items()}
    accuracy = {scaling: float((classes == labels[:count]).mean()) for scaling, classes in guessed.items()}
    learnt["scalings"] = {scaling: {"images": count, "accuracy": accuracy[scaling]} for scaling in scalings}
    outputs = {}
    for scaling in _that_matter(file, family, guessed, accuracy, count):
        out = first[scaling]
        if count < len(pixels):
            out = np.concatenate([out, predict(scaling, count, len(pixels))])
        outputs[scaling] = out
        right = float((np.nan_to_num(out).argmax(axis=1) == labels).mean())
        learnt["scalings"][scaling] = {"images": len(pixels), "accuracy": right}
    return learnt, outputs


def _signs_of_life(outputs: list[np.ndarray], classes: bool) -> dict:
    """Whether the outputs are a softmax's, and whether they are the same for every image under every scaling."""
    everything = np.concatenate(outputs)
    positive = np.isfinite(everything).all() and everything.min() >= -1e-6
    spread = max(float(np.nan_to_num(out).std(axis=0).max()) for out in outputs)
    winners = [np.nan_to_num(out).argmax(axis=1) for out in outputs]
    one_class = classes and all(np.bincount(winner).max() >= 0.999 * len(winner) for winner in winners)
    return {
        "sums_to_one": bool(positive and np.allclose(everything.sum(axis=1), 1, atol=1e-2)),
        "dead": bool(spread < 1e-6 or one_class),
    }


def _that_matter(file: ModelFile, family: str, guessed: dict, accuracy: dict, count: int) -> list[str]:
    chosen = {max(accuracy, key=accuracy.__getitem__)}
    for labels in file.expected.get(family, []):
        expected = labels[:count]
        if len(expected) == count:
            agreement = {scaling: float((classes == expected).mean()) for scaling, classes in guessed.items()}
            chosen.add(max(agreement, key=agreement.__getitem__))
    if file.stated is not None:
        chosen.add(min(accuracy, key=lambda scaling: abs(accuracy[scaling] - file.stated)))
    return sorted(chosen, key=SCALINGS.index)
