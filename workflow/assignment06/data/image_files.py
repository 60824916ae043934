"""Image files: find those below a folder, and read any usual one as RGB."""

import os
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pi_heif
from PIL import Image, ImageOps

from assignment06.shared.errors import AssignmentError

# Pillow opens a telephone's MPO files as JPEG; pi-heif adds what iPhones make, decoding only
pi_heif.register_heif_opener(thumbnails=False)
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "HEIF")
# How such files are usually named
SUFFIXES = {
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff", ".heic",
    ".heif", ".hif",
}  # fmt: skip
SYSTEM = ("/proc", "/sys")  # whose files are no files, and without number
MAX_PIXELS = 100_000_000  # 300 MB once decoded; more is taken for a decompression bomb


class UnreadableImage(Exception):
    """One image cannot be read; its text is the reason, for the list of skipped images."""


def class_folders(folder: Path) -> list[Path]:
    """Return the sub-folders of a data set's folder, one for each class, sorted by name; hidden ones are left out.

    Raises AssignmentError for the whole disk and the system's own folders.
    """
    _refuse_system(folder)
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def find_photographs(source: str | os.PathLike, called: str = "") -> list[tuple[str, Path]]:
    """Return (name, path) of every file below a folder, or listed in a text file, sorted by name.

    A name is the path relative to the folder, so that equal file names in different folders stay apart; for a
    list it is the line itself, relative lines count from the list's folder, and of absolute ones what they have in
    common is left out (it may be somebody's home). Hidden files are left out. A
    sub-folder that cannot be opened is an entry itself, for `read_image` to refuse: nothing goes without a word.
    `called` is what a sentence calls the source where it is not the config's.
    Raises AssignmentError where there is no such folder or list, it may not be read, or it is the whole disk or the
    system's own.
    """
    source = Path(source)
    if os.path.isdir(source):
        _refuse_system(source)
        if not os.access(source, os.R_OK | os.X_OK):
            raise AssignmentError(f"The folder of photographs {source} may not be read: correct its permissions.")
        return sorted((path.relative_to(source).as_posix(), path) for path in _files_below(source))
    if os.path.isfile(source):
        try:
            text = source.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            raise AssignmentError(f"The list of photographs {source} cannot be read ({error}).") from None
        if source.suffix.lower() in SUFFIXES:
            raise AssignmentError(f"{source} is a photograph and no text with a path a line: name its folder.")
        lines = [os.path.expanduser(line) for line in text.splitlines()]
        return sorted(_listed([line for line in map(str.strip, lines) if line], source.parent).items())
    raise AssignmentError(
        f"{called or f'`photographs: {source}` in config.yaml'} is neither a folder nor a text file of paths: create "
        "it or correct the path."
    )


def _refuse_system(folder: Path) -> None:
    place = Path(os.path.realpath(folder))
    whole = place == Path("/")  # not a camera's card, `E:`
    if whole or any(place.is_relative_to(system) for system in SYSTEM):
        kind = "the whole disk" if whole else "a folder of the operating system"
        raise AssignmentError(f"{folder} is {kind}: name the folder of images itself.")


def _listed(lines: list[str], folder: Path) -> dict[str, Path]:
    """Return the paths of a list by their names."""
    absolute = [line for line in lines if os.path.isabs(line)]
    common = os.path.commonpath([os.path.dirname(line) for line in absolute]) if absolute else ""
    return {
        os.path.relpath(line, common) if os.path.isabs(line) else line: folder / line for line in dict.fromkeys(lines)
    }


def _files_below(source: Path) -> Iterator[Path]:
    """Yield the files below a folder. Links are followed, but never back into a folder that they lie in."""
    waiting: list[tuple[Path, frozenset]] = [(source, frozenset())]
    while waiting:
        folder, above = waiting.pop()
        try:
            facts = os.stat(folder)
            entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
        except OSError:
            yield folder
            continue
        here = (facts.st_dev, facts.st_ino)
        for entry in entries if here not in above else []:
            if os.path.isdir(entry) if entry.is_symlink() else entry.is_dir():
                waiting.append((Path(entry.path), above | {here}))
            else:
                yield Path(entry.path)


