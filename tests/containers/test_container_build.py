"""Making the image, and the image's entry point, against engines that only note what they are told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assignment06.orchestration.container_image import container_url, image_file, image_name

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "workflow" / "containers"), str(Path(__file__).parent)]

import build
import entrypoint
from fake_engine import FakeEngine

MISSING = {"status": 1, "stderr": "Error: No such image: x"}


@pytest.fixture
def fake(tmp_path_factory, monkeypatch) -> FakeEngine:
    """A PATH with nothing on it; `install` puts a pretended engine there."""
    return FakeEngine(tmp_path_factory.mktemp("fake"), monkeypatch)


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_image_is_built_under_its_name_with_what_the_caller_adds(fake, engine):
    fake.install(engine)
    fake.answers(image=MISSING)
    assert build.main([engine, "--build-arg", "BASE_IMAGE=python@sha256:0", "--network=host"]) == 0
    line = fake.calls[-1]
    assert line[:4] == [engine, "build", "--tag", image_name()] and line[-1] == "."
    assert f"IMAGE_TAG={image_name().rpartition(':')[2]}" in line
    assert "--network=host" in line and "BASE_IMAGE=python@sha256:0" in line and "VARIANT=gpu" not in line


def test_gpu_variant_is_built_under_its_own_name(fake):
    fake.install("docker")
    fake.answers(image=MISSING)
    assert build.main(["docker", "--gpu"]) == 0
    assert fake.calls[-1][3] == image_name(gpu=True) and "VARIANT=gpu" in fake.calls[-1]


def test_image_that_is_there_is_not_built_again(fake, capsys):
    fake.install("podman")
    assert build.main(["podman"]) == 0
    assert [call[1] for call in fake.calls] == ["image"]
    assert "is there already" in capsys.readouterr().out


def test_published_image_is_not_built(fake, capsys, monkeypatch):
    fake.install("podman")
    monkeypatch.setattr(build, "published_image", lambda: "docker://registry.example/a@sha256:0")
    assert build.main(["podman"]) == 0
    assert not fake.calls and "registry.example/a@sha256:0" in capsys.readouterr().out


def test_published_image_is_read_from_the_config(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "PROJECT", tmp_path)
    assert build.published_image() is None
    (tmp_path / "config.yaml").write_text("image: docker://registry.example/a:1\n")
    assert build.published_image() == "docker://registry.example/a:1"


@pytest.mark.parametrize(
    ("printed", "message"),
    [
        (
            'ERROR: no such version\nError: building at STEP "RUN pip": exit status 1',
            "(ERROR: no such version): mend the step",
        ),
        ("[Errno 28] No space left on device", "is full: make room"),
        (
            "dial tcp: lookup registry-1.docker.io: no such host",
            "made from is not on this machine and no registry",
        ),
        ("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "not running: start it"),
    ],
)
def test_build_that_fails_says_why_in_one_sentence(fake, capsys, printed, message):
    fake.install("docker")
    fake.answers(image=MISSING, build={"status": 1, "stderr": printed})
    assert build.main(["docker"]) == 1
    captured = capsys.readouterr()
    assert printed in captured.out  # what the engine said stays to be read
    assert captured.err.startswith("error: ") and message in captured.err and len(captured.err.splitlines()) == 1


def test_no_engine_is_one_sentence(fake, capsys):
    assert build.main(["docker"]) == 1
    assert capsys.readouterr().err.startswith("error: docker is not installed or on PATH: install Docker")


@pytest.mark.parametrize("engine", ["podman", "docker"])
def test_apptainer_image_is_made_from_the_engines_and_put_where_snakemake_looks(fake, tmp_path, engine):
    fake.install(engine, "apptainer")
    fake.answers(build={"makes_argument": 4})  # apptainer build --mksquashfs-args "..." FILE SOURCE
    assert build.main(["apptainer", "--prefix", str(tmp_path / "images")]) == 0
    target = tmp_path / "images" / image_file(container_url())
    assert target.exists() and [path.name for path in target.parent.iterdir()] == [target.name]
    assert [call[:2] for call in fake.calls] == [[engine, "image"], [engine, "save"], ["apptainer", "build"]]
    assert fake.calls[-1][-1].startswith("oci-archive:" if engine == "podman" else "docker-archive:")
    assert build.main(["apptainer", "--prefix", str(tmp_path / "images")]) == 0
    assert len(fake.calls) == 3


@pytest.mark.parametrize(
    ("installed", "answers", "folder", "message"),
    [
        ([], {}, "images", "apptainer is not installed or on PATH: install it"),
        (["apptainer"], {}, "images", "Apptainer cannot build a Dockerfile and neither podman nor docker is here"),
        (["apptainer", "podman"], {}, "my images", "a space in its path: move the assignment"),
        (
            ["apptainer", "podman"],
            {"save": {"status": 125, "stderr": "write: no space left on device"}},
            "images",
            "is full: make room",
        ),
        (
            ["apptainer", "podman"],
            {"build": {"status": 255, "stderr": "FATAL: mksquashfs missing"}},
            "images",
            "apptainer could not make",
        ),
    ],
)
def test_apptainer_image_that_cannot_be_made_says_why(fake, tmp_path, capsys, installed, answers, folder, message):
    fake.install(*installed)
    fake.answers(**answers)
    assert build.main(["apptainer", "--prefix", str(tmp_path / folder)]) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ") and message in error
    assert not list(tmp_path.glob("**/*.sif"))


def test_entrypoint_wants_a_mounted_assignment(tmp_path):
    assert "no Snakefile in" in entrypoint.complaint(tmp_path)
    (tmp_path / "Snakefile").touch()
    assert entrypoint.complaint(tmp_path) is None


def test_entrypoint_wants_to_write(tmp_path, monkeypatch):
    (tmp_path / "Snakefile").touch()
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "results")
    complaint = entrypoint.complaint(tmp_path)
    assert f"may not write into {tmp_path / 'results'}" in complaint and "sudo chown -R" in complaint


def test_entrypoint_becomes_snakemake(tmp_path):
    (tmp_path / "Snakefile").touch()
    (tmp_path / "snakemake").write_text('#!/bin/sh\necho "snakemake got: $*"\n')
    (tmp_path / "snakemake").chmod(0o755)
    script = PROJECT / "workflow" / "containers" / "entrypoint.py"
    command = [sys.executable, script, "--cores", "4"]
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=tmp_path, env=path, capture_output=True, text=True, check=True)
    assert done.stdout == "snakemake got: --cores 4\n"
    (tmp_path / "Snakefile").unlink()
    done = subprocess.run(command, cwd=tmp_path, env=path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.startswith("error: no Snakefile in")
    assert len(done.stderr.splitlines()) == 1
