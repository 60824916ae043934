"""Draw the graph of the rules that a config makes, for the report."""

import logging
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from assignment06.orchestration.container_image import ROOT
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path


def draw_rulegraph(config: dict, rulegraph: str, root: str = str(ROOT)) -> None:
    """Write the graph of all rules of the workflow under `root`, run with `config`, as an SVG of black lines.

    Snakemake is asked for it and runs nothing.
    Raises AssignmentError with Snakemake's last line where the workflow cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder, "config.yaml")
        given.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
        dot = ask_for_dot(
            "--rulegraph", "--snakefile", f"{root}/Snakefile", "--configfile", str(given), "--replace-workflow-config",
            "--profile", "none", "--workflow-profile", "none",
        )  # fmt: skip
    with atomic_path(rulegraph) as part:
        try:
            part.write_bytes(_with_graphviz(dot))
        except ImportError as error:  # its wheel wants X11's libraries, which a bare server may not have
            logging.getLogger(__name__).info("Graphviz cannot be used (%s): the graph is drawn plainly", error)
            _plainly(dot, part)


def ask_for_dot(graph: str, *arguments: str) -> str:
    """Return what Snakemake draws for `--rulegraph` or `--dag`, in Graphviz's language; nothing is run.

    Raises AssignmentError with Snakemake's last line where the workflow cannot be read.
    """
    command = [sys.executable, "-m", "snakemake", *arguments, graph, "dot", "--forceall", "--quiet", "all"]
    path = os.pathsep.join(filter(None, [str(ROOT / "workflow"), os.environ.get("PYTHONPATH")]))
    # In a container the library is not installed: it lies where the project is mounted
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": path})
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise AssignmentError(f"The graph cannot be drawn, because the workflow cannot be read: {last}")
    return done.stdout[done.stdout.index("digraph") :]


def _with_graphviz(dot: str) -> bytes:
    """Return an SVG of black lines on no ground."""
    import pygraphviz

    graph = pygraphviz.AGraph(dot)
    graph.graph_attr.update(rankdir="TB", nodesep="0.15", ranksep="0.3", bgcolor="transparent")
    for node in graph.nodes():
        node.attr.update(color="black", penwidth="1", shape="box", style="rounded", height="0.3", fontsize="12")
    for edge in graph.edges():
        edge.attr.update(color="#555555", penwidth="1", arrowsize="0.6")
    return graph.draw(prog="dot", format="svg")


def _plainly(dot: str, path: Path) -> None:
    """Write an SVG with the rules in layers, each below all that it needs."""
    import matplotlib.pyplot as plt
    import networkx as nx

    names = dict(re.findall(r'(\d+)\s*\[label = "([^"\\]+)', dot))
    graph = nx.DiGraph((names[a], names[b]) for a, b in re.findall(r"(\d+)\s*->\s*(\d+)", dot))
    layers = list(nx.topological_generations(graph))
    place = {
        name: (column - (len(layer) - 1) / 2, -row)
        for row, layer in enumerate(layers)
        for column, name in enumerate(sorted(layer))
    }
    figure, axes = plt.subplots(figsize=(10, 0.9 * len(layers)))
    for first, second in graph.edges:
        axes.annotate("", place[second], place[first], arrowprops={"arrowstyle": "->", "color": "#555555"})
    for name, (x, y) in place.items():
        axes.text(x, y, name, ha="center", va="center", bbox={"boxstyle": "round", "fc": "white"}, fontsize=8)
    axes.set(
        xlim=(min(x for x, _ in place.values()) - 1, max(x for x, _ in place.values()) + 1), ylim=(-len(layers), 1)
    )
    axes.set_axis_off()
    figure.savefig(path, format="svg", transparent=True)
    plt.close(figure)
