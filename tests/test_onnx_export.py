"""Trained nets as ONNX files: they answer as the nets do, or they are thrown away."""

import copy
from importlib.util import find_spec

import numpy as np
import pytest
import yaml
from support import ROOT, run_python

from assignment06.config.check import check_config
from assignment06.data.datasets import write_dataset
from assignment06.experiments.results import Export
from assignment06.orchestration import preflight
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_file

SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
MISSING = [package for package in preflight.ONNX if find_spec(package) is None]
installed = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING}; make submission EXTRAS=onnx")


def study(**values: object):
    experiments = copy.deepcopy(SHIPPED["experiments"])
    experiments["mnist"] |= values
    return check_config({**SHIPPED, "experiments": experiments})


def test_a_missing_package_is_refused_before_the_first_job(monkeypatch) -> None:
    preflight.check_packages(study(), in_containers=True)
    monkeypatch.setattr(preflight, "find_spec", lambda name: None if name == "tf2onnx" else True)
    preflight.check_packages(study(), in_containers=False)
    with pytest.raises(AssignmentError, match="`experiments: mnist: export` in config.yaml is onnx, which needs tf2on"):
        preflight.check_packages(study(export="onnx"), in_containers=False)
    preflight.check_packages(study(export="onnx"), in_containers=True)  # the image has it
    with pytest.raises(AssignmentError, match="did you mean `onnx`"):
        study(export="onx")


def test_the_wish_for_an_export_trains_nothing_anew() -> None:
    plain, wished = study().experiments["mnist"], study(export="onnx").experiments["mnist"]
    assert "export" not in plain.plain()
    assert plain.training() == wished.training()


EXPORT = """
import sys
import keras
from assignment06.backend import compute
from assignment06.experiments import networks
from assignment06.experiments.onnx_export import export_onnx
from assignment06.experiments.prediction import predict_test_set
compute.configure(1, seed=0)
compute.configure = lambda threads, seed=None: None
kind, at = sys.argv[1:]
if kind == "transferred":
    from assignment06.transfer.backbones import build_backbone, with_head
    net = with_head(build_backbone("MobileNetV2", 32, None), (28, 28, 1), 2, 0.1)
else:
    net = networks.build(kind, (28, 28, 1), 2, 0.1, 0)
net.save(f"{at}/net.keras")
predict_test_set(f"{at}/net.keras", f"{at}/test.npz", f"{at}/dataset.json", f"{at}/predictions.csv", f"{at}/looks", 1)
if kind == "book_mnist":
    other = networks.build(kind, (28, 28, 1), 2, 0.1, 1)
    other.save(f"{at}/other.keras")
    from assignment06.shared.errors import AssignmentError
    try:
        export_onnx("other", f"{at}/other.keras", f"{at}/predictions.csv", f"{at}/test.npz", f"{at}/other.onnx", "", 1)
    except AssignmentError as error:
        print("refused:", error)
export_onnx("net", f"{at}/net.keras", f"{at}/predictions.csv", f"{at}/test.npz", f"{at}/net.onnx", f"{at}/net.json", 1)
"""


@installed
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["book_mnist", "lean", "transferred"])
def test_the_file_answers_as_the_net_does_and_another_is_thrown_away(kind: str, tmp_path) -> None:
    rng = np.random.default_rng(0)
    arrays = {}
    for part in ("train", "test"):
        images = rng.integers(0, 256, (130, 28, 28, 1)).astype(np.uint8)
        arrays |= {f"x_{part}": images, f"y_{part}": np.arange(130, dtype=np.uint8) % 2}
    write_dataset("made", arrays, ["a", "b"], "folder", {}, *(
        str(tmp_path / name) for name in ("train.npz", "test.npz", "dataset.json")
    ))  # fmt: skip
    done = run_python(f"import sys; sys.argv[1:] = {[kind, str(tmp_path)]!r}\n{EXPORT}", tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    found = Export.read(tmp_path / "net.json")
    assert found.images == 130
    assert found.largest_difference < 1e-5
    assert found.sha256 == sha256_file(tmp_path / "net.onnx")
    assert not list(tmp_path.glob(".*part*"))
    if kind == "book_mnist":
        assert "refused: Experiment other: the ONNX file gives " in done.stdout
        assert "thrown away" in done.stdout
        assert not (tmp_path / "other.onnx").exists()