def read_image(path: str | os.PathLike, size: int) -> np.ndarray:
    """Read an image as uint8 [height, width, 3], upright, its shorter side at least `size` where it has that.

    Large images are shrunk while they are decoded, to no less than twice `size`, so memory stays small.
    EXIF rotation is applied; transparency is laid over white; 16-bit and floating-point greys are scaled.
    Raises UnreadableImage with a reason for anything else.
    """
    return read_measured_image(path, size)[0]


def read_measured_image(path: str | os.PathLike, size: int) -> tuple[np.ndarray, tuple[int, int]]:
    """Return what `read_image` does, and (width, height) of the upright image before it was shrunk."""
    try:
        if not stat.S_ISREG(mode := os.stat(path).st_mode):  # opening a named pipe would wait for ever
            opened = os.access(path, os.R_OK | os.X_OK)
            kind = ("a folder" if opened else "a folder that cannot be opened") if stat.S_ISDIR(mode) else "a device"
            raise UnreadableImage(f"{kind}, not an image")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remark on odd metadata; size is checked here
            with Image.open(path, formats=FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise UnreadableImage(f"{width} x {height} pixels, more than {MAX_PIXELS // 10**6} million")
                if min(width, height) < 2:
                    raise UnreadableImage(f"only {width} x {height} pixels")
                image.draft("RGB", (2 * size, 2 * size))
                upright = ImageOps.exif_transpose(image)
                if (upright.width - upright.height) * (width - height) < 0:  # it was on its side
                    width, height = height, width
                return np.asarray(_shrunk(_as_rgb(upright), size)), (width, height)
    except UnreadableImage:
        raise
    except Image.UnidentifiedImageError as error:
        return _read_deep_tiff(path, error, size)
    except FileNotFoundError:
        raise UnreadableImage("the file does not exist") from None
    except Exception as error:  # noqa: BLE001  (Pillow raises many kinds for damaged files)
        raise UnreadableImage(_reason(Path(path), error)) from None


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        grey = np.asarray(image, np.float32)
        low, top = min(float(grey.min()), 0.0), 65535.0 if image.mode != "F" else float(grey.max())
        image = Image.fromarray(np.clip((grey - low) * (255 / max(top - low, 1e-9)), 0, 255).astype(np.uint8))
    if "A" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    return image.convert("RGB")


def _read_deep_tiff(path: str | os.PathLike, error: Exception, size: int) -> tuple[np.ndarray, tuple[int, int]]:
    """Read a colour TIFF of 16 bits a channel, which Pillow cannot."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages.first
            if page.dtype != np.uint16 or len(page.shape) != 3 or page.shape[2] < 3 or page.size > 3 * MAX_PIXELS:
                raise ValueError("no 16-bit colour image")
            pixels = (page.asarray()[..., :3] >> 8).astype(np.uint8)
        image = Image.fromarray(pixels)
        return np.asarray(_shrunk(image, size)), image.size
    except Exception:  # noqa: BLE001  (no TIFF at all, or a damaged one)
        raise UnreadableImage(_reason(Path(path), error)) from None


def _shrunk(image: Image.Image, size: int) -> Image.Image:
    factor = min(image.size) // (2 * size)
    return image.reduce(factor) if factor > 1 else image


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return f"cannot be read ({error.strerror})"
    if os.path.isfile(path) and os.path.getsize(path) == 0:
        return "the file is empty"
    if isinstance(error, Image.UnidentifiedImageError):
        return f"not an image in a known format ({', '.join(FORMATS)})"
    if isinstance(error, OSError) and "truncated" in str(error).lower():
        return "the image is truncated"
    return f"damaged or unsupported image ({type(error).__name__}: {' '.join(str(error).split())[:120]})"
