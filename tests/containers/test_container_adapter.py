"""The grammar of the command named `apptainer`, against an engine that only notes what it is told."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "workflow" / "containers"), str(Path(__file__).parent)]

import adapter
from adapter import main, parse_binds, parse_exec
from engine import EngineError, explain, find_engine
from fake_engine import FakeEngine

APPTAINER = PROJECT / "workflow" / "containers" / "bin" / "apptainer"
IMAGE = "localhost/assignment06:0123456789abcdef"
TRAIN = "python '/a folder/.snakemake/scripts/tmp0x1.train_convnet.py'"
DOWNLOAD = "python .snakemake/scripts/tmp0x1.download.py"


@pytest.fixture
def fake(tmp_path_factory, monkeypatch) -> FakeEngine:
    """A PATH with nothing on it; `install` puts a pretended engine there."""
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)  # in this process; not in those it starts
    return FakeEngine(tmp_path_factory.mktemp("fake"), monkeypatch)


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A working directory with a space in its name, and an image file as `pull` writes it."""
    folder = tmp_path / "my assignment"
    (folder / ".snakemake" / "containers").mkdir(parents=True)
    (folder / ".snakemake/containers/x.simg").write_text(json.dumps({"image": IMAGE, "rootless": False}))
    monkeypatch.chdir(folder)
    return folder


def as_snakemake_writes_it(here: Path, command: str, **kwargs) -> list[str]:
    """The words that Snakemake's own code, through a shell, gives to `apptainer`, after `exec`."""
    from snakemake.deployment.singularity import Singularity, shellcmd

    Singularity().binary = "apptainer"
    image = str(here / ".snakemake" / "containers" / "x.simg")
    words = shlex.split(shellcmd(image, command, shell_executable="/bin/bash", **kwargs))
    assert words[0] == "apptainer"
    return words[words.index("exec") + 1 :]


def run_line(fake, here: Path, command: str = TRAIN, engine: str = "podman", **kwargs) -> list[str]:
    """The engine's command line for one job as Snakemake asks for it."""
    fake.install(engine)
    assert main(["exec", *as_snakemake_writes_it(here, command, **kwargs)]) == 0
    (line,) = (call for call in fake.calls if call[1] == "run")
    return line


def values(line: list[str], option: str) -> list[str]:
    return [line[index + 1] for index, word in enumerate(line) if word == option]


def test_snakemakes_call_becomes_one_container(fake, here):
    source_cache = here.parent / "cache"
    source_cache.mkdir()
    line = run_line(fake, here, bind=[source_cache, here / "absent"], is_python_script=True)
    assert line[-4:] == ["bash", IMAGE, "-c", TRAIN] and values(line, "--entrypoint") == ["bash"]
    assert values(line, "--workdir") == [str(here)]
    assert values(line, "--user") == [f"{os.getuid()}:{os.getgid()}"]
    assert values(line, "--network") == ["none"]
    assert {"--rm", "--read-only"} <= set(line) and values(line, "--pull") == ["never"]
    mounts = values(line, "--mount")
    assert f"type=bind,source={here},target={here}" in mounts
    assert f"type=bind,source={source_cache},target={source_cache}" in mounts
    assert f"type=bind,source={PROJECT / 'workflow'},target={PROJECT / 'workflow'},readonly" in mounts
    searched = [mount for mount in mounts if "target=/mnt/snakemake" in mount]
    assert searched and all(mount.endswith(",readonly") for mount in searched)


def test_folders_inside_a_mounted_one_are_not_mounted_again(fake, here):
    (here / "data").mkdir()
    line = run_line(fake, here, bind=[here / "data"], container_workdir=here / "data")
    assert values(line, "--workdir") == [str(here / "data")]
    assert not any(str(here / "data") in mount for mount in values(line, "--mount"))


def test_shadow_folder_elsewhere_is_mounted(fake, here, tmp_path):
    shadow = tmp_path / "shadow"
    shadow.mkdir()
    assert f"type=bind,source={shadow},target={shadow}" in values(
        run_line(fake, here, container_workdir=shadow), "--mount"
    )


