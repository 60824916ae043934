"""Put the net of 6.3 into int8 once, with the ranges that its activations have for the photographs given."""

import tempfile
import zipfile
from pathlib import Path

import numpy as np

from assignment06.backend import compute
from assignment06.data.receipts import Receipt
from assignment06.photographs.classification import decoded_batches, load_classifier
from assignment06.photographs.engines import quantise
from assignment06.photographs.manifest import read_spread
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path

CALIBRATION_IMAGES = 300


def quantise_classifier(
    manifest: str, architecture: str, receipt: str, raw: str, batch_size: int, threads: int, archive: str
) -> None:
    """Write a zip with the net of 6.3 in int8, for OpenVINO; see `engines.quantise`.

    Its ranges are measured on up to 300 photographs, spread evenly over the list; those that cannot be read are left
    out. Raises AssignmentError where none of them can be read.
    """
    compute.configure(threads, gpu=False)
    got = Receipt.read(receipt)
    got.verify(raw)
    model, preprocess = load_classifier(architecture, Path(raw) / got.roles["weights"] if got.roles else None)
    rows = read_spread(manifest, CALIBRATION_IMAGES)
    batches = decoded_batches(rows, model.input_shape[1], batch_size, threads)
    images = [image[np.newaxis] for names, pixels, _ in batches if names for image in preprocess(pixels)]
    if not images:
        raise AssignmentError(
            f"None of the photographs (at most {CALIBRATION_IMAGES}) that `classifier: compute_dtype: int8` measures "
            "can be read: set it to float32 in config.yaml, or look at the photographs."
        )
    with (
        tempfile.TemporaryDirectory() as folder,
        atomic_path(archive) as part,
        zipfile.ZipFile(part, "w", strict_timestamps=False) as packed,
    ):
        quantise(model, images, Path(folder))
        for path in sorted(Path(folder).iterdir()):
            packed.write(path, arcname=path.name)
