"""The image's name, and reading inside a container which one it is."""

import subprocess
import sys
from pathlib import Path

import pytest

from assignment06.orchestration import container_image
from assignment06.shared import provenance
from assignment06.shared.errors import AssignmentError

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path):
    for source in container_image.SOURCES + container_image.GPU_SOURCES:
        path = tmp_path / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((PROJECT / source).read_bytes())
    return tmp_path


@pytest.mark.parametrize("source", container_image.SOURCES)
def test_name_changes_with_every_source_and_only_then(tree, source):
    before = container_image.image_name(tree)
    assert before == container_image.image_name(PROJECT)
    (tree / "README.md").write_text("no part of the image")
    assert container_image.image_name(tree) == before
    (tree / source).write_bytes((tree / source).read_bytes() + b"#\n")
    assert container_image.image_name(tree) != before


def test_gpu_variant_has_a_name_of_its_own_that_follows_its_lock(tree):
    cpu, gpu = container_image.image_name(tree), container_image.image_name(tree, gpu=True)
    assert gpu.endswith("-gpu") and gpu.removesuffix("-gpu") != cpu
    (tree / container_image.GPU_SOURCES[0]).write_text("tensorflow==1\n")
    assert container_image.image_name(tree) == cpu and container_image.image_name(tree, gpu=True) != gpu


def test_line_ends_do_not_count(tree):
    before = container_image.image_name(tree)
    lock = tree / "envs/workflow.lock"
    lock.write_bytes(lock.read_bytes().replace(b"\n", b"\r\n"))
    assert container_image.image_name(tree) == before


def test_missing_source_is_one_sentence(tree):
    (tree / "envs/workflow.lock").unlink()
    with pytest.raises(AssignmentError, match=r"envs/workflow.lock .* `git checkout -- envs/workflow.lock"):
        container_image.image_name(tree)


def test_what_the_name_covers_reaches_the_build():
    dockerfile = (PROJECT / "Dockerfile").read_text()
    ignore = (PROJECT / ".dockerignore").read_text().splitlines()
    assert "*" in ignore
    for source in container_image.SOURCES + container_image.GPU_SOURCES:
        assert f"!{source}" in ignore
        assert source == "Dockerfile" or f"COPY {source} " in dockerfile


def test_published_image_is_taken_as_it_stands():
    url = "docker://registry.example/name@sha256:" + "0" * 64
    assert container_image.container_url(url) == url
    assert container_image.container_url() == f"docker://{container_image.image_name()}"


def test_file_is_where_snakemake_looks_for_it(tmp_path):
    from types import SimpleNamespace

    from snakemake.deployment.singularity import Image

    dag = SimpleNamespace(workflow=SimpleNamespace(persistence=SimpleNamespace(container_img_path=str(tmp_path))))
    url = container_image.container_url()
    assert Image(url, dag, is_containerized=False).path == str(tmp_path / container_image.image_file(url))


def test_runs_as_a_program_without_third_party_packages():
    for arguments, expected in (
        ([], container_image.image_name()),
        (["--gpu", "--url"], container_image.container_url(gpu=True)),
        (["--file"], container_image.image_file(container_image.container_url())),
    ):
        # -S and -I: no site-packages, so anything but the standard library would fail to import.
        code = (
            f"import sys; sys.path.insert(0, {str(PROJECT / 'workflow')!r}); "
            f"from assignment06.orchestration.container_image import main; main({arguments!r})"
        )
        done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == expected


@pytest.fixture
def inside(tmp_path, monkeypatch):
    monkeypatch.delenv("APPTAINER_CONTAINER", raising=False)
    monkeypatch.delenv("container", raising=False)
    (tmp_path / "etc").mkdir()
    (tmp_path / "run").mkdir()
    return tmp_path


def test_identity_outside_any_container_is_none(inside):
    assert provenance.container_identity(inside) is None


@pytest.mark.parametrize(
    ("marker", "runtime"),
    [
        (".dockerenv", "docker"),
        ("run/.containerenv", "podman"),
        (".singularity.d", "apptainer"),
        (None, "unknown"),
    ],
)
def test_identity_is_read_from_markers(inside, marker, runtime):
    (inside / "etc/assignment06-image").write_text("localhost/assignment06:0123456789abcdef\n")
    if marker:
        (inside / marker).touch()
    expected = {"runtime": runtime, "image": "localhost/assignment06:0123456789abcdef"}
    assert provenance.container_identity(inside) == expected


def test_identity_from_variables(inside, monkeypatch):
    monkeypatch.setenv("container", "podman")  # a read-only container has no /run/.containerenv
    assert provenance.container_identity(inside) == {"runtime": "podman", "image": None}
    (inside / ".dockerenv").touch()
    monkeypatch.setenv("APPTAINER_CONTAINER", "/images/x.sif")  # made from a Docker image: /.dockerenv is left over
    assert provenance.container_identity(inside) == {"runtime": "apptainer", "image": None}
