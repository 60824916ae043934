"""Draw the graph of the rules that a config makes, for the report."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pygraphviz
import yaml

from assignment06.atomic import atomic_path
from assignment06.errors import AssignmentError


def draw_rulegraph(root: str, config: dict, rulegraph: str, sources: str = "") -> None:
    """Write the graph of all rules of the workflow under `root`, run with `config`, as an SVG of black lines.

    Snakemake is asked for it and runs nothing. `sources` ties the drawing to the rules' state; it is not read.
    Raises AssignmentError with Snakemake's last line where the workflow cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder, "config.yaml")
        given.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
        command = [
            sys.executable, "-m", "snakemake", "--snakefile", f"{root}/Snakefile",
            "--configfile", str(given), "--replace-workflow-config",
            "--profile", "none", "--workflow-profile", "none",
            "--rulegraph", "dot", "--forceall", "--quiet", "all",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise AssignmentError(f"The graph of the rules cannot be drawn, because the workflow cannot be read: {last}")
    graph = pygraphviz.AGraph(done.stdout[done.stdout.index("digraph") :])
    graph.graph_attr.update(rankdir="TB", nodesep="0.15", ranksep="0.3", bgcolor="transparent")
    for node in graph.nodes():
        node.attr.update(color="black", penwidth="1", shape="box", style="rounded", height="0.3", fontsize="12")
    for edge in graph.edges():
        edge.attr.update(color="#555555", penwidth="1", arrowsize="0.6")
    with atomic_path(rulegraph) as part:
        graph.draw(str(part), prog="dot", format="svg")
