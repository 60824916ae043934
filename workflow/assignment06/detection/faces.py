"""Find the faces in one shard of photographs: where they are, and nothing about whose.

Two detectors: MTCNN (K. Zhang, Z. Zhang, Z. Li, Y. Qiao, 2016, three small ConvNets in a cascade; the package `mtcnn`)
and, to compare it with, a classical one without a ConvNet: boosted local binary patterns (T. Ojala et al., 2002; the
cascade is P. Viola's and M. Jones's, 2001), as scikit-image has it. Recognition, age and sex are left out on purpose.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

from assignment06.detection.boxes import clip, suppress
from assignment06.detection.found import NOTHING, Found
from assignment06.detection.shards import ShardFacts, find_in_shard, shard_rows
from assignment06.shared.errors import AssignmentError

LONGEST = 1024  # pixels of the longer side that is looked at
SMALLEST = 20  # pixels of the smallest face in that
SCORE = 0.9  # of MTCNN's last net; at its own 0.8 it took a temple's roof for a face (0.803)
LBP_SMALLEST = 40


def detect_faces(
    manifest: str, shard: int, shard_size: int, detector: str, threads: int, predictions: str, images: str,
    skipped: str, facts: str, photographs_archive: str = "",
) -> None:  # fmt: skip
    """Find faces in the photographs of one shard (numbered from 0) and write what `shards` describes.

    `detector` is `mtcnn` or `lbp`. Photographs are looked at one by one: both detectors use more than one thread
    themselves, or would not bear it.
    """
    find = DETECTORS[detector](threads)
    with shard_rows(manifest, shard, shard_size, photographs_archive) as rows:
        counts = find_in_shard(rows, find, ["face"], LONGEST // 2, 1, predictions, images, skipped)
    ShardFacts(
        detector=detector, classes=["face"], images=counts[0], skipped=counts[1], found=counts[2],
        seconds=counts[3], settings={"score": SCORE} if detector == "mtcnn" else {}, files={}, stamps=[],
    ).write(facts)  # fmt: skip


def mtcnn(threads: int) -> Callable[[np.ndarray], Found]:
    """Return MTCNN as a function of uint8 RGB [h, w, 3]; its weights lie in its package.

    Raises AssignmentError where that is not installed.
    """
    from assignment06.backend import compute

    compute.configure(threads)
    try:
        from mtcnn import MTCNN
    except ImportError:
        raise AssignmentError(
            "Finding faces by mtcnn needs the package mtcnn, which is not installed: run `make submission "
            "EXTRAS=detection`, or set `faces: detector:` in config.yaml to lbp or none."
        ) from None
    net = MTCNN()

    def find(image: np.ndarray) -> Found:
        image, scale = shrunk(image)
        faces = net.detect_faces(image, min_face_size=SMALLEST, threshold_onet=SCORE)
        boxes = np.array([face["box"] for face in faces], float).reshape(-1, 4)
        scores = np.array([face["confidence"] for face in faces], float)
        return _found(boxes, scores, image, scale)

    return find


def lbp(threads: int) -> Callable[[np.ndarray], Found]:
    """Return scikit-image's cascade of local binary patterns for frontal faces; it gives no score, so all have 1."""
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    cascade = Cascade(lbp_frontal_face_cascade_filename())

    def find(image: np.ndarray) -> Found:
        image, scale = shrunk(image)
        side = min(image.shape[:2])
        if side < LBP_SMALLEST:
            return NOTHING
        faces = cascade.detect_multi_scale(
            img=image, scale_factor=1.2, step_ratio=1, min_size=(LBP_SMALLEST, LBP_SMALLEST), max_size=(side, side)
        )
        boxes = np.array([[face[key] for key in ("c", "r", "width", "height")] for face in faces], float)
        return _found(boxes.reshape(-1, 4), np.ones(len(faces)), image, scale)

    return find


DETECTORS: dict[str, Callable[[int], Callable[[np.ndarray], Found]]] = {"mtcnn": mtcnn, "lbp": lbp}


def shrunk(image: np.ndarray) -> tuple[np.ndarray, float]:
    """Return an image whose longer side has at most `LONGEST` pixels, and by how much it was multiplied."""
    scale = LONGEST / max(image.shape[:2])
    if scale >= 1:
        return image, 1.0
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR)), scale


def _found(boxes: np.ndarray, scores: np.ndarray, image: np.ndarray, scale: float) -> Found:
    """Suppress what overlaps, cut to the picture, and go back to the pixels before `shrunk`."""
    boxes = clip(boxes, image.shape[1], image.shape[0])
    kept = suppress(boxes, scores, np.zeros(len(boxes), int), iou=0.4)
    kept = kept[boxes[kept, 2:].min(axis=1, initial=np.inf) > 0]
    return Found(boxes[kept] / scale, scores[kept], np.zeros(len(kept), int))
