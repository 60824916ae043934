"""Look at a stranger's pictures: whether they open, whether anything is on them, and a small copy made anew."""

import base64
import hashlib
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".svg", ".pdf"})
_FORMATS = ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"]  # no others: some of Pillow's readers start programs
MAX_PIXELS = 40_000_000
SHOWN = 640  # the longer side, in pixels, of the copy in grades.html
# Inside the axes of a Matplotlib figure with its default margins, as fractions of width and height.
_INSIDE = (0.15, 0.14, 0.88, 0.86)


@dataclass
class Picture:
    """One picture file. `problem` is a sentence if it does not open; `blank` a sentence if nothing is drawn on it.

    `digest` is of the decoded pixels (of the bytes, for SVG and PDF); `thumbnail` a data URI or "". `curve` says
    whether it can be a plot of curves: thin lines on a plain ground, not a grid of images; None where it was not drawn.
    """

    name: str
    problem: str = ""
    blank: str = ""
    digest: str = ""
    width: int = 0
    height: int = 0
    thumbnail: str = ""
    curve: bool | None = None


def look(name: str, path: Path, thumbnail: bool = True) -> Picture:
    """Decode one picture, at most 40 million pixels, and describe it. Never raises for its content."""
    picture = Picture(name)
    suffix = path.suffix.lower()
    try:
        if suffix in (".svg", ".pdf"):
            return _look_at_vector(picture, path, suffix)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    picture.problem = f"{image.width} x {image.height} pixels, more than are opened"
                    return picture
                image.load()
                rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        rgb = Image.alpha_composite(white, rgba).convert("RGB")
    except Exception as error:  # noqa: BLE001  decoders raise many kinds for a broken file
        picture.problem = "the file is empty" if path.stat().st_size == 0 else f"does not open ({type(error).__name__})"
        return picture
    pixels = np.asarray(rgb)
    picture.width, picture.height = rgb.size
    picture.digest = hashlib.sha256(repr(rgb.size).encode() + pixels.tobytes()).hexdigest()
    picture.blank = _blank(pixels)
    picture.curve = _ink(pixels, 40) < 0.2
    if thumbnail:
        picture.thumbnail = _thumbnail(rgb)
    return picture


def _blank(pixels: np.ndarray) -> str:
    """Why a picture, uint8 [height, width, 3], shows nothing; "" if it shows something."""
    height, width = pixels.shape[:2]
    if _ink(pixels) < 2e-4:
        return f"all of its {width} x {height} pixels have one colour"
    left, top, right, bottom = _INSIDE
    inside = pixels[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
    if min(inside.shape[:2]) >= 16 and _ink(inside) < 2e-5:
        return "the axes are empty: nothing is drawn inside them"
    return ""


def _ink(pixels: np.ndarray, tolerance: int = 24) -> float:
    """The share of pixels that differ from the commonest colour by more than `tolerance`: 24 is more than compression
    does, 40 more than the grey ground that some styles give the axes.
    """
    flat = pixels.reshape(-1, 3).astype(np.int32)
    codes = flat[:, 0] << 16 | flat[:, 1] << 8 | flat[:, 2]
    common = int(np.bincount(codes).argmax())  # not `unique`, which sorts tens of millions of pixels
    background = np.array([common >> 16, common >> 8 & 255, common & 255])
    return float((np.abs(flat - background).max(axis=1) > tolerance).mean())


def _thumbnail(rgb: Image.Image) -> str:
    """A copy made anew, as the smaller of a JPEG and a PNG of 64 colours, which suits drawn lines."""
    small = rgb.copy()
    small.thumbnail((SHOWN, SHOWN))
    jpeg, png = io.BytesIO(), io.BytesIO()
    small.save(jpeg, "JPEG", quality=70)
    small.quantize(64).save(png, "PNG", optimize=True)
    kind, data = min(("jpeg", jpeg.getvalue()), ("png", png.getvalue()), key=lambda pair: len(pair[1]))
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _look_at_vector(picture: Picture, path: Path, suffix: str) -> Picture:
    """SVG and PDF are not drawn, only recognised: drawing them would need an interpreter for a stranger's program."""
    data = path.read_bytes()[: 4 << 20]
    whole = (
        data.lstrip()[:5] == b"%PDF-" and b"%%EOF" in data[-2048:]
        if suffix == ".pdf"
        else re.search(rb"<svg[\s>]", data[:4096]) is not None and b"</svg>" in data[-200:]
    )
    if not whole:
        picture.problem = f"is no whole {suffix[1:].upper()} file"
    picture.digest = hashlib.sha256(data).hexdigest()
    return picture
