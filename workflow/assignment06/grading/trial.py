"""Try a loaded model on the test images, under the scalings that people train with. Runs behind the walls."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import progress
from .official import SHAPES, TestSet

if TYPE_CHECKING:
    import keras

GLANCE = 250  # images for every scaling
SUBSET = 1000  # images for those that a glance does not rule out; those that matter then get the others too
BATCH = GLANCE  # each other size is traced anew, for a quarter of a second
SCALINGS = ("0-255", "0-1", "standardised", "-1 to 1")
FURTHER = ("standardised by channel", "0-1 less the mean image")  # tried where none of those gives what is expected
EXPLAINED = 0.995  # of the classes handed in: enough to look for no other scaling
RELATED = 0.7  # of them: they are of this net or nearly, and what is stated is judged by them
NEAR = 0.05  # how far an accuracy on a part of the images may be from that on all of them
# Mean and deviation of the training images' pixels, all of them and channel by channel.
_USUAL = {"mnist": (33.318, 78.567), "cifar10": (120.708, 64.150)}
_CHANNELS = {
    "mnist": _USUAL["mnist"],
    "cifar10": (np.array([125.307, 122.950, 113.866], np.float32), np.array([62.993, 62.089, 66.705], np.float32)),
}


@dataclass
class ModelFile:
    """One model to try: its `family` ("mnist" or "cifar10") where known, the accuracy it should give, and, by family,
    the labels int [n] that it may have predicted; `scalings` are those to try. Where a file holds weights alone,
    `architecture` is the JSON of its net, and `code` the submission's, by name, which may write one; `compared` says
    whether what it writes is of use where the net is known. `parts` are the files of a SavedModel.
    """

    name: str
    path: Path
    format: str
    family: str = ""
    expected: dict[str, list[np.ndarray]] = field(default_factory=dict)
    stated: float | None = None
    scalings: tuple[str, ...] = SCALINGS
    architecture: Path | None = None
    parts: dict[str, Path] = field(default_factory=dict)
    code: dict[str, Path] = field(default_factory=dict)
    compared: bool = True


def scaled(pixels: np.ndarray, scaling: str, family: str, mean_image: np.ndarray | float = 0.0) -> np.ndarray:
    """uint8 pixels as float32 under one of `SCALINGS` or `FURTHER`; `mean_image`, 0..1, is the last one's."""
    x = pixels.astype(np.float32)
    if scaling == "0-1":
        return x / 255
    if scaling == "0-1 less the mean image":
        return x / 255 - mean_image
    if scaling.startswith("standardised"):
        mean, deviation = (_CHANNELS if scaling == FURTHER[0] else _USUAL)[family]
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

    The part is smaller where a glance rules a scaling out. A scaling matters if it gives the best accuracy, the stated
    one or nearly, or the classes that were handed in. Where all of `SCALINGS` leave the classes handed in unexplained,
    those of `FURTHER` are tried too. Without images (None) noise tells whether the model is alive. Returns what was
    learnt, and by scaling the float32 [n, 10] outputs for all images.
    """
    family, scalings = facts["family"], list(file.scalings)
    if test is not None:
        pixels, labels = test.pixels, test.labels
    else:
        pixels, labels = np.random.default_rng(0).integers(0, 256, (256, *SHAPES[family]), dtype=np.uint8), None
    mean_image: np.ndarray | float = 0.0

    def predict(scaling: str, begin: int, end: int) -> np.ndarray:
        rows = []
        for start in range(begin, end, BATCH):
            progress.at("model", file.name)
            x = scaled(pixels[start : min(start + BATCH, end)], scaling, family, mean_image)
            answer = model.predict_on_batch(shaped(x, facts["inputs"][0]))
            rows.append(np.asarray(answer, dtype=np.float32).reshape(len(x), -1))
        return np.concatenate(rows)

    count, ten = min(SUBSET, len(pixels)), facts["outputs"] == [[10]]
    first = {scaling: predict(scaling, 0, min(GLANCE, count)) for scaling in scalings}
    ruled_out = _ruled_out(file, family, first, labels) if ten and labels is not None else {}
    scalings = [scaling for scaling in scalings if scaling not in ruled_out]
    for scaling in scalings if count > GLANCE else []:
        first[scaling] = np.concatenate([first[scaling], predict(scaling, len(first[scaling]), count)])
    learnt = _signs_of_life(list(first.values()), ten and labels is not None)
    if labels is None or not ten:
        return learnt, {}
    guessed = {scaling: np.nan_to_num(first[scaling]).argmax(axis=1) for scaling in scalings}
    if tuple(scalings) == SCALINGS and not _explained(file, family, guessed, labels[:count]):
        mean_image = _mean_image(pixels)
        scalings += FURTHER[0 if family == "cifar10" else 1 :]
        first |= {scaling: predict(scaling, 0, count) for scaling in scalings if scaling not in first}
        guessed = {scaling: np.nan_to_num(out).argmax(axis=1) for scaling, out in first.items()}
    accuracy = {scaling: float((classes == labels[:count]).mean()) for scaling, classes in guessed.items()}
    learnt["scalings"] = {scaling: {"images": count, "accuracy": accuracy[scaling]} for scaling in scalings} | ruled_out
    outputs = {}
    for scaling in _that_matter(file, family, guessed, accuracy, count):
        out = first[scaling]
        if count < len(pixels):
            out = np.concatenate([out, predict(scaling, count, len(pixels))])
        outputs[scaling] = out
        right = float((np.nan_to_num(out).argmax(axis=1) == labels).mean())
        learnt["scalings"][scaling] = {"images": len(pixels), "accuracy": right}
    return learnt, outputs


def _ruled_out(file: ModelFile, family: str, first: dict[str, np.ndarray], labels: np.ndarray) -> dict[str, dict]:
    """What a glance gives under scalings that need no more: another gives all the classes handed in, and these are far
    from them and from the stated accuracy.
    """
    guessed = {scaling: np.nan_to_num(out).argmax(axis=1) for scaling, out in first.items()}
    count = min(map(len, guessed.values()))
    agreements = _agreements(file, family, guessed, count)
    if not agreements or any(max(shares.values()) < EXPLAINED for shares in agreements):
        return {}
    accuracy = {scaling: float((classes == labels[:count]).mean()) for scaling, classes in guessed.items()}
    return {
        scaling: {"images": count, "accuracy": value}
        for scaling, value in accuracy.items()
        if value < max(accuracy.values())
        and all(shares[scaling] < RELATED for shares in agreements)
        and (file.stated is None or abs(value - file.stated) > 3 * NEAR)
    }


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


def _mean_image(pixels: np.ndarray) -> np.ndarray:
    """The test images' mean, 0..1, which stands for the training images'."""
    parts = [pixels[i : i + 1000].sum(axis=0, dtype=np.int64) for i in range(0, len(pixels), 1000)]
    return (np.sum(parts, axis=0) / (255 * len(pixels))).astype(np.float32)


def _agreements(file: ModelFile, family: str, guessed: dict, count: int) -> list[dict[str, float]]:
    """For each list of classes handed in, the share of its first ones that the model gives under each scaling."""
    given = [labels[:count] for labels in file.expected.get(family, []) if len(labels) >= count]
    return [{name: float((classes == labels).mean()) for name, classes in guessed.items()} for labels in given]


def _explained(file: ModelFile, family: str, guessed: dict, labels: np.ndarray) -> bool:
    """Whether some scaling gives what was handed in or, where nothing was, what was stated."""
    agreements = _agreements(file, family, guessed, len(labels))
    if agreements:
        return any(max(shares.values()) >= EXPLAINED for shares in agreements)
    best = max(float((classes == labels).mean()) for classes in guessed.values())
    return file.stated is None or best >= file.stated - NEAR / 2


def _that_matter(file: ModelFile, family: str, guessed: dict, accuracy: dict, count: int) -> list[str]:
    chosen = {max(accuracy, key=accuracy.__getitem__)}
    agreements = _agreements(file, family, guessed, count)
    chosen |= {max(shares, key=shares.__getitem__) for shares in agreements}
    if file.stated is not None:
        stated = file.stated
        chosen.add(min(accuracy, key=lambda scaling: abs(accuracy[scaling] - stated)))
        if not any(max(shares.values()) >= RELATED for shares in agreements):
            chosen |= {scaling for scaling, value in accuracy.items() if abs(value - stated) <= NEAR}
    return [scaling for scaling in accuracy if scaling in chosen]
