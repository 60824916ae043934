"""What a person can get wrong and a run would only find later: said before the first job, and again at the end."""

import os
import shutil
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from assignment06.captions.sources import LEAST_PHOTOGRAPHS, read_captions
from assignment06.config.captions import CaptionedImages
from assignment06.config.detection import AnnotatedImages
from assignment06.config.model import Config
from assignment06.data.datasets import MOST_CLASSES
from assignment06.data.image_files import SUFFIXES, class_folders, find_photographs
from assignment06.detection.coco import annotated_classes, image_name, load_annotations
from assignment06.grading.names import EXPERIMENTS
from assignment06.orchestration.run_lock import existing
from assignment06.shared.errors import AssignmentError
from assignment06.submission.discussion import check_discussion
from assignment06.submission.tasks import tasks_of

PHOTOGRAPHS = (5, 10)  # as the assignment asks
ROOM = 1_500_000_000  # bytes that a whole run with the official data takes
SHOWN = 3
QUICK = 64_000_000  # bytes of a JSON file that is read in about a second
ONNX = ("onnx", "onnxruntime", "tf2onnx")  # what `export: onnx` needs


def warnings(study: Config, images: int, discussion: str | None = None) -> list[str]:
    """Return what is not as the assignment asks, or will not work, one sentence each; nothing of it ends a run.

    `images` is how many files the folder of photographs holds; `discussion` the file of the post, if there is one.
    """
    found = [*_photographs(study, images), *_discussion(discussion)]
    missing = [f"{name} ({task})" for name, task in EXPERIMENTS.items() if task not in tasks_of(study)]
    if missing:
        found.append(
            f"no experiment of this study answers {' or '.join(missing)}: its zip will be proved for what is in it, "
            "and is not the assignment."
        )
    if study.classifier.architecture != "ResNet50":
        found.append(
            f"6.3 will be done by {study.classifier.architecture}, into results/predictions/"
            f"{study.classifier.architecture.lower()}: the assignment asks for ResNet50."
        )
    if (free := shutil.disk_usage(".").free) < ROOM:
        found.append(
            f"only {free / 1e9:.1f} GB of the disk are free, and a whole run takes {ROOM / 1e9:.1f}: make room."
        )
    return found


def check_packages(study: Config, in_containers: bool) -> None:
    """Refuse, before anything runs, what needs packages that the jobs will not find.

    What finds objects and faces, writes ONNX files, measures captions and computes 6.3 faster is in the container
    image; elsewhere it is installed by EXTRAS=detection, EXTRAS=onnx, EXTRAS=captions and EXTRAS=openvino.
    """
    if in_containers:
        return
    own = study.detector.weights in study.detectors
    engine = study.classifier.engine
    asked = [
        ("openvino", "openvino", "classifier: engine", "none" if engine == "keras" else engine),
        (
            "nncf",
            "openvino",
            "classifier: compute_dtype",
            "int8" if study.classifier.compute_dtype == "int8" else "none",
        ),
        ("onnxruntime", "detection", "detector: weights", "none" if own else study.detector.weights),
        ("mtcnn", "detection", "faces: detector", study.faces.detector if study.faces.detector == "mtcnn" else "none"),
        ("pycocotools", "detection", "detectors", "given" if study.detectors else "none"),
        ("sacrebleu", "captions", "captioners", "given" if study.captioners else "none"),
        ("pycocotools", "detection", "detection_datasets", "given" if study.detection_datasets else "none"),
    ]
    for name, row in study.experiments.items():
        asked += [(package, "onnx", f"experiments: {name}: export", row.export) for package in ONNX]
    for package, extra, key, value in asked:
        if value != "none" and find_spec(package) is None:
            raise AssignmentError(
                f"`{key}` in config.yaml is {value}, which needs {package}: run `make submission EXTRAS={extra}`, or "
                "leave it out."
            )


def check_tracking(study: Config, remote: bool) -> None:
    """Refuse, before anything runs, a `logging` whose package is missing here, or whose trainings cannot be seen.

    Trainings are told by the machine that the run is started on, also where jobs run in containers or on a cluster.
    """
    if study.logging == "none":
        return
    if remote:
        raise AssignmentError(
            f"`logging` in config.yaml is {study.logging}, and a cloud's trainings cannot be followed from here: set "
            "it to none."
        )
    if find_spec(study.logging) is None:
        raise AssignmentError(
            f"`logging` in config.yaml is {study.logging}, which is not installed: run `make submission "
            f"EXTRAS={study.logging}`, or set it to none."
        )


