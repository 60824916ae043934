"""`python -m assignment06` has the commands of the Makefile, which calls it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import ROOT, library_path

from assignment06.orchestration import commands

SNAKEMAKE = ["-m", "snakemake", "--logger", "concise", "--cores"]


def run(*words: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
    """Run `python -m assignment06` with these words."""
    return subprocess.run(
        [sys.executable, "-m", "assignment06", *words], cwd=folder, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": library_path(ROOT)} | environment, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def make(*words: str, venv: Path | None = None) -> subprocess.CompletedProcess:
    """Run make without doing anything, as if its environment were there."""
    if not shutil.which("make"):
        pytest.skip("no make on this machine")
    places = [f"VENV={venv or sys.prefix}", f"BIN={venv / 'bin' if venv else Path(sys.executable).parent}"]
    return subprocess.run(["make", "-n", *words, *places], cwd=ROOT, capture_output=True, text=True)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that were started, without Python's name; nothing is run."""
    seen: list[list[str]] = []
    monkeypatch.chdir(ROOT)
    for name in ("_run", "_become"):
        monkeypatch.setattr(commands, name, lambda command: seen.append(command[1:]) or 0)
    for name in ("PATH", "XDG_CACHE_HOME", "ASSIGNMENT06_ENGINE", "ASSIGNMENT06_GPU"):  # put back afterwards
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.delenv("ASSIGNMENT06_MIRROR", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return seen


PLAIN = [*SNAKEMAKE, "all", "--workflow-profile", "workflow/profiles/default"]


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("submission", [PLAIN]),
        ("submission -n --config a=b", [[*PLAIN, "-n", "--config", "a=b"]]),
        ("submission --configfile config.yaml -n", [[*PLAIN, "--configfile", "config.yaml", "-n"]]),
        ("submission --cores 2 --profile gpu -- --cores 3 x", [
            [*SNAKEMAKE, "2", "--workflow-profile", "workflow/profiles/gpu", "--cores", "3", "x"]]),
        ("submission --container podman --gpu --build-args=--build-arg=A=B", [
            ["workflow/containers/build.py", "podman", "--gpu", "--build-arg=A=B"],
            [*PLAIN, "--sdm", "apptainer", "--apptainer-prefix", ".snakemake/containers/podman",
             "--apptainer-args=--nv"]]),
        ("test -m fast tests", [["-m", "pytest", "-m", "fast", "tests"]]),
        ("grade --submissions a.zip b/ --cores 2 --brief", [
            ["-m", "assignment06.grading", "--output", ".", "--jobs", "2", "--brief", "--", "a.zip", "b/"]]),
        ("grade --submissions envs/d*.lock no*.zip", [
            ["-m", "assignment06.grading", "--output", ".", "--", "envs/detection.lock", "envs/dev.lock", "no*.zip"]]),
        ("grade --brief -- -x.zip --output=y.zip", [
            ["-m", "assignment06.grading", "--output", ".", "--brief", "--", "-x.zip", "--output=y.zip"]]),
        ("grade --container docker --submissions a.zip --output o", [
            ["workflow/containers/build.py", "docker"],
            ["workflow/containers/grade.py", "docker", "--output", "o", "--", "a.zip"]]),
        ("predict --model m.keras --images i --output o --top 3", [
            ["-m", "assignment06.orchestration.predict", "m.keras", "i", "o", "--top", "3"]]),
        ("dag", [["-m", "assignment06.orchestration.graphs", "results/dag"]]),
        ("image --container apptainer", [["workflow/containers/build.py", "apptainer"]]),
        ("cloud-image", [["workflow/containers/cloud.py", "docker"]]),
    ],
)  # fmt: skip
def test_what_a_command_runs(words: str, lines: list[list[str]], started: list[list[str]]) -> None:
    assert commands.main(words.split()) == 0
    assert [[word.replace("\\", "/") for word in line] for line in started] == lines


def test_docker_and_podman_answer_as_apptainer_and_a_real_one_sees_the_mirror(started, monkeypatch) -> None:
    monkeypatch.setenv("ASSIGNMENT06_MIRROR", "/a mirror")
    assert commands.main(["submission", "--container", "apptainer"]) == 0
    assert started[-1][-1] == '--apptainer-args=--bind "/a mirror"'
    assert not os.environ["ASSIGNMENT06_ENGINE"]
    assert commands.main(["submission", "--container", "docker"]) == 0
    assert started[-1][-2:] == ["--apptainer-prefix", ".snakemake/containers/docker"]
    assert os.environ["PATH"].startswith(str(ROOT / "workflow/containers/bin") + os.pathsep)
    assert os.environ["ASSIGNMENT06_ENGINE"] == "docker"


