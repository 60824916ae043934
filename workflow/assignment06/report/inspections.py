"""What the report says of the data themselves: near-duplicates, labels to doubt, outliers, each with its pictures."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from assignment06.data.prepared import load_split
from assignment06.transfer.inspection import KINDS, Inspection

SIDE = 96  # pixels of one of two images
GAP = 0.04  # of a side


def inspections(
    figures: Sequence[str], tables: Sequence[str], images: Sequence[str], count: int,
    data_uri: Callable[[np.ndarray, int], dict],
) -> list[dict]:  # fmt: skip
    """Return for each data set {"facts", "kinds"}: of each kind of finding its rows, up to `count`, with pictures.

    `images` are prepared arrays, of each data set those for training and for test. A row is one of the table, with the
    `uri`, `width` and `height` of both its images side by side, as `data_uri` makes them.
    """
    found = []
    for number, (path, table) in enumerate(zip(figures, tables, strict=True)):
        rows = pd.read_csv(table)
        pixels = {
            part: load_split(images[2 * number + side])[0] if count and len(rows) else np.empty(0)
            for side, part in enumerate(("train", "test"))
        }
        kinds = []
        for kind in KINDS:
            of_kind = rows[rows["finding"] == kind]
            shown = of_kind.head(count).to_dict("records")
            kinds.append({"total": len(of_kind), "rows": [{**row, **_picture(row, pixels, data_uri)} for row in shown]})
        named = dict(zip(("same", "labels", "far"), kinds, strict=True))
        found.append({"facts": Inspection.read(path), "kinds": named})
    return found


def _picture(row: dict, pixels: dict[str, np.ndarray], data_uri: Callable[[np.ndarray, int], dict]) -> dict:
    """Return both images of a row side by side, as part of the page."""
    one, two = pixels[row["part"]][row["index"]], pixels[row["other_part"]][row["other_index"]]
    gap = np.full((len(one), max(1, round(GAP * len(one))), one.shape[-1]), 255, np.uint8)
    return data_uri(np.concatenate([one, gap, two], axis=1), 2 * SIDE)
