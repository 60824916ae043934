"""What captioners leave behind, as types."""

from assignment06.captions.measures import Diversity, Scores
from assignment06.config.captions import Captioner
from assignment06.shared.documents import Document
from assignment06.shared.provenance import Provenance
from assignment06.transfer.prepared import BackboneDescription


class CaptionerFacts(Document):
    """What a training says of itself."""

    captioner: str
    settings: Captioner
    backbone: BackboneDescription
    dataset: str
    photographs: int
    """For training; others were for validation and test."""
    validation_photographs: int
    validation_bleu4: float
    """By greedy search, of the epoch that was kept."""
    words: int
    parameters: int
    epochs: int
    chosen_epoch: int
    seconds: float
    threads: int
    device: str
    weights_sha256: str
    vocabulary_sha256: str


class Looked(Document):
    """Where a captioner looked in one photograph while it wrote."""

    image: str
    words: list[str]
    attention: list[list[float]]
    """Of each word, the share of each place of the grid, row by row from the top left."""


class Attention(Document):
    """Of some test photographs where a captioner looked (attention.json)."""

    captioner: str
    photographs: list[Looked]
    stamps: list[str]


class CaptionMetrics(Document):
    """The figures of one captioner (results/captions/<name>/metrics.json)."""

    captioner: str
    title: str
    group: str
    dataset: str
    settings: Captioner
    training: CaptionerFacts
    photographs: int
    """For the test."""
    references: int
    captioner_scores: Scores
    nearest: Scores
    """Of the caption of the training photograph with the most similar features."""
    one_for_all: Scores
    """Of one training caption for all photographs."""
    sentence: str
    """That caption."""
    diversity: Diversity
    seconds: float
    """To write the captions, from the grids."""
    test_sha256: str
    """Of the test photographs and their captions."""
    stamps: list[str]
    provenance: Provenance


def examples(count: int, of_each: int) -> list[int]:
    """Return the places of the best, the middle and the worst of so many that are sorted."""
    middle = max(0, count // 2 - of_each // 2)
    chosen = [*range(of_each), *range(middle, middle + of_each), *range(count - of_each, count)]
    return [number for number in dict.fromkeys(chosen) if 0 <= number < count]


class PhotographCaptions(Document):
    """What is told of captions of photographs that nobody has described (photographs.json)."""

    captioner: str
    note: str
    """What they are, and how good the captioner was where that could be measured."""
    images: int
    skipped: int
    seconds: float
    stamps: list[str]
    weights_sha256: str
    provenance: Provenance
