"""Draw the graph of jobs and the graph of rules: `python -m assignment06.orchestration.graphs FOLDER`."""

import sys
from pathlib import Path

import pygraphviz

from assignment06.orchestration.rulegraph import ask_for_dot
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path

GRAPHS = {"dag": "--dag", "rulegraph": "--rulegraph"}


def draw(folder: str, arguments: tuple[str, ...] = ()) -> list[Path]:
    """Write `dag` and `rulegraph` as SVG and PNG into `folder`, and return the files.

    Nothing is run. Raises AssignmentError with Snakemake's own last line where the workflow cannot be read.
    """
    written = []
    for name, option in GRAPHS.items():
        graph = pygraphviz.AGraph(ask_for_dot(option, *arguments))
        graph.graph_attr.update(rankdir="TB", nodesep="0.15", ranksep="0.35", bgcolor="white")
        for suffix in ("svg", "png"):
            with atomic_path(Path(folder) / f"{name}.{suffix}") as part:
                part.write_bytes(graph.draw(prog="dot", format=suffix))  # draw(path) fails on Python 3.11.2
            written.append(Path(folder) / f"{name}.{suffix}")
    return written


if __name__ == "__main__":
    try:
        for path in draw(sys.argv[1], tuple(sys.argv[2:])):
            print(path)
    except AssignmentError as error:
        sys.exit(f"error: {error}")
