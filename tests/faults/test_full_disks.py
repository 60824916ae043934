"""A full disk: one sentence, all that is finished is kept, nothing half-written, and with room the same call ends well.

The log and the terminal's copy lie on the full disk too.
"""

import hashlib
import http.server
import json
import random
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from made_documents import metrics
from made_documents import training as training_scores
from PIL import Image
from small_project import Run, half_written, make_project
from test_packaging import packed  # noqa: F401  (a fixture)
from workers import OUTPUTS, SETTINGS, last_epoch, training, until

SENTENCE = "error: The disk is full: make room and run the same command again; what is finished is kept."


def check(worker, disk, code: str, kept: set[str], made: set[str]) -> None:
    """Run `code` on the full disk, then on a larger one."""
    assert worker.run(code, disk.folder.parent / "job") == 1
    assert [line for line in worker.terminal.splitlines() if ": epoch " not in line] == [SENTENCE]
    assert disk.files() == kept
    disk.grow()
    assert worker.run(code, disk.folder.parent / "job") == 0, worker.terminal
    assert disk.files() == kept | made


@pytest.mark.slow
def test_while_data_are_prepared(worker, small_disk, tmp_path) -> None:
    noise = np.random.default_rng(0)
    for name in ("a", "b"):
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(5):
            pixels = noise.integers(0, 255, (200, 200, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"images/{name}/{number}.png")
    disk = small_disk(500)
    (disk.folder / "older.json").write_text("{}")
    names = {"train": "train.npz", "test": "test.npz", "description": "dataset.json"}
    arguments = {key: str(disk.folder / name) for key, name in names.items()}
    arguments |= {"dataset": "own", "folder": str(tmp_path / "images"), "image_size": 200, "test_split": 0.2, "seed": 0}
    code = f"assignment06.data.datasets.prepare_folder(**{arguments!r})"
    check(worker, disk, code, kept={"older.json"}, made=set(names.values()))


@pytest.mark.slow
def test_while_a_file_is_downloaded(worker, small_disk, tmp_path) -> None:
    content = random.Random(0).randbytes(2_000_000)

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.handle_error = lambda *args: None  # the client goes away in the middle
    threading.Thread(target=server.serve_forever, daemon=True).start()
    disk = small_disk(1000)
    (disk.folder / "first.bin").write_bytes(b"finished")
    asset = ("second.bin", f"sha256:{hashlib.sha256(content).hexdigest()}", len(content))
    code = f"""
from pathlib import Path
from assignment06.data.acquisition import obtain
from assignment06.data.assets import Asset
obtain(Asset(*{asset!r}, ("http://127.0.0.1:{server.server_port}/",)), Path({str(disk.folder)!r}), None, True)
"""
    check(worker, disk, code, kept={"first.bin"}, made={"second.bin"})
    assert (disk.folder / "second.bin").read_bytes() == content
    server.shutdown()


@pytest.mark.slow
def test_while_a_training_saves_its_state(worker, data, undisturbed, small_disk) -> None:
    disk = small_disk(6_000)
    code = training(data, disk.folder)
    worker.start(code, disk.folder)  # its log and terminal are on this disk
    until(lambda: last_epoch(disk.folder / "state") >= 1, "an epoch")
    disk.fill()
    assert worker.wait() == 1, "it ended before the disk was full"
    assert worker.terminal.splitlines()[-1] == SENTENCE
    reached = last_epoch(disk.folder / "state")
    assert 1 <= reached < SETTINGS["epochs"]
    assert disk.files() == {f"state/epoch-{reached:04d}/{name}" for name in ("state.json", "variables.npz")}
    disk.grow()
    assert worker.run(code, disk.folder) == 0, worker.terminal
    assert f"goes on after epoch {reached} of" in worker.terminal
    assert json.loads((disk.folder / "f.json").read_text())["weights_sha256"] == undisturbed["weights_sha256"]
    assert disk.files() == set(OUTPUTS.values())


@pytest.mark.slow
def test_while_a_model_is_saved(worker, data, undisturbed, small_disk, tmp_path) -> None:
    disk = small_disk(200)  # the model takes 500 kB, everything else 10
    code = training(data, disk.folder, state=tmp_path / "state")
    check(worker, disk, code, kept=set(OUTPUTS.values()) - {"m.keras"}, made={"m.keras"})
    assert f"goes on after epoch {SETTINGS['epochs']} of" in worker.terminal, "no epoch is trained twice"
    assert json.loads((disk.folder / "f.json").read_text())["weights_sha256"] == undisturbed["weights_sha256"]


@pytest.mark.slow
def test_while_a_plot_is_drawn(worker, small_disk, tmp_path) -> None:
    rows = ["epoch,accuracy,loss,val_accuracy,val_loss,learning_rate,seconds", "1,0.5,0.7,0.5,0.7,0.001,1"]
    (tmp_path / "history.csv").write_text("\n".join(rows))
    metrics(training=training_scores(chosen_epoch=1)).write(tmp_path / "metrics.json")
    disk = small_disk(20)
    paths = [str(tmp_path / "history.csv"), str(tmp_path / "metrics.json"), str(disk.folder / "plot.png")]
    check(
        worker, disk, f"assignment06.plots.experiments.plot_history(*{paths!r}, dpi=120)", kept=set(), made={"plot.png"}
    )
    Image.open(disk.folder / "plot.png").load()


@pytest.mark.slow
def test_while_the_zip_is_packed(worker, small_disk, packed: dict) -> None:  # noqa: F811
    disk = small_disk(100)
    arguments = packed | {"zip_path": str(disk.folder / Path(packed["zip_path"]).name)}
    student = arguments.pop("student").plain()
    code = f"assignment06.submission.packaging.pack_submission(**{arguments!r}, student=Student(**{student!r}))"
    check(worker, disk, code, kept=set(), made={"assignment06_LovelaceAda.zip"})
    assert zipfile.ZipFile(arguments["zip_path"]).testzip() is None


@pytest.mark.slow
def test_under_snakemake(small_disk) -> None:
    disk = small_disk(10_000)
    project = make_project(disk.folder / "assignment06")
    larger = (project / "own.yaml").read_text().replace("image_size: 20", "image_size: 120")
    (project / "own.yaml").write_text(larger)  # 8 MB of images, where the project takes 3; found to fit at 8.5 to 11.5
    target = "data/prepared/own/train.npz"
    status, said = Run(project, target).end()
    assert status == 1
    assert SENTENCE in said and "Traceback" not in said
    assert half_written(project) == [] and not list(project.glob("data/prepared/own/*"))
    disk.fill()
    status, said = Run(project, target, output=disk.folder.parent / "terminal.txt").end()
    assert status == 1
    full = f"error: The disk that holds {project}/.snakemake is full: make room and run the same command again."
    assert said.splitlines()[-1] == full
    disk.grow()
    status, said = Run(project, target).end()
    assert status == 0, said
    assert (project / "data/prepared/own/train.npz").stat().st_size > 5_000_000


def test_the_sentence_reaches_the_terminal_where_no_log_can_be_written(worker, small_disk, tmp_path) -> None:
    disk = small_disk(100)
    (tmp_path / "terminal.txt").touch()
    (disk.folder / "terminal.txt").symlink_to(tmp_path / "terminal.txt")
    disk.fill()
    assert worker.run("os.write(os.open(f'{folder}/x', os.O_WRONLY | os.O_CREAT), b'text')", disk.folder) == 1
    assert worker.terminal.splitlines() == [SENTENCE]
    assert (disk.folder / "job.log").read_text() == ""
