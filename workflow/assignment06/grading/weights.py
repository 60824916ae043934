"""Digests of a model file's weights, read as plain arrays: what two files share, whatever else was changed in them."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import h5py
import numpy as np

from .rebuild import containers

LEAST = 100  # numbers; smaller arrays, biases and the like, may be equal without a common origin
_SAMPLE = 256  # numbers of each array, evenly spread, that are compared one by one
_MAX_BYTES = 256 << 20


def digests(path: Path, form: str) -> dict[str, tuple[str, int, str]]:
    """The SHA-256 of each weight array of at least `LEAST` numbers, float32, by its place: digest, size, sample.

    `form` is "keras" or "hdf5"; anything else, and whatever cannot be read, gives {}. Optimiser states and arrays of
    one value are left out.
    """
    try:
        if form == "hdf5":
            with h5py.File(path, "r") as file:
                return _walk(file)
        if form == "keras":
            with zipfile.ZipFile(path) as archive:
                info = archive.getinfo("model.weights.h5")
                if info.file_size > _MAX_BYTES or info.file_size > 200 * max(info.compress_size, 1):
                    return {}
                with h5py.File(io.BytesIO(archive.read(info)), "r") as file:
                    return _walk(file)
    except Exception:  # noqa: BLE001  h5py and zipfile raise many kinds for a broken file; the checks say so elsewhere
        return {}
    return {}


def _walk(file: h5py.File) -> dict[str, tuple[str, int, str]]:
    containers.look_through(file)
    found: dict[str, tuple[str, int, str]] = {}
    left = _MAX_BYTES

    def take(name: str, item: object) -> None:
        nonlocal left
        if not isinstance(item, h5py.Dataset) or "optimizer" in name or item.dtype.kind != "f" or item.size < LEAST:
            return
        left -= item.size * 4
        if left >= 0:
            found.update(of_arrays([(name, item[()])]))

    file.visititems(take)
    return found


def of_arrays(arrays: Iterable[tuple[str, np.ndarray]]) -> dict[str, tuple[str, int, str]]:
    """What `digests` gives, of named arrays of floats."""
    found = {}
    for name, array in arrays:
        values = np.asarray(array, dtype=np.float32)
        if values.size >= LEAST and np.ptp(values) > 0:
            digest = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:32]
            places = np.linspace(0, values.size - 1, min(_SAMPLE, values.size)).astype(np.int64)
            sample = values.ravel()[places].astype("<f4").tobytes()
            found[name[:200]] = (digest, int(values.size), base64.b64encode(sample).decode())
    return found


def shared(one: dict[str, tuple[str, int, str]], other: dict[str, tuple[str, int, str]]) -> tuple[float, int]:
    """The share of `one`'s numbers that stand unchanged in `other`, and in how many arrays.

    Arrays with other digests are compared by their samples, so that a row that was changed hides nothing.
    """
    theirs = {digest for digest, _, _ in other.values()}
    same, arrays = 0.0, 0
    for digest, size, sample in one.values():
        if digest in theirs:
            share = 1.0
        else:
            samples = (_equal(sample, s) for _, n, s in other.values() if n == size)
            share = max(samples, default=0.0)
        if share > 0.5:
            same, arrays = same + share * size, arrays + 1
    total = sum(size for _, size, _ in one.values())
    return (same / total if total else 0.0), arrays


def _equal(one: str, other: str) -> float:
    a, b = (np.frombuffer(base64.b64decode(text), "<f4") for text in (one, other))
    return float(np.mean((a == b) & (a != 0))) if len(a) == len(b) else 0.0
