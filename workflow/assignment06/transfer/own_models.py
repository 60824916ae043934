"""Classify a folder of photographs with a model that was trained here, as 6.3 does with a pretrained one."""

import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from assignment06.backend import compute
from assignment06.data.datasets import squared
from assignment06.experiments.results import Metrics
from assignment06.photographs.classification import PREDICTION_COLUMNS, decoded_batches, ranked, write_batches
from assignment06.photographs.manifest import list_photographs, read_shard
from assignment06.photographs.results import ClassifierMetadata, ClassifierProvenance
from assignment06.shared.provenance import provenance


def classify_with_own(
    model: str, metrics: Metrics, images: str, output: str, top: int, batch_size: int, threads: int
) -> dict[str, str]:  # fmt: skip
    """Classify a folder of images, or a text file of paths, and return the files written into `output` by their kind.

    `predictions` (CSV: image, rank from 1, wordnet_id (empty), label, probability), `skipped` (image, reason),
    `manifest` and `metadata`, each as in 6.3. Every image becomes a square as the images that the
    model was trained with did. `metrics` are the model's (see `known_models.known_model`).
    """
    began = time.monotonic()
    compute.configure(threads)
    net = keras.saving.load_model(model, safe_mode=True)
    ends = {"predictions": "csv", "skipped": "csv", "manifest": "jsonl", "metadata": "json"}
    files = {kind: str(Path(output) / f"{kind}.{end}") for kind, end in ends.items()}
    list_photographs(images, files["manifest"])
    height, _, channels = net.input_shape[1:]
    names = [("", row.name) for row in metrics.per_class]
    resize = _like_training(height, channels, metrics.provenance.resize)
    done, lost = write_batches(
        decoded_batches(read_shard(files["manifest"]), height, batch_size, threads, resize),
        lambda listed, batch: ranked(listed, net.predict_on_batch(batch), names, top),
        files["predictions"], PREDICTION_COLUMNS, files["skipped"],
    )  # fmt: skip
    ClassifierMetadata(
        architecture=metrics.title,
        photographs=images,
        stamps=metrics.stamps,
        images=done,
        skipped=lost,
        seconds=time.monotonic() - began,
        provenance=ClassifierProvenance(
            files={Path(model).name: metrics.provenance.model_sha256},
            device=compute.device(),
            compute_dtype="float32",
            **provenance(),
        ),
    ).write(files["metadata"])
    return files


def _like_training(size: int, channels: int, how: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that makes one image what the images of a prepared data set are."""

    def resize(image: np.ndarray) -> np.ndarray:
        pixels = squared(image, size, how)
        # ITU-R BT.601, as Pillow has it
        return pixels if channels == 3 else (pixels @ np.array([0.299, 0.587, 0.114])).round()[..., None]

    return resize
