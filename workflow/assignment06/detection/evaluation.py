"""Measure a detector on annotated images: average precision as COCO counts it, by pycocotools, and its mistakes."""

import contextlib
import csv
import io
import json
import time

import numpy as np

from assignment06.data.image_files import UnreadableImage, read_measured_image
from assignment06.detection.coco import Annotated, read_annotations
from assignment06.detection.found import Found
from assignment06.detection.mistakes import MISTAKE_COLUMNS, find_mistakes
from assignment06.detection.objects import Opened, open_either
from assignment06.detection.results import ClassFigures, DetectionMetrics, DetectionProvenance, DetectorFacts
from assignment06.detection.shards import in_order
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path
from assignment06.shared.provenance import provenance

# As YOLOX is evaluated by its authors: hardly any box is left out, for average precision wants the weak ones too
SCORE, IOU = 0.01, 0.65
SUMMARY = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar1", "ar10", "ar100", "ar_small", "ar_medium",
           "ar_large")  # fmt: skip


def evaluate_detector(
    dataset: str, annotations: str, images: str, raw: str, preprocessing: str, classes: list[str], score: float,
    threads: int, metrics: str, results: str, mistakes: str, receipt: str = "", model: str = "", training: str = "",
) -> None:  # fmt: skip
    """Measure the detector that looks at the photographs on annotated images (see `write_measures`).

    It is the one of `receipt`, or a `model` that was trained here, with its `training`. `preprocessing` and `classes`
    are those of an own file (without classes, COCO's). Raises AssignmentError where nothing can be measured; see
    `read_annotations` for what is left out.
    """
    opened = open_either(receipt, raw, preprocessing, classes, model, training, SCORE, IOU, threads)
    annotated = read_annotations(annotations, images, opened.classes)
    write_measures(dataset, annotated, opened, score, threads, metrics, results, mistakes)


def write_measures(
    dataset: str, annotated: Annotated, opened: Opened, score: float, threads: int, metrics: str, results: str,
    mistakes: str, training: DetectorFacts | None = None,
) -> None:  # fmt: skip
    """Look for the objects in annotated images and write COCO's figures, COCO's results, and the mistakes.

    `mistakes` has a row for each annotated box that was missed and for each box from `score` on that is wrong. Of a
    detector that was trained here, `training` goes into the metrics.
    """
    began = time.monotonic()
    found, sizes = look(annotated, opened.find, threads)
    seconds = time.monotonic() - began
    rows = as_results(found, annotated)
    figures = average_precision(annotated, sizes, rows)
    right, wrong = find_mistakes(annotated, found, score)
    DetectionMetrics(
        dataset=dataset, detector=opened.name, images=len(found), boxes=len(annotated.boxes), found=len(rows),
        seconds=seconds, score=score, right=right, problems=annotated.problems,
        missed=sum(row[1] == "missed" for row in wrong), false=sum(row[1] == "false" for row in wrong),
        provenance=DetectionProvenance(files=opened.files, **provenance()), training=training, **figures,
    ).write(metrics)  # fmt: skip
    with atomic_path(results) as part:
        part.write_text("[" + ",".join("\n" + json.dumps(row) for row in rows) + "\n]\n", encoding="utf-8")
    with atomic_path(mistakes) as part, open(part, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([MISTAKE_COLUMNS, *wrong])


def look(annotated: Annotated, detector, threads: int) -> tuple[dict[int, Found], dict[int, tuple[int, int]]]:
    """Return what the detector found, and (width, height), by the image's number.

    What cannot be read or is not of the size that the annotations say goes, with a word.
    """
    smallest = max(detector.size) // 2

    def one(image: dict) -> tuple[Found, tuple[int, int]] | str:
        try:
            pixels, (width, height) = read_measured_image(image["path"], smallest)
        except UnreadableImage as error:
            return str(error)
        return detector(pixels).scaled(width / pixels.shape[1], height / pixels.shape[0]), (width, height)

    found, sizes, lost = {}, {}, []
    for image, result in in_order(one, iter(annotated.images.values()), threads):
        if isinstance(result, str):
            lost.append(f"{image['file_name']}: {result}")
        else:
            found[image["id"]], sizes[image["id"]] = result
    annotated.fit(sizes)
    if lost:
        annotated.problems.append(f"{len(lost)} images cannot be read and were left out (first: {lost[0]})")
    if not annotated.boxes:
        raise AssignmentError(
            f"No annotated image can be measured with ({'; '.join(annotated.problems)}): correct `detection_datasets:`."
        )
    return {number: found[number] for number in annotated.images}, {n: sizes[n] for n in annotated.images}


def as_results(found: dict[int, Found], annotated: Annotated) -> list[dict]:
    """Return COCO's results; boxes of classes that the annotations do not have are left out, as COCO does."""
    numbers = {own: number for number, own in annotated.numbers.items()}
    return [
        {"image_id": image, "category_id": numbers[int(label)], "bbox": [round(float(v), 2) for v in box],
         "score": round(float(score), 5)}
        for image, one in found.items()
        for box, score, label in zip(one.boxes, one.scores, one.classes, strict=True)
        if int(label) in numbers
    ]  # fmt: skip


def average_precision(annotated: Annotated, sizes: dict[int, tuple[int, int]], rows: list[dict]) -> dict:
    """Return `summary`, `classes`, `recall` and `precision` of `DetectionMetrics`, by pycocotools.

    Raises AssignmentError where pycocotools is not installed.
    """
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError:
        raise AssignmentError(
            "Measuring a detector needs pycocotools, which is not installed: run `make submission EXTRAS=detection`, "
            "or take `detection_datasets:` out of config.yaml."
        ) from None
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": number, "width": width, "height": height} for number, (width, height) in sizes.items()],
        "categories": [{"id": number, "name": name} for number, name in annotated.names.items()],
        "annotations": [dict(row) for row in annotated.boxes],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        seen = truth.loadRes([dict(row) for row in rows]) if rows else _nothing(truth)
        evaluation = COCOeval(truth, seen, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = np.asarray(evaluation.eval["precision"])[
        :, :, :, 0, -1
    ]  # thresholds, recalls, classes; any size, 100 boxes
    has = [index for index in range(precision.shape[2]) if (precision[:, :, index] > -1).any()]
    counted = dict.fromkeys(evaluation.params.catIds, 0)
    for row in annotated.boxes:
        counted[row["category_id"]] += not row["iscrowd"]
    curves = {"0.50": precision[0], "0.75": precision[5], "0.50 to 0.95": precision.mean(axis=0)}
    return {
        "summary": {
            key: float(value) if value > -1 else None for key, value in zip(SUMMARY, evaluation.stats, strict=True)
        },
        "classes": {
            annotated.names[evaluation.params.catIds[index]]: ClassFigures(
                boxes=counted[evaluation.params.catIds[index]],
                ap=float(precision[:, :, index].mean()),
                ap50=float(precision[0, :, index].mean()),
            )
            for index in has
        },
        "recall": [float(value) for value in evaluation.params.recThrs],
        "precision": {key: [float(value) for value in curve[:, has].mean(axis=1)] for key, curve in curves.items()},
    }


def _nothing(truth):
    """Return an empty set of results, which `loadRes` refuses to make."""
    from pycocotools.coco import COCO

    seen = COCO()
    seen.dataset = {"images": truth.dataset["images"], "categories": truth.dataset["categories"], "annotations": []}
    seen.createIndex()
    return seen