@pytest.mark.parametrize(
    ("command", "network"),
    [
        (TRAIN, False),
        (DOWNLOAD, True),
        ("set -euo pipefail;  python '/my a/.snakemake/scripts/tmp_9.download.py'", True),
        ("python .snakemake/scripts/tmp0x1.job.py download.py", False),
        ("python scripts/download.py", False),
    ],
)
def test_network_only_for_download_scripts(fake, here, command, network):
    assert values(run_line(fake, here, command), "--network") == ([] if network else ["none"])


def test_mirror_is_read_only_and_only_for_download_scripts(fake, here, tmp_path, monkeypatch):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    monkeypatch.setenv("ASSIGNMENT06_MIRROR", str(mirror))
    assert not any(str(mirror) in word for word in run_line(fake, here, TRAIN))
    line = as_snakemake_writes_it(here, DOWNLOAD)
    assert main(["exec", *line]) == 0
    assert f"type=bind,source={mirror},target={mirror},readonly" in values(fake.calls[-1], "--mount")
    assert f"ASSIGNMENT06_MIRROR={mirror}" in values(fake.calls[-1], "--env")


def test_variables_passed_on(fake, here, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setenv("SECRET", "not for a rule")
    monkeypatch.setenv("SINGULARITYENV_FIRST", "one, two")
    monkeypatch.setenv("APPTAINERENV_SECOND", "a=b")
    line = run_line(fake, here, args="--env THIRD=3,FOURTH=x=y")
    assert set(values(line, "--env")) == {
        "OMP_NUM_THREADS=2",
        "FIRST=one, two",
        "SECOND=a=b",
        "THIRD=3",
        "FOURTH=x=y",
    }
    assert not any("SECRET" in word for word in line)


def test_proxies_reach_download_scripts_only(fake, here, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    assert "https_proxy=http://proxy:3128" not in run_line(fake, here, TRAIN)
    main(["exec", *as_snakemake_writes_it(here, DOWNLOAD)])
    assert "https_proxy=http://proxy:3128" in fake.calls[-1]


@pytest.mark.parametrize(
    ("engine", "words"), [("docker", ["--gpus", "all"]), ("podman", ["--device", "nvidia.com/gpu=all"])]
)
def test_gpus_are_passed_through_when_asked(fake, here, engine, words):
    line = run_line(fake, here, args="--nv", engine=engine)
    assert values(line, words[0]) == [words[1]]


def test_no_gpu_unless_asked(fake, here):
    assert not {"--gpus", "--device"} & set(run_line(fake, here))


def test_apptainer_bind_variable_and_option(fake, here, tmp_path, monkeypatch):
    for name in ("photographs", "results"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("APPTAINER_BIND", f"{tmp_path}/photographs:/photographs:ro")
    mounts = values(run_line(fake, here, args=f"--bind {tmp_path}/results"), "--mount")
    assert f"type=bind,source={tmp_path}/photographs,target=/photographs,readonly" in mounts
    assert f"type=bind,source={tmp_path}/results,target={tmp_path}/results" in mounts


def test_commas_and_quotes_in_a_path_survive(fake, here, tmp_path):
    odd = tmp_path / 'odd, "quoted"'
    odd.mkdir()
    escaped = str(odd).replace(",", "\\,")
    mounts = values(run_line(fake, here, args=f"--bind {shlex.quote(escaped)}"), "--mount")
    doubled = str(odd).replace('"', '""')
    assert f'type=bind,"source={doubled}","target={doubled}"' in mounts


@pytest.mark.parametrize(
    ("engine", "uid", "rootless", "user", "keep"),
    [
        ("docker", 1234, False, "1234:77", False),
        ("docker", 1234, True, "0:0", False),
        ("podman", 1234, True, "1234:77", True),
        ("podman", 0, False, "0:77", False),
    ],
)
def test_the_caller_keeps_its_number(here, monkeypatch, engine, uid, rootless, user, keep):
    monkeypatch.setattr(os, "getuid", lambda: uid)
    monkeypatch.setattr(os, "getgid", lambda: 77)
    job = parse_exec([".snakemake/containers/x.simg", "sh", "-c", "true"], {}, here)
    line = adapter.engine_command(engine, job, {"image": IMAGE, "rootless": rootless}, "name")
    assert values(line, "--user") == [user]
    assert ("--userns=keep-id" in line) == keep
    assert values(line, "--cap-drop") == ["all"]
    assert values(line, "--cap-add") == (["DAC_OVERRIDE"] if user.startswith("0:") else [])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--rocm", "x.simg", "sh"], "option --rocm means nothing"),
        (["--overlay=x", "x.simg", "sh"], "option --overlay means nothing"),
        (["--bind"], "--bind needs a value"),
        (["--bind", "a:b:c:d", ".snakemake/containers/x.simg", "sh"], "'a:b:c:d' is not of the form"),
        (["--bind", "a:b:rx", ".snakemake/containers/x.simg", "sh"], "'a:b:rx' is not of the form"),
        (
            ["--env", "novalue", ".snakemake/containers/x.simg", "sh"],
            "'novalue' is not of the form NAME=VALUE",
        ),
        (["absent.simg", "sh"], "absent.simg is no image file"),
        ([".snakemake/containers/x.simg"], "an image and a command must follow"),
        ([], "an image and a command must follow"),
    ],
)
def test_what_is_not_understood_is_refused_in_one_sentence(fake, here, capsys, words, message):
    fake.install("podman")
    assert main(["exec", *words]) == 255
    error = capsys.readouterr().err
    assert error.startswith("error: ") and message in error and len(error.splitlines()) == 1
    assert not fake.calls


@pytest.mark.parametrize("words", [[], ["build", "x.sif"], ["inspect", "x"]])
def test_other_subcommands_are_refused(fake, here, capsys, words):
    assert main(words) == 255
    assert "knows --version, pull and exec" in capsys.readouterr().err


paths = st.text(st.characters(categories=("L", "N"), include_characters=" :,.-'"), min_size=1).map(
    lambda text: f"/{text}"
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(paths, paths, st.booleans())))
def test_binds_come_back_as_they_were_written(binds):
    def escape(text):
        return text.replace(":", "\\:").replace(",", "\\,")

    written = ",".join(f"{escape(a)}:{escape(b)}:{'ro' if locked else 'rw'}" for a, b, locked in binds)
    assert parse_binds(written, Path("/")) == [(Path(a), Path(b), locked) for a, b, locked in binds]


