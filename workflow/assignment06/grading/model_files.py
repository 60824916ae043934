"""Open the containers that models come in, HDF5 and `.keras`, and look for what should not be there.

Runs only in the probe's process, which has limits on memory and time and no network.
"""

import json
import zipfile
from pathlib import Path

import h5py

MAX_CONFIG_BYTES = 20 << 20
MAX_ARCHIVE_BYTES = 1 << 30
_MAX_OBJECTS = 50_000


class Refused(Exception):
    """The file is not loaded; the text says why."""


class Unsupported(Exception):
    """The file is of a kind that this grader does not load; the text says which."""


def hdf5_refusals(file: h5py.File) -> None:
    """Raise `Refused` if an open HDF5 file points at other files.

    External links, external storage and virtual data sets would let a file read whatever its reader may read.
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
            if isinstance(link, h5py.SoftLink):
                raise Refused("it has soft links, which no model needs")
            item = group[name]
            if isinstance(item, h5py.Group):
                pending.append(item)
            elif isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
                raise Refused("its data lie in another file (HDF5 external storage)")


def hdf5_config(path: Path) -> tuple[dict | list | None, str]:
    """The model's configuration in an HDF5 file (None if it has only weights) and the Keras version that wrote it."""
    with h5py.File(path, "r") as file:
        hdf5_refusals(file)
        text, version = file.attrs.get("model_config"), file.attrs.get("keras_version", "")
        if text is None:
            return None, _text(version)
        return json.loads(_text(text)), _text(version)


def keras_config(path: Path, scratch: Path) -> tuple[dict, str]:
    """The configuration in a `.keras` archive and the Keras version; its weights are judged in `scratch`."""
    with zipfile.ZipFile(path) as archive:
        infos = {info.filename: info for info in archive.infolist()}
        extra = sorted(set(infos) - {"config.json", "metadata.json", "model.weights.h5", "assets/", "assets"})
        if extra:
            raise Refused(f"it holds {extra[0][:60]}, which a model of plain layers does not need")
        if not {"config.json", "model.weights.h5"} <= set(infos):
            raise Unsupported("it is no .keras archive: config.json or model.weights.h5 is missing")
        if sum(info.file_size for info in infos.values()) > MAX_ARCHIVE_BYTES:
            raise Refused("it unpacks to more than 1 GiB")
        if infos["config.json"].file_size > MAX_CONFIG_BYTES:
            raise Refused("its configuration is larger than 20 MiB")
        config = json.loads(archive.read("config.json"))
        version = ""
        if "metadata.json" in infos and infos["metadata.json"].file_size < 1 << 16:
            version = str(json.loads(archive.read("metadata.json")).get("keras_version", ""))
        weights = scratch / "weights-to-check.h5"
        weights.write_bytes(archive.read("model.weights.h5"))
    try:
        with h5py.File(weights, "r") as file:
            hdf5_refusals(file)
    finally:
        weights.unlink()
    return config, version


def _text(value: object) -> str:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
