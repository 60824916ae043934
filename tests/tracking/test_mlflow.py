"""MLflow: a real server, started, taken away, started again and stopped; and a folder of this machine."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest
from made_trainings import finish, followed, under_way
from support import PLUGINS, ROOT, library_path, run_python

from assignment06.shared.errors import AssignmentError
from assignment06.tracking.following import follow
from assignment06.tracking.trainings import Reader

pytestmark = pytest.mark.skipif(find_spec("mlflow") is None, reason="not installed: make submission EXTRAS=mlflow")
SERVER = PLUGINS / "test-mlflow"
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


class Server:
    """`mlflow server` with its database and files in a folder."""

    def __init__(self, folder: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.uri = folder, f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        command += ["--backend-store-uri", f"sqlite:///{self.folder}/server.db"]
        command += ["--artifacts-destination", str(self.folder / "artefacts")]
        with open(self.folder / "server.log", "a") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command], cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
                env=os.environ | {"PYTHONPATH": str(SERVER)} | QUIET,
            )  # fmt: skip
        end = time.monotonic() + 120
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.uri}/health", timeout=5):  # noqa: S310
                    return
            except OSError:
                time.sleep(0.2)
        pytest.fail((self.folder / "server.log").read_text()[-2000:])

    def signal(self, number: int) -> None:
        os.killpg(self.process.pid, number)


@pytest.fixture
def server(tmp_path: Path, monkeypatch):
    if not (SERVER / "flask").is_dir():
        pytest.skip("MLflow's server is not installed: `make test` installs envs/test-mlflow.lock")
    (tmp_path / "server").mkdir()
    made = Server(tmp_path / "server")
    made.start()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", made.uri)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    yield made
    made.signal(signal.SIGCONT)
    made.signal(signal.SIGKILL)
    made.process.wait(20)


def found(client, key: str = "assignment06.training") -> list:
    experiment = client.get_experiment_by_name("assignment06").experiment_id
    runs = client.search_runs([experiment])
    assert all(key in run.data.tags for run in runs)
    return runs


def steps(client, run, name: str) -> list[int]:
    """Return a curve's epochs; MLflow has them by time, and these made ones come faster than their durations say."""
    return sorted(one.step for one in client.get_metric_history(run.info.run_id, name))


@pytest.mark.slow
def test_a_server_that_goes_and_comes_back_has_each_epoch_once(server: Server, tmp_path, monkeypatch) -> None:
    from mlflow import MlflowClient

    from assignment06.tracking.runs import MlflowRuns

    results, said, client = tmp_path / "results", [], MlflowClient(server.uri)

    def begin() -> tuple[threading.Event, threading.Thread]:
        reader, to, ended = Reader(followed(results)), MlflowRuns(results / "mlflow"), threading.Event()
        thread = threading.Thread(target=follow, args=(reader, to, ended, said.append, 0.1, 0.2), daemon=True)
        thread.start()
        return ended, thread

    def until(happened) -> None:
        end = time.monotonic() + 60
        while not happened():
            assert time.monotonic() < end, said
            time.sleep(0.1)

    ended, thread = begin()
    under_way(results, 1)
    until(lambda: found(client) and steps(client, found(client)[0], "seconds") == [1])
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    server.signal(signal.SIGSTOP)  # it takes what is sent, and does not answer
    under_way(results, 2)
    until(lambda: said)
    assert f"tracking: MLflow at {server.uri} cannot be reached (" in said[0]
    under_way(results, 3)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    server.signal(signal.SIGCONT)  # and now does what it was asked
    until(lambda: said[-1].endswith("is back, and has what it missed."))  # on a busy machine it may take two attempts
    ended.set()  # as where a run is killed: nothing has come out yet
    thread.join(60)
    (run,) = found(client)
    assert run.info.status == "KILLED"
    ended, thread = begin()  # the same training goes on, and then ends
    under_way(results, 4)
    until(lambda: len(steps(client, found(client)[0], "seconds")) == 4)
    until(lambda: found(client)[0].info.status == "RUNNING")
    finish(results, accuracy=0.875)
    ended.set()
    thread.join(60)
    (run,) = found(client)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "6.1 MNIST"
    for name in ("accuracy", "loss", "val_accuracy", "val_loss", "learning_rate", "seconds"):
        assert steps(client, run, name) == [1, 2, 3, 4]
    assert run.data.metrics["test_accuracy"] == 0.875
    assert run.data.params["learning_rate"] == "0.002" and run.data.params["model"] == "book_mnist"
    assert run.data.tags["data_source"] == "official"
    files = {one.path for one in client.list_artifacts(run.info.run_id)}
    assert files == {"mnist.keras", "mnist.txt", "mnist_history.csv", "mnist.json", "mnist.csv", "plots"}
    kept = next((server.folder / "artefacts").rglob("mnist.keras"))
    assert kept.read_text() == "models/mnist.keras 0.875"
    assert said[-1].endswith("is back, and has what it missed."), said


def test_a_folder_of_this_machine_and_an_address_where_nobody_answers(tmp_path) -> None:
    finish(tmp_path)
    followed(tmp_path).write(tmp_path / "followed.json")

    def tell(**environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "assignment06.tracking", "followed.json"], cwd=tmp_path, input="", text=True,
            capture_output=True, env=os.environ | {"PYTHONPATH": library_path(ROOT)} | environment,
        )  # fmt: skip

    nobody = tell(MLFLOW_TRACKING_URI="http://me:secret@127.0.0.1:9", MLFLOW_HTTP_REQUEST_MAX_RETRIES="0")
    assert nobody.returncode == 1
    assert nobody.stdout == (
        "error: MLflow at http://127.0.0.1:9 cannot be used (no answer): correct MLFLOW_TRACKING_URI, start the "
        "server, or set `logging: none` in config.yaml.\n"
    )
    for _ in range(2):
        done = tell()
        assert done.returncode == 0 and done.stdout.startswith("Tracking: MLflow's files in "), done.stderr
    look = """
import json
from mlflow import MlflowClient
client = MlflowClient("sqlite:///mlflow/mlflow.db")
runs = client.search_runs([client.get_experiment_by_name("assignment06").experiment_id])
steps = [one.step for run in runs for one in client.get_metric_history(run.info.run_id, "val_loss")]
print(json.dumps([len(runs), runs[0].info.status, steps, len(client.list_artifacts(runs[0].info.run_id))]))
"""
    seen = run_python(look, tmp_path)
    assert json.loads(seen.stdout) == [1, "FINISHED", [1, 2, 3, 4], 6], seen.stderr


def test_a_folder_that_cannot_be_made_is_refused(tmp_path, monkeypatch) -> None:
    from assignment06.tracking.runs import MlflowRuns

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "htp://nowhere")
    with pytest.raises(AssignmentError, match="correct MLFLOW_TRACKING_URI"):
        MlflowRuns(tmp_path)
