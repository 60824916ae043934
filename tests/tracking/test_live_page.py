"""The live page: jobs and curves of the run of a folder, at an address of this machine alone."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from made_trainings import finish, under_way
from support import ROOT, library_path

from assignment06.tracking.journal import Journal, read_run
from assignment06.tracking.page import chart, now

JOBS = [(0, "train_convnet mnist"), (1, "predict_test_set mnist"), (2, "plot_history mnist"), (3, "plot_history b")]
EXPERIMENTS = {"mnist": {"title": "6.1 <MNIST>", "epochs": 4}, "b": {"title": "", "epochs": 2}}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / ".snakemake/assignment06/jobs.jsonl")
    made.begin(JOBS, str(tmp_path), EXPERIMENTS)
    return made


def test_what_is_done_running_and_to_come(journal: Journal, tmp_path) -> None:
    for job, state in ((0, "begun"), (0, "failed"), (0, "begun"), (1, "begun"), (1, "done")):
        journal.note(job, state)
    run = read_run(journal.path)
    assert [job.state for job in run.jobs] == ["begun", "done", "", ""]
    assert not run.ended
    under_way(tmp_path, 2)
    page = now(journal.path)
    assert "<strong>1 of 4 done</strong>, 1 running." in page
    assert "<li>plot_history (2)</li>" in page
    assert "6.1 &lt;MNIST&gt;" in page and "<MNIST>" not in page
    assert re.search(r"Epoch 2 of 4, \d s left at this pace. Best validation accuracy 90.00%, epoch 2", page)
    assert "No epoch yet: b." in page
    journal.note(0, "failed")
    assert "Failed: train_convnet mnist." in now(journal.path)
    finish(tmp_path)
    journal.end("done")
    page = now(journal.path)
    assert "4 epochs, finished" in page and "Test accuracy <strong>50.00%</strong>" in page
    assert "the run has ended well" in page


def test_a_run_that_was_killed_is_said_to_be_stopped(journal: Journal) -> None:
    text = journal.path.read_text().replace(f'"process": {os.getpid()}', '"process": 4194304')
    journal.path.write_text(text + '{"job": 0, "sta')  # and half a line
    assert read_run(journal.path).ended == "stopped"
    assert "the run was stopped; the same command goes on" in now(journal.path)


def test_a_journal_that_cannot_be_written_ends_no_run(tmp_path) -> None:
    (tmp_path / "file").touch()
    journal = Journal(tmp_path / "file/jobs.jsonl")
    journal.begin(JOBS, "results", {})
    journal.note(0, "begun")
    assert read_run(journal.path) is None
    assert "Nothing has run in this folder yet" in now(journal.path)


def test_a_chart_of_one_epoch_and_of_equal_values() -> None:
    row = {"epoch": 1, "loss": 0.5, "val_loss": 0.5}
    for epochs in (1, 4):
        assert chart([row], "loss", epochs)["lines"]["training"] == [(48, 128)]
    two = chart([row, row | {"epoch": 2, "loss": 0.25}], "loss", 2)["lines"]
    assert two == {"training": [(48, 8), (312, 128)], "validation": [(48, 8), (312, 8)]}


def test_the_address_answers_this_machine_and_no_other_name(journal: Journal, tmp_path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "assignment06.tracking.server", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE,
        text=True, env=os.environ | {"PYTHONPATH": library_path(ROOT)},
    )  # fmt: skip
    try:
        address = process.stdout.readline().split()[0]
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310
            page = answer.read().decode()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "0 of 4 done" in page and 'fetch("now"' in page
        for path, host in (("/etc/passwd", "127.0.0.1"), ("/now", "evil.example")):
            request = urllib.request.Request(address.rstrip("/") + path, headers={"Host": host})  # noqa: S310
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(request, timeout=10)  # noqa: S310
        port = address.rstrip("/").rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-m", "assignment06.tracking.server", "--port", port], capture_output=True, text=True,
            env=os.environ | {"PYTHONPATH": library_path(ROOT)},
        )  # fmt: skip
        assert second.returncode == 1
        assert second.stderr.startswith(f"error: port {port} cannot be used")
    finally:
        process.terminate()
        process.wait(10)
