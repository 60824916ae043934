"""Train a detector's head on the feature maps of a frozen net, and choose its epoch by average precision.

As with every net here, an epoch is a function of the saved state and of (seed, epoch): a training that was killed ends
with the weights of one that was not.
"""

import logging
from functools import partial
from pathlib import Path

import keras
import numpy as np
from scipy.special import expit

from assignment06.backend import compute
from assignment06.config.detection import OwnDetector
from assignment06.detection.boxes import letterbox_scale
from assignment06.detection.evaluation import IOU, SCORE, as_results, average_precision
from assignment06.detection.found import settled
from assignment06.detection.keras_net import CENTRES, GEOMETRY, decode
from assignment06.detection.results import DetectorFacts
from assignment06.detectors.feature_maps import STRIDES, Maps, feature_maps
from assignment06.detectors.head import centres_loss, detector_head, geometry_loss, targets, whole_detector
from assignment06.detectors.prepared import AnnotatedImage, AnnotatedSet
from assignment06.experiments.checkpoints import Checkpoints, best_epoch
from assignment06.experiments.fitting import run_epochs, write_history
from assignment06.experiments.optimizers import adamw
from assignment06.experiments.weights import weights_digest
from assignment06.shared.files import atomic_path, sha256_file, sha256_json
from assignment06.transfer.prepared import BackboneDescription

HISTORY = ["epoch", "loss", "val_ap", "val_ap50", "learning_rate", "seconds", "compute_dtype"]
PREDICT_BATCH = 32
best_ap = partial(best_epoch, by="val_ap")
log = logging.getLogger(__name__)


class Example:
    """One image's boxes in pixels of the net's input: `boxes` [n, 4], `labels` [n], `inner` its (width, height)."""

    def __init__(self, image: AnnotatedImage, rows: list[dict], numbers: dict[int, int], side: int):
        scale = letterbox_scale((image.width, image.height), (side, side))
        self.inner = image.width * scale, image.height * scale
        self.boxes = np.array([row["bbox"] for row in rows], float).reshape(-1, 4) * scale
        self.labels = np.array([numbers[row["category_id"]] for row in rows], int)

    def seen(self, side: int) -> np.ndarray:
        """Return the boxes [n, 4]; those of the mirrored image where `side` is 1."""
        if not side:
            return self.boxes
        left = self.inner[0] - self.boxes[:, :1] - self.boxes[:, 2:3]
        return np.concatenate([left, self.boxes[:, 1:]], axis=1)


