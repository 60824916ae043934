"""What was got from where: one receipt for a data set, one for a classifier."""

import os
from pathlib import Path

from pydantic import Field

from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_file


class Receipt(Document):
    """The files that were acquired and verified."""

    name: str
    """Of the data set or the architecture."""
    data_source: str
    """official or sample."""
    files: dict[str, str]
    """Path under data/raw: SHA-256. Empty for a sample."""
    roles: dict[str, str] = Field(default_factory=dict)
    """For a classifier: `weights` and `classes`, each a path under data/raw. Empty for an untrained net."""

    def verify(self, raw: str | os.PathLike) -> None:
        """Check that the files are still the ones that were verified; AssignmentError if not."""
        for name, sha256 in self.files.items():
            path = Path(raw) / name
            if not path.exists() or sha256_file(path) != sha256:
                raise AssignmentError(
                    f"{path} has changed or gone since it was verified: run snakemake --forcerun acquire_dataset "
                    "acquire_classifier."
                )