def test_colours_and_a_cache_at_home_are_left_out_where_they_cannot_be(started, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    assert commands.main(["submission"]) == 0
    assert started[-1][-1] == "--nocolor"
    assert os.environ["XDG_CACHE_HOME"] == str(ROOT / ".snakemake/cache")


def test_an_image_that_is_not_made_ends_the_command(started, monkeypatch) -> None:
    monkeypatch.setattr(commands, "_run", lambda command: 7)
    assert commands.main(["submission", "--container", "podman"]) == 7
    assert commands.main(["lint"]) == 7
    assert not started


REFUSED = [
    ("--profile", "slrum", "no profile slrum: known are aws-batch default google-batch gpu kubernetes slurm"),
    (
        "--extras",
        "detections",
        "EXTRAS=detections is not known: add detection, onnx, captions, openvino, tensorboard or mlflow, several in "
        "quotes",
    ),
]


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [*REFUSED, ("--cores", "0", "CORES=0 is no number of cores: give all, or a whole number from 1")],
)
def test_a_misspelt_name_is_refused_by_both(option: str, value: str, sentence: str) -> None:
    for command in ("submission", "check"):
        done = run(command, option, value)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"error: {sentence}\n")
    done = make("submission", f"{option[2:].upper()}={value}")
    assert done.returncode == 2
    assert done.stderr.endswith(f"*** {sentence}.  Stop.\n")
    assert not done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["predict", "--images", "i"], commands.SAY_WHICH),
        (["submission", "--profile", "slurm"], "no Slurm on this machine"),
        *(
            ([*words, cores], f"CORES={cores} is no number of cores: give all, or a whole number from 1")
            for words in (["submission", "--cores"], ["submission", "--", "-n", "-c"])
            for cores in ("0", "-1", "many", "1.5")
        ),
        (["submission", "--configfile", "nope.yaml"], "there is no file nope.yaml: correct the name after"),
        (
            ["submission", "--", "--configfile", "config.yaml", "examples/transfer.yml", "-n"],
            f"there is no file {Path('examples/transfer.yml')}: did you mean {Path('examples/transfer.yaml')}?",
        ),
        (["submission", "--configfile=examples"], "there is no file examples: correct"),
    ],
)
def test_what_cannot_run_is_said_in_one_line(words: list[str], sentence: str) -> None:
    done = run(*words, PATH="")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {sentence}")
    assert done.stderr.count("\n") == 1


def test_a_config_file_that_is_no_yaml_is_said_before_snakemake_reads_it(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("experiments:\n  mnist: !wow\n")
    done = run("submission", "--", "-n", "--configfile", str(tmp_path / "own.yaml"))
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path / 'own.yaml'}, line 2 (`mnist: !wow`), has `!wow`")
    assert done.stderr.count("\n") == 1


def test_outside_of_the_project_it_says_so(tmp_path: Path) -> None:
    done = run("dag", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "error: there is no Snakefile here: run this in the folder of the project\n"


def test_a_lock_that_is_not_installed_is_said(started, tmp_path, monkeypatch, capsys) -> None:
    lock = tmp_path / "x.lock"
    lock.write_text('absent-on-windows==1 ; sys_platform == "win32"\npytest==1 \\\n    --hash=sha256:0\n')
    commands._check_installed(lock)
    lock.write_text("pytest==1 \\\nno-such-package==1 \\\n")
    with pytest.raises(commands.Refused, match="no-such-package is not installed here: run `python.* -r .*x.lock`"):
        commands._check_installed(lock)


def test_make_has_every_command_and_calls_it() -> None:
    for name in commands.COMMANDS:
        done = make("-W", "Snakefile", name, "SUBMISSIONS=a.zip", "MODEL=m", "IMAGES=i")
        assert f"-m assignment06 {name}" in done.stdout, done.stderr
    for name in ("grade", "predict"):
        assert '--output="a b"' in make("-W", "Snakefile", name, "OUTPUT=a b").stdout
    done = make(
        "submission", "CORES=2", "CONTAINER=podman", "GPU=1", "BUILD_ARGS=--build-arg A=B", "ARGS=-n --config a=b"
    )
    words = " ".join(re.findall("submission .*", done.stdout)[0].split())
    assert words == (
        "submission --cores 2 --profile default --extras='' --container podman --gpu --build-args='--build-arg A=B' "
        "-- -n --config a=b"
    )


def test_uv_installs_the_lock_where_it_is_and_pip_where_it_is_not_or_fails(tmp_path: Path) -> None:
    lock = "--require-hashes --no-deps --compile -r envs/workflow.lock"
    pip = f"{tmp_path}/bin/python -m pip install --quiet --disable-pip-version-check {lock}"
    for uv, line in (("", pip), ("uv", f"uv pip install --quiet --python {tmp_path}/bin/python {lock} || {pip}")):
        done = make("environment", f"UV={uv}", venv=tmp_path)
        assert line in done.stdout.splitlines(), done.stderr


def test_exit_statuses_are_passed_on() -> None:
    assert run("test", "--no-such-option").returncode == 4
    assert run("grade", "--submissions", "nothing.zip").returncode == 2
    assert commands._run([sys.executable, "-c", "raise SystemExit(5)"]) == 5


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
def test_after_ctrl_c_the_program_ends_as_it_likes_to(tmp_path: Path) -> None:
    slow = "import time, sys\nprint('here', flush=True)\ntry: time.sleep(60)\nexcept KeyboardInterrupt: sys.exit(9)"
    beside = "import sys\nfrom assignment06.orchestration import commands\n"
    beside += "sys.exit(commands.%s([sys.executable, '-c', %r]))"
    for way in ("_run", "_become"):
        process = subprocess.Popen(
            [sys.executable, "-c", beside % (way, slow)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True, env=os.environ | {"PYTHONPATH": library_path(ROOT)},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it
        )  # fmt: skip
        assert process.stdout.readline() == "here\n"
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.communicate(timeout=30) == ("", "")
        assert process.returncode == 9
