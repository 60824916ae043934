"""Downloads against a local server that misbehaves, mirrors, and what `auto`, `official` and `sample` do."""

import hashlib
import http.server
import logging
import threading
import time
from pathlib import Path

import pytest

from assignment06.data import acquisition
from assignment06.data.acquisition import acquire_classifier, acquire_dataset, obtain
from assignment06.data.assets import IMAGENET_CLASSES, Asset
from assignment06.data.imagenet import WEIGHTS
from assignment06.data.receipts import Receipt
from assignment06.shared import registry
from assignment06.shared.errors import AssignmentError

DATASETS = {name: registry.find(registry.DATASETS, name) for name in registry.names(registry.DATASETS)}
CONTENT = b"the official bytes " * 5000
SHA256 = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


class Server(http.server.BaseHTTPRequestHandler):
    """Each path behaves badly in its own way; `calls` counts the requests."""

    calls: dict[str, int] = {}  # noqa: RUF012

    def do_GET(self) -> None:
        self.calls[self.path] = count = self.calls.get(self.path, 0) + 1
        if self.path == "/404" or (self.path == "/503-then-200" and count == 1):
            self.send_error(404 if self.path == "/404" else 503)
            return
        if self.path == "/silent":
            time.sleep(3)
            return
        body = b"<html>log in first</html>" if self.path == "/wrong" else CONTENT
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path == "/half" else body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def url(monkeypatch):
    monkeypatch.setattr(acquisition, "TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(acquisition.time, "sleep", lambda seconds: None)
    Server.calls.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def asset(*urls: str) -> Asset:
    return Asset("set/file.bin", SHA256, len(CONTENT), urls)


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and path.name != "file.bin"]


def test_a_503_is_tried_again(tmp_path, url) -> None:
    path = obtain(asset(f"{url}/503-then-200"), tmp_path, None, network=True)
    assert path.read_bytes() == CONTENT
    assert Server.calls["/503-then-200"] == 2


@pytest.mark.parametrize("bad", ["404", "wrong", "half", "silent"])
def test_the_next_address_is_taken(tmp_path, url, bad) -> None:
    path = obtain(asset(f"{url}/{bad}", f"{url}/good"), tmp_path, None, network=True)
    assert path.read_bytes() == CONTENT
    assert Server.calls == {f"/{bad}": 1, "/good": 1}
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("bad", ["404", "wrong", "half"])
def test_nothing_wrong_is_ever_kept(tmp_path, url, bad) -> None:
    with pytest.raises(acquisition.Unavailable) as caught:
        obtain(asset(f"{url}/{bad}"), tmp_path, None, network=True)
    assert "could not be downloaded" in str(caught.value)
    assert Server.calls[f"/{bad}"] == acquisition.ATTEMPTS
    assert list(tmp_path.rglob("*.bin")) == []
    assert leftovers(tmp_path) == []


def test_a_file_at_hand_is_used_and_a_wrong_one_refused(tmp_path, url) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/file.bin").write_bytes(CONTENT)
    obtain(asset(f"{url}/good"), tmp_path, None, network=True)
    assert Server.calls == {}
    for content, word in ((CONTENT[:100], "truncated"), (CONTENT.upper(), "not the official file")):
        (tmp_path / "set/file.bin").write_bytes(content)
        with pytest.raises(AssignmentError, match=f"file.bin (is )?{word}.*delete it"):
            obtain(asset(f"{url}/good"), tmp_path, None, network=True)
        assert (tmp_path / "set/file.bin").read_bytes() == content, "the user's own file is left alone"


def test_the_mirror_comes_before_the_network_and_is_verified(tmp_path, url) -> None:
    source = tmp_path / "mirror"
    (source / "set").mkdir(parents=True)
    (source / "set/file.bin").write_bytes(CONTENT)
    obtain(asset(f"{url}/good"), tmp_path / "raw", source, network=True)
    assert Server.calls == {}
    (source / "set/file.bin").write_bytes(CONTENT[:-1])
    with pytest.raises(AssignmentError, match="mirror/set/file.bin is truncated"):
        obtain(asset(f"{url}/good"), tmp_path / "other", source, network=True)
    assert leftovers(tmp_path / "other") == []


