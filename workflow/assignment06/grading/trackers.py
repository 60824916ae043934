"""Turn what a tracker kept of a training into a history in JSON: TensorBoard's event files and MLflow's folders."""

import contextlib
import json
import re
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from . import messages, progress
from .tables import read_text
from .unpack import Unpacked

Series = dict[str, dict[int, float]]  # by name, then by step
_EVENTS = re.compile(r"(^|/)events\.out\.tfevents\.[^/]+$")
_MAX_EVENTS = 256 << 20  # bytes of one file
_MAX_EVENT = 1 << 20  # bytes of one event; pictures and graphs are longer
_MAX_STEPS = 100_000  # of one file
_VALIDATION = re.compile(r"val(id(ation)?)?|test|eval(uation)?", re.I)
_TRAINING = re.compile(r"train(ing)?", re.I)
_NOT_AN_EPOCH = re.compile(r"batch_|keras|learning_rate|_vs_iterations|iterations_|_per_second")
_METRIC = re.compile(r"(?P<run>(?:.*/)?)metrics/(?P<key>.+)")
_DOUBLE, _FLOAT = 2, 1  # TensorFlow's numbers for its types


def turn_into_text(unpacked: Unpacked) -> None:
    """Add `history.json` for each of TensorBoard's runs (its `train/` and `validation/` together), and `metrics.json`
    for each of MLflow's, in place of the files that they were read of.
    """
    found: dict[str, Series] = {}
    read: dict[str, list[str]] = {}
    for name, path in sorted(unpacked.files.items()):
        with contextlib.suppress(Exception):
            if _EVENTS.search(name):
                progress.at("file", name)
                run, before = _run(PurePosixPath(name).parent)
                place, series = str(run / "history.json"), _events(path)
            elif (metric := _METRIC.fullmatch(name)) and f"{metric['run']}meta.yaml" in unpacked.files:
                place, before = f"{metric['run']}metrics.json", ""
                series = {metric["key"]: _lines(read_text(path, limit=_MAX_EVENT) or "")}
            else:
                continue
            for key, values in series.items():
                found.setdefault(place, {})[f"{before}{key}"] = values
            if series:
                read.setdefault(place, []).append(name)
    for number, (place, series) in enumerate(found.items()):
        if place in unpacked.files or not series:
            continue
        for name in read[place]:
            del unpacked.files[name]
        written = unpacked.folder / f"tracked{number}.json"
        lists = {key: [values[step] for step in sorted(values)] for key, values in series.items()}
        written.write_text(json.dumps(lists))
        unpacked.files[place] = written


def _run(folder: PurePosixPath) -> tuple[PurePosixPath, str]:
    """The folder of a run, and what stands before the names of the figures in one for its validation or training."""
    if _VALIDATION.fullmatch(folder.name):
        return folder.parent, "val_"
    return (folder.parent, "") if _TRAINING.fullmatch(folder.name) else (folder, "")


def _lines(text: str) -> dict[int, float]:
    """A metric as MLflow's file store keeps it: `time value step` in each line."""
    rows = [line.split() for line in text.splitlines()[:_MAX_STEPS] if line.strip()]
    return {int(row[2]) if len(row) > 2 else number: float(row[1]) for number, row in enumerate(rows)}


def _events(path: Path) -> Series:
    """The figures of an event file, by epoch as Keras writes them; those of single batches are left."""
    found: Series = {}
    for data in _records(path):
        event = _kinds()["Event"].FromString(data)
        for value in event.summary.value:
            number = _number(value)
            if number is not None and not _NOT_AN_EPOCH.search(value.tag):
                found.setdefault(value.tag.removeprefix("epoch_"), {})[event.step] = number
    return found


def _records(path: Path) -> Iterator[bytes]:
    """The records of a TFRecord file (https://www.tensorflow.org/tutorials/load_data/tfrecord), without their sums."""
    if path.stat().st_size > _MAX_EVENTS:
        return
    with open(path, "rb") as file:
        for _ in range(_MAX_STEPS):
            head = file.read(12)
            if len(head) < 12:
                return
            length = struct.unpack("<Q", head[:8])[0]
            if length > _MAX_EVENT:
                file.seek(min(length, _MAX_EVENTS) + 4, 1)
                continue
            yield file.read(length)
            file.seek(4, 1)


def _number(value: Any) -> float | None:
    """The single number of a summary's value, as TensorFlow 1 or 2 writes it; None for a picture or the like."""
    tensor = value.tensor
    if not tensor.dtype:
        return value.simple_value or None
    if tensor.tensor_content:
        form = {_FLOAT: "<f", _DOUBLE: "<d"}.get(tensor.dtype, "")
        fits = form and len(tensor.tensor_content) == struct.calcsize(form)
        return struct.unpack(form, tensor.tensor_content)[0] if fits else None
    numbers = [*tensor.float_val, *tensor.double_val]
    return numbers[0] if len(numbers) == 1 else None


@cache
def _kinds() -> dict[str, Any]:
    """Of TensorFlow's event.proto, summary.proto and tensor.proto what is read here."""
    return messages.classes(
        "events",
        Event={"step": (2, "int64"), "summary": (5, "Summary")},
        Summary={"value": (1, "repeated Value")},
        Value={"tag": (1, "string"), "simple_value": (2, "float"), "tensor": (8, "Tensor")},
        Tensor={
            "dtype": (1, "int32"),
            "tensor_content": (4, "bytes"),
            "float_val": (5, "repeated float"),
            "double_val": (6, "repeated double"),
        },
    )