class ImageBatches(keras.utils.PyDataset):
    """The batches of one epoch: images in a new order, some mirrored, with what a head is to say of them."""

    def __init__(self, maps: Maps, places: np.ndarray, examples: list[Example], classes: int, settings: OwnDetector,
                 epoch: int):  # fmt: skip
        super().__init__(workers=1)
        rng = np.random.default_rng([settings.seed, epoch])
        self.order = rng.permutation(len(places))
        self.sides = rng.integers(0, 1 + settings.mirrored, len(places))
        self.maps, self.places, self.examples, self.classes = maps, places, examples, classes
        self.size = settings.batch_size

    def __len__(self) -> int:
        return -(-len(self.order) // self.size)

    def __getitem__(self, index: int):
        chosen = self.order[index * self.size : (index + 1) * self.size]
        rows, columns = self.maps.shapes[0][:2]
        wanted = [
            targets(self.examples[one].seen(self.sides[one]), self.examples[one].labels, rows, columns,
                    self.classes, STRIDES[0])
            for one in chosen
        ]  # fmt: skip
        centres, geometry = (np.stack(one) for one in zip(*wanted, strict=True))
        return self.maps.of(self.places[chosen], self.sides[chosen]), {CENTRES: centres, GEOMETRY: geometry}


class Validation:
    """Measures a head on the validation images as a detector is measured in the end."""

    def __init__(self, maps: Maps, annotated: AnnotatedSet, side: int):
        self.maps, self.annotated = maps, annotated.annotated("validation")
        self.places, self.images = annotated.seen_for("validation")
        self.sizes = {one.number: (one.width, one.height) for one in self.images}
        self.side = side

    def __call__(self, head: keras.Model) -> tuple[float, float]:
        """Return (AP, AP50) as COCO counts them."""
        found = {}
        for start in range(0, len(self.places), PREDICT_BATCH):
            batch = slice(start, start + PREDICT_BATCH)
            places = self.places[batch]
            said = head.predict_on_batch(self.maps.of(places, np.zeros(len(places), int)))
            for image, centres, geometry in zip(self.images[batch], said[CENTRES], said[GEOMETRY], strict=True):
                size = image.width, image.height
                boxes, scores, classes = decode(expit(centres), geometry, STRIDES[0], SCORE)
                scale = letterbox_scale(size, (self.side, self.side))
                found[image.number] = settled(boxes / scale, scores, classes, size, SCORE, IOU)
        summary = average_precision(self.annotated, self.sizes, as_results(found, self.annotated))["summary"]
        return summary["ap"] or 0.0, summary["ap50"] or 0.0


def fit(
    head: keras.Model, name: str, settings: OwnDetector, maps: Maps, annotated: AnnotatedSet, side: int,
    state: Checkpoints,
) -> list[dict]:  # fmt: skip
    """Train `head` from the last whole epoch in `state` on; return the history, one row an epoch.

    `maps` are those of the images that `annotated` has for training and validation, letterboxed to `side` pixels.
    `state.best` then has the weights of the epoch with the best validation AP. Raises AssignmentError when the loss is
    no longer finite.
    """
    training = annotated.annotated("train")
    by_image: dict[int, list[dict]] = {}
    for row in training.boxes:
        if not row["iscrowd"]:  # no single object has that box
            by_image.setdefault(row["image_id"], []).append(row)
    places, chosen = annotated.seen_for("train")
    examples = [Example(one, by_image.get(one.number, []), annotated.numbers, side) for one in chosen]
    steps = -(-len(places) // settings.batch_size)
    optimizer = adamw(settings, steps)
    head.compile(optimizer=optimizer, loss={CENTRES: centres_loss, GEOMETRY: geometry_loss})
    validate = Validation(maps, annotated, side)

    def train(epoch: int) -> dict:
        batches = ImageBatches(maps, places, examples, len(annotated.classes), settings, epoch)
        with compute.computing_in(settings.compute_dtype) as dtype:
            fitted = head.fit(batches, shuffle=False, verbose=0)
        row = {"loss": fitted.history["loss"][0], "learning_rate": float(optimizer.learning_rate)}
        return row | {"compute_dtype": dtype}

    def measure() -> dict:
        return dict(zip(("val_ap", "val_ap50"), validate(head), strict=True))

    def show(rows: list[dict]) -> None:
        done = f"{name}: epoch {len(rows)}/{settings.epochs}  loss {rows[-1]['loss']:.4f}"
        log.info(f"{done}  validation AP {rows[-1]['val_ap']:.4f}  AP50 {rows[-1]['val_ap50']:.4f}")

    return run_epochs(head, "Detector", name, settings.epochs, None, state, train, measure, show)


def train_detector(
    detector: str, settings: OwnDetector, prepared: str, backbone: str, backbone_description: str, fine: list[str],
    coarse: list[str], map_facts: list[str], model: str, history: str, training: str, checkpoints: str, threads: int,
    code: str,
) -> None:  # fmt: skip
    """Train a detector on the training images of an `AnnotatedSet`; write model, history and `DetectorFacts`.

    The model takes letterboxed pixels (see `whole_detector`) and has the weights of the epoch with the best AP on the
    validation images. Test images are not looked at. Raises AssignmentError where the maps are of other weights or
    images, and when the loss is no longer finite.
    """
    compute.configure(threads, settings.seed)
    described, annotated = BackboneDescription.read(backbone_description), AnnotatedSet.read(prepared)
    maps = Maps(fine, coarse, map_facts, described.weights_sha256, annotated)
    head = detector_head(maps.shapes, len(annotated.classes), settings.width, settings.seed)
    data_sha256 = sha256_file(prepared)
    digests = [settings.training(), data_sha256, described.weights_sha256, code]
    state = Checkpoints(Path(checkpoints), sha256_json(digests), best_ap)
    rows = fit(head, detector, settings, maps, annotated, described.input_size, state)
    chosen_head = detector_head(maps.shapes, len(annotated.classes), settings.width, settings.seed)
    chosen_head.set_weights(state.best)  # the trained one is compiled, which a saved model would have to know of
    seeing = feature_maps(keras.saving.load_model(backbone, safe_mode=True, compile=False))
    final = whole_detector(seeing, chosen_head)
    chosen = rows[state.chosen(rows) - 1]
    own = annotated.annotated("train")
    DetectorFacts(
        detector=detector,
        settings=settings,
        dataset=annotated.name,
        classes=annotated.classes,
        backbone=described.net,
        backbone_sha256=described.weights_sha256,
        images=len(own.images),
        boxes=len(own.boxes),
        validation_images=len(annotated.seen) - len(own.images),
        validation_ap=chosen["val_ap"],
        validation_ap50=chosen["val_ap50"],
        parameters=final.count_params(),
        trained_parameters=head.count_params(),
        epochs=len(rows),
        chosen_epoch=chosen["epoch"],
        seconds=sum(row["seconds"] for row in rows),
        threads=threads,
        device=compute.device(),
        compute_dtype=" and ".join(sorted({row["compute_dtype"] for row in rows})),
        weights_sha256=weights_digest(final),
        data_sha256=data_sha256,
        stamps=described.stamps,
    ).write(training)
    write_history(rows, history, HISTORY)
    with atomic_path(model) as part:
        final.save(part)
    state.clear()
