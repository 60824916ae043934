"""The classifiers of keras.applications that were trained on ImageNet: a table, usable without Keras or TensorFlow.

`imagenet.json` says of each net what the sources of Keras say: the module of keras.applications it is from (`family`),
how that prepares pixels (`preprocessing`), the side of its images (`size`, and the `smallest` that it takes), and
where its weights are published, with its classifier (`top`) and without (`no_top`), with their digests. Keras states
none for MobileNet and MobileNetV2, so their files are not here: what cannot be verified is not fetched.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assignment06.data.assets import Asset

TABLE = Path(__file__).with_name("imagenet.json")


@dataclass(frozen=True)
class Pretrained:
    """One classifier of keras.applications."""

    name: str
    family: str
    """Its module of keras.applications."""
    preprocessing: Literal["caffe", "tf", "torch", "none"]
    """What becomes of raw RGB pixels, as keras.applications calls it; `none` where the net does it itself."""
    size: int
    """Pixels of a side of the images it was trained on."""
    smallest: int
    """The smallest side that it takes without its classifier."""
    top: Asset | None
    """The published weights, None where Keras states no digest."""
    no_top: Asset | None
    """The published weights without those of the classifier, None as `top`."""


def _asset(published: dict | None) -> Asset | None:
    """Return the published file as an asset; Keras itself says nothing of its length."""
    if published is None:
        return None
    urls = tuple(published["urls"])
    return Asset(f"imagenet/{urls[0].rpartition('/')[2]}", published["digest"], published.get("bytes"), urls)


def _read() -> dict[str, Pretrained]:
    rows = json.loads(TABLE.read_text(encoding="utf-8"))
    return {
        name: Pretrained(
            name=name,
            family=row["family"],
            preprocessing=row["preprocessing"],
            size=row["size"],
            smallest=row["smallest"],
            top=_asset(row["top"]),
            no_top=_asset(row["no_top"]),
        )
        for name, row in rows.items()
    }


PRETRAINED = _read()
WEIGHTS = {name: net.top for name, net in PRETRAINED.items() if net.top}  # what `weights: imagenet` stands for in 6.3
