"""The rules: nothing of it runs unless the config asks; what runs gives what the docs promise."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from PIL import Image
from support import ROOT, copy_tree, snakemake
from tiny_detector import picture, tiny_net

from assignment06.detection.gathering import read_table
from assignment06.detection.results import DetectionMetadata, DetectionMetrics

pytestmark = pytest.mark.slow


def run(folder: Path, *arguments: str):
    """Run snakemake in a copy of the project, with the copy's own library."""
    return snakemake(folder, *arguments, PYTHONPATH=str(folder / "workflow"))


def planned(folder: Path, *arguments: str) -> set[str]:
    done = run(folder, "-n", *arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    return set(re.findall(r"^(?:local)?(?:rule|checkpoint) (\w+):", done.stdout, re.MULTILINE))


def test_off_unless_asked_for(tree) -> None:
    mine = {"acquire_detector", "detect_objects", "detect_faces", "gather_detections", "blur_faces"}
    mine |= {"evaluate_detector"}
    assert not mine & planned(tree)
    assert planned(tree, "--config", "detector={weights: yolox_nano}") & mine == {
        "acquire_detector", "detect_objects", "gather_detections",
    }  # fmt: skip
    assert planned(tree, "--config", "faces={detector: lbp, blur: true}") & mine == {
        "detect_faces", "gather_detections", "blur_faces",
    }  # fmt: skip


def test_the_page_to_explore_takes_what_is_found(tree) -> None:
    found = planned(tree, "--config", "detector={weights: yolox_nano}", "--", "results/explore.html")
    assert {"detect_objects", "gather_detections"} <= found and "detect_faces" not in found


def test_photographs_to_sheets_tables_and_figures(tmp_path, onnxruntime, pycocotools) -> None:
    folder = copy_tree(tmp_path / "my assignmént 06")
    raw, images = folder / "data/raw", tmp_path / "annotated images"
    images.mkdir()
    for number in range(3):
        picture(64, 64, (8 * number, 8, 8, 8), raw / f"images/{number}, é.png")
        picture(64, 64, (8 * number, 8, 8, 8), images / f"{number}.png")
    (raw / "images/broken.jpg").write_bytes(b"")
    shutil.copy(ROOT / "tests/small.yaml", folder)
    (raw / "detection").mkdir()
    net = tiny_net(classes=2, best=1)
    (raw / "detection/own.onnx").write_bytes(net)
    annotations = {
        "images": [{"id": number, "file_name": f"{number}.png"} for number in range(4)],
        "categories": [{"id": 1, "name": "bee"}],
        "annotations": [{"image_id": n, "category_id": 1, "bbox": [8 * n, 8, 8, 8]} for n in range(3)],
    }
    (images / "boxes.json").write_text(json.dumps(annotations))
    given = {
        "detector": {"weights": "own.onnx", "sha256": hashlib.sha256(net).hexdigest(), "classes": ["ant", "bee"]},
        "faces": {"detector": "lbp"},
        "classifier": {"shard_size": 3},
        "detection_datasets": {"made": {"images": str(images), "annotations": str(images / "boxes.json")}},
    }
    (folder / "asked.yaml").write_text(yaml.safe_dump(given))
    config = ("--configfile", "small.yaml", "asked.yaml", "--")
    wanted = [f"results/detection/{sought}/contact_sheet.png" for sought in ("objects", "faces")]
    wanted += [f"results/detection/evaluation/made/{plot}.png" for plot in ("average_precision", "mistakes")]
    done = run(folder, *config, *wanted)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]

    results = folder / "results"
    rows = list(read_table(str(results / "predictions/objects.csv")))
    assert [(row["image"], row["label"], round(float(row["x"]))) for row in rows] == [
        (f"{number}, é.png", "bee", 8 * number) for number in range(3)
    ]
    facts = DetectionMetadata.read(results / "detection/objects/metadata.json")
    assert (facts.images, facts.skipped, facts.found) == (3, 1, 3)
    assert [row["image"] for row in read_table(str(results / "detection/faces/skipped.csv"))] == ["broken.jpg"]
    measured = DetectionMetrics.read(results / "detection/evaluation/made/metrics.json")
    assert measured.summary["ap"] == pytest.approx(1)
    assert len(measured.problems) == 1
    for path in wanted:
        with Image.open(folder / path) as plot:
            assert plot.width > 300
    assert "Nothing to be done" in run(folder, *config, *wanted).stderr
