"""6.3: real weights name real photographs; bad photographs and bad weights."""

import csv
import json
import shutil

import keras
import pandas as pd
import pytest
from test_photographs import write_bad

from assignment06.backend import compute
from assignment06.data.acquisition import acquire_classifier
from assignment06.data.image_files import find_photographs
from assignment06.data.stand_ins import PHOTOGRAPHS, write_stand_ins
from assignment06.photographs import engines
from assignment06.photographs.archives import pack_classifier, pack_shard
from assignment06.photographs.classification import classify_shard, load_classifier
from assignment06.photographs.gathering import gather_predictions
from assignment06.photographs.manifest import list_photographs, read_spread
from assignment06.photographs.quantisation import quantise_classifier
from assignment06.shared.errors import AssignmentError

MOBILENET = "mobilenet_v2_1.0_224_from_ptq.weights.h5"


@pytest.fixture(autouse=True)
def one_set_up(monkeypatch) -> None:
    """TensorFlow takes its threads once a process; these tests share one process."""
    monkeypatch.setattr(compute, "configure", lambda threads, **_: None)


def classify(
    folder,
    photographs,
    architecture: str,
    weights: str,
    mirror: str | None,
    shard_size: int = 4,
    archives: bool = False,
    quantised: bool = False,
    **more: str,
) -> dict:
    """Run 6.3's steps as the rules do (with `archives` as for a cloud), and return {image: its labels}, best first."""
    receipt, manifest = str(folder / "receipt.json"), str(folder / "manifest")
    acquire_classifier(architecture, weights, "auto", str(folder / "raw"), mirror, receipt, network=False)
    list_photographs(str(photographs), manifest)
    count = len(find_photographs(photographs))
    parts = {"predictions": [], "skipped": [], "facts": []}
    raw, carried = str(folder / "raw"), {}
    if archives:
        carried = {name: str(folder / f"{name}.zip") for name in ("photographs_archive", "classifier_archive")}
        pack_classifier(receipt, raw, carried["classifier_archive"])
        raw = "not on this machine"
    if quantised:
        more |= {"quantised_archive": str(folder / "int8.zip"), "engine": "openvino"}
        quantise_classifier(manifest, architecture, receipt, str(folder / "raw"), 3, 2, more["quantised_archive"])
    for shard in range(-(-count // shard_size)):
        files = {name: str(folder / f"{shard}.{name}") for name in parts}
        if archives:
            pack_shard(manifest, shard, shard_size, carried["photographs_archive"])
        classify_shard(
            **carried, manifest=manifest, shard=shard, shard_size=shard_size, architecture=architecture,
            receipt=receipt, raw=raw, top=5, batch_size=3, threads=2, **more, **files,
        )  # fmt: skip
        for name, path in files.items():
            parts[name].append(path)
    gather_predictions(
        **parts, architecture=architecture, photographs=str(photographs), stand_in=False,
        gathered=str(folder / "all.csv"), gathered_skipped=str(folder / "skipped.csv"),
        metadata=str(folder / "metadata.json"),
    )  # fmt: skip
    labels: dict[str, list[str]] = {}
    with open(folder / "all.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            labels.setdefault(row["image"], []).append(row["label"])
            assert int(row["rank"]) == len(labels[row["image"]])
    return labels


def classified(tmp_path, mirror, name: str, **more: str) -> tuple[pd.DataFrame, dict]:
    """The table and the provenance that MobileNetV2's trained weights give of the mirror's photographs."""
    if not (mirror / "photos").is_dir():
        pytest.skip("the mirror has no folder of photographs")
    folder = tmp_path / name
    folder.mkdir()
    classify(folder, mirror / "photos", "MobileNetV2", MOBILENET, str(mirror), **more)
    return pd.read_csv(folder / "all.csv"), json.loads((folder / "metadata.json").read_text())["provenance"]


@pytest.mark.slow
def test_bfloat16_changes_probabilities_by_little(tmp_path, mirror) -> None:
    found = {}
    for dtype in ("float32", "auto"):
        found[dtype], facts = classified(tmp_path, mirror, dtype, compute_dtype=dtype)
        assert facts["compute_dtype"] == ("bfloat16" if dtype == "auto" and compute._has_bfloat16() else "float32")
    both = found["float32"].merge(found["auto"], on=["image", "label"])
    assert len(both) > 0.8 * len(found["float32"]), "nearly the same labels"
    difference = (both["probability_x"] - both["probability_y"]).abs()
    assert difference.max() < 0.2
    assert (difference.max() > 0) == compute._has_bfloat16(), "it is used where it can be"


@pytest.mark.slow
@pytest.mark.parametrize("compute_dtype", ["float32", "auto"])
def test_openvino_says_what_keras_says(tmp_path, mirror, compute_dtype) -> None:
    pytest.importorskip("openvino", reason="EXTRAS=openvino is not installed")
    keras_said, facts = classified(tmp_path, mirror, "keras")
    assert (facts["engine"], facts["compute_dtype"]) == ("keras", "float32")
    said, facts = classified(tmp_path, mirror, "openvino", engine="openvino", compute_dtype=compute_dtype)
    bfloat16 = compute_dtype == "auto" and compute._has_bfloat16()
    assert (facts["engine"], facts["compute_dtype"]) == ("openvino", "bfloat16" if bfloat16 else "float32")
    assert "openvino" in facts["versions"]
    both = keras_said.merge(said, on=["image", "label"])
    difference = (both["probability_x"] - both["probability_y"]).abs()
    if compute_dtype == "float32":
        assert keras_said["label"].tolist() == said["label"].tolist()
        assert difference.max() < 1e-4
    else:
        assert len(both) > 0.8 * len(keras_said) and difference.max() < 0.2
        assert (difference.max() > 1e-4) == compute._has_bfloat16(), "it is used where it can be"


@pytest.mark.slow
def test_int8_says_what_float32_says(tmp_path, mirror) -> None:
    """Where the net is sure; the same net comes of the same photographs."""
    pytest.importorskip("nncf", reason="EXTRAS=openvino is not installed")
    keras_said, _ = classified(tmp_path, mirror, "keras")
    said, facts = classified(tmp_path, mirror, "int8", quantised=True)
    again, _ = classified(tmp_path, mirror, "again", quantised=True, archives=True)
    assert (facts["engine"], facts["compute_dtype"]) == ("openvino", "int8")
    assert "nncf" in facts["versions"]
    pd.testing.assert_frame_equal(said, again)
    both = keras_said.merge(said, on="image", suffixes=("", "_int8")).query("rank == 1 and rank_int8 == 1")
    sure = both[both["probability"] > 0.5]
    assert len(sure) >= 4
    assert sure["label"].tolist() == sure["label_int8"].tolist()
    assert (both["probability"] - both["probability_int8"]).abs().between(1e-4, 0.2).any(), "it is used"


def test_int8_without_a_photograph(tmp_path) -> None:
    receipt, manifest = str(tmp_path / "receipt.json"), str(tmp_path / "manifest")
    acquire_classifier("ResNet50", "imagenet", "sample", str(tmp_path / "raw"), None, receipt, network=False)
    (tmp_path / "photographs").mkdir()
    (tmp_path / "photographs" / "no.jpg").write_bytes(b"no photograph")
    list_photographs(str(tmp_path / "photographs"), manifest)
    with pytest.raises(
        AssignmentError, match=r"None of the photographs \(at most 300\).*: set it to float32 in config.yaml"
    ):
        quantise_classifier(manifest, "ResNet50", receipt, str(tmp_path / "raw"), 3, 2, str(tmp_path / "int8.zip"))
    assert not (tmp_path / "int8.zip").exists()


@pytest.mark.parametrize(
    ("rows", "count", "expected"),
    [(0, 3, []), (2, 3, [0, 1]), (3, 3, [0, 1, 2]), (7, 3, [0, 3, 6]), (10, 3, [0, 4, 8])],
)
def test_photographs_spread_over_the_list(tmp_path, rows: int, count: int, expected: list[int]) -> None:
    (tmp_path / "manifest").write_text("".join(f'{{"name": {row}}}\n' for row in range(rows)))
    assert [row["name"] for row in read_spread(tmp_path / "manifest", count)] == expected


def test_a_net_that_openvino_cannot_be_given(monkeypatch) -> None:
    openvino = pytest.importorskip("openvino", reason="EXTRAS=openvino is not installed")

    def fail(*_, **__) -> None:
        raise RuntimeError("an operation\nnobody knows")

    monkeypatch.setattr(openvino, "convert_model", fail)
    net = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()], name="odd")
    with pytest.raises(AssignmentError) as caught:
        engines.predictor(net, "openvino", "float32", 1)
    assert str(caught.value) == (
        "odd cannot be given to OpenVINO (an operation nobody knows): set `classifier: engine: keras` in config.yaml."
    )


@pytest.mark.slow
@pytest.mark.parametrize("archives", [False, True])
def test_mobilenet_names_the_photographs(tmp_path, mirror, archives) -> None:
    if not (mirror / "photos").is_dir():
        pytest.skip("the mirror has no folder of photographs")
    labels = classify(tmp_path, mirror / "photos", "MobileNetV2", MOBILENET, str(mirror), archives=archives)
    best = {name.split(".")[0]: tops[0] for name, tops in labels.items()}
    assert best["cat"] == "Egyptian_cat"
    assert best["dragonfly"] == "dragonfly"
    assert best["hot_dog"] == "hotdog"
    assert best["parrot"] == "macaw"
    assert best["sunflower"] == "daisy"
    facts = json.loads((tmp_path / "metadata.json").read_text())
    assert (facts["stamps"], facts["images"], facts["skipped"]) == ([], 6, 0)
    assert f"imagenet/{MOBILENET}" in facts["provenance"]["files"]


@pytest.mark.slow
def test_bad_photographs_are_listed_and_the_others_classified(tmp_path) -> None:
    photographs = tmp_path / "photographs"
    assert write_stand_ins(str(photographs)) == [name for _, name in PHOTOGRAPHS]
    bad = set(write_bad(photographs)) - {"no.jpg"}
    (photographs / "whole.jpg").unlink()
    shutil.copy(photographs / "china.jpg", photographs / "Ünïcode, name.jpg")
    labels = classify(tmp_path, photographs, "ResNet50", "imagenet", None)
    assert set(labels) == {name for _, name in PHOTOGRAPHS} | {"Ünïcode, name.jpg"}
    assert all(len(tops) == 5 for tops in labels.values())
    with open(tmp_path / "skipped.csv", newline="", encoding="utf-8") as file:
        skipped = {row["image"]: row["reason"] for row in csv.DictReader(file)}
    assert set(skipped) == bad
    assert all(skipped.values())
    facts = json.loads((tmp_path / "metadata.json").read_text())
    assert facts["stamps"] == ["untrained weights (ResNet50)"]
    assert labels["china.jpg"] == labels["Ünïcode, name.jpg"], "the same picture in another batch"


@pytest.mark.slow
def test_weights_of_another_net_are_refused(tmp_path) -> None:
    (tmp_path / "other.h5").write_bytes(b"no weights at all")
    with pytest.raises(AssignmentError, match="other.h5 does not hold weights of MobileNetV2"):
        load_classifier("MobileNetV2", tmp_path / "other.h5")
    with pytest.raises(AssignmentError, match="is no classifier of keras.applications: choose one of.*ResNet50"):
        load_classifier("ResNet49", None)
