"""Fixtures of the detection's tests. What envs/detection.lock holds is optional: without it tests skip and say so."""

import hashlib
import os
from pathlib import Path

import pytest
from tiny_detector import MISSING, tiny_net

from assignment06.detection.nets import acquire_detector


@pytest.fixture
def onnxruntime():
    return pytest.importorskip("onnxruntime", reason=MISSING.format("onnxruntime"))


@pytest.fixture
def pycocotools():
    return pytest.importorskip("pycocotools", reason=MISSING.format("pycocotools"))


@pytest.fixture(scope="session")
def coco_val() -> Path:
    """The folder with 64 photographs of COCO, their boxes, and real weights that stand in for the published ones."""
    folder = os.environ.get("ASSIGNMENT06_DETECTION")
    if not folder:
        pytest.skip("ASSIGNMENT06_DETECTION is not set: no annotated photographs and no trained detector to test with")
    return Path(folder)


@pytest.fixture
def own_detector(tmp_path) -> "callable":
    """Return a function that puts an ONNX file where own weights lie, and makes its receipt: (receipt, raw)."""

    def put(content: bytes | None = None) -> tuple[str, str]:
        content = tiny_net() if content is None else content
        path = tmp_path / "raw/detection/own.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        receipt = str(tmp_path / "detector.json")
        digest = hashlib.sha256(content).hexdigest()
        acquire_detector("own.onnx", digest, "auto", str(tmp_path / "raw"), None, receipt, network=False)
        return receipt, str(tmp_path / "raw")

    return put