def test_version_is_one_that_snakemake_accepts(fake, here, capsys):
    import packaging.version  # noqa: F401  (Snakemake's code below relies on its having been imported)
    from snakemake.deployment.singularity import Singularity

    fake.install("docker")
    assert main(["--version"]) == 0
    assert str(Singularity().parseversion(capsys.readouterr().out)) == "1.3.0"


def test_pull_of_a_local_image_writes_the_file_and_fetches_nothing(fake, here):
    fake.install("podman")
    assert main(["pull", "--name", "y.simg", f"docker://{IMAGE}"]) == 0
    assert adapter.read_image_file(here / "y.simg")["image"] == IMAGE
    assert [call[1] for call in fake.calls] == ["image"]
    assert sorted(path.name for path in here.iterdir()) == [".snakemake", "y.simg"]


def test_pull_of_a_published_image_fetches_it(fake, here):
    fake.install("docker")
    fake.answers(image={"status": 1, "stderr": "Error: No such image: example.org/a"})
    assert main(["pull", "--name", "y.simg", "docker://example.org/a@sha256:00"]) == 0
    assert ["docker", "pull", "example.org/a@sha256:00"] in fake.calls
    assert adapter.read_image_file(here / "y.simg")["image"] == "example.org/a@sha256:00"


def test_rootless_docker_is_noticed_when_pulling(fake, here):
    fake.install("docker")
    fake.answers(info={"stdout": "[name=seccomp,profile=default name=rootless]"})
    assert main(["pull", "--name", "y.simg", f"docker://{IMAGE}"]) == 0
    assert adapter.read_image_file(here / "y.simg") == {"image": IMAGE, "rootless": True}


