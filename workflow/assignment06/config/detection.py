"""The keys of `config.yaml` that are about where things are: detectors, their measuring, and those trained here."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from assignment06.config.frozen import FrozenRow, check_frozen, check_warmup
from assignment06.config.sentences import nearest, refusal
from assignment06.config.types import Name, Number, OptionalText, Seed, Share, Text, Whole
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
    """none, yolox_nano, yolox_tiny, one of `detectors`, or the name of an ONNX file in data/raw/detection."""
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
    """Images with boxes, in COCO's format, to measure a detector with or to train one."""

    images: Name
    """The folder of the images."""
    annotations: Name
    """The JSON file of their boxes."""
    validation_split: Share = 0.1
    """Where one of `detectors` is trained: share of the images by which its epoch is chosen."""
    test_split: Share = 0.2
    """The same for the test; none is kept where every detector that is trained on it names another set as `test`."""
    seed: Seed = 0
    """Seed of that split."""


class OwnDetector(FrozenRow):
    """One detector to train on images with boxes. Needs `make submission EXTRAS=detection`."""

    trains_nothing = (*FrozenRow.trains_nothing, "test")

    dataset: Text
    """A name from `detection_datasets`, whose classes it learns."""
    test: OptionalText = None
    """Another name from `detection_datasets` to test it with; null for the share that the data set keeps."""
    width: Annotated[Whole, Field(ge=8, le=1024)] = 128
    """Channels of the convolutions that are trained."""
    mirrored: Annotated[Whole, Field(ge=0, le=1)] = 1
    """1: half of the time an image is seen mirrored in training; its features are computed twice. 0 for what has a left
    and a right, such as digits."""
    epochs: Annotated[Whole, Field(ge=1, le=10_000)] = 12
    """Passes over the training images."""
    batch_size: Annotated[Whole, Field(ge=1, le=10_000)] = 16
    """Images for each training step."""
    learning_rate: Annotated[Number, Field(gt=0, le=10)] = 0.002
    """The highest learning rate of AdamW; it falls to zero as a cosine over all epochs."""
    warmup_epochs: Annotated[Number, Field(ge=0, le=10_000)] = 1
    """Epochs of linear rise before that."""
    weight_decay: Annotated[Number, Field(ge=0, le=1000)] = 0.0001
    """Decoupled weight decay."""
    compute_dtype: Literal["auto", "float32"] = "auto"
    """auto: training multiplies in bfloat16 (a GPU in TensorFloat-32) where it can, faster; weights stay float32."""
    seed: Seed = 0
    """Seed of everything random."""


STRIDE = 32  # pixels: the coarsest map of a net; sides are multiples of it
# Their maps do not halve evenly: convolutions and poolings leave out the edge, or it is cropped
UNEVEN = ("InceptionResNetV2", "InceptionV3", "NASNetLarge", "NASNetMobile")
MOST_KEPT = 0.9  # of the images for validation and test together


def check_detection(
    detector: Detector, faces: Faces, datasets: dict[str, AnnotatedImages], own: dict[str, OwnDetector]
) -> None:
    """Refuse, with one sentence, what each key allows and together cannot be; `own` are the rows of `detectors`."""
    weights = detector.weights
    file = weights not in (*NETS, "none", *own)
    if file and not weights.endswith(".onnx"):
        raise refusal(
            f"`detector: weights: {weights}` is neither a known net nor the name of an ONNX file"
            f"{nearest(weights, ('none', *NETS, *own))}."
        )
    if file and ("/" in weights or "\\" in weights):
        raise refusal(f"`detector: weights: {weights}` must be a bare file name; put the file into data/raw/detection.")
    if not file and (detector.classes or detector.sha256):
        key = "classes" if detector.classes else "sha256"
        raise refusal(f"`detector: {key}` is for an own file, and `weights` is {weights}: leave it out.")
    if len(set(detector.classes)) < len(detector.classes):
        raise refusal("`detector: classes` names a class twice: give each a name of its own.")
    if faces.blur and faces.detector == "none":
        raise refusal("`faces: blur` needs a detector of faces: set `faces: detector` to mtcnn or lbp.")
    for name, row in own.items():
        _check_own(name, row, datasets)
    for name, images in datasets.items():
        if images.validation_split + images.test_split > MOST_KEPT:
            raise refusal(
                f"`detection_datasets: {name}`: validation_split and test_split leave less than a tenth to learn from: "
                "lower them."
            )
        if weights == "none" and name in only_measured(datasets, own):
            raise refusal(
                f"`detection_datasets: {name}` needs a detector to measure: set `detector: weights`, or train one on "
                "it (`detectors`)."
            )


def only_measured(datasets: Iterable[str], own: dict[str, OwnDetector]) -> list[str]:
    """Return the data sets that no row of `detectors` is trained or tested on: `detector` is measured with them."""
    used = {name for row in own.values() for name in (row.dataset, row.test)}
    return [name for name in datasets if name not in used]


def keeps_test(dataset: str, own: dict[str, OwnDetector]) -> bool:
    """Return whether a data set keeps images for the test: one of its detectors names no other set."""
    return any(row.dataset == dataset and row.test is None for row in own.values())


def _check_own(name: str, row: OwnDetector, datasets: dict[str, AnnotatedImages]) -> None:
    where = f"detectors: {name}"
    if name in (*NETS, "none", *datasets, "comparison.csv"):
        raise refusal(
            f"`{where}` is the name of a net, of one of `detection_datasets` or of a file of the results: choose "
            "another."
        )
    check_frozen(where, row, datasets, "detection_datasets")
    if row.test is not None and row.test not in datasets:
        raise refusal(f"`{where}: test: {row.test}` is not in `detection_datasets`{nearest(row.test, datasets)}.")
    if row.test == row.dataset:
        raise refusal(
            f"`{where}: test` is what it is trained on: leave it out, and a share of {row.dataset} is kept for it."
        )
    if row.model in UNEVEN:
        raise refusal(f"`{where}: model: {row.model}` has no even grids of features: ResNet50, for one, has.")
    if not row.input_size or row.input_size % STRIDE:
        raise refusal(
            f"`{where}: input_size` is {row.input_size}; a grid of features needs a multiple of {STRIDE}: write "
            f"{max(STRIDE, round((row.input_size or 224) / STRIDE) * STRIDE)}."
        )
    check_warmup(where, row.warmup_epochs, row.epochs)
