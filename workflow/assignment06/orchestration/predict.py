"""`make predict`: classify a folder of photographs with a model that was trained here."""

import argparse
import os
import sys
from pathlib import Path

from assignment06.data.image_files import find_photographs
from assignment06.experiments.known_models import known_model
from assignment06.shared.errors import AssignmentError


def predict(model: str, images: str, output: str, top: int = 5, batch_size: int = 32, dpi: int = 120) -> list[str]:
    """Write predictions.csv, skipped.csv and contact_sheet.png into `output`, and return the files written."""
    metrics = known_model(model)  # before anything is written, and before TensorFlow is loaded
    if not find_photographs(images, called=images):
        raise AssignmentError(f"{images} holds no photographs: name a folder or a list that does.")
    if Path(output).exists() and not Path(output).is_dir():
        raise AssignmentError(f"{output} is a file, and the results need a folder: name another one.")
    from assignment06.plots.contact_sheet import plot_contact_sheet
    from assignment06.transfer.own_models import classify_with_own

    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    files = classify_with_own(model, metrics, images, output, top, batch_size, threads)
    sheet = str(Path(output) / "contact_sheet.png")
    plot_contact_sheet(files["manifest"], files["predictions"], files["metadata"], sheet, dpi, heading="")
    return [*files.values(), sheet]


def main() -> None:
    """Read the command line; an AssignmentError becomes one line and the exit status 1."""
    parser = argparse.ArgumentParser(prog="make predict", description=__doc__)
    parser.add_argument("model", help="a .keras file of results/models")
    parser.add_argument("images", help="a folder of photographs, or a text file with one path a line")
    parser.add_argument("output", help="the folder for the tables and the contact sheet")
    parser.add_argument("--top", type=int, default=5, help="labels for each photograph")
    parser.add_argument("--batch-size", type=int, default=32, help="photographs for each step")
    given = parser.parse_args()
    try:
        for path in predict(given.model, given.images, given.output, max(1, given.top), max(1, given.batch_size)):
            print(path)
    except AssignmentError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
