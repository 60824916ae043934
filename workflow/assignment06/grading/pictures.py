"""Look at a stranger's pictures: whether they open, whether anything is on them, and a small copy made anew."""

import base64
import hashlib
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from . import vectors
from .colours import commonest

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".svg", ".pdf"})
PAGES = (".html", ".htm")  # which may be pictures
_FORMATS = ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"]  # no others: some of Pillow's readers start programs
MAX_PIXELS = 40_000_000
_SHOWS = 8  # the standard deviation of pixels of 0 to 255 in what is no plain ground
SHOWN = 640  # the longer side, in pixels, of the copy in grades.html
_NOT_DRAWN = (".svg", ".pdf", *PAGES)
_LONGEST = 32 << 20  # bytes of a page, which may have a library of 5 MB in it
_CHART = re.compile(  # as Plotly, Altair, Bokeh, ECharts and Highcharts write it
    rb"Plotly\.(?:newPlot|react)\(|vegaEmbed\(|Bokeh\.(?:embed|safely)|echarts\.init\(|Highcharts\.(?:chart|Chart)\("
)
_NOTEBOOK = re.compile(rb"jp-Notebook|jp-Cell|notebook-container|class=[\"']cell border-box|quarto|rmarkdown", re.I)
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
    suffix = path.suffix.lower()
    if suffix in _NOT_DRAWN:
        return _look_at_vector(Picture(name), path, suffix)
    with open(path, "rb") as file:
        return look_at(name, file, thumbnail)


def look_at(name: str, file: BinaryIO, thumbnail: bool = False) -> Picture:
    """As `look`, of the bytes of an open file, which are no SVG and no PDF."""
    picture = Picture(name)
    try:
        rgb = _decoded(file)
    except ValueError as error:
        picture.problem = str(error)
        return picture
    pixels = np.asarray(rgb)
    picture.width, picture.height = rgb.size
    picture.digest = hashlib.sha256(repr(rgb.size).encode() + pixels.tobytes()).hexdigest()
    some, much = _ink(pixels, 24, 40)
    picture.blank = _blank(pixels, some)
    picture.curve = much < 0.2
    if thumbnail:
        picture.thumbnail = _thumbnail(rgb, picture.curve)
    return picture


def is_chart(path: Path) -> bool:
    """Whether a page of HTML holds an interactive chart and is no notebook's."""
    with open(path, "rb") as file:
        data = file.read(_LONGEST)
    return _CHART.search(data) is not None and _NOTEBOOK.search(data[: 1 << 20]) is None


def pixels(path: Path) -> np.ndarray:
    """The pixels of a picture, uint8 [height, width, 3], on white. Raises ValueError, with what `look` says of it."""
    with open(path, "rb") as file:
        return np.asarray(_decoded(file))


def _decoded(file: BinaryIO) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(file, formats=_FORMATS) as image:
                size = image.width * image.height
                if size <= MAX_PIXELS:
                    image.load()
                    rgba = image.convert("RGBA")
                    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
                large = f"{image.width} x {image.height} pixels, more than are opened"
    except Exception as error:
        empty = file.seek(0, io.SEEK_END) == 0
        raise ValueError("the file is empty" if empty else f"does not open ({type(error).__name__})") from error
    raise ValueError(large)


def small(path: Path) -> np.ndarray | None:
    """A photograph in 32 x 32 pixels, float [32, 32, 3] of 0 to 255; None where it does not open or shows nothing."""
    rgb = _converted(path, "RGB", (128, 128))
    pixels = np.zeros(1) if rgb is None else np.asarray(rgb.resize((32, 32), Image.Resampling.BOX), float)
    return pixels if pixels.std() > _SHOWS else None


def has_margin(path: Path) -> bool:
    """Whether a picture has a rim of one colour, as Matplotlib leaves it around a photograph with its label."""
    image = _converted(path, "L")
    if image is None:
        return False
    grey = np.asarray(image).astype(np.int16)
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return bool(np.mean(np.abs(rim - np.median(rim)) <= 3) > 0.95)


def _converted(path: Path, mode: str, least: tuple[int, int] | None = None) -> Image.Image | None:
    """A picture in a mode, where its decoder can at once no smaller than `least`; None where it does not open."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            if least:
                image.draft(mode, least)
            return image.convert(mode)
    except Exception:  # noqa: BLE001  decoders raise many kinds for a broken file
        return None


def _blank(pixels: np.ndarray, ink: float) -> str:
    """Why a picture, uint8 [height, width, 3], with that share of ink shows nothing; "" if it shows something."""
    height, width = pixels.shape[:2]
    if ink < 2e-4:
        return f"all of its {width} x {height} pixels have one colour"
    left, top, right, bottom = _INSIDE
    inside = pixels[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
    if min(inside.shape[:2]) >= 16 and _ink(inside, 24)[0] < 2e-5:
        return "the axes are empty: nothing is drawn inside them"
    return ""


def _ink(pixels: np.ndarray, *tolerances: int) -> list[float]:
    """The share of pixels that differ from the commonest colour by more than each tolerance: 24 is more than
    compression does, 40 more than the grey ground that some styles give the axes.
    """
    red, green, blue = (pixels[..., channel].astype(np.int32) for channel in range(3))
    codes = (red << 16 | green << 8 | blue).ravel()
    common = commonest(codes)
    others = codes[codes != common]
    most = np.zeros(len(others), np.int32)
    for place in (16, 8, 0):
        np.maximum(most, np.abs((others >> place & 255) - (common >> place & 255)), out=most)
    return [float((most > tolerance).sum() / len(codes)) for tolerance in tolerances]


def _thumbnail(rgb: Image.Image, drawn: bool) -> str:
    """A copy made anew, as a JPEG or, if it is `drawn` lines and that is smaller, a PNG of 64 colours."""
    small = rgb.copy()
    small.thumbnail((SHOWN, SHOWN))
    jpeg, png = io.BytesIO(), io.BytesIO()
    small.save(jpeg, "JPEG", quality=70)
    copies = [("jpeg", jpeg.getvalue())]
    if drawn:
        small.quantize(64).save(png, "PNG")
        copies.append(("png", png.getvalue()))
    kind, data = min(copies, key=lambda pair: len(pair[1]))
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _look_at_vector(picture: Picture, path: Path, suffix: str) -> Picture:
    """SVG, PDF and pages are not drawn, only recognised: that would need an interpreter for a stranger's program. An
    empty figure in SVG is seen.
    """
    data = path.read_bytes()[:_LONGEST]
    if suffix == ".pdf":
        whole = data.lstrip()[:5] == b"%PDF-" and b"%%EOF" in data[-2048:]
    elif suffix == ".svg":
        whole = re.search(rb"<svg[\s>]", data[:4096]) is not None and b"</svg>" in data[-200:]
        if whole and vectors.is_blank(data.decode("utf-8", "replace")):
            picture.blank = "the axes are empty: nothing is drawn inside them"
    else:
        whole = re.search(rb"</(?:script|div|html)\s*>", data[-2048:], re.I) is not None
    if not whole:
        picture.problem = f"is no whole {suffix[1:].upper()} file"
    picture.digest = hashlib.sha256(data).hexdigest()
    return picture
