"""Get the weights that the net of a row begins with."""

import logging
from pathlib import Path

from assignment06.data.acquisition import Unavailable, mirror_folder, obtain, own_weights
from assignment06.data.imagenet import PRETRAINED
from assignment06.data.receipts import Receipt
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_file

log = logging.getLogger(__name__)


def acquire_pretrained(
    model: str, weights: str, weights_sha256: str, data_source: str, raw: str, mirror: str | None, receipt: str,
    network: bool = True,
) -> None:  # fmt: skip
    """Get the weights that a row's pretrained net begins with, and write a receipt as `acquire_classifier` does.

    The published file is the one without the classifier. `weights_sha256` is what a file of one's own must have, empty
    for anything. Raises AssignmentError where it has another.
    """
    folder, files = Path(raw), {}
    try:
        if weights == "imagenet":
            published = PRETRAINED[model].no_top
            if published is None:
                raise AssignmentError(
                    f"Keras states no digest of the published weights of {model}, so they are not fetched: put the "
                    "file into data/raw/imagenet and name it as `weights:` of the row in config.yaml."
                )
            path = obtain(published, folder, mirror_folder(mirror), network and data_source != "sample")
        else:
            path = own_weights(weights, folder, mirror_folder(mirror), "weights")
        sha256 = sha256_file(path)
        if weights_sha256 and sha256 != weights_sha256.lower():
            raise AssignmentError(
                f"{path} has the SHA-256 {sha256[:12]}..., not {weights_sha256[:12]}... as `weights_sha256` says: put "
                "the right file there, or correct the row in config.yaml."
            )
        files = {path.relative_to(folder).as_posix(): sha256}
    except Unavailable as error:
        if data_source == "official":
            raise AssignmentError(
                f"The weights of {model} could not be had: {error} Get online and run again, or put the file into "
                "data/raw/imagenet."
            ) from None
        log.warning(
            "!! UNTRAINED NET: the weights of %s could not be had (%s). It begins with random weights, is stamped so, "
            "and is NOT for submission. Later: snakemake --forcerun acquire_pretrained",
            model,
            error,
        )
    roles = {"weights": next(iter(files))} if files else {}
    Receipt(name=model, data_source="official" if files else "sample", files=files, roles=roles).write(receipt)
