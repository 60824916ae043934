"""Captioners in the config and in the workflow: what is refused before the first job, and a whole run."""

import copy
import csv

import pytest
import yaml
from captions.conftest import draw, write_csv
from support import ROOT, copy_tree, snakemake

from assignment06.captions.results import PhotographCaptions
from assignment06.config.check import check_config
from assignment06.orchestration.preflight import check_files
from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError

SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
ROW = {"dataset": "shapes", "model": "MobileNetV2", "weights": "own.weights.h5"}
SETS = {"shapes": {"images": "images", "captions": "captions.csv"}}


def config(row: dict | None = None, **more: object) -> Document:
    tables = {"caption_datasets": SETS, "captioners": {"a": {**ROW, **(row or {})}}}
    return check_config({**copy.deepcopy(SHIPPED), **tables, **more})


@pytest.mark.parametrize(
    ("row", "more", "words"),
    [
        ({"dataset": "shape"}, {}, "did you mean `shapes`"),
        ({"model": "MobilNetV2"}, {}, "did you mean `MobileNetV2`"),
        ({"weights": "imagenet"}, {}, "`captioners: a: weights: imagenet`: Keras states no digest"),
        ({"weights": "../a.h5"}, {}, "must be a bare file name"),
        ({"input_size": 16}, {}, "takes at least 32 pixels"),
        ({"width": 100}, {}, "must be a multiple of 64"),
        ({"epochs": 1}, {}, "must be less than the 1 epochs"),
        ({"dropouts": 1}, {}, "did you mean `dropout`"),
        ({"seed": [1, 2]}, {}, "`captioners: a: seed` is a list"),
        ({}, {"photograph_captioner": "b"}, "`photograph_captioner: b` is not in `captioners`"),
        ({}, {"captioners": {"comparison": ROW}}, "is the name of a file of the results"),
        (
            {},
            {"caption_datasets": {"shapes": {**SETS["shapes"], "test_split": 0.9}}},
            "less than a tenth to learn from",
        ),
        ({}, {"caption_datasets": {"shapes": {**SETS["shapes"], "images": "{a}"}}}, "takes braces for a wildcard"),
    ],
)
def test_what_a_captioner_cannot_mean_is_refused_with_one_sentence(row: dict, more: dict, words: str) -> None:
    with pytest.raises(AssignmentError) as caught:
        config(row, **more)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rows_are_swept_as_experiments_are_and_names_train_nothing() -> None:
    rows = config({"dropout": [0.1, 0.2], "seeds": [0, 1], "title": "A"}).captioners
    assert sorted(rows) == [f"a_dropout{rate}_seed{seed}" for rate in ("0.1", "0.2") for seed in (0, 1)]
    one = rows["a_dropout0.1_seed1"]
    assert (one.group, one.title, one.input_size) == ("a_dropout0.1", "A (dropout 0.1, seed 1)", 224)
    other = one.model_copy(update={"title": "B", "group": "b", "beams": 1, "length_penalty": 0})
    assert other.training() == one.training()
    assert one.model_copy(update={"width": 64}).training() != one.training()


def test_captions_that_are_not_there_are_refused_before_anything_runs(tmp_path) -> None:
    rows = draw(tmp_path / "images", 49)
    write_csv(tmp_path / "captions.csv", rows, ("file", "text"))
    for images, captions, words in (
        ("nowhere", "captions.csv", "nowhere, which does not exist"),
        ("images", "nothing.csv", "nothing.csv, which is no file"),
        ("images", "captions.csv", "they must be image,caption"),
        ("images", write_csv(tmp_path / "few.csv", rows), "49 photographs of"),
    ):
        sets = {"shapes": {"images": str(tmp_path / images), "captions": str(tmp_path / captions)}}
        with pytest.raises(AssignmentError, match=words):
            check_files(config(caption_datasets=sets))


@pytest.mark.slow
def test_a_run_trains_measures_compares_and_writes_for_the_photographs(tmp_path) -> None:
    pytest.importorskip("sacrebleu", reason="EXTRAS=captions is not installed")
    folder = copy_tree(tmp_path / "project")
    write_csv(folder / "data/raw/shapes.csv", draw(folder / "data/raw/shapes", 60))
    row = {
        "dataset": "shapes",
        "model": "MobileNetV3Small",
        "input_size": 64,
        "width": 32,
        "layers": 1,
        "epochs": 2,
        "least_count": 1,
        "seed": 3,
    }
    over = {
        "data_source": "sample",
        "caption_datasets": {"shapes": {"images": "data/raw/shapes", "captions": "data/raw/shapes.csv"}},
        "captioners": {"small": row},
        "photograph_captioner": "small",
    }
    (folder / "over.yaml").write_text(yaml.safe_dump(over), encoding="utf-8")
    wanted = [f"results/captions/{name}" for name in ("comparison.csv", "photographs.png", "small/gallery.png")]
    run = snakemake(folder, "--configfile", "over.yaml", "--", *wanted, "results/captions/small/attention.png")
    assert run.returncode == 0, run.stderr
    with open(folder / wanted[0], newline="", encoding="utf-8") as file:
        assert [line["seed"] for line in csv.DictReader(file)] == ["3"]
    told = PhotographCaptions.read(folder / "results/captions/photographs.json")
    assert (told.images, told.skipped) == (7, 0)
    assert told.stamps == ["untrained weights (MobileNetV3Small)", "stand-in photographs"]
    plain = snakemake(folder, "-n", "--quiet", "rules")
    assert plain.returncode == 0
    assert "captioner" not in plain.stdout
