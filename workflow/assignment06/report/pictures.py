"""Pictures as part of a page, and what every page of results looks like."""

import base64
import io
from itertools import islice
from pathlib import Path

import jinja2
import numpy as np
from PIL import Image

from assignment06.data.image_files import UnreadableImage, read_image
from assignment06.plots.contact_sheet import labels_by_image, manifest_paths
from assignment06.shared.wording import joined

STYLE = Path(__file__).with_name("report.css")
PHOTOGRAPH_SIDE = 320
MATRIX_CLASSES = 30  # with more classes, only the commonest confusions are listed


def templates(folder: Path) -> jinja2.Environment:
    """Return the templates of a folder: every value in them is escaped, and one that is missing is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["joined"] = joined
    return environment


def data_uri(pixels: np.ndarray, side: int) -> dict:
    """Return {"uri", "width", "height"} of uint8 pixels [h, w, 1 or 3], shrunk to at most `side` pixels a side.

    Small images become PNG, so that each pixel stays as it is; larger ones JPEG.
    """
    image = Image.fromarray(pixels.squeeze())
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    uri = encoded(image, "png", optimize=True) if max(image.size) <= 64 else encoded(image, "jpeg", quality=82)
    return {"uri": uri, "width": image.width, "height": image.height}


def encoded(image: Image.Image, kind: str, **options: int) -> str:
    """Return an image as a data URI of the kind "png" or "jpeg", with Pillow's options."""
    data = io.BytesIO()
    image.save(data, kind, **options)
    return f"data:image/{kind};base64,{base64.b64encode(data.getvalue()).decode()}"


def photographs(predictions: str, manifest: str, count: int, side: int = PHOTOGRAPH_SIDE) -> list[dict]:
    """Return the first photographs, each with its "name" and "labels" ({"label", "probability"}, at most five).

    One whose file can be read has "uri", "width" and "height" (at most `side` pixels), another the reason as "gone".
    """
    shown = [(name, list(islice(labels, 5))) for name, labels in islice(labels_by_image(predictions), count)]
    paths = manifest_paths(manifest, {name for name, _ in shown})
    found = []
    for name, labels in shown:
        rows = [{"label": row["label"].replace("_", " "), "probability": float(row["probability"])} for row in labels]
        photograph = {"name": name, "labels": rows}
        try:
            photograph |= data_uri(read_image(paths[name], side // 2), side)
        except UnreadableImage as error:
            photograph["gone"] = str(error)
        found.append(photograph)
    return found
