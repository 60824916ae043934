"""A net's layers, output shapes and parameters as a table of text."""

import os

import keras

from assignment06.experiments.mirroring import looking_once
from assignment06.shared.files import atomic_path

WIDTH = 96  # characters; a long name is broken into two lines


def write_summary(net: keras.Model, path: str) -> None:
    """Write what `net.summary()` shows, at the same width whatever the terminal's.

    Keras has the table drawn by rich, which cuts it off at the width of a terminal (80 where there is none): only the
    variable COLUMNS tells it otherwise.
    """
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(WIDTH)
    try:
        with atomic_path(path) as part, open(part, "w", encoding="utf-8") as file:
            within = looking_once(net) is not net
            net.summary(print_fn=lambda text: file.write(text + "\n"), line_length=WIDTH, expand_nested=within)
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
