"""The keys of `config.yaml` that are about where things are: detectors of objects and of faces, and their measuring."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from assignment06.config.sentences import nearest, refusal
from assignment06.config.types import Name, OptionalText, Share
from assignment06.shared.documents import Document

NETS = ("yolox_nano", "yolox_tiny")


def _flag(value: object) -> object:
    """Take true and false, also as Snakemake's command line hands them on inside a table: as texts."""
    value = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    if not isinstance(value, bool):
        raise PydanticCustomError("no_such_type", "boolean")
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]


class Detector(Document):
    """What finds objects in the photographs of 6.3 (docs/detection.md). Needs `make submission EXTRAS=detection`."""

    weights: Name = "none"
    """none, yolox_nano, yolox_tiny, or the name of an ONNX file in data/raw/detection."""
    sha256: OptionalText = None
    """The digest of an own file; without it nothing opens the file."""
    preprocessing: Literal["yolox", "legacy"] = "yolox"
    """What an own file wants: yolox for BGR, 0 to 255; legacy for RGB, standardised, as YOLOX's first release."""
    classes: tuple[Name, ...] = ()
    """The classes of an own file in the order of its outputs; without any, COCO's 80."""
    score: Share = 0.3
    """The least score of a box."""
    iou: Share = 0.45
    """From which overlap on (intersection over union) the weaker of two boxes of one class goes."""


class Faces(Document):
    """What finds faces in the photographs of 6.3. They are personal data: see docs/detection.md."""

    detector: Literal["none", "mtcnn", "lbp"] = "none"
    """mtcnn: three small ConvNets (needs `make submission EXTRAS=detection`); lbp: the classical baseline."""
    blur: Flag = False
    """Whether to write copies of the photographs in which the faces that were found are blurred."""


class AnnotatedImages(Document):
    """Images with boxes, in COCO's format, to measure the detector with."""

    images: Name
    """The folder of the images."""
    annotations: Name
    """The JSON file of their boxes."""


def check_detection(detector: Detector, faces: Faces, datasets: Iterable[str]) -> None:
    """Refuse, with one sentence, what each key allows and together cannot be."""
    weights = detector.weights
    own = weights not in (*NETS, "none")
    if own and not weights.endswith(".onnx"):
        raise refusal(
            f"`detector: weights: {weights}` is neither a known net nor the name of an ONNX file"
            f"{nearest(weights, ('none', *NETS))}."
        )
    if own and ("/" in weights or "\\" in weights):
        raise refusal(f"`detector: weights: {weights}` must be a bare file name; put the file into data/raw/detection.")
    if not own and (detector.classes or detector.sha256):
        key = "classes" if detector.classes else "sha256"
        raise refusal(f"`detector: {key}` is for an own file, and `weights` is {weights}: leave it out.")
    if len(set(detector.classes)) < len(detector.classes):
        raise refusal("`detector: classes` names a class twice: give each a name of its own.")
    if faces.blur and faces.detector == "none":
        raise refusal("`faces: blur` needs a detector of faces: set `faces: detector` to mtcnn or lbp.")
    for name in datasets:
        if weights == "none":
            raise refusal(f"`detection_datasets: {name}` needs a detector to measure: set `detector: weights`.")
