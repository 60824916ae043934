"""What maps of photographs leave behind, as a type."""

from assignment06.shared.documents import Document


class PhotographMaps(Document):
    """Where the classifier of 6.3 saw its first label in the first photographs (gradcam.json beside the plot)."""

    maps: dict[str, list[list[float]]]
    """By the name of the photograph: rows of 0 to 1 over its largest square in the middle, which the net was given."""
