"""Measure a detector that was trained here on images that it has not seen."""

from assignment06.config.detection import OwnDetector
from assignment06.detection.coco import read_annotations
from assignment06.detection.evaluation import IOU, SCORE, write_measures
from assignment06.detection.objects import open_own
from assignment06.detection.results import DetectorFacts
from assignment06.detectors.prepared import AnnotatedSet
from assignment06.shared.files import sha256_file


def evaluate_own_detector(
    model: str, training: str, prepared: str, settings: OwnDetector, dataset: str, images: str, annotations: str,
    score: float, threads: int, metrics: str, results: str, mistakes: str,
) -> None:  # fmt: skip
    """Measure a detector (see `write_measures`) on the test images of the set that it was trained on.

    With `images` and `annotations` it is measured on those, called `dataset`; where some of them are images that it was
    trained or chosen with, the problems say so. `settings` are those of the training with today's names. Raises
    AssignmentError where nothing can be measured.
    """
    told, own = DetectorFacts.read(training), AnnotatedSet.read(prepared)
    opened = open_own(model, training, SCORE, IOU, threads)
    if annotations:
        annotated = read_annotations(annotations, images, told.classes)
        seen = {one.sha256 for one in own.seen}
        known = [one["file_name"] for one in annotated.images.values() if sha256_file(one["path"]) in seen]
        if known:
            annotated.problems.append(
                f"{len(known)} of these images were seen in training, so the figures flatter (first: {known[0]})"
            )
    else:
        annotated = own.annotated("test")
    told = told.model_copy(update={"settings": settings})
    write_measures(dataset, annotated, opened, score, threads, metrics, results, mistakes, told)
