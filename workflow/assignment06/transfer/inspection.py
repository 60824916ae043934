"""A look at the data by their features: near-duplicates, labels that the neighbours contradict, and outliers.

Nothing is removed and nothing trained: test images are only compared, with each other and with training images.
"""

import time

import numpy as np
import pandas as pd

from assignment06.data.prepared import DatasetDescription
from assignment06.shared.documents import Document
from assignment06.shared.files import atomic_path
from assignment06.transfer.prepared import BackboneDescription, load_features

# Chosen by looking at MobileNetV2's features of CIFAR-10 and `stamps`, and by labels swapped there (docs/transfer.md)
SAME = 0.9  # cosine similarity
NEIGHBOURS = 10
SHARE = 0.8  # of the neighbours' votes
SHARPNESS = 8  # a vote weighs similarity ** SHARPNESS
FENCE = 2.0  # interquartile ranges above the third quartile, between the fences of Tukey (1.5 and 3)
ROOM = 25_000_000  # similarities that are held at a time
NOTHING = -2.0  # the similarity of what is not looked at
KINDS = ("near-duplicate", "label", "outlier")
COLUMNS = [
    "finding", "image", "part", "index", "class", "other_image", "other_part", "other_index", "other_class", "score",
]  # fmt: skip


class Inspection(Document):
    """How much was found in one data set (results/metrics/inspection/<data set>.json); each is a row of the table."""

    dataset: str
    net: str
    """Whose features were compared, and the size of its images."""
    stamps: list[str]
    images: dict[str, int]
    """In `train` and `test`."""
    near_duplicates: dict[str, int]
    """Pairs: both in `train`, both in `test`, or one in each (`between`)."""
    tests_in_training: int
    """Test images with a near-duplicate among the training images."""
    of_two_classes: int
    """Pairs of near-duplicates with two different labels."""
    labels: dict[str, int]
    """Images of `train` and `test` whose neighbours say with one voice that they are of another class."""
    outliers: dict[str, int]
    """Images of `train` and `test` that are far from their nearest training images."""
    similarity: float
    """From which cosine similarity on two images are called near-duplicates."""
    share: float
    """From which share of its neighbours' votes on another class than its own an image's label is doubted."""
    distance: float
    """From which mean cosine distance to its nearest training images on an image is called an outlier."""
    seconds: float


