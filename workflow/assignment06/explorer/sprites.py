"""Test images that some net got wrong: one picture for each data set, and what each net said of every one of them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from PIL import Image

from assignment06.data.prepared import load_split
from assignment06.report.pictures import encoded

SIDE = 48  # pixels to which larger test images are shrunk
ACROSS = 50  # images in a row of a sprite


def mistaken(tables: Sequence[pd.DataFrame]) -> np.ndarray:
    """Return the numbers (int64) of the test images that are wrong in one of the predictions of a test set.

    Those of which a net was most certain come first.
    """
    certainty = np.zeros(len(tables[0]))
    for table in tables:
        wrong = table["true_label"] != table["predicted_label"]
        certainty = np.maximum(certainty, np.where(wrong, table["probability"], 0))
    found = np.flatnonzero(certainty)
    return found[np.argsort(-certainty[found], kind="stable")]


class Mistakes:
    """The mistakes on one test set (.npz), of which a page shows as many as it has room for."""

    def __init__(self, test: str, tables: Sequence[pd.DataFrame], names: Sequence[str], most: int) -> None:
        """Take the images of at most `most`; `tables` are predictions, in the order of `names` of experiments."""
        self.tables, self.names = tables, names
        self.numbers = mistaken(tables)
        self.images = load_split(test)[0][self.numbers[:most]]

    def shown(self, limit: int) -> dict:
        """Return {"wrong", "sprite", "tile", "across", "rows", "index", "truth", "said"} with at most `limit` images.

        "wrong" is the number of all; of more than `limit`, those of which a net was most certain are shown. "sprite" is
        a data URI of all images, "tile" pixels a side and "across" in each of its "rows", in the order of "index"
        (numbers of test images, rising) and "truth" (labels). "said" has for each experiment {"label", "share"}, in
        the same order: the predicted label, and its probability in ten thousandths.
        """
        numbers = self.numbers[: min(limit, len(self.images))]
        order = np.argsort(numbers)
        index = numbers[order]
        sprite = _sprite(self.images[order]) if len(index) else {"sprite": "", "tile": 1, "across": 1, "rows": 1}
        said = {
            name: {
                "label": table["predicted_label"].to_numpy()[index].tolist(),
                "share": (table["probability"].to_numpy()[index] * 10_000).round().astype(int).tolist(),
            }
            for name, table in zip(self.names, self.tables, strict=True)
        }
        truth = self.tables[0]["true_label"].to_numpy()[index].tolist()
        return {"wrong": len(self.numbers), **sprite, "index": index.tolist(), "truth": truth, "said": said}


def _sprite(images: np.ndarray) -> dict:
    """Return images [n, side, side, 1 or 3] as one picture: grey ones as PNG, others as JPEG in whole blocks of 8."""
    if images.shape[1] > SIDE:
        images = np.stack([_shrunk(image) for image in images])
    side, channels = images.shape[1], images.shape[3]
    tile = -(-side // 8) * 8
    across = min(ACROSS, len(images))
    rows = -(-len(images) // across)
    padded = np.zeros((rows * across, tile, tile, channels), np.uint8)
    padded[: len(images)] = np.pad(images, ((0, 0), (0, tile - side), (0, tile - side), (0, 0)), mode="edge")
    whole = padded.reshape(rows, across, tile, tile, channels).transpose(0, 2, 1, 3, 4)
    picture = Image.fromarray(whole.reshape((rows * tile, across * tile) + (channels,) * (channels > 1)))
    uri = (
        encoded(picture, "png", optimize=True) if channels == 1 else encoded(picture, "jpeg", quality=88, subsampling=0)
    )
    return {"sprite": uri, "tile": tile, "across": across, "rows": rows}


def _shrunk(image: np.ndarray) -> np.ndarray:
    pixels = np.asarray(Image.fromarray(image.squeeze()).resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    return pixels.reshape(SIDE, SIDE, image.shape[-1])
