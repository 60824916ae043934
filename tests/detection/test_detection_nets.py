"""Which files are used, and which are refused: digests, shapes, missing packages."""

import hashlib
import sys
from dataclasses import replace

import pytest
from tiny_detector import model, node, tiny_net

from assignment06.data.receipts import Receipt
from assignment06.detection import nets
from assignment06.detection.nets import NETS, acquire_detector
from assignment06.detection.onnx_net import open_detector
from assignment06.shared.errors import AssignmentError


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_every_registered_net_says_what_it_is() -> None:
    for name, net in NETS.items():
        assert net.asset.path == f"detection/{name}.onnx"
        assert net.asset.digest.startswith("sha256:") and len(net.asset.digest) == 7 + 64
        assert net.asset.urls[0].endswith(f"/0.1.1rc0/{name}.onnx")
        assert (net.licence, net.preprocessing, net.size) == ("Apache-2.0", "yolox", 416)


def test_a_registered_net_comes_from_a_mirror_by_its_digest(tmp_path, monkeypatch) -> None:
    content, mirror, raw = tiny_net(), tmp_path / "mirror", tmp_path / "raw"
    (mirror / "detection").mkdir(parents=True)
    file = mirror / "detection/yolox_nano.onnx"
    file.write_bytes(content)
    receipt = str(tmp_path / "receipt.json")
    with pytest.raises(AssignmentError, match="is truncated|is not the official file"):
        acquire_detector("yolox_nano", None, "auto", str(raw), str(mirror), receipt, network=False)
    assert not (raw / "detection/yolox_nano.onnx").exists()
    asset = replace(NETS["yolox_nano"].asset, digest=f"sha256:{digest(content)}", bytes=len(content))
    monkeypatch.setitem(nets.NETS, "yolox_nano", replace(NETS["yolox_nano"], asset=asset))
    acquire_detector("yolox_nano", None, "auto", str(raw), str(mirror), receipt, network=False)
    got = Receipt.read(receipt)
    assert got.files == {"detection/yolox_nano.onnx": digest(content)}
    assert (got.name, got.data_source) == ("yolox_nano", "official")


def test_without_a_network_the_sentence_says_what_to_do(tmp_path) -> None:
    with pytest.raises(AssignmentError, match="yolox_tiny could not be had.*`detector: weights: none`"):
        acquire_detector("yolox_tiny", None, "sample", str(tmp_path), None, str(tmp_path / "r.json"))


def test_own_files_need_their_digest(tmp_path) -> None:
    (tmp_path / "detection").mkdir()
    content = tiny_net()
    (tmp_path / "detection/own.onnx").write_bytes(content)
    place = (str(tmp_path), None, str(tmp_path / "r.json"))
    with pytest.raises(AssignmentError, match=f"without its digest.*sha256: {digest(content)}"):
        acquire_detector("own.onnx", None, "auto", *place)
    with pytest.raises(AssignmentError, match="has the SHA-256 .* and `detector: sha256:` in config.yaml says 000000"):
        acquire_detector("own.onnx", "0" * 64, "auto", *place)
    with pytest.raises(AssignmentError, match="other.onnx is not in"):
        acquire_detector("other.onnx", "0" * 64, "auto", *place)
    for name in ("../own.onnx", "own.pt", "yolox_nana"):
        with pytest.raises(AssignmentError, match="neither a known net .yolox_nano, yolox_tiny. nor"):
            acquire_detector(name, "0" * 64, "auto", *place)
    acquire_detector("own.onnx", digest(content).upper(), "auto", *place)
    assert Receipt.read(place[2]).data_source == "own"


def test_a_file_with_another_digest_is_refused_before_onnxruntime_sees_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # importing it would raise
    (tmp_path / "net.onnx").write_bytes(tiny_net())
    with pytest.raises(AssignmentError, match="has the SHA-256 .* and not 000000.*--forcerun acquire_detector"):
        open_detector(tmp_path / "net.onnx", "0" * 64, "yolox", 80, 0.3, 0.45)
    with pytest.raises(AssignmentError, match="has gone"):
        open_detector(tmp_path / "gone.onnx", "0" * 64, "yolox", 80, 0.3, 0.45)


def test_a_missing_onnxruntime_is_one_sentence(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    (tmp_path / "net.onnx").write_bytes(tiny_net())
    with pytest.raises(AssignmentError, match="onnxruntime, which is not installed: run `make submission EXTRAS="):
        open_detector(tmp_path / "net.onnx", digest(tiny_net()), "yolox", 80, 0.3, 0.45)


def relu(inputs: list[int], outputs: list[int]) -> bytes:
    return model([node("Relu", ["images"], "output")], {}, inputs, outputs)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be opened as an ONNX net"),
        (b"\x89PNG no net at all", "cannot be opened as an ONNX net"),
        (tiny_net()[:-200], "cannot be opened as an ONNX net"),
        (relu([1, 3, 64, 64], [1, 3, 64, 64]), "is no YOLOX-type detector .*must have one float32 input"),
        (relu([1, 10], [1, 10]), "is no YOLOX-type detector"),
        (relu([1, 3, 60, 60], [1, 3, 60, 60]), "is no YOLOX-type detector"),
        (tiny_net(classes=3), "has 3 classes, and 80 are named: correct `detector: classes:`"),
    ],
)
def test_what_is_no_such_detector_is_one_sentence(tmp_path, onnxruntime, content, sentence) -> None:
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(AssignmentError, match=sentence) as refused:
        open_detector(tmp_path / "net.onnx", digest(content), "yolox", 80, 0.3, 0.45)
    assert "\n" not in str(refused.value)
