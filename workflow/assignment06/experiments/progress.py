"""What a person sees while an epoch runs."""

import logging
import time
from typing import Any

import keras

from assignment06.shared.console import progress_bar

log = logging.getLogger(__name__)


class EpochProgress(keras.callbacks.Callback):
    """Show a bar within the epoch on a terminal, and one line for each finished epoch anywhere."""

    bar: Any  # tqdm's, from the first epoch on

    def __init__(self, experiment: str, epochs: int, steps: int):
        super().__init__()
        self.experiment, self.epochs, self.steps = experiment, epochs, steps
        self.began, self.done = time.monotonic(), 0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.bar = progress_bar(self.steps, self.experiment)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.bar.update(batch + 1 - self.bar.n)
        if logs:
            self.bar.set_postfix_str(f"loss {float(logs['loss']):.3f}, accuracy {float(logs['accuracy']):.3f}")

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.bar.close()

    def show_row(self, rows: list[dict]) -> None:
        """Show the last row of a history, with the time left at the pace so far."""
        self.done += 1
        row, left = rows[-1], (time.monotonic() - self.began) / self.done * (self.epochs - len(rows))
        log.info(
            f"{self.experiment}: epoch {row['epoch']}/{self.epochs}  loss {row['loss']:.4f}  accuracy "
            f"{row['accuracy']:.4f}  validation loss {row['val_loss']:.4f}  accuracy {row['val_accuracy']:.4f}  "
            f"{time_left(left)}"
        )


def time_left(seconds: float) -> str:
    """Return the time left as people say it."""
    if seconds < 1:
        return "done"
    return f"{seconds / 60:.0f} min left" if seconds > 90 else f"{seconds:.0f} s left"