MISSING = {"status": 1, "stderr": "Error: No such image: x"}


@pytest.mark.parametrize(
    ("engines", "answers", "url", "message"),
    [
        ([], {}, f"docker://{IMAGE}", "podman is not installed or on PATH: install Podman"),
        (["podman"], {}, "library://x", "name the image as docker://"),
        (["podman"], {"image": MISSING}, f"docker://{IMAGE}", "make it with `make image CONTAINER=podman`"),
        (
            ["podman"],
            {"image": {"status": 125, "stderr": "Cannot connect to Podman. Please verify your connection"}},
            f"docker://{IMAGE}",
            "installed but not running: start it",
        ),
        (
            ["podman"],
            {
                "image": MISSING,
                "pull": {"status": 125, "stderr": "dial tcp: lookup example.org: no such host"},
            },
            "docker://example.org/a:1",
            "example.org/a:1 is not on this machine and no registry answers: get online",
        ),
        (
            ["podman"],
            {"image": MISSING, "pull": {"status": 125, "stderr": "write /x: no space left on device"}},
            "docker://example.org/a:1",
            "is full: make room",
        ),
        (
            ["podman"],
            {"image": MISSING, "pull": {"status": 125, "stderr": "manifest unknown"}},
            "docker://example.org/a:1",
            "correct the published image's name in config.yaml",
        ),
    ],
)
def test_pull_that_fails_says_why_in_one_sentence(fake, here, capsys, monkeypatch, engines, answers, url, message):
    monkeypatch.setenv("ASSIGNMENT06_ENGINE", "podman")
    fake.install(*engines)
    fake.answers(**answers)
    assert main(["pull", "--name", "y.simg", url]) == 255
    error = capsys.readouterr().err
    assert error.startswith("error: ") and message in error and len(error.splitlines()) == 1
    assert not (here / "y.simg").exists()


@pytest.mark.parametrize(
    ("printed", "message"),
    [
        # As docker 20.10 and podman 4.3 print them.
        (
            "Cannot connect to the Docker daemon at unix:///docker.sock. Is the docker daemon running?",
            "start it",
        ),
        (
            "Got permission denied while trying to connect to the Docker daemon socket at unix:///docker.sock",
            "usermod -aG docker",
        ),
        (
            "docker: Error response from daemon: Mounts denied: The path /x is not shared from the host",
            "share it",
        ),
        (
            'invalid mount config for type "bind": bind source path does not exist: /x.',
            "(invalid mount config",
        ),
        ("Error: statfs /x: permission denied", "may not mount one of the job's folders (Error: statfs /x"),
        ('could not select device driver "" with capabilities: [[gpu]].', "NVIDIA Container Toolkit"),
        (
            "Error: setting up CDI devices: unresolvable CDI devices nvidia.com/gpu=all",
            "NVIDIA Container Toolkit",
        ),
        ("Error: localhost/assignment06:1: image not known", "make image CONTAINER=docker"),
        ("something new", "(something new): try `docker info`"),
        ("", "(it printed nothing)"),
    ],
)
def test_engines_complaints_become_one_sentence(printed, message):
    sentence = explain(printed, "docker", IMAGE)
    assert message in sentence and "\n" not in sentence and "{" not in sentence.replace("{{", "")


def test_the_jobs_own_status_and_messages_come_through(fake, here, capfdbinary):
    fake.install("podman")
    fake.answers(run={"status": 7, "stdout": "out\n", "stderr": "halfway\rdone\nbroken"})
    assert main(["exec", *as_snakemake_writes_it(here, TRAIN)]) == 7
    captured = capfdbinary.readouterr()
    assert captured.out == b"out\n" and captured.err == b"halfway\rdone\nbroken"


