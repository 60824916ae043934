"""`make grade CONTAINER=...`: what the container may see, and a real one."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
GRADE = PROJECT / "workflow/containers/grade.py"
sys.path.insert(0, str(GRADE.parent))


def test_everything_but_the_output_is_read_only(tmp_path) -> None:
    from adapter import engine_command, parse_exec
    from grade import command

    for name in ("one/a.zip", "two/a.zip"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    (tmp_path / "mirror").mkdir()
    (tmp_path / "out").mkdir()
    submissions = [tmp_path / "one/a.zip", tmp_path / "two/a.zip"]
    line = command("podman", tmp_path / "out", submissions, ["--brief"], str(tmp_path / "mirror"))
    job = parse_exec(line[2:], {}, tmp_path / "out")
    writable = [inside for inside, (_, read_only) in job.mounts.items() if not read_only]
    assert writable == [tmp_path / "out"]
    assert not job.network
    assert job.mounts[Path("/submissions/1/a.zip")] == (tmp_path / "two/a.zip", True)
    assert job.mounts[Path("/data/mirror")] == (tmp_path / "mirror", True)
    assert job.command[:3] == ["python", "-m", "assignment06.grading"]
    assert job.command[-4:] == ["--brief", "--", "/submissions/0/a.zip", "/submissions/1/a.zip"]
    run = engine_command("podman", job, {"image": "i", "rootless": False}, "name")
    assert {"--memory=16g", "--pids-limit=512", "--cap-drop"} <= set(run) and "--cap-add" not in run


def test_a_submission_that_is_not_there(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, str(GRADE), "podman", "--output", str(tmp_path), "--", "nowhere.zip"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (2, "error: there is no nowhere.zip: correct the path in SUBMISSIONS.\n")


@pytest.mark.container
@pytest.mark.parametrize("engine", ["podman", "docker", "apptainer"])
def test_a_submission_is_graded_in_a_container(engine, tmp_path) -> None:
    from test_container_engines import need

    need(engine)
    path = tmp_path / "assignment06_DoeJane.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("assignment06/results/metrics/mnist.json", '{"accuracy": 0.99}')
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, str(GRADE), engine, "--output", str(tmp_path / "out"), "--brief", "--", str(path)],
        capture_output=True, text=True, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "assignment06_DoeJane.zip: failed" in done.stdout
    assert {"grades.csv", "grades.html"} <= set(os.listdir(tmp_path / "out"))
    assert (tmp_path / "out/grades.csv").stat().st_uid == os.getuid()
    assert path.read_bytes() == before
