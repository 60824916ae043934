"""The command: exit status, files, progress, speed."""

from __future__ import annotations

import bz2
import csv
import gzip
import lzma
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import psutil
import pytest

from assignment06.grading.__main__ import main
from assignment06.grading.registry import CHECKS
from assignment06.grading.unpack import unpack

from . import builder
from .conftest import TESTS


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.clean())


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    files = {name: data for name, data in builder.clean().items() if "models/mnist" not in name}
    return builder.zipped(tmp_path / "assignment06_RoeRichard.zip", files)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "assignment06_PoeEdgar.zip"
    path.write_bytes(b"PK\x03\x04 not whole")
    return path


def run(*arguments: object) -> int:
    return main([*map(str, arguments), "--no-models"])


def test_exit_status(clean: Path, wrong: Path, broken: Path, tmp_path: Path) -> None:
    output = ["--output", tmp_path / "grades"]
    assert run(clean, *output) == 0
    assert run(clean, wrong, *output) == 1
    assert run(broken, clean, wrong, *output) == 2


OTHERS = {
    "a RAR archive": b"Rar!\x1a\x07\x01\x00",
    "a 7z archive": b"7z\xbc\xaf\x27\x1c\x00\x04",
    "a gzip archive (.tar.gz)": gzip.compress(b"x"),
    "a bzip2 archive (.tar.bz2)": bz2.compress(b"x"),
    "an xz archive (.tar.xz)": lzma.compress(b"x"),
    "a tar archive": tarfile.TarInfo("assignment06").tobuf() + bytes(1024),
    "a web page": b"\n<!DOCTYPE html><html>Sign in</html>",
    "a PDF": b"%PDF-1.7\n",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_zip_is_called_what_it_is(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "assignment06_DoeJane.zip"
    path.write_bytes(OTHERS[kind])
    with unpack(path) as found:
        assert found.corrupt == [f"{path.name} ({kind}, not a zip: make a zip of the folder)"]


def test_a_path_that_is_not_there_is_said_before_anything_is_graded(
    clean: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert run(clean, tmp_path / "nowhere.zip", "--output", tmp_path / "grades") == 2
    assert f"there is no {tmp_path / 'nowhere.zip'}: correct the path" in capsys.readouterr().err
    assert not (tmp_path / "grades").exists()


def test_what_is_written(clean: Path, wrong: Path, broken: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    run(broken, wrong, clean, "--output", tmp_path / "grades")
    with open(tmp_path / "grades/grades.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows] == ["could not be read", "failed", "not confirmed"]
    assert (
        rows[1]["completeness.model 6.1"] == "failed"
        and rows[1]["failed"] == "completeness.model 6.1: no model was found"
    )
    assert rows[2]["predictions.above_chance 6.2a"] == "passed"
    page = (tmp_path / "grades/grades.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 12
    for path in (clean, wrong, broken):
        assert path.name in page
    printed = capsys.readouterr().out
    assert "[1/3] assignment06_PoeEdgar.zip: could not be read" in printed
    assert "✗ completeness.model" in printed and "→ Save it with model.save" in printed
    assert "1 failed, 1 not confirmed, 1 could not be read" in printed


def test_without_a_terminal_or_with_no_color_the_text_is_plain(clean: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(TESTS.parent / "workflow"), "NO_COLOR": "1", "FORCE_COLOR": ""}
    ended = subprocess.run(
        [sys.executable, "-m", "assignment06.grading", str(clean), "--no-models", "--output", str(tmp_path / "o")],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stderr
    assert "\x1b" not in ended.stdout and "[1/1]" in ended.stdout


def test_bad_arguments(clean: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert run(clean, "--data", tmp_path / "nowhere") == 2
    assert "error: the data folder" in capsys.readouterr().err
    (tmp_path / "file").touch()
    assert run(clean, "--output", tmp_path / "file") == 2
    assert "error: the grades could not be written" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main([])


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_twice_is_one_sentence_and_keeps_what_is_graded(
    number: int, status: int, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    paths = [clean, *(builder.zipped(tmp_path / f"assignment06_Doe{n}.zip", builder.clean()) for n in "ABCDEFGH")]
    call = ["-m", "assignment06.grading", *map(str, paths), "--no-models", "--brief", "--output", str(tmp_path / "o")]
    process = subprocess.Popen(
        [sys.executable, *call], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent / "workflow"), "PYTHONUNBUFFERED": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it
    )  # fmt: skip
    while "[1/9]" not in process.stdout.readline():
        assert process.poll() is None
    for wait in (0.2, 0.0):
        os.killpg(process.pid, number)  # as a terminal does
        time.sleep(wait)
    _, said = process.communicate(timeout=30)
    assert (said, process.returncode) == ("Interrupted: what is graded is kept; the same command goes on.\n", status)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(p.info["cmdline"] or ())]
    journal = tmp_path / "o/.grades.jsonl"
    kept = journal.read_bytes().splitlines()
    assert 1 <= len(kept) < 9
    assert run(*paths, "--brief", "--output", tmp_path / "o") == 0
    assert journal.read_bytes().splitlines()[: len(kept)] == kept
    assert journal.read_bytes().count(b"\n") == 9


def test_forty_submissions(tmp_path: Path) -> None:
    """Forty small submissions without models in under 30 s of processor time, and in one call."""
    files = {name: data for name, data in builder.clean().items() if "/models/" not in name}
    paths = [
        builder.zipped(tmp_path / f"assignment06_Doe{'ABCDEFGHIJ'[i % 10]}{'abcd'[i // 10]}.zip", files)
        for i in range(40)
    ]
    started = time.process_time()
    assert run(*paths, "--brief", "--output", tmp_path / "grades") == 1
    assert time.process_time() - started < 30
    with open(tmp_path / "grades/grades.csv", newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 40


def test_table_of_checks_in_the_documentation(capsys: pytest.CaptureFixture) -> None:
    """docs/grading.md has the table that `--checks` prints, and nothing else below its heading."""
    assert main(["--checks"]) == 0
    printed = capsys.readouterr().out
    page = (TESTS.parent / "docs/grading.md").read_text(encoding="utf-8")
    assert page.endswith(printed)
    assert printed.count("\n| `") == len(CHECKS)
