"""A job's log and terminal; full disks are in faults/test_full_disks.py."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT, run_python

from assignment06.shared.files import atomic_path

SENTENCE = """
from assignment06.shared.console import job
from assignment06.shared.errors import AssignmentError
import os
with job("logs/job.log"):
    os.system("echo from a child process")
    raise {error}
"""


@pytest.mark.parametrize(
    ("error", "shown", "logged"),
    [
        ('AssignmentError("The folder x is missing: make it.")', "error: The folder x is missing: make it.\n", "x is"),
        (
            'KeyError("surprise")',
            "error: KeyError: 'surprise' (unexpected; the whole story is in logs/job.log)\n",
            "Traceback",
        ),
        ('OSError(28, "No space left on device")', "error: The disk is full: make room", "disk is full"),
    ],
)
def test_a_failed_job_says_one_sentence(tmp_path, error, shown, logged) -> None:
    done = run_python(SENTENCE.format(error=error), tmp_path)
    log = (tmp_path / "logs/job.log").read_text()
    assert done.returncode == 1
    assert done.stderr.startswith(shown)
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert "from a child process" in log
    assert logged in log


def test_a_terminal_that_is_a_full_disk_changes_no_status(tmp_path) -> None:
    code = SENTENCE.format(error='AssignmentError("The folder x is missing: make it.")')
    with open("/dev/full", "w") as full:
        process = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, stderr=full, check=False,
            env=os.environ | {"PYTHONPATH": str(ROOT / "workflow")},
        )  # fmt: skip
    assert process.returncode == 1
    assert "The folder x is missing" in (tmp_path / "logs/job.log").read_text()


def test_records_go_to_the_terminal_and_the_log(tmp_path) -> None:
    code = """
import logging
from assignment06.shared.console import job
with job("job.log"):
    logging.getLogger("assignment06.x").info("epoch 1 of 2")
    logging.getLogger("assignment06.x").debug("attempt 1 of 3")
    print("detail")
"""
    done = run_python(code, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "epoch 1 of 2\n")
    assert "epoch 1 of 2" in (tmp_path / "job.log").read_text()
    assert "detail" in (tmp_path / "job.log").read_text()
    assert "attempt 1 of 3" in (tmp_path / "job.log").read_text(), "but what few want to see is only in the log"


def test_an_atomic_file_is_whole_or_not_there(tmp_path) -> None:
    target = tmp_path / "file.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(target) as part:
        part.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    with atomic_path(target) as part:
        part.write_text("new")
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_scripts_are_two_short_doors() -> None:
    scripts = sorted((ROOT / "workflow/scripts").glob("*"))
    assert [script.name for script in scripts if script.is_file()] == ["download.py", "job.py"]
    for script in scripts:
        lines = [line for line in script.read_text().splitlines() if line.strip()] if script.is_file() else []
        assert len(lines) <= 15, script.name


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a file imports anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_the_library_knows_nothing_of_snakemake() -> None:
    files = sorted((ROOT / "workflow/assignment06").rglob("*.py"))
    assert len(files) > 50
    assert {
        path.name for path in files if {"snakemake", "snakemake_interface_logger_plugins"} & imported(path)
    } == set()
    plugin = ROOT / "workflow/snakemake_logger_plugin_concise/__init__.py"
    assert "snakemake" in imported(plugin), "it would be seen"


def test_only_one_module_knows_kerascv() -> None:
    files = (ROOT / "workflow/assignment06").rglob("*.py")
    assert [path.name for path in files if "keras_cv" in imported(path)] == ["kerascv.py"]


def test_folders_outside_are_mounted_and_those_inside_are_not(tmp_path, monkeypatch) -> None:
    from assignment06.orchestration.mounts import mount_outside

    for name in ("run/photographs", "elsewhere/photographs", "course/assignments"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "run")
    monkeypatch.setenv("APPTAINER_BIND", "/given")
    outside, course = tmp_path / "elsewhere/photographs", tmp_path / "course/assignments"
    expected = f"/given,{course}:{course},{outside}:{outside}:ro"
    for _ in range(2):  # a job reads the Snakefile again, in the environment of the first
        bound = mount_outside(read=["photographs", str(outside), "/nowhere"], write=[str(course)])
        assert bound == os.environ["APPTAINER_BIND"] == expected


@pytest.mark.skipif(sys.platform == "win32", reason="a signal to one's own process ends it there")
@pytest.mark.parametrize("made_of_it", ["raise", "assert False, 'Concurrent access?'", "raise OSError('of a library')"])
def test_who_presses_ctrl_c_again_and_again_gets_no_traceback(tmp_path, made_of_it) -> None:
    """Not even where a library makes an error of its own of the first one, as TensorFlow does while it traces."""
    code = f"""
import os, signal, threading, time
from assignment06.shared.console import job
signal.signal(signal.SIGINT, signal.default_int_handler)  # which is ignored below `nohup` and `&`
def press():
    time.sleep(0.2)
    while True:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.001)
threading.Thread(target=press, daemon=True).start()
with job("logs/job.log"):
    try:
        time.sleep(20)
    except KeyboardInterrupt:
        {made_of_it}
"""
    done = run_python(code, tmp_path)
    assert done.returncode == 130
    assert done.stderr == ""
    assert (tmp_path / "logs/job.log").read_text() == "interrupted\n"
