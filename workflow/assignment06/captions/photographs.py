"""Captions for the photographs of 6.3, by a captioner that was trained here, marked as what they are."""

import time
from pathlib import Path

import keras

from assignment06.backend import compute
from assignment06.captions.grids import BATCH, grid_net
from assignment06.captions.results import CaptionerFacts, PhotographCaptions
from assignment06.captions.writing import Writer
from assignment06.data.datasets import squared
from assignment06.photographs.classification import decoded_batches, write_batches
from assignment06.photographs.manifest import read_shard
from assignment06.shared.errors import AssignmentError
from assignment06.shared.provenance import Provenance, provenance
from assignment06.transfer.prepared import BackboneDescription

COLUMNS = ["image", "caption"]


def caption_photographs(
    manifest: str, backbone: str, backbone_description: str, model: str, vocabulary: str, facts: str, title: str,
    beams: int, length_penalty: float, stand_in: bool, table: str, skipped: str, metadata: str, threads: int,
) -> None:  # fmt: skip
    """Write a caption for each photograph of a manifest as CSV, what could not be read, and `PhotographCaptions`.

    Memory does not grow with the photographs. Raises AssignmentError where the backbone is not the one that the
    captioner was trained with.
    """
    began = time.monotonic()
    compute.configure(threads)
    told, described = CaptionerFacts.read(facts), BackboneDescription.read(backbone_description)
    if told.backbone.weights_sha256 != described.weights_sha256:
        raise AssignmentError(
            f"{backbone} has other weights than those that {Path(model).parent} was trained with: delete both and run "
            "again."
        )
    net = grid_net(keras.saving.load_model(backbone, safe_mode=True, compile=False))
    writer = Writer(model, vocabulary, beams, length_penalty)
    size = described.input_size
    done, lost = write_batches(
        decoded_batches(read_shard(manifest), size, BATCH, threads, lambda one: squared(one, size)),
        lambda names, pixels: zip(names, writer.write(net.predict_on_batch(pixels)), strict=True),
        table, COLUMNS, skipped,
    )  # fmt: skip
    PhotographCaptions(
        captioner=title,
        note=(
            f"Written by a net that learnt from {told.photographs:,} photographs of {told.dataset} (BLEU-4 "
            f"{told.validation_bleu4:.2f} on validation photographs); often wrong, checked by nobody."
        ),
        images=done,
        skipped=lost,
        seconds=time.monotonic() - began,
        stamps=[*described.stamps, *(["stand-in photographs"] if stand_in else [])],
        weights_sha256=writer.weights_sha256,
        provenance=Provenance(**provenance()),
    ).write(metadata)
