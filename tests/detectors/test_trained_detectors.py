"""Maps, training, and what it leaves: equal weights after a kill, a model that finds what it was taught."""

from pathlib import Path

import keras
import numpy as np
import pytest
from detectors.conftest import draw

from assignment06.config.detection import OwnDetector
from assignment06.data.receipts import Receipt
from assignment06.detection.objects import open_own
from assignment06.detection.results import DetectionMetrics, DetectorFacts
from assignment06.detectors import training as trainings
from assignment06.detectors.comparison import compare_detectors
from assignment06.detectors.evaluation import evaluate_own_detector
from assignment06.detectors.feature_maps import Maps, extract_maps, feature_maps
from assignment06.detectors.prepared import AnnotatedSet, prepare_annotations
from assignment06.detectors.training import train_detector
from assignment06.experiments.weights import weights_digest
from assignment06.shared.errors import AssignmentError
from assignment06.transfer.backbones import build_backbone, prepare_backbone
from assignment06.transfer.prepared import BackboneDescription

SIDE = 64
ROW = {"dataset": "made", "model": "MobileNetV3Small", "input_size": SIDE, "width": 16, "batch_size": 8, "epochs": 3}


class Study:
    """A folder with a set of images, an untrained backbone, and the maps that it makes of them."""

    def __init__(self, folder: Path, images: int = 48, shards: int = 2):
        self.folder = folder
        draw(folder, images, empty=2)
        self.prepared = self.path("annotated.json")
        prepare_annotations("made", str(folder / "images"), str(folder / "boxes.json"), 0.2, 0.2, 0, 2, self.prepared)
        Receipt(name="MobileNetV3Small", data_source="sample", files={}).write(self.path("receipt.json"))
        prepare_backbone(
            "MobileNetV3Small", SIDE, self.path("receipt.json"), str(folder), self.path("backbone.keras"),
            self.path("backbone.json"),
        )  # fmt: skip
        self.parts: dict[str, list[str]] = {"fine": [], "coarse": [], "map_facts": []}
        for shard in range(shards):
            paths = [self.path(f"{shard}of{shards}{kind}") for kind in ("_fine.npy", "_coarse.npy", ".json")]
            extract_maps(
                self.path("backbone.keras"), self.path("backbone.json"), self.prepared, shard, shards, True, *paths, 2
            )
            for kind, path in zip(self.parts, paths, strict=True):
                self.parts[kind].append(path)

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def maps(self) -> Maps:
        told = BackboneDescription.read(self.path("backbone.json"))
        return Maps(*self.parts.values(), told.weights_sha256, AnnotatedSet.read(self.prepared))

    def train(self, name: str, **more: object) -> DetectorFacts:
        outputs = {key: self.path(f"{name}/{key}") for key in ("history", "training", "checkpoints")}
        train_detector(
            name, OwnDetector(**{**ROW, **more}), self.prepared, self.path("backbone.keras"),
            self.path("backbone.json"), **self.parts, model=self.path(f"{name}/detector.keras"), threads=2, code="c",
            **outputs,
        )  # fmt: skip
        return DetectorFacts.read(outputs["training"])


@pytest.fixture
def study(tmp_path, one_set_up, pycocotools) -> Study:
    return Study(tmp_path)


@pytest.mark.parametrize("name", ["MobileNetV2", "ResNet50V2", "VGG16", "EfficientNetB0"])
def test_maps_have_an_eighth_and_a_sixteenth_of_the_side(name) -> None:
    net = feature_maps(build_backbone(name, 64, None))
    assert [shape[1:3] for shape in net.output_shape] == [(8, 8), (4, 4)]


def test_a_net_that_does_not_halve_evenly_is_refused() -> None:
    with pytest.raises(AssignmentError, match="has no grid of 12 x 12 features"):
        feature_maps(build_backbone("InceptionV3", 96, None))


