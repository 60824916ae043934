"""Every shipped profile: read by Snakemake, its options known, its jobs planned, and its first mistakes answered."""

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support import PLUGINS, ROOT, copy_tree, snakemake

PROFILES = ROOT / "workflow/profiles"


def plan(folder: Path, profile: str, *arguments: str, plugins: str = "", **environment: str):
    """Dry-run the workflow with a shipped profile, with the plugins of one lock."""
    if plugins and not (PLUGINS / plugins / "stamp").exists():
        pytest.skip(f"no {PLUGINS / plugins}: `make test` puts these plugins there")
    environment |= {"PYTHONPATH": str(PLUGINS / plugins)} if plugins else {}
    return snakemake(folder, "-n", "--workflow-profile", f"workflow/profiles/{profile}", *arguments, **environment)


def test_every_profile_with_an_executor_has_a_lock() -> None:
    for profile in PROFILES.iterdir():
        settings = yaml.safe_load((profile / "profile.yaml").read_text())
        assert (ROOT / f"envs/{profile.name}.lock").exists() == ("executor" in settings), profile.name


def test_default_and_gpu_plan_all_jobs(tree) -> None:
    assert plan(tree, "default").returncode == 0
    done = plan(tree, "gpu", ASSIGNMENT06_GPU="1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("gpu=1") == 3, "one for each training"


def test_slurm_plans_all_jobs_with_what_they_need(tree) -> None:
    done = plan(tree, "slurm", plugins="slurm")
    assert done.returncode == 0, done.stderr
    assert "mem_mb=3000" in done.stdout


@pytest.mark.parametrize(("profile", "prefix"), [("kubernetes", "s3://assignment"), ("aws-batch", "s3://assignment")])
def test_a_cloud_with_a_bucket_plans_all_jobs(tree, aws_storage, profile, prefix) -> None:
    where = ["--default-storage-prefix", f"{prefix}/{profile}", "--storage-s3-endpoint-url", aws_storage.endpoint]
    done = plan(tree, profile, *where, plugins="test-clouds", **aws_storage.environment)
    assert done.returncode == 0, done.stderr
    assert "pack_shard" in done.stdout
    assert "Exception" not in done.stdout + done.stderr


def test_aws_batch_knows_the_sizes_that_jobs_ask_for(tree, aws_storage) -> None:
    """Its plugin turns a size that it does not know into the smallest, at the first attempt or a later one."""
    asked = ["--configfile", "examples/transfer.yaml", "--config"]
    asked += ["detector={weights: yolox_nano}", "faces={detector: mtcnn}"]
    where = ["--default-storage-prefix", "s3://assignment/sizes", "--storage-s3-endpoint-url", aws_storage.endpoint]
    done = plan(tree, "kubernetes", *where, *asked, plugins="test-clouds", **aws_storage.environment)
    blocks = re.split(r"^(?=rule \w+:$)", done.stdout, flags=re.MULTILINE)
    asking = re.compile(r"rule (\w+):\n(?:.*\n)*?    threads: 2\n    resources: .*?mem_mb=(\d+)")
    jobs = {found.groups() for found in map(asking.match, blocks) if found}  # others are small
    assert {"train_convnet", "detect_objects", "detect_faces"} <= {job[0] for job in jobs}, done.stdout[-2000:]
    known = runpy.run_path(str(PLUGINS / "test-clouds/snakemake_executor_plugin_aws_batch/constant.py"))
    sizes = {n: {size for size, cores in known["VALID_RESOURCES_MAPPING"].items() if n in cores} for n in (1, 2)}
    own = yaml.safe_load((PROFILES / "aws-batch/profile.yaml").read_text())["set-resources"]

    def given(rule: str, threads: int) -> list[int]:
        attempts = [{"attempt": attempt, "threads": threads} for attempt in (1, 2, 3)]
        return [eval(own[rule]["mem_mb"], names) for names in attempts]  # noqa: S307

    for rule, memory in jobs - {job for job in jobs if job[0] == "verify_submission"}:  # which runs here
        asked = given(rule, threads=2)
        assert set(asked) <= sizes[2] and asked[0] >= int(memory) and asked == sorted(asked), (rule, memory, asked)
    for rule in ("train_convnet", "predict_test_set", "classify_shard", "train_head", "train_first_head", "fine_tune"):
        assert set(given(rule, threads=1)) <= sizes[1], rule  # which may take one core


ARNS = {"SNAKEMAKE_AWS_BATCH_JOB_QUEUE": "arn:q", "SNAKEMAKE_AWS_BATCH_JOB_ROLE": "arn:r"}
NOBODY = {"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"}


@pytest.mark.parametrize(
    ("profile", "prefix", "environment", "sentence"),
    [
        ("aws-batch", None, ARNS, "s3://my-bucket/assignment06: write your own bucket as `default-storage-prefix:`"),
        ("aws-batch", "s3://b/x", ARNS | NOBODY, "There are no credentials for s3://b/x: log in with `aws configure`"),
        (
            "kubernetes",
            None,
            {"SNAKEMAKE_STORAGE_S3_ACCESS_KEY": "a", "SNAKEMAKE_STORAGE_S3_SECRET_KEY": "b"},
            "bucket",
        ),
    ],
)
def test_a_cloud_that_is_not_set_up_gets_one_sentence(tree, profile, prefix, environment, sentence) -> None:
    where = ["--default-storage-prefix", prefix] if prefix else []
    done = plan(tree, profile, *where, plugins="test-clouds", **environment)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_google_batch_as_far_as_it_goes_without_an_account(tree) -> None:
    done = plan(tree, "google-batch", plugins="test-clouds", **NOBODY)
    assert done.returncode == 1
    assert "unrecognized" not in done.stderr, "all of the profile's options are known"
    assert "default credentials were not found" in done.stdout + done.stderr


def test_results_in_the_course_repository_and_a_cloud_exclude_each_other(tree, tmp_path) -> None:
    where = ["--default-storage-prefix", "s3://b/x", "--config", f"assignment_dir={tmp_path}/assignment06"]
    done = plan(tree, "aws-batch", *where, plugins="test-clouds", **ARNS)
    assert done.returncode == 1
    assert "which a cloud does not see: set it to null" in done.stderr


@pytest.mark.slow
def test_prepared_data_are_shared_between_folders(tmp_path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    targets = ["data/prepared/mnist/train.npz", "--config", "data_source=sample", "--cache", "prepare_dataset"]
    trees = [copy_tree(tmp_path / name) for name in ("first", "second")]
    done = [snakemake(folder, *targets, SNAKEMAKE_OUTPUT_CACHE=str(cache)) for folder in trees]
    assert [one.returncode for one in done] == [0, 0], done[1].stderr
    assert ["train.npz to cache" in one.stderr for one in done] == [True, False], "the second had nothing to compute"
    assert "train.npz from cache" in done[1].stderr
    assert len(list(cache.iterdir())) == 3
    data = [(folder / "data/prepared/mnist/train.npz").read_bytes() for folder in trees]
    assert data[0] == data[1]


def test_no_slurm_on_this_machine_is_said(tree, tmp_path) -> None:
    if not (PLUGINS / "slurm/stamp").exists():
        pytest.skip(f"no {PLUGINS / 'slurm'}: `make test` puts this plugin there")
    for name in ("bash", "which", "env", "uname"):
        (tmp_path / name).symlink_to(shutil.which(name))
    done = subprocess.run(
        ["make", "-n", "submission", "PROFILE=slurm", f"VENV={Path(sys.prefix)}", f"BIN={Path(sys.executable).parent}"],
        cwd=tree, capture_output=True, text=True, check=False, env={"PATH": str(tmp_path)},
        executable=shutil.which("make"),
    )  # fmt: skip
    assert done.returncode != 0
    assert "no Slurm on this machine" in done.stderr