def check_files(study: Config) -> None:
    """Refuse, before anything runs, folders of data sets and files of weights that are not there.

    So is an `assignment_dir` that is a file. Only where the run is started: a job of a cloud sees none of them.
    """
    if study.assignment_dir and not (there := existing(Path(study.assignment_dir))).is_dir():
        raise AssignmentError(
            f"`assignment_dir: {study.assignment_dir}` in config.yaml is no folder, as {there} is a file: name another."
        )
    for name in dict.fromkeys(row.dataset for row in study.experiments.values() if row.dataset in study.datasets):
        folder = Path(study.datasets[name].folder)
        if not folder.is_dir():
            wrong = "is a file and no folder: correct" if folder.exists() else "does not exist: create it or correct"
            raise AssignmentError(f"`datasets: {name}: folder` in config.yaml is {folder}, which {wrong} the path.")
        classes = class_folders(folder)
        if not 2 <= len(classes) <= MOST_CLASSES:
            raise AssignmentError(
                f"`datasets: {name}: folder`: {folder} has {_count(len(classes), 'sub-folder')}; make one for each "
                f"class, from 2 to {MOST_CLASSES}."
            )
    for name in dict.fromkeys(row.dataset for row in study.captioners.values()):
        _check_captions(name, study.caption_datasets[name])
    classes = {name: _check_annotated(name, row) for name, row in study.detection_datasets.items()}
    for name, row in study.detectors.items():
        if row.test:
            files = [study.detection_datasets[one].annotations for one in (row.dataset, row.test)]
            _check_classes(name, files, classes[row.dataset], classes[row.test])
    files = {"classifier: weights": study.classifier.weights}
    rows = {name: row for name, row in study.experiments.items() if row.is_pretrained}
    files |= {f"experiments: {name}: weights": row.weights for name, row in rows.items()}
    files |= {f"captioners: {name}: weights": row.weights for name, row in study.captioners.items()}
    files |= {f"detectors: {name}: weights": row.weights for name, row in study.detectors.items()}
    mirror = os.environ.get("ASSIGNMENT06_MIRROR")
    places = [Path("data/raw/imagenet"), *([Path(mirror, "imagenet")] if mirror else [])]
    for key, file in files.items():
        if file not in ("imagenet", "none") and not any((place / file).is_file() for place in places):
            raise AssignmentError(
                f"`{key}` in config.yaml is {file}, and data/raw/imagenet has no such file: put it there, or write "
                "`imagenet` for the published weights."
            )


def _check_annotated(name: str, row: AnnotatedImages) -> set[str] | None:
    """Refuse annotated images or a file of boxes that are not there; a file that is no COCO file, where it is small.

    Return the names of the classes of which it has boxes, None for a large file, which is not read for that.
    """
    where = f"`detection_datasets: {name}"
    if not Path(row.images).is_dir():
        raise AssignmentError(f"{where}: images` in config.yaml is {row.images}, which is no folder: correct the path.")
    if not Path(row.annotations).is_file():
        raise AssignmentError(
            f"{where}: annotations` in config.yaml is {row.annotations}, which is no file: correct the path."
        )
    if Path(row.annotations).stat().st_size > QUICK:
        return None
    content = load_annotations(row.annotations)
    names = [image["file_name"] for image in content["images"]]
    if not any(image_name(name, Path(row.images)) for name in names):
        raise AssignmentError(
            f"{where}: images` in config.yaml is {row.images}, which has none of the {_count(len(names), 'image')} "
            f"of {row.annotations} (first: {names[0] if names else 'none'}): name the folder that those names "
            "count from."
        )
    return annotated_classes(content)


def _check_classes(name: str, files: list[str], learnt: set[str] | None, asked: set[str] | None) -> None:
    """Refuse a test set that has no box of a class that is learnt; `files` are the annotations of both."""
    if learnt is not None and asked is not None and not learnt & asked:
        raise AssignmentError(
            f"`detectors: {name}: test`: {files[1]} has no box of a class of {files[0]} (there {_some(learnt)}; "
            f"here {_some(asked)}): give the classes of both the same names."
        )


def _some(names: set[str]) -> str:
    return ", ".join(sorted(names)[:SHOWN]) + (" and more" if len(names) > SHOWN else "") if names else "none"


def _check_captions(name: str, row: CaptionedImages) -> None:
    """Refuse photographs or a file of captions that are not there, not of a known form, or of too few photographs."""
    where = f"`caption_datasets: {name}"
    if not Path(row.images).exists():
        raise AssignmentError(
            f"{where}: images` in config.yaml is {row.images}, which does not exist: correct the path."
        )
    if not Path(row.captions).is_file():
        raise AssignmentError(
            f"{where}: captions` in config.yaml is {row.captions}, which is no file: correct the path."
        )
    captioned = {image for image, caption in read_captions(row.captions) if caption}
    found = sum(image in captioned for image, _ in find_photographs(row.images))
    if found < LEAST_PHOTOGRAPHS:
        raise AssignmentError(
            f"{where}`: {_count(found, 'photograph')} of {row.images} have captions in {row.captions}; at least "
            f"{LEAST_PHOTOGRAPHS} are needed, and hundreds to learn anything: are the names in it those of the files?"
        )


def print_warnings(found: Iterable[str]) -> None:
    """Print warnings to standard error, one a line."""
    for sentence in found:
        print(f"warning: {sentence}", file=sys.stderr)


def _photographs(study: Config, images: int) -> list[str]:
    if not images:
        return [f"{study.photographs} holds no photographs: seven stand-ins take their place, not for submission."]
    found, unknown = [], []
    if images <= 1000:  # a laboratory's million is not listed again
        unknown = [name for name, path in find_photographs(study.photographs) if path.suffix.lower() not in SUFFIXES]
    least, most = PHOTOGRAPHS
    if not least <= images - len(unknown) <= most:
        count = images - len(unknown)
        found.append(
            f"{study.photographs} holds {_count(count, 'photograph')}, and the assignment asks for {least} to {most}."
        )
    if unknown:
        shown = ", ".join(unknown[:SHOWN]) + (f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else "")
        found.append(
            f"{shown} in {study.photographs}: no format that is read by its name; save as JPEG or PNG, or it is "
            "skipped."
        )
    return found


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' if number != 1 else ''}"


def _discussion(path: str | None) -> list[str]:
    if not path or not Path(path).is_file():
        return []
    try:
        found = check_discussion(path)
    except AssignmentError as error:
        return [str(error)]
    return [found.problem] if found.problem else []
