"""Open the containers that models come in, HDF5 and `.keras`, and look for what should not be there."""

import json
import zipfile
from pathlib import Path

import h5py

from .refusal import Refused, Unsupported

MAX_CONFIG_BYTES = 20 << 20
MAX_ARCHIVE_BYTES = 1 << 30
MAX_NUMBERS = 1 << 28  # in one array: a GiB of float32
_MAX_OBJECTS = 50_000
_MEMBERS = {"config.json", "metadata.json", "model.weights.h5"}
_FILTERS = frozenset({"gzip", "lzf", None})
_CHUNK = 1 << 20


def look_through(file: h5py.File) -> None:
    """Raise `Refused` if an open HDF5 file points at other files, or declares more than a model holds.

    External links, external storage and virtual data sets would let a file read whatever its reader may read; sizes
    are those of the headers, and no data are read.
    """
    pending, seen = [file], 0
    while pending:
        group = pending.pop()
        for name in group:
            seen += 1
            if seen > _MAX_OBJECTS:
                raise Refused("it has too many objects for a model")
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise Refused("it links to another file (an HDF5 external link)")
            if not isinstance(link, h5py.HardLink):
                raise Refused("it has soft links, which no model needs")
            item = group[name]
            if isinstance(item, h5py.Group):
                pending.append(item)
            elif isinstance(item, h5py.Dataset):
                _judge(item)


def _judge(item: h5py.Dataset) -> None:
    if item.external or item.is_virtual:
        raise Refused("its data lie in another file (HDF5 external storage)")
    if item.shape is None or item.size > MAX_NUMBERS or item.dtype.itemsize > 1024:
        raise Refused(f"it declares an array of {item.shape}, more than a model holds")
    if item.compression not in _FILTERS or item.scaleoffset is not None:
        raise Refused("its arrays are packed by a filter that no model needs")


def hdf5_config(path: Path) -> tuple[object, str]:
    """The model's configuration in an HDF5 file (None if it has only weights) and the Keras version that wrote it."""
    with h5py.File(path, "r") as file:
        look_through(file)
        text, version = attribute(file, "model_config"), attribute(file, "keras_version")
    if not isinstance(text, str | bytes):
        return None, _text(version)
    if len(text) > MAX_CONFIG_BYTES:
        raise Refused("its configuration is larger than 20 MiB")
    return parse(_text(text)), _text(version)


def json_config(path: Path) -> tuple[object, str]:
    """The configuration that `model.to_json()` wrote, and the Keras version."""
    if path.stat().st_size > MAX_CONFIG_BYTES:
        raise Refused("its configuration is larger than 20 MiB")
    config = parse(_text(path.read_bytes()))
    return config, str(config.get("keras_version", "")) if isinstance(config, dict) else ""


def in_order(path: Path) -> bool:
    """Whether an HDF5 file names its layers in order, as Keras 2 does (3 writes weights by their place in the net)."""
    with h5py.File(path, "r") as file:
        look_through(file)
        return any(name in file.attrs for name in ("layer_names", "layer_names0")) or "model_weights" in file


def attribute(item: h5py.HLObject, name: str) -> object:
    """An attribute whose declared size makes sense, or None: its size is looked at before it is read."""
    if name not in item.attrs:
        return None
    header = item.attrs.get_id(name)
    numbers = header.get_space().get_simple_extent_npoints()
    if numbers > 100_000 or numbers * header.dtype.itemsize > MAX_CONFIG_BYTES:
        raise Refused(f"its attribute {name} is larger than a model needs")
    return item.attrs[name]


def keras_config(path: Path, scratch: Path) -> tuple[object, str, Path]:
    """The configuration in a `.keras` archive, the Keras version, and its weights as a file in `scratch`."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        infos = {info.filename: info for info in entries if info.filename.rstrip("/") != "assets"}
        if extra := sorted(set(infos) - _MEMBERS):
            raise Refused(f"it holds {extra[0][:60]}, which a model of plain layers does not need")
        if len(entries) > len({info.filename for info in entries}):
            raise Refused("it holds two files of one name")
        if not {"config.json", "model.weights.h5"} <= set(infos):
            raise Unsupported("it is no .keras archive: config.json or model.weights.h5 is missing")
        if sum(info.file_size for info in infos.values()) > MAX_ARCHIVE_BYTES:
            raise Refused("it unpacks to more than 1 GiB")
        config = parse(_member(archive, infos["config.json"], MAX_CONFIG_BYTES))
        version = ""
        if "metadata.json" in infos:
            found = parse(_member(archive, infos["metadata.json"], 1 << 16))
            version = str(found.get("keras_version", "")) if isinstance(found, dict) else ""
        weights = scratch / "weights.h5"
        left = MAX_ARCHIVE_BYTES
        with archive.open(infos["model.weights.h5"]) as packed, open(weights, "wb") as file:
            while block := packed.read(_CHUNK):
                left -= len(block)
                if left < 0:
                    raise Refused("it unpacks to more than 1 GiB")
                file.write(block)
    with h5py.File(weights, "r") as file:
        look_through(file)
    return config, version, weights


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> str:
    with archive.open(info) as packed:
        data = packed.read(limit + 1)
    if len(data) > limit:
        raise Refused(f"its {info.filename} is larger than {limit >> 10:,} KiB")
    return _text(data)


def parse(text: str) -> object:
    """JSON as data. A configuration nested deeper than Python reads is refused."""
    try:
        return json.loads(text)
    except RecursionError:
        raise Refused("its configuration is nested too deeply") from None
    except ValueError:
        raise Unsupported("its configuration is no JSON") from None


def _text(value: object) -> str:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value or "")