@pytest.fixture
def no_network(monkeypatch):
    """Every official file has one address, where nobody listens."""
    monkeypatch.setattr(acquisition.time, "sleep", lambda seconds: None)
    dead = "http://127.0.0.1:9/file"
    for module in DATASETS.values():
        forms = tuple(tuple(Asset(a.path, a.digest, a.bytes, (dead,)) for a in form) for form in module.FORMS)
        monkeypatch.setattr(module, "FORMS", forms)
    weights = {name: Asset(a.path, a.digest, a.bytes, (dead,)) for name, a in WEIGHTS.items()}
    monkeypatch.setattr(acquisition, "WEIGHTS", weights)


def test_official_without_a_network_says_what_to_do(tmp_path, no_network) -> None:
    receipt = tmp_path / "receipt.json"
    with pytest.raises(AssignmentError, match=r"official mnist data could not be had.*data_source: sample"):
        acquire_dataset("mnist", "official", str(tmp_path), None, str(receipt))
    assert not receipt.exists()


def test_auto_without_a_network_goes_on_loudly_with_the_sample(tmp_path, no_network, caplog) -> None:
    receipt = tmp_path / "receipt.json"
    with caplog.at_level(logging.WARNING, logger="assignment06"):
        acquire_dataset("cifar10", "auto", str(tmp_path), None, str(receipt))
        acquire_classifier("ResNet50", "imagenet", "auto", str(tmp_path), None, str(tmp_path / "classifier.json"))
    assert Receipt.read(receipt).data_source == "sample"
    assert Receipt.read(tmp_path / "classifier.json").data_source == "sample"
    assert "NOT for submission" in caplog.messages[0]
    assert "UNTRAINED CLASSIFIER" in caplog.messages[1]


def test_sample_never_asks_anybody(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(acquisition, "_download", lambda *a: pytest.fail("asked the network"))
    acquire_dataset("mnist", "sample", str(tmp_path), None, str(tmp_path / "a.json"))
    acquire_classifier("ResNet50", "imagenet", "sample", str(tmp_path), None, str(tmp_path / "b.json"))


def test_a_wrong_file_stops_auto_too(tmp_path, no_network) -> None:
    for asset_ in DATASETS["mnist"].FORMS[0]:
        (tmp_path / asset_.path).parent.mkdir(exist_ok=True)
        (tmp_path / asset_.path).write_bytes(b"x")
    with pytest.raises(AssignmentError, match="truncated"):
        acquire_dataset("mnist", "auto", str(tmp_path), None, str(tmp_path / "receipt.json"))


def test_unregistered_weights_and_a_mirror_that_is_no_folder(tmp_path) -> None:
    with pytest.raises(AssignmentError, match="no digest of the published weights of MobileNetV2.*data/raw/imagenet"):
        acquire_classifier("MobileNetV2", "imagenet", "auto", str(tmp_path), None, str(tmp_path / "r.json"))
    with pytest.raises(AssignmentError, match="own.h5 is not in"):
        acquire_classifier("VGG16", "own.h5", "auto", str(tmp_path), None, str(tmp_path / "r.json"))
    with pytest.raises(AssignmentError, match="bare file name"):
        acquire_classifier("VGG16", "../own.h5", "auto", str(tmp_path), None, str(tmp_path / "r.json"))
    with pytest.raises(AssignmentError, match="not a folder"):
        acquire_dataset("mnist", "auto", str(tmp_path), str(tmp_path / "nowhere"), str(tmp_path / "r.json"))


def test_a_file_that_changes_after_its_verification_is_not_opened(tmp_path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/file.bin").write_bytes(CONTENT)
    files = {"set/file.bin": hashlib.sha256(CONTENT).hexdigest()}
    receipt = Receipt(name="set", data_source="official", files=files)
    receipt.verify(tmp_path)
    (tmp_path / "set/file.bin").write_bytes(b"evil pickle")
    with pytest.raises(AssignmentError, match="has changed or gone"):
        receipt.verify(tmp_path)


def test_every_data_set_has_two_addresses() -> None:
    for module in DATASETS.values():
        assert all(len({url.split("/")[2] for url in one.urls}) >= 2 for one in module.FORMS[0])
    assert all(len({url.split("/")[2] for url in one.urls}) >= 2 for one in (WEIGHTS["ResNet50"], IMAGENET_CLASSES))
