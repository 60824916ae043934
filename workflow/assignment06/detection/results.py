"""The types of what detection leaves: what was found in photographs, and how good a detector is."""

from assignment06.config.detection import OwnDetector
from assignment06.shared.documents import Document
from assignment06.shared.provenance import Provenance


class DetectionProvenance(Provenance):
    """Where boxes come from: the digests of the net's files, too."""

    files: dict[str, str]


class DetectionMetadata(Document):
    """What was looked at and found: counts by label (boxes) and by photograph (how many have one at least)."""

    detector: str
    photographs: str
    stamps: list[str]
    images: int
    skipped: int
    found: int
    images_with: int
    boxes_by_label: dict[str, int]
    images_by_label: dict[str, int]
    seconds: float
    settings: dict[str, float]
    provenance: DetectionProvenance


class DetectorFacts(Document):
    """What the training of a detector says of itself (results/detectors/<name>/training.json)."""

    detector: str
    settings: OwnDetector
    dataset: str
    classes: list[str]
    """In the order of its outputs."""
    backbone: str
    backbone_sha256: str
    """Of the frozen net's weights."""
    images: int
    """For training; others were for validation, and others for the test."""
    boxes: int
    validation_images: int
    validation_ap: float
    validation_ap50: float
    """Of the epoch that was kept, by COCO's count."""
    parameters: int
    trained_parameters: int
    epochs: int
    chosen_epoch: int
    seconds: float
    threads: int
    device: str
    compute_dtype: str
    weights_sha256: str
    data_sha256: str
    """Of the images with their boxes and their parts."""
    stamps: list[str]


class ClassFigures(Document):
    """One class: annotated boxes, average precision over COCO's ten thresholds, and at an IoU of 0.5."""

    boxes: int
    ap: float
    ap50: float


class DetectionMetrics(Document):
    """COCO's twelve figures (None where there is no such box), by class, precision at 101 recalls, and the mistakes."""

    dataset: str
    detector: str
    images: int
    boxes: int
    found: int
    seconds: float
    summary: dict[str, float | None]
    classes: dict[str, ClassFigures]
    recall: list[float]
    precision: dict[str, list[float]]
    score: float
    right: int
    missed: int
    false: int
    problems: list[str]
    provenance: DetectionProvenance
    training: DetectorFacts | None = None
    """Of a detector that was trained here."""

    @property
    def title(self) -> str:
        """What headings call the detector: the title of its row where it was trained here, else its name."""
        return (self.training.settings.title if self.training else "") or self.detector
