"""Detectors of one's own in the config and in the workflow: what is refused, and a whole run on the sample."""

import copy
import csv

import pytest
import yaml
from detectors.conftest import draw
from support import ROOT, copy_tree, snakemake

from assignment06.config.check import check_config
from assignment06.detection.results import DetectionMetadata, DetectionMetrics
from assignment06.orchestration.preflight import check_files
from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError

SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
ROW = {"dataset": "made", "model": "MobileNetV2", "weights": "own.weights.h5"}
SETS = {name: {"images": f"{name}/images", "annotations": f"{name}/boxes.json"} for name in ("made", "other")}


def config(row: dict | None = None, **more: object) -> Document:
    tables = {"detection_datasets": {"made": SETS["made"]}, "detectors": {"a": {**ROW, **(row or {})}}}
    return check_config({**copy.deepcopy(SHIPPED), **tables, **more})


@pytest.mark.parametrize(
    ("row", "more", "words"),
    [
        ({"dataset": "mades"}, {}, "dataset: mades` is not in `detection_datasets`; did you mean `made`"),
        ({"test": "mad"}, {}, "`detectors: a: test: mad` is not in `detection_datasets`"),
        ({"test": "made"}, {}, "is what it is trained on"),
        ({"model": "MobilNetV2"}, {}, "did you mean `MobileNetV2`"),
        ({"model": "InceptionV3"}, {}, "has no even grids of features"),
        ({"weights": "imagenet"}, {}, "`detectors: a: weights: imagenet`: Keras states no digest"),
        ({"input_size": 250}, {}, "input_size` is 250; a grid of features needs a multiple of 32: write 256"),
        ({"epochs": 1}, {}, "must be less than the 1 epochs"),
        ({"epoch": 1}, {}, "did you mean `epochs`"),
        ({"seed": [1, 2]}, {}, "`detectors: a: seed` is a list"),
        ({}, {"detectors": {"made": ROW}}, "is the name of a net, of one of `detection_datasets` or"),
        ({}, {"detectors": {"comparison.csv": ROW}}, "or of a file of the results"),
        ({}, {"detectors": {"yolox_nano": ROW}}, "is the name of a net, of one of `detection_datasets` or"),
        ({}, {"detection_datasets": SETS}, "`detection_datasets: other` needs a detector to measure"),
        ({}, {"detection_datasets": {"made": {**SETS["made"], "test_split": 0.9}}}, "less than a tenth to learn from"),
        ({}, {"detector": {"weights": "b"}}, "`detector: weights: b` is neither a known net nor"),
        ({}, {"detector": {"weights": "a", "classes": ["x"]}}, "`detector: classes` is for an own file"),
    ],
)
def test_what_a_detector_cannot_mean_is_refused_with_one_sentence(row: dict, more: dict, words: str) -> None:
    with pytest.raises(AssignmentError) as caught:
        config(row, **more)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rows_are_swept_and_names_train_nothing() -> None:
    rows = config({"width": [64, 128], "seeds": [0, 1], "title": "A"}).detectors
    assert sorted(rows) == [f"a_width{width}_seed{seed}" for width in (128, 64) for seed in (0, 1)]
    one = rows["a_width64_seed1"]
    assert (one.group, one.title, one.input_size) == ("a_width64", "A (width 64, seed 1)", 224)
    assert one.model_copy(update={"title": "B", "group": "b", "test": "other"}).training() == one.training()


def test_annotations_that_are_not_there_are_refused_before_anything_runs(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/raw/imagenet").mkdir(parents=True)
    (tmp_path / "data/raw/imagenet/own.weights.h5").touch()
    boxes = draw(tmp_path, 12)
    (tmp_path / "words.json").write_text('{"images": []}')
    for images, annotations, words in (
        ("nowhere", boxes, "nowhere, which is no folder"),
        ("images", tmp_path / "nothing.json", "nothing.json, which is no file"),
        ("images", tmp_path / "words.json", "is not in COCO's format"),
        ("", boxes, "which has none of the 12 images of .*boxes.json .first: 000.png.: name the folder"),
    ):
        sets = {"made": {"images": str(tmp_path / images), "annotations": str(annotations)}}
        with pytest.raises(AssignmentError, match=words):
            check_files(config(detection_datasets=sets))
    sets = {"made": {"images": str(tmp_path / "images"), "annotations": str(boxes)}}
    check_files(config(detection_datasets=sets, data_source="sample"))
    words = boxes.read_text(encoding="utf-8").replace('"red"', '"Red"').replace('"blue"', '"Blue"')
    (tmp_path / "words.json").write_text(words, encoding="utf-8")
    sets["other"] = {"images": str(tmp_path / "images"), "annotations": str(tmp_path / "words.json")}
    with pytest.raises(AssignmentError, match="`detectors: a: test`: .* .there blue, red; here Blue, Red.: give"):
        check_files(config({"test": "other"}, detection_datasets=sets, data_source="sample"))


@pytest.mark.slow
def test_a_run_trains_measures_compares_and_looks_at_the_photographs(tmp_path, pycocotools) -> None:
    folder = copy_tree(tmp_path / "project")
    for name, count in (("made", 40), ("other", 12)):
        draw(folder / f"data/raw/{name}", count, seed=count)
    row = {"dataset": "made", "model": "MobileNetV3Small", "input_size": 64, "width": 16, "epochs": 2, "seeds": [0, 1]}
    sets = {
        name: {"images": f"data/raw/{name}/images", "annotations": f"data/raw/{name}/boxes.json"}
        for name in ("made", "other")
    }
    over = {
        "data_source": "sample",
        "detection_datasets": sets,
        "detectors": {"split": row, "apart": {**row, "test": "other", "seeds": [3]}},
        "detector": {"weights": "apart", "score": 0.01},
    }
    (folder / "over.yaml").write_text(yaml.safe_dump(over), encoding="utf-8")
    wanted = ["results/detectors/comparison.csv", "results/detection/objects/contact_sheet.png"]
    wanted += [f"results/detection/evaluation/apart/{plot}.png" for plot in ("average_precision", "mistakes")]
    run = snakemake(folder, "--configfile", "over.yaml", "--", *wanted)
    assert run.returncode == 0, run.stderr[-4000:]
    with open(folder / wanted[0], newline="", encoding="utf-8") as file:
        rows = {line["detector"]: line for line in csv.DictReader(file)}
    assert {name: line["tested_on"] for name, line in rows.items()} == {
        "split_seed0": "made", "split_seed1": "made", "apart": "other",
    }  # fmt: skip
    assert rows["apart"]["test_images"] == "12" and rows["split_seed0"]["test_images"] == "8"
    measured = DetectionMetrics.read(folder / "results/detection/evaluation/split_seed1/metrics.json")
    assert measured.training and measured.training.settings.group == "split"
    seen = DetectionMetadata.read(folder / "results/detection/objects/metadata.json")
    assert (seen.detector, seen.images) == ("apart", 7)
    assert list(seen.provenance.files) == ["apart/detector.keras"]
    assert set(seen.boxes_by_label) <= {"red", "blue"}
    for path in wanted[1:]:
        assert (folder / path).stat().st_size > 10_000
    plain = snakemake(folder, "-n", "--quiet", "rules")
    assert plain.returncode == 0 and "detector" not in plain.stdout