@pytest.mark.slow
def test_shards_change_nothing_and_maps_of_others_are_refused(study: Study) -> None:
    annotated, maps = AnnotatedSet.read(study.prepared), study.maps()
    places = np.arange(len(annotated.seen))[::-1]
    cut = maps.of(places, places % 2)
    net = feature_maps(keras.saving.load_model(study.path("backbone.keras"), compile=False))
    from assignment06.detectors.feature_maps import canvases

    for side, pixels in enumerate(canvases(annotated.seen, annotated.folder, SIDE, mirrored=True)):
        for ours, whole in zip(cut, net.predict(pixels.astype(np.float32), verbose=0), strict=True):
            chosen = places % 2 == side
            np.testing.assert_allclose(ours[chosen], whole[places[chosen]], atol=2e-3, rtol=2e-3)
    assert cut[0].dtype == np.float32
    with pytest.raises(AssignmentError, match="of other weights or images"):
        Maps(*study.parts.values(), "0" * 64, annotated)
    turned = {kind: paths[::-1] for kind, paths in study.parts.items()}
    with pytest.raises(AssignmentError, match="of other weights or images"):
        Maps(*turned.values(), BackboneDescription.read(study.path("backbone.json")).weights_sha256, annotated)
    (study.folder / "images" / annotated.seen[0].image).write_bytes(b"changed")
    with pytest.raises(AssignmentError, match="is gone or has changed while the workflow ran"):
        canvases(annotated.seen, annotated.folder, SIDE, mirrored=False)


@pytest.mark.slow
def test_a_training_that_was_killed_ends_with_equal_weights(study: Study, monkeypatch) -> None:
    whole = study.train("whole")
    save, left = trainings.Checkpoints.save, [2]

    def killed(self, *rows):
        save(self, *rows)
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    monkeypatch.setattr(trainings.Checkpoints, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        study.train("cut")
    assert not (study.folder / "cut/detector.keras").exists()
    monkeypatch.setattr(trainings.Checkpoints, "save", save)
    assert study.train("cut").weights_sha256 == whole.weights_sha256
    assert study.train("other", seed=1).weights_sha256 != whole.weights_sha256
    assert not (study.folder / "cut/checkpoints").exists()
    net = keras.saving.load_model(study.path("cut/detector.keras"), safe_mode=True)
    assert weights_digest(net) == whole.weights_sha256
    assert (whole.classes, whole.images + whole.validation_images) == (["red", "blue"], 38)
    assert whole.stamps == ["untrained weights (MobileNetV3Small)"]


@pytest.mark.slow
def test_it_finds_what_it_was_taught(tmp_path, one_set_up, pycocotools) -> None:
    study = Study(tmp_path, images=160, shards=1)
    told = study.train("taught", epochs=30, learning_rate=0.01, width=32)
    settings = OwnDetector(**{**ROW, "title": "Taught", "group": "taught"})
    measured = {key: study.path(f"taught/{key}") for key in ("metrics", "results", "mistakes")}
    given = {"model": study.path("taught/detector.keras"), "training": study.path("taught/training")}
    given |= {"prepared": study.prepared, "settings": settings, "score": 0.3, "threads": 2} | measured
    evaluate_own_detector(**given, dataset="made", images="", annotations="")
    metrics = DetectionMetrics.read(measured["metrics"])
    assert metrics.images == 32 and metrics.training and metrics.training.settings.group == "taught"
    assert metrics.summary["ap50"] > 0.6, (told.validation_ap50, metrics.summary)
    compare_detectors([measured["metrics"]], study.path("comparison.csv"))
    head, row = (study.folder / "comparison.csv").read_text().splitlines()
    assert dict(zip(head.split(","), row.split(","), strict=True))["ap50"] == f"{metrics.summary['ap50']:.4f}"

    evaluate_own_detector(
        **given, dataset="all", images=str(tmp_path / "images"), annotations=str(tmp_path / "boxes.json")
    )
    known = DetectionMetrics.read(measured["metrics"])
    assert any("128 of these images were seen in training, so the figures flatter" in one for one in known.problems)

    study.train("other", epochs=1)
    with pytest.raises(AssignmentError, match="has other weights than its training.json says"):
        open_own(given["model"], study.path("other/training"), 0.3, 0.5, 2)
    Path(given["model"]).write_bytes(b"no model")
    with pytest.raises(AssignmentError, match="is no model that can be read"):
        open_own(given["model"], given["training"], 0.3, 0.5, 2)
