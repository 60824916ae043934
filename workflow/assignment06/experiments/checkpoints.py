"""What a killed training needs to go on: its state after each whole epoch."""

import json
import logging
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from assignment06.shared.files import atomic_path

log = logging.getLogger(__name__)


def best_epoch(rows: list[dict], by: str = "val_accuracy") -> int:
    """Return the number (from 1) of the epoch with the best validation accuracy, or `by` another score, the first of
    equals."""
    return max(rows, key=lambda row: (row[by], -row["epoch"]))["epoch"]


def calmest_epoch(rows: list[dict]) -> int:
    """Return the number (from 1) of the epoch with the least validation loss, the first of equals.

    On a handful of images for validation many epochs have the same accuracy, the first, hardly trained ones as well;
    the loss still tells them apart.
    """
    return min(rows, key=lambda row: (row["val_loss"], row["epoch"]))["epoch"]


class Checkpoints:
    """One folder an epoch, renamed into place when it is whole; the one before is then dropped."""

    def __init__(self, folder: Path, fingerprint: str, chosen: Callable[[list[dict]], int] = best_epoch):
        self.folder = folder
        self.chosen = chosen  # the number (from 1) of the epoch whose weights are kept
        self.fingerprint = fingerprint  # of settings and data: another experiment's state is never taken up
        self.best: list[np.ndarray] = []

    def restore(self, model: keras.Model) -> list[dict]:
        """Load the last whole epoch into `model` and its optimiser; return the history so far."""
        for state in sorted(self.folder.glob("epoch-*"), reverse=True):
            try:
                facts = json.loads((state / "state.json").read_text(encoding="utf-8"))
                if facts["fingerprint"] != self.fingerprint:
                    continue
                with np.load(state / "variables.npz", allow_pickle=False) as file:
                    arrays = dict(file)
            except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
                log.warning(f"{state} is damaged and left out ({type(error).__name__}: {error})")
                continue
            model.optimizer.build(model.trainable_variables)
            for number, variable in enumerate(self._variables(model)):
                variable.assign(arrays[f"v{number}"])
            self.best = [arrays[f"best{number}"] for number in range(len(model.weights))]
            return facts["history"]
        self.clear()
        return []

    def save(self, model: keras.Model, rows: list[dict]) -> None:
        """Write the state after an epoch, then drop the older ones."""
        if self.chosen(rows) == rows[-1]["epoch"]:
            self.best = model.get_weights()
        final = self.folder / f"epoch-{len(rows):04d}"
        arrays = {f"v{number}": np.asarray(value) for number, value in enumerate(self._variables(model))}
        arrays |= {f"best{number}": array for number, array in enumerate(self.best)}
        shutil.rmtree(final, ignore_errors=True)  # a damaged one that `restore` left out is in the way
        with atomic_path(final) as part:
            part.mkdir()
            np.savez(part / "variables.npz", allow_pickle=False, **arrays)
            facts = {"fingerprint": self.fingerprint, "history": rows}
            (part / "state.json").write_text(json.dumps(facts), encoding="utf-8")
            for name in ("variables.npz", "state.json"):
                with open(part / name, "rb+") as file:
                    os.fsync(file.fileno())
        for old in self.folder.iterdir():
            if old != final:
                shutil.rmtree(old, ignore_errors=True)

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _variables(model: keras.Model) -> list:
        """Return all state in a fixed order: weights, batch-norm statistics, dropout's seeds, the optimiser."""
        return [*model.variables, *model.optimizer.variables]
