"""Measure the workflow's speed: python benchmarks/run.py [name ...] [--quick]. What is measured: docs/speed.md."""

import argparse
import importlib
import json
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "workflow"), str(PROJECT)]

from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path
from benchmarks import tables
from benchmarks.measuring import CONFIG, Options, circumstances, fresh, reference

BY_EXPERIMENT = ("input_pipeline", "training_throughput", "time_to_accuracy")
USUAL = ("overhead", "classification", *BY_EXPERIMENT)
NAMES = (*USUAL, "gpu", "peers")  # by name only: a GPU is not everywhere, nor are the peers


def main() -> None:
    """Run the benchmarks that were named, or all; write each one's JSON, then the table and plot of the folder."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; all but the last two if none")
    parser.add_argument("--quick", action="store_true", help="show that they work; the figures mean nothing")
    parser.add_argument("--output", type=Path, default=PROJECT / "benchmarks/results", help="folder for what is found")
    parser.add_argument("--results", type=Path, help="results folder of a finished run of the workflow")
    parser.add_argument("--pairs", type=int, help="how often each pair is measured")
    parser.add_argument("--cap", type=float, default=3.2, help="stop a baseline after this multiple of our time")
    parser.add_argument("--many", action="store_true", help="classify 10,000 photographs as well")
    parser.add_argument("--experiments", nargs="+", default=[], choices=list(CONFIG.experiments))
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}: choose from {', '.join(NAMES)}")
    options = Options(given.results, given.pairs, given.cap, given.many, tuple(given.experiments))
    given.output.mkdir(parents=True, exist_ok=True)
    try:
        for name in given.names or USUAL:
            part = "-".join([name, *(given.experiments if name in BY_EXPERIMENT else [])])
            _write(given.output / f"{part}.json", run(name, part, given.quick, options))
            results = tables.load(given.output)
            tables.plot(results, given.output / tables.PLOT)
            (given.output / tables.TABLE).write_text(tables.markdown(results), encoding="utf-8")
            print(tables.markdown(results))
    except AssignmentError as error:
        sys.exit(f"error: {error}")


def run(name: str, part: str, quick: bool, options: Options) -> dict:
    """Run one benchmark; return what it measured, on what machine, and how fast that was before and after."""
    module = importlib.import_module(f"benchmarks.{name}")
    machine, began = circumstances(), time.monotonic()
    measured = module.measure(quick, options)
    seconds = time.monotonic() - began
    return {
        "benchmark": part,
        "what": module.__doc__.strip(),
        "quick": quick,
        "settings": options.chosen(),
        "seconds": seconds,
        "machine": machine,
        "matrix_product_gflops_after": fresh(reference)["matrix_product_gflops"],
        **measured,
    }


def _write(path: Path, result: dict) -> None:
    with atomic_path(path) as part:
        part.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
