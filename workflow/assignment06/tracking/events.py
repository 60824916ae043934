"""Curves as event files of TensorBoard: one folder a training.

https://www.tensorflow.org/tensorboard. TensorBoard itself reads and writes them here; it needs no TensorFlow for that.
"""

import sys
from pathlib import Path
from types import ModuleType

# TensorBoard's own switch: with a module of this name it does not import TensorFlow (5 s, and memory of a training)
sys.modules.setdefault("tensorboard.compat.notf", ModuleType("notf"))

from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.summary import Writer

from assignment06.shared.errors import AssignmentError
from assignment06.tracking.trainings import Training


class EventFiles:
    """Below `folder`, <experiment>/<training>/events.*: points that are not there yet are added."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.writers: dict[Path, Writer] = {}
        self.known: dict[Path, set[tuple[str, int]]] = {}
        self.place = f"TensorBoard's files in {folder}"
        self.hint = f"see them with `tensorboard --logdir {folder}`"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AssignmentError(f"{folder} cannot be made ({error.strerror}): remove what is in its place.") from None

    def write(self, training: Training) -> None:
        """Add what is new of a training. Raises OSError."""
        place = self.folder / training.experiment / training.identity
        if place not in self.known:
            self.known[place] = set(_points(place))
        new = [one for one in training.points() if (one.name, one.epoch) not in self.known[place]]
        if not new:
            return
        if place not in self.writers:
            self.writers[place] = Writer(str(place))
        for one in new:
            self.writers[place].add_scalar(one.name, one.value, step=one.epoch, wall_time=one.time)
        self.writers[place].flush()
        self.known[place] |= {(one.name, one.epoch) for one in new}

    def close(self) -> None:
        """Close the files."""
        for writer in self.writers.values():
            writer.close()


def _points(place: Path):
    """Yield name and epoch of what a training's files already have."""
    for file in sorted(place.glob("events.*")):
        for event in EventFileLoader(str(file)).Load():
            for value in event.summary.value:
                yield value.tag, event.step
