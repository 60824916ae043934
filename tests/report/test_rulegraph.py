"""The graph of the rules, as Snakemake sees them with a given config."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from assignment06.orchestration.rulegraph import draw_rulegraph
from assignment06.shared.errors import AssignmentError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def config(tmp_path) -> dict:
    """The project's config with an own data set, so that the graph differs from the usual one."""
    given = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for name in ("circle", "star"):
        (tmp_path / "shapes" / name).mkdir(parents=True)
    given["datasets"] = {"shapes": {"folder": str(tmp_path / "shapes")}}
    given["experiments"] = {"shapes": {"dataset": "shapes", "model": "book_cifar10"}}
    return given


def test_graph_has_the_rules_of_the_config(config, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    draw_rulegraph(config, str(tmp_path / "graph.svg"))
    svg = (tmp_path / "graph.svg").read_text(encoding="utf-8")
    for rule in ("prepare_folder", "train_convnet", "pack_submission"):
        assert f">{rule}</text>" in svg
    assert ">prepare_dataset</text>" not in svg


def test_the_library_need_not_be_installed(config, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    seen = {}

    def run(command, **options):
        seen.update(options["env"])
        return subprocess.CompletedProcess(command, 1, "", "nothing")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(AssignmentError, match="nothing"):
        draw_rulegraph(config, str(tmp_path / "graph.svg"))
    assert seen["PYTHONPATH"].split(os.pathsep)[0] == str(ROOT / "workflow"), "as in a container"


def test_without_graphviz_the_graph_is_drawn_plainly(config, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    draw_rulegraph(config, str(tmp_path / "graph.svg"))
    svg = (tmp_path / "graph.svg").read_text(encoding="utf-8")
    assert "<!-- train_convnet -->" in svg
    assert "<!-- pack_submission -->" in svg


def test_a_workflow_that_cannot_be_read_is_one_sentence(config, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    config["experiments"]["shapes"]["dataset"] = "shaeps"
    with pytest.raises(AssignmentError, match=r"cannot be drawn.*`experiments: shapes: dataset: shaeps` is not known"):
        draw_rulegraph(config, str(tmp_path / "graph.svg"))
    assert not (tmp_path / "graph.svg").exists()
