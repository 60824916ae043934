"""Trainings as runs of MLflow: settings as parameters, curves, test figures, files.

https://mlflow.org/docs/latest/ml/tracking. Where they go says MLFLOW_TRACKING_URI, MLflow's own variable, else a folder
of the results; what the experiment is called there, MLFLOW_EXPERIMENT_NAME.
"""

import json
import logging
import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

# Before MLflow reads them. Its own patience is minutes, in which nobody would know that a server is gone
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException

from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_file
from assignment06.tracking.trainings import CURVES, Point, Training

NAME = "assignment06"
KEY = "assignment06.training"
FILES = "assignment06.files"  # the SHA-256 of what was sent, by kind
CREDENTIALS = re.compile(r"//[^/@\s]*@")
MOST = 1000  # points MLflow takes at a time


class MlflowRuns:
    """One run a training. What a run has already is asked of MLflow, so that nothing is sent twice."""

    def __init__(self, folder: Path):
        uri = os.environ.get("MLFLOW_TRACKING_URI", "")
        logging.getLogger("mlflow").setLevel(logging.ERROR)
        logging.getLogger("alembic").setLevel(logging.ERROR)
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", NAME)
        files = None
        if uri:
            self.place = f"MLflow at {CREDENTIALS.sub('//', uri)}"
            self.hint = f"experiment {name}"
        else:
            folder.mkdir(parents=True, exist_ok=True)
            uri = f"sqlite:///{(folder / 'mlflow.db').absolute().as_posix()}"
            files = (folder / "files").absolute().as_uri()
            self.place = f"MLflow's files in {folder}"
            self.hint = f"see them with `mlflow server --backend-store-uri sqlite:///{folder.as_posix()}/mlflow.db`"
        try:
            with _answered():
                self.client = MlflowClient(uri)
                found = self.client.get_experiment_by_name(name)
                self.experiment = found.experiment_id if found else self.client.create_experiment(name, files)
        except OSError as error:
            raise AssignmentError(
                f"{self.place} cannot be used ({error}): correct MLFLOW_TRACKING_URI, start the server, or set "
                "`logging: none` in config.yaml."
            ) from None
        self.runs: dict[str, Run] = {}
        self.known: dict[str, set[tuple[str, int]]] = {}

    def write(self, training: Training) -> None:
        """Send what is new of a training. Raises OSError where MLflow does not answer."""
        key = f"{training.experiment}-{training.identity}"
        try:
            with _answered():
                self._write(key, training)
        except OSError:
            self.runs.pop(key, None)  # what of it came through is asked the next time
            raise

    def close(self) -> None:
        """Mark what did not come to its end. Raises OSError as `write` does."""
        with _answered():
            for run in self.runs.values():
                if run.info.status != "FINISHED":
                    self.client.set_terminated(run.info.run_id, "KILLED")

    def _write(self, key: str, training: Training) -> None:
        run = self.runs.get(key) or self._run(key, training)
        number = run.info.run_id
        new = [one for one in training.points() if (one.name, one.epoch) not in self.known[key]]
        for first in range(0, len(new), MOST):
            part = new[first : first + MOST]
            self.client.log_batch(number, metrics=[_metric(one) for one in part])
            self.known[key] |= {(one.name, one.epoch) for one in part}
        if training.metrics is None:
            return
        sent = json.loads(run.data.tags.get(FILES, "{}"))
        for kind, path in training.files.items():
            digest = sha256_file(path)
            if sent.get(kind) != digest:
                self.client.log_artifact(number, str(path), "plots" if kind.startswith("plots/") else None)
                sent[kind] = digest
                self.client.set_tag(number, FILES, json.dumps(sent))
                run.data.tags[FILES] = json.dumps(sent)
        if run.info.status != "FINISHED":
            tags = {
                "data_source": training.metrics.provenance.data_source,
                "weights_sha256": training.metrics.provenance.weights_sha256,
                "stamps": "; ".join(training.metrics.stamps),
            }
            self.client.log_batch(number, tags=[RunTag(*pair) for pair in tags.items()])
            self.client.set_terminated(number, "FINISHED", end_time=round(training.written * 1000))
            self._remember(key, number)

    def _run(self, key: str, training: Training) -> Run:
        """Return the run of a training, which goes on where it was killed; made where there is none."""
        found = self.client.search_runs([self.experiment], f"tags.`{KEY}` = '{key}'", max_results=1)
        if found:
            number, begun = found[0].info.run_id, bool(found[0].data.params)
            if found[0].info.status != "FINISHED":
                self.client.update_run(number, status="RUNNING")
        else:
            began = training.points()[0].time - float(training.rows[0]["seconds"])
            tags = {KEY: key, "experiment": training.experiment}
            name = training.settings.title or training.experiment
            number, begun = self.client.create_run(self.experiment, round(began * 1000), tags, name).info.run_id, False
        if not begun:
            settings = training.settings.plain().items()
            self.client.log_batch(number, params=[Param(name, str(value)[:6000]) for name, value in settings])
        names = [*CURVES, "test_accuracy", "test_loss"]
        self.known[key] = {(name, one.step) for name in names for one in self.client.get_metric_history(number, name)}
        return self._remember(key, number)

    def _remember(self, key: str, number: str) -> Run:
        self.runs[key] = self.client.get_run(number)
        return self.runs[key]


@contextmanager
def _answered() -> Generator[None]:
    """Make one error of all that MLflow has where it does not answer: OSError with its first line."""
    try:
        yield
    except MlflowException as error:
        said = CREDENTIALS.sub("//", str(error).strip().splitlines()[0])
        raise OSError("no answer" if "failed with exception" in said else said[:200]) from error


def _metric(one: Point) -> Metric:
    return Metric(one.name, one.value, round(one.time * 1000), one.epoch)
