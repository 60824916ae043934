"""The section of the report: counts, figures, problems; nothing where nothing was asked for; everything escaped."""

import jinja2
import pytest
from PIL import Image
from test_detection_plots import PROVENANCE, metrics

from assignment06.config.detection import OwnDetector
from assignment06.detection.results import DetectionMetadata, DetectorFacts
from assignment06.report.detections import detections
from assignment06.report.page import TEMPLATE, data_uri
from assignment06.shared.wording import duration


@pytest.fixture
def files(tmp_path) -> dict[str, list[str]]:
    """Arguments of `detections`: objects, faces, and one set of annotated images."""
    common = {"photographs": "p", "stamps": [], "images": 9, "seconds": 2, "settings": {}, "provenance": PROVENANCE}
    found = {
        "yolox_nano": {"<b>cat</b>": 5, **{f"label {k}": 1 for k in range(15)}},
        "mtcnn": {"face": 3},
    }
    paths: dict[str, list[str]] = {"metadata": [], "sheets": [], "evaluations": [], "plots": []}
    for detector, labels in found.items():
        facts = DetectionMetadata(
            detector=detector, skipped=1, found=sum(labels.values()), images_with=4, boxes_by_label=labels,
            images_by_label=labels, **common,
        )  # fmt: skip
        facts.write(tmp_path / f"{detector}.json")
        paths["metadata"].append(str(tmp_path / f"{detector}.json"))
    metrics(problems=["a.json has 1 boxes of no size (first: <i>)"]).write(tmp_path / "m.json")
    paths["evaluations"] = [str(tmp_path / "m.json")]
    Image.new("RGB", (2000, 900)).save(tmp_path / "sheet.png")
    paths["sheets"] = [str(tmp_path / "sheet.png")] * 2
    paths["plots"] = [str(tmp_path / "sheet.png")] * 2
    return paths


def written(context: dict) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE.parent), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["duration"] = duration
    return environment.get_template("detections.html.j2").render(detections=context)


def test_counts_figures_and_problems(files) -> None:
    page = " ".join(written(detections(**files, images=True, data_uri=data_uri)).split())
    assert "20 in 4 of 9 photographs" in page
    assert "&lt;b&gt;cat&lt;/b&gt;</th><td>5</td><td>5</td>" in page
    assert "<b>cat" not in page
    assert "And 4 more in" in page
    assert "Faces are personal data" in page
    assert page.count('src="data:image/jpeg;base64,') == 4
    assert "1 are found, 1 missed, and 1 boxes are wrong" in page
    assert "<td>no such box</td>" in page
    assert "(first: &lt;i&gt;)." in page
    assert page.count("alt=") == 4


def test_without_pictures_the_words_stay(files) -> None:
    page = written(detections(**files, images=False, data_uri=data_uri))
    assert "<img" not in page
    assert "20 in 4 of 9 photographs" in page


def test_nothing_was_asked_for() -> None:
    empty = detections([], [], [], [], images=True, data_uri=data_uri)
    assert empty == {"found": [], "measured": [], "groups": []}


def test_detectors_trained_here_say_on_what_and_seeds_are_put_together(files, tmp_path) -> None:
    paths = []
    for seed, ap in enumerate((0.4, 0.6)):
        row = OwnDetector(dataset="<b>bolts", model="VGG16", input_size=64, seed=seed)
        row = row.model_copy(update={"group": "bolts", "title": f"Bolts {seed}"})
        told = DetectorFacts(
            detector=f"bolts_seed{seed}", settings=row, dataset="<b>bolts", classes=["bolt"], backbone="VGG16",
            backbone_sha256="ab", images=1200, boxes=3400, validation_images=100, validation_ap=0.5,
            validation_ap50=0.75, parameters=9, trained_parameters=1234, epochs=7, chosen_epoch=6, seconds=90,
            threads=2, device="CPU", compute_dtype="float32", weights_sha256="cd", data_sha256="ef",
            stamps=["untrained weights (VGG16)"],
        )  # fmt: skip
        made = metrics(training=told, dataset="unseen", detector=("yolox_nano", told.detector)[seed])
        made = made.model_copy(update={"summary": made.summary | {"ap": ap, "ap50": ap + 0.1}})
        made.write(tmp_path / f"{seed}.json")
        paths.append(str(tmp_path / f"{seed}.json"))
    files |= {"evaluations": paths, "plots": files["plots"] * 2}
    context = detections(**files, images=False, data_uri=data_uri)
    assert [(one["facts"].detector, one["own"]) for one in context["found"]] == [("yolox_nano", True), ("mtcnn", False)]
    page = " ".join(written(context).split())
    assert "How good Bolts 1 is on unseen" in page
    assert "Trained here on 1,200 images of &lt;b&gt;bolts with 3,400 boxes" in page
    assert "1,234 trained parameters on VGG16" in page
    assert "Epoch 6 of 7 was kept, by AP 0.500 on 100 other images. <strong>untrained weights (VGG16)</strong>." in page
    assert "bolts on unseen, 2 seeds: AP50 0.500, 0.700, mean 0.600; AP 0.400, 0.600, mean 0.500." in page
