"""Number formats and devices, as far as they can be told without a GPU."""

import subprocess
import sys
from pathlib import Path

import pytest

from assignment06.backend import compute

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def gpu(monkeypatch):
    """A function that lets TensorFlow see a GPU of some compute capability."""
    import tensorflow as tf

    def seen(*capability: int) -> None:
        monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind=None: ["a GPU"])
        details = {"device_name": "Made Up 100", "compute_capability": capability}
        monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda device: details)

    return seen


@pytest.mark.parametrize(
    ("wanted", "capability", "expected"),
    [("auto", (9, 0), "tensorfloat32"), ("auto", (7, 5), "float32"), ("float32", (9, 0), "float32")],
)
def test_a_gpu_multiplies_in_tensorfloat_only_where_that_is_asked_for(gpu, wanted, capability, expected) -> None:
    import tensorflow as tf

    enabled = tf.config.experimental.tensor_float_32_execution_enabled
    tf.config.experimental.enable_tensor_float_32_execution(False)  # as `configure` does
    gpu(*capability)
    with compute.computing_in(wanted) as dtype:
        assert (dtype, enabled()) == (expected, expected == "tensorfloat32")
    assert not enabled(), "predictions, validation and proofs are in float32"


CONFIGURED = """
import sys, tensorflow as tf
from assignment06.backend import compute
compute.configure(1, seed=0)
print(tf.config.experimental.tensor_float_32_execution_enabled(), compute.device())
"""


@pytest.mark.slow
def test_whatever_is_computed_is_in_float32_unless_asked() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", CONFIGURED], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT / "workflow"), "PATH": ""},
    )  # fmt: skip
    assert answer.stdout.startswith("False CPU")


def test_cusolver_is_loaded_from_the_package_that_brings_it(tmp_path, monkeypatch) -> None:
    """TensorFlow then finds it by its name; a library that cannot be loaded is left to TensorFlow to complain of."""
    folder = tmp_path / "nvidia/cusolver/lib"
    folder.mkdir(parents=True)
    (folder / "libcusolver.so.11").write_bytes(b"no library")
    monkeypatch.syspath_prepend(str(tmp_path))
    loaded = []

    def load(path: str) -> None:
        loaded.append(path)
        raise OSError("invalid ELF header")

    monkeypatch.setattr("ctypes.CDLL", load)
    compute._load_cusolver()
    assert loaded == [str(folder / "libcusolver.so.11")]
