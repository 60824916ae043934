"""The shipped AWS Batch profile against moto: jobs are real containers, files go through moto's S3."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from detection.tiny_detector import tiny_net
from support import PLUGINS, ROOT, copy_tree, library_path

pytestmark = [pytest.mark.slow, pytest.mark.container]
TARGETS = ["results/metrics/mnist.json", "results/predictions/resnet50/predictions.csv", "results/metrics/frozen.json"]
FOUND = ["results/predictions/objects.csv", "results/predictions/faces.csv"]


@pytest.fixture(scope="module")
def image(aws) -> str:
    """The image for cloud jobs, made from the project's image with the wheels of envs/cloud.lock."""
    done = subprocess.run(
        [sys.executable, "workflow/containers/cloud.py", "docker"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split()[-1]


def repository(folder: Path) -> Path:
    """A clone of the project: a cloud gets what git knows. A detector of one's own lies where git does not look."""
    copy_tree(folder)
    detector = tiny_net(classes=2, best=1)
    (folder / "data/raw/detection").mkdir(parents=True)
    (folder / "data/raw/detection/own.onnx").write_bytes(detector)
    asked = yaml.safe_load((ROOT / "tests/small.yaml").read_text())
    digest = hashlib.sha256(detector).hexdigest()
    asked["detector"] = {"weights": "own.onnx", "sha256": digest, "classes": ["ant", "bee"]}
    asked["faces"] = {"detector": "mtcnn"}
    asked["experiments"]["frozen"] = {
        "dataset": "cifar10", "model": "MobileNetV3Small", "weights": "imagenet", "input_size": 32, "train": "head",
        "images_per_class": 5, "epochs": 2,
    }  # fmt: skip
    (folder / "small.yaml").write_text(yaml.safe_dump(asked))
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    return folder


def submit(folder: Path, aws, *arguments: str, prefix: str = "s3://assignment/run", **environment: str):
    """Run snakemake with the shipped profile; only what names the made-up cloud is given on the command line."""
    command = [
        sys.executable, "-m", "snakemake", *arguments, "--workflow-profile", "workflow/profiles/aws-batch",
        "--configfile", "small.yaml", "--default-storage-prefix", prefix, "--storage-s3-endpoint-url", aws.endpoint,
        "--envvars", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION",
    ]  # fmt: skip
    variables = os.environ | aws.environment | environment
    variables["PYTHONPATH"] = library_path(folder, PLUGINS / "test-clouds")
    return subprocess.run(
        ["timeout", "-k", "10", "900", *command], cwd=folder, env=variables, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def finished(aws, image, tmp_path_factory) -> Path:
    folder = repository(tmp_path_factory.mktemp("batch") / "assignment06")
    done = submit(folder, aws, *TARGETS, *FOUND, "--container-image", image)
    assert done.returncode == 0, done.stdout[-6000:]
    (folder / "said.txt").write_text(done.stdout)
    return folder


def test_experiments_and_shards_ran_in_batch_and_data_moved_from_here(finished, aws) -> None:
    queue = aws.environment["SNAKEMAKE_AWS_BATCH_JOB_QUEUE"]
    succeeded = aws.client("batch").list_jobs(jobQueue=queue, jobStatus="SUCCEEDED")["jobSummaryList"]
    rules = {job["jobName"].split("-")[1] for job in succeeded}
    assert rules == {
        "train_convnet", "predict_test_set", "evaluate_predictions", "classify_shard", "detect_objects", "detect_faces",
        "extract_features", "train_head", "predict_from_features",
    }  # fmt: skip
    assert not (finished / "results/metrics/mnist.json").exists(), "the bucket holds the results"


def test_the_bucket_holds_what_was_asked_for(finished, aws, tmp_path) -> None:
    client = aws.client("s3")
    held = {item["Key"] for item in client.list_objects_v2(Bucket="assignment", Prefix="run/")["Contents"]}
    assert {f"run/{target}" for target in TARGETS + FOUND} <= held
    assert "run/results/models/mnist.keras" in held
    client.download_file("assignment", f"run/{TARGETS[1]}", str(tmp_path / "predictions.csv"))
    table = pd.read_csv(tmp_path / "predictions.csv")
    assert table.groupby("image")["rank"].apply(list).tolist() == [[1, 2, 3, 4, 5]] * 7
    for sought, labels in zip(FOUND, ({"bee"}, {"face"}), strict=True):
        client.download_file("assignment", f"run/{sought}", str(tmp_path / "found.csv"))
        boxes = pd.read_csv(tmp_path / "found.csv")
        assert set(boxes["label"]) == labels
        assert set(boxes["image"]) <= set(table["image"])
