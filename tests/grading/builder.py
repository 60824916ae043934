"""Submissions made for the tests: a clean one in several layouts, and one for every defect.

A submission is a dictionary of names and bytes. Its test images are drawn from the official labels, so that a net of a
few thousand weights, set by hand, knows them; its predictions are computed with NumPy by the same formula.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from assignment06.grading import official

Files = dict[str, bytes]
SHAPES = official.SHAPES
FAMILY = {"6.1": "mnist", "6.2a": "cifar10", "6.2b": "cifar10"}
STEM = {"6.1": "mnist", "6.2a": "cifar10_plain", "6.2b": "cifar10_augmented"}


def _made_labels() -> dict[str, np.ndarray]:
    """Labels in the official numbers, but made up: the graders' tests need no official data."""
    random = np.random.default_rng(650)
    sizes = {"mnist_test": 10_000, "mnist_train": 60_000, "cifar10_test": 10_000, "cifar10_train": 50_000}
    return {name: random.permutation(np.arange(size) % 10).astype(np.uint8) for name, size in sizes.items()}


LABELS = _made_labels()


@functools.cache
def patterns(family: str) -> np.ndarray:
    """What each class looks like: bool [10, height, width, channels], half of the pixels bright.

    Of CIFAR-10, each odd class resembles the one before it, as dogs do cats, so that errors are a net's.
    """
    random = np.random.default_rng(len(family))
    made = random.random((10, *SHAPES[family])) < 0.5
    if family == "cifar10":
        alike = random.random((5, *SHAPES[family])) < 0.25
        made[1::2] = np.where(alike, made[::2], made[1::2])
    return made


@functools.cache
def images(family: str) -> np.ndarray:
    """uint8 [10000, height, width, channels]: each image's class pattern, with nearly half of its pixels flipped."""
    labels = LABELS[f"{family}_test"]
    random = np.random.default_rng(1)
    flipped = random.random((len(labels), *SHAPES[family]), dtype=np.float32) < (0.42 if family == "mnist" else 0.47)
    bright = patterns(family)[labels] ^ flipped
    return np.where(bright, 200, 40).astype(np.uint8)


@functools.cache
def weights(task: str) -> tuple[np.ndarray, np.ndarray]:
    """Kernel float32 [pixels, 10] and bias float32 [10] of the net of a task; 6.2b's differ a little from 6.2a's."""
    family = FAMILY[task]
    kernel = (patterns(family).reshape(10, -1).T - 0.5).astype(np.float32)
    random = np.random.default_rng({"6.1": 3, "6.2a": 4, "6.2b": 5}[task])
    kernel += random.normal(0, 0.5, kernel.shape).astype(np.float32)
    kernel *= 0.05
    return kernel, -kernel.sum(axis=0) / 2


def hidden(x: np.ndarray) -> np.ndarray:
    """What the net's first layer gives for pixels scaled to 0..1: a steep sigmoid, saturated by pixels of 0..255."""
    return 1 / (1 + np.exp(-np.clip(10 * (x.astype(np.float32) - 0.5), -60, 60)))


@functools.cache
def probabilities(task: str, scale: float = 255.0) -> np.ndarray:
    """float32 [10000, 10]: the net's softmax for the test images divided by `scale`."""
    kernel, bias = weights(task)
    pixels = images(FAMILY[task])
    logits = np.concatenate(
        [
            hidden(pixels[i : i + 1000] / np.float32(scale)).reshape(-1, len(kernel)) @ kernel + bias
            for i in range(0, len(pixels), 1000)
        ]
    )
    logits -= logits.max(axis=1, keepdims=True)
    exponents = np.exp(logits)
    return exponents / exponents.sum(axis=1, keepdims=True)


def labels(task: str) -> np.ndarray:
    return LABELS[f"{FAMILY[task]}_test"]


def accuracy(task: str, predicted: np.ndarray | None = None) -> float:
    predicted = probabilities(task).argmax(axis=1) if predicted is None else predicted
    return float((predicted == labels(task)).mean())


def data_folder(folder: Path) -> Path:
    """The workflow's prepared folder with these images."""
    for family in SHAPES:
        (folder / family).mkdir(parents=True)
        np.savez(folder / family / "test.npz", x=images(family), y=LABELS[f"{family}_test"])
    return folder


