"""Servers that do worse than those of test_acquisition.py: break off, go round in circles, say nothing at all."""

import http.server
import socket
import struct
import threading
import time
from pathlib import Path

import pytest
from test_acquisition import CONTENT, SHA256, asset, leftovers
from workers import kill, until

from assignment06.data import acquisition
from assignment06.data.acquisition import obtain


class Server(http.server.BaseHTTPRequestHandler):
    """Each path behaves badly in its own way."""

    stalled = threading.Event()  # set when half of /stall has been sent
    let_go = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/silent":
            self.let_go.wait(30)
            return
        if self.path.startswith("/circle"):
            self.send_response(302)
            self.send_header("Location", f"{self.path}x")
            self.end_headers()
            return
        self.send_response(200)
        if self.path != "/unannounced-half":  # its end is the end of the connection, wherever that is
            self.send_header("Content-Length", "0" if self.path == "/empty" else str(len(CONTENT)))
        self.end_headers()
        if self.path == "/good":
            self.wfile.write(CONTENT)
        elif self.path != "/empty":
            self.wfile.write(CONTENT[: len(CONTENT) // 2])
            self.wfile.flush()
        if self.path == "/stall":
            self.stalled.set()
            self.let_go.wait(30)
        if self.path == "/reset":  # no polite end: the next packet is refused
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def url(monkeypatch):
    monkeypatch.setattr(acquisition, "TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(acquisition.time, "sleep", lambda seconds: None)
    Server.stalled.clear()
    Server.let_go.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.handle_error = lambda *args: None  # some close their connection themselves
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    Server.let_go.set()
    server.shutdown()


@pytest.mark.parametrize("bad", ["silent", "stall", "reset", "empty", "unannounced-half", "circle"])
def test_it_ends_soon_with_one_sentence_and_leaves_nothing(tmp_path: Path, url: str, bad: str) -> None:
    began = time.monotonic()
    with pytest.raises(acquisition.Unavailable, match="set/file.bin could not be downloaded .*; put it into") as caught:
        obtain(asset(f"{url}/{bad}"), tmp_path, None, network=True)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - began < 10
    assert list(tmp_path.rglob("*.bin")) == []
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("bad", ["stall", "reset", "empty", "unannounced-half", "circle"])
def test_the_next_address_is_taken(tmp_path: Path, url: str, bad: str) -> None:
    path = obtain(asset(f"{url}/{bad}", f"{url}/good"), tmp_path, None, network=True)
    assert path.read_bytes() == CONTENT
    assert leftovers(tmp_path) == []


@pytest.mark.slow
def test_a_download_that_is_killed_half_way_is_done_again(worker, tmp_path: Path, url: str) -> None:
    code = f"""
from pathlib import Path
from assignment06.data.acquisition import obtain
from assignment06.data.assets import Asset
asset = Asset("set/file.bin", {SHA256!r}, {len(CONTENT)}, ({url!r} + "/PATH",))
obtain(asset, Path({str(tmp_path / "raw")!r}), None, True)
"""
    process = worker.start(code.replace("PATH", "stall"), tmp_path)
    assert Server.stalled.wait(30)
    until(lambda: any(path.stat().st_size for path in tmp_path.glob("raw/set/.*")), "a part of the file")
    kill(process)
    assert worker.wait() == -9
    assert not (tmp_path / "raw/set/file.bin").exists()
    assert len(leftovers(tmp_path / "raw")) == 1
    assert worker.run(code.replace("PATH", "good"), tmp_path) == 0, worker.terminal
    assert (tmp_path / "raw/set/file.bin").read_bytes() == CONTENT
    assert leftovers(tmp_path / "raw") == []
