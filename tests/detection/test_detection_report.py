"""The section of the report: counts, figures, problems; nothing where nothing was asked for; everything escaped."""

import jinja2
import pytest
from PIL import Image
from test_detection_plots import PROVENANCE, metrics

from assignment06.detection.gathering import DetectionMetadata
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
    assert empty == {"found": [], "measured": []}