def plot(seed: int, kind: str = "curve") -> bytes:
    """A small PNG with axes and a curve of its own; "white" has nothing on it, "axes" no curve."""
    image = Image.new("RGB", (320, 240), "white")
    draw = ImageDraw.Draw(image)
    if kind != "white":
        draw.rectangle((40, 28, 288, 214), outline="black")
    if kind == "curve":
        heights = 60 + 120 * np.random.default_rng(seed).random(12)
        draw.line([(50 + 20 * i, float(h)) for i, h in enumerate(heights)], fill="blue", width=2)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def table(columns: dict[str, object], header: bool = True) -> bytes:
    names = list(columns)
    lines = [",".join(names)] if header else []
    lines += [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    return ("\n".join(lines) + "\n").encode()


@functools.cache
def predictions(task: str) -> bytes:
    """`true_label,predicted_label`, the plainest table of predictions."""
    return table({"true_label": labels(task), "predicted_label": probabilities(task).argmax(axis=1)})


@functools.cache
def full_table(task: str) -> bytes:
    """The table of predictions as this workflow writes it."""
    p = probabilities(task)
    return table(
        {
            "index": range(len(p)),
            "true_label": labels(task),
            "predicted_label": p.argmax(axis=1),
            "probability": p.max(axis=1).round(6),
            **{f"p_{i}": p[:, i].round(6) for i in range(10)},
        }
    )


def metrics(task: str, **changes: float) -> bytes:
    figures = {
        "test_accuracy": round(accuracy(task), 4),
        "test_loss": 0.4,
        "train_accuracy": 0.8,
        "val_accuracy": 0.79,
        "val_loss": 0.41,
    }
    return json.dumps(figures | changes).encode()


def resnet(count: int = 6) -> bytes:
    rows = [f"photo_{i}.jpg,{rank},n0{2100000 + i},tabby,{0.5 / rank:.3f}" for i in range(count) for rank in (1, 2)]
    return "\n".join(["image,rank,wordnet_id,label,probability", *rows]).encode() + b"\n"


@functools.cache
def photograph(number: int) -> bytes:
    """A small JPEG of smooth colours, another for each number."""
    colours = np.random.default_rng(number).integers(0, 256, (4, 4, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(colours).resize((96, 72)).save(buffer, "JPEG")
    return buffer.getvalue()


def clean(models: dict[str, bytes] | None = None, top: str = "assignment06/") -> Files:
    """A submission without a defect; `models` are the bytes of `mnist`, `plain` and `augmented` (stand-ins if None)."""
    models = models or {"mnist": b"", "plain": b"", "augmented": b""}
    files: Files = {f"{top}results/predictions/resnet50/predictions.csv": resnet()}
    files |= {f"{top}images/photo_{number}.jpg": photograph(number) for number in range(6)}
    for number, (task, kind) in enumerate({"6.1": "mnist", "6.2a": "plain", "6.2b": "augmented"}.items()):
        stem = f"{top}results/{{}}/{STEM[task]}"
        files[stem.format("models") + ".keras"] = models[kind]
        files[stem.format("predictions") + ".csv"] = predictions(task)
        files[stem.format("metrics") + ".json"] = metrics(task)
        files[stem.format("plots") + "_accuracy.png"] = plot(2 * number)
        files[stem.format("plots") + "_loss.png"] = plot(2 * number + 1)
    return files


def zipped(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def unzipped(folder: Path, files: Files) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def with_manifest(files: Files, stamps: list[str] | None = None, top: str = "assignment06/") -> Files:
    """The same submission as this workflow packs it: full tables of predictions, its metrics, and a manifest."""
    files = dict(files)
    for task, stem in STEM.items():
        files[f"{top}results/predictions/{stem}.csv"] = full_table(task)
        model = hashlib.sha256(files[f"{top}results/models/{stem}.keras"]).hexdigest()
        files[f"{top}results/metrics/{stem}.json"] = json.dumps(
            {
                "experiment": stem,
                "stamps": stamps or [],
                "test": {"images": 10_000, "accuracy": accuracy(task), "loss": 0.4},
                "training": {
                    "accuracy": 0.8,
                    "loss": 0.4,
                    "validation_accuracy": 0.79,
                    "validation_loss": 0.41,
                    "seed": 7,
                },
                "provenance": {"model_sha256": model, "versions": {"tensorflow": "2.21.0"}},
            }
        ).encode()
    return sealed(files, stamps, top)


def sealed(
    files: Files, stamps: list[str] | None = None, top: str = "assignment06/", stems: list[str] | None = None
) -> Files:
    """`files` with a manifest that has their digests."""
    listed = {
        name.removeprefix(top): {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in files.items()
        if not name.endswith("manifest.json")
    }
    manifest = {
        "assignment": "DSC 650 assignment 6",
        "student": {"last_name": "Doe", "first_name": "Jane"},
        "stamps": stamps or [],
        "for_submission": not stamps,
        "experiments": {stem: {"seed": 7} for stem in stems or STEM.values()},
        "files": listed,
    }
    return files | {f"{top}manifest.json": json.dumps(manifest).encode()}
