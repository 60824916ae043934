"""What 6.3 leaves behind, as types."""

from assignment06.shared.documents import Document
from assignment06.shared.provenance import Provenance


class ShardFacts(Document):
    """One classified shard."""

    images: int
    skipped: int
    seconds: float
    device: str
    compute_dtype: str
    engine: str = "keras"
    files: dict[str, str]
    """Of weights and class names: path under data/raw and SHA-256."""
    trained: bool
    """False for an untrained stand-in."""


class ClassifierProvenance(Provenance):
    """Where 6.3's predictions come from."""

    files: dict[str, str]
    device: str
    compute_dtype: str
    engine: str = "keras"


class ClassifierMetadata(Document):
    """All photographs of a run (metadata.json beside the predictions)."""

    architecture: str
    photographs: str
    stamps: list[str]
    images: int
    skipped: int
    seconds: float
    provenance: ClassifierProvenance