def test_a_container_that_cannot_start_says_why(fake, here, capsys):
    fake.install("podman")
    fake.answers(run={"status": 125, "stderr": f"Error: {IMAGE}: image not known\n"})
    assert main(["exec", *as_snakemake_writes_it(here, TRAIN)]) == 255
    assert f"podman has no image {IMAGE}: make it with `make image CONTAINER=podman`" in capsys.readouterr().err


def test_an_apptainer_image_is_not_taken_for_ours(fake, here, capsys):
    fake.install("podman")
    (here / ".snakemake/containers/x.simg").write_bytes(b"#!/usr/bin/env run-singularity\n\0SIF\xff")
    assert main(["exec", *as_snakemake_writes_it(here, TRAIN)]) == 255
    assert "was not written by this project's adapter: delete it" in capsys.readouterr().err


def test_results_of_somebody_else_stop_the_job_with_one_sentence(fake, here, capsys, monkeypatch):
    fake.install("podman")
    (here / "results").mkdir()
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "results" and real(path, mode))
    assert main(["exec", *as_snakemake_writes_it(here, TRAIN)]) == 255
    error = capsys.readouterr().err
    assert f"{here / 'results'} belongs to user" in error and "sudo chown -R" in error
    assert not [call for call in fake.calls if call[1] == "run"]


def test_missing_folder_stops_the_job_with_one_sentence(fake, here, capsys):
    fake.install("podman")
    assert main(["exec", *as_snakemake_writes_it(here, TRAIN, args="--bind /no/such/folder")]) == 255
    assert "/no/such/folder cannot be mounted, it does not exist" in capsys.readouterr().err


def test_engine_is_the_named_one_or_the_one_that_is_there(fake, monkeypatch):
    environment = {"PATH": str(fake.bin)}
    with pytest.raises(EngineError, match="neither podman nor docker is installed"):
        find_engine(environment)
    fake.install("docker")
    assert find_engine(environment) == "docker"
    with pytest.raises(EngineError, match="podman is not installed"):
        find_engine(environment | {"ASSIGNMENT06_ENGINE": "podman"})
    fake.install("podman")
    assert find_engine(environment | {"ASSIGNMENT06_ENGINE": "docker"}) == "docker"
    with pytest.raises(EngineError, match="'nerdctl', which is no engine known here"):
        find_engine(environment | {"ASSIGNMENT06_ENGINE": "nerdctl"})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_job_ends_its_container(fake, here, tmp_path, number):
    fake.install("podman")
    started = here / "started"
    fake.answers(run={"wait_for": str(tmp_path / "killed")}, kill={"makes": str(tmp_path / "killed")})
    words = [sys.executable, str(APPTAINER), "exec", *as_snakemake_writes_it(here, TRAIN)]
    process = subprocess.Popen(words)
    try:
        deadline = time.monotonic() + 20
        while not fake.calls and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(timeout=20) == 128 + number
    finally:
        process.kill()
        started.touch()
    (line,) = (call for call in fake.calls if call[1] == "run")
    assert ["podman", "kill", *values(line, "--name")] in fake.calls


def test_container_ends_with_the_process_that_asked_for_it(fake, here, tmp_path):
    fake.install("podman")
    fake.answers(run={"wait_for": str(tmp_path / "killed")}, kill={"makes": str(tmp_path / "killed")})
    words = [sys.executable, str(APPTAINER), "exec", *as_snakemake_writes_it(here, TRAIN)]
    code = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(600)"
    parent = subprocess.Popen([sys.executable, "-c", code, *words])
    deadline = time.monotonic() + 20
    while not fake.calls and time.monotonic() < deadline:
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    while not (tmp_path / "killed").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [call[1] for call in fake.calls][:2] == ["run", "kill"]