class Neighbours:
    """The nearest images of each of n images, of which the first `training` are for training.

    `places` and `similarities` [n, k]: the training images nearest to each image, the nearest first, without the image
    itself. `best` and `best_similarity` [n, 2]: the nearest training and the nearest test image, without itself.
    """

    def __init__(self, features: np.ndarray, training: int):
        """Compare `features` (float32 [n, k], which are scaled to length 1 in place), some rows at a time."""
        features /= np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
        n, k = len(features), min(2 * NEIGHBOURS, training - 1)
        self.places, self.similarities = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
        self.best, self.best_similarity = np.empty((n, 2), np.int32), np.empty((n, 2), np.float32)
        for start in range(0, n, step := max(1, ROOM // n)):
            rows = slice(start, min(n, start + step))
            here = np.arange(rows.stop - start)
            similar = features[rows] @ features.T
            similar[here, start + here] = NOTHING
            for side, of in enumerate((slice(0, training), slice(training, n))):
                place = similar[:, of].argmax(axis=1) + of.start
                self.best[rows, side], self.best_similarity[rows, side] = place, similar[here, place]
            near = np.argpartition(similar[:, :training], training - k, axis=1)[:, -k:]
            values = np.take_along_axis(similar, near, axis=1)
            order = np.argsort(-values, axis=1, kind="stable")
            self.places[rows] = np.take_along_axis(near, order, axis=1)
            self.similarities[rows] = np.take_along_axis(values, order, axis=1)

    def pairs(self) -> dict[tuple[int, int], float]:
        """Return the similarity of each pair of near-duplicates: of an image's, the nearest of each part."""
        image, side = np.nonzero(self.best_similarity >= SAME)
        found = np.sort(np.stack([image, self.best[image, side]], axis=1), axis=1)
        return dict(zip(map(tuple, found.tolist()), self.best_similarity[image, side].tolist(), strict=True))

    def weights(self) -> np.ndarray:
        """Return how much each neighbour counts [n, k]: the nearest that are no near-duplicates, by similarity."""
        other = self.similarities < SAME
        counted = other & (np.cumsum(other, axis=1) <= NEIGHBOURS)
        return counted * np.maximum(self.similarities, 1e-3)


def inspect_data(
    train_features: list[str], test_features: list[str], backbone_description: str, train: str, test: str,
    description: str, table: str, figures: str,
) -> None:  # fmt: skip
    """Write what is found in a data set as a table (CSV, `COLUMNS`, the most certain of each kind first) and figures.

    A near-duplicate's score is the cosine similarity of the two; a label's the share of the votes that the nearest
    training images, near-duplicates left out, give to the class of the other image, their nearest of that class (votes
    weighed by similarity: Dudani, 1976); an outlier's the mean cosine distance to the same neighbours. Besides the
    features themselves memory holds 25 million similarities. Raises AssignmentError as `load_features` does.
    """
    began = time.monotonic()
    net, prepared = BackboneDescription.read(backbone_description), DatasetDescription.read(description)
    (x, y), (x_test, y_test) = (
        load_features(paths, net, images) for paths, images in ((train_features, train), (test_features, test))
    )
    training, labels, x = len(y), np.concatenate([y, y_test]), np.concatenate([x, x_test])
    del x_test
    near = Neighbours(x, training)
    weights = near.weights()
    pairs = near.pairs()
    doubted = _doubted(near, weights, labels, len(prepared.classes))
    far, distance = _far(near, weights)
    found = [
        *((KINDS[0], one, two, score) for (one, two), score in sorted(pairs.items(), key=lambda pair: -pair[1])),
        *((KINDS[1], one, two, score) for one, two, score in doubted),
        *((KINDS[2], one, near.places[one, 0], score) for one, score in far),
    ]

    def told(place: int) -> tuple[str, str, int, str]:
        part, index = ("train", int(place)) if place < training else ("test", int(place) - training)
        return prepared.image_name(part, index), part, index, prepared.classes[labels[place]]

    rows = [(kind, *told(one), *told(two), round(float(score), 4)) for kind, one, two, score in found]
    with atomic_path(table) as written:
        pd.DataFrame(rows, columns=COLUMNS).to_csv(written, index=False, lineterminator="\n")

    def parts(places: list[int]) -> dict[str, int]:
        return {"train": sum(place < training for place in places), "test": sum(place >= training for place in places)}

    between = [two for one, two in pairs if one < training <= two]
    both = parts([one for one, two in pairs if (one < training) == (two < training)])
    Inspection(
        dataset=prepared.name,
        net=f"{net.net}, {net.input_size} px",
        stamps=[*prepared.stamps, *net.stamps],
        images={"train": training, "test": len(y_test)},
        near_duplicates={**both, "between": len(between)},
        tests_in_training=len(set(between)),
        of_two_classes=sum(bool(labels[one] != labels[two]) for one, two in pairs),
        labels=parts([one for one, _, _ in doubted]),
        outliers=parts([one for one, _ in far]),
        similarity=SAME,
        share=SHARE,
        distance=distance,
        seconds=time.monotonic() - began,
    ).write(figures)


def _doubted(near: Neighbours, weights: np.ndarray, labels: np.ndarray, classes: int) -> list[tuple[int, int, float]]:
    """Return (image, its nearest of the class that its neighbours vote for, share), the most certain first."""
    votes = np.zeros((len(labels), classes), np.float32)
    voted = labels[near.places]
    for label in range(classes):
        votes[:, label] = (weights**SHARPNESS * (voted == label)).sum(axis=1)
    share = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-30)
    said, certain = share.argmax(axis=1), share.max(axis=1)
    places = np.flatnonzero((said != labels) & (certain >= SHARE))
    agreeing = (voted[places] == said[places, None]) & (weights[places] > 0)
    other = near.places[places, agreeing.argmax(axis=1)]
    order = np.lexsort((-weights[places].sum(axis=1), -certain[places]))
    return [(int(places[one]), int(other[one]), float(certain[places[one]])) for one in order]


def _far(near: Neighbours, weights: np.ndarray) -> tuple[list[tuple[int, float]], float]:
    """Return (image, mean distance to its neighbours) of the outliers, the farthest first, and where they begin."""
    counted = weights > 0
    distance = 1 - (near.similarities * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    distance[~counted.any(axis=1)] = 0  # all its neighbours are its near-duplicates
    low, high = np.percentile(distance, (25, 75))
    limit = float(high + FENCE * (high - low))
    return [(int(one), float(distance[one])) for one in np.argsort(-distance) if distance[one] > limit], limit
