"""The notebook and its text are the same, and it runs from top to bottom."""

import shutil
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient
from support import ROOT, copy_tree, library_path

NOTEBOOK = ROOT / "notebooks/assignment06.ipynb"


def cells(path: Path) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in jupytext.read(path).cells]


def test_notebook_and_text_are_the_same_and_no_output_is_kept() -> None:
    assert cells(NOTEBOOK) == cells(NOTEBOOK.with_suffix(".py")), "run jupytext --to ipynb notebooks/assignment06.py"
    code = [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    assert len(code) == 6
    assert not any(cell.outputs or cell.execution_count for cell in code)


@pytest.mark.slow
def test_it_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_tree(tmp_path / "my assignment")
    monkeypatch.setenv("PYTHONPATH", library_path(folder))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder / "notebooks")}})
    client.execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 4
    said = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
    assert "sample test images" in said
    assert float(said.rsplit("\n", 2)[-2].split(" %")[0].split("%")[0]) > 60
    made = {path.name for path in (folder / "results").iterdir()} - {".gitkeep"}
    assert made == {"notebook"}, "the run's own results, and how often test images were looked at, are left alone"
    shutil.rmtree(folder)
