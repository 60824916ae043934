"""The sheets: every find is named where it can be read, and nothing found is a plot too."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image
from tiny_detector import picture

from assignment06.detection.results import ClassFigures, DetectionMetadata, DetectionMetrics, DetectionProvenance
from assignment06.photographs.manifest import list_photographs
from assignment06.plots import detections
from assignment06.plots.detection_evaluation import plot_average_precision, plot_detection_mistakes
from assignment06.plots.detections import plot_detections
from assignment06.shared.provenance import provenance

PROVENANCE = DetectionProvenance(files={}, **provenance())
HEADER = "image,label,score,x,y,width,height\n"


@pytest.fixture
def figures(monkeypatch) -> list:
    """The figures that are drawn, as they are before they are closed."""
    drawn = []
    monkeypatch.setattr(plt, "close", drawn.append)
    yield drawn
    monkeypatch.undo()
    plt.close("all")


def sheet(tmp_path, rows: str, images: int, found: int, stamps: list[str] | None = None) -> None:
    list_photographs(str(tmp_path / "photographs"), str(tmp_path / "list.jsonl"))
    (tmp_path / "objects.csv").write_text(HEADER + rows)
    facts = DetectionMetadata(
        detector="own", photographs="p", stamps=stamps or [], images=images, skipped=0, found=found,
        images_with=len({row.split(",")[0] for row in rows.splitlines()}), boxes_by_label={}, images_by_label={},
        seconds=1, settings={}, provenance=PROVENANCE,
    )  # fmt: skip
    (tmp_path / "metadata.json").write_text(facts.text())
    plot_detections(
        manifest=str(tmp_path / "list.jsonl"), predictions=str(tmp_path / "objects.csv"),
        metadata=str(tmp_path / "metadata.json"), plot=str(tmp_path / "plot.png"), dpi=60,
    )  # fmt: skip


def words(figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_boxes_and_words_of_a_photograph(tmp_path, figures) -> None:
    (tmp_path / "photographs").mkdir()
    picture(400, 200, (100, 50, 100, 100), tmp_path / "photographs/a.png")
    sheet(tmp_path, "a.png,cat,0.9,100,50,100,100\na.png,dog,0.4,98,50,110,100\na.png,dog,0.35,0,0,400,200\n", 2, 3)
    axes = figures[0].axes[0]
    assert sorted(words(figures[0])) == ["cat 0.90", "dog 0.35", "dog 0.40"]
    assert sorted((patch.get_x(), patch.get_width()) for patch in axes.patches) == [(0, 400), (98, 110), (100, 100)]
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 400), (200, 0)), "pixels of the photograph"
    colours = {patch.get_edgecolor() for patch in axes.patches}
    assert len(colours) == 2, "one for each label"
    renderer = figures[0].canvas.get_renderer()
    extents = [text.get_window_extent(renderer) for text in axes.texts]
    assert not any(a.overlaps(b) for k, a in enumerate(extents) for b in extents[:k]), "no word over another"
    assert "3 found in 1 of 2 photographs" in figures[0]._suptitle.get_text()


def test_nothing_found_and_photographs_that_have_gone(tmp_path, figures) -> None:
    (tmp_path / "photographs").mkdir()
    picture(40, 20, None, tmp_path / "photographs/a.png")
    sheet(tmp_path, "", 1, 0)
    assert words(figures[0]) == ["Nothing was found in any photograph."]
    sheet(tmp_path, "gone.png,cat,0.9,1,1,9,9\n", 1, 1, ["stand-in photographs"])
    assert words(figures[1]) == ["gone"]
    assert any("stand-in photographs" in text.get_text() for text in figures[1].texts)


def test_a_crowd_stays_readable(tmp_path, figures) -> None:
    (tmp_path / "photographs").mkdir()
    picture(400, 300, None, tmp_path / "photographs/$a$ crowd.png")
    rows = "".join(f"$a$ crowd.png,person,0.{50 + k},{10 * k},50,20,60\n" for k in range(30))
    sheet(tmp_path, rows, 1, 30)
    assert len(figures[0].axes[0].patches) == detections.MAX_BOXES
    assert "person 0.79" in words(figures[0])
    assert f"best {detections.MAX_BOXES} of 30" in figures[0].axes[0].get_title()


def test_words_have_room() -> None:
    written = []
    for _ in range(5):
        written.append(detections._free_place([10, 2, 50, 60], 40, 8, 100, 100, written))
    assert len({place[1] for place in written}) == 5
    assert all(x >= 0 and 0 <= top <= 92 for x, top, *_ in written)


def metrics(**more) -> DetectionMetrics:
    summary = dict.fromkeys(("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"), 0.5) | {"ap_small": None}
    recall = [float(value) for value in np.linspace(0, 1, 101)]
    precision = dict.fromkeys(("0.50", "0.75", "0.50 to 0.95"), recall[::-1])
    classes = {f"class {k}": ClassFigures(boxes=k, ap=k / 40, ap50=k / 30) for k in range(1, 30)}
    return DetectionMetrics(
        **{
            "dataset": "made", "detector": "own", "images": 3, "boxes": 9, "found": 5, "seconds": 1, "summary": summary,
            "classes": classes, "recall": recall, "precision": precision, "score": 0.3, "right": 1, "missed": 1,
            "false": 1, "problems": [], "provenance": PROVENANCE,
        } | more
    )  # fmt: skip


def test_average_precision_and_mistakes(tmp_path, figures) -> None:
    (tmp_path / "m.json").write_text(metrics().text())
    plot_average_precision(str(tmp_path / "m.json"), str(tmp_path / "ap.png"), 60)
    curves, sizes, classes = figures[0].axes
    assert len(curves.lines) == 3
    assert [text.get_text() for text in sizes.texts] == ["none", "0.500", "0.500"]
    assert classes.get_yticklabels()[0].get_text() == "class 29 (29)"
    assert len(classes.get_yticklabels()) == 20
    picture(64, 64, (16, 40, 8, 8), tmp_path / "a.png")
    (tmp_path / "mistakes.csv").write_text(
        "image,kind,label,reason,score,x,y,width,height\na.png,missed,cat,,,1,1,9,9\n"
        "a.png,false,dog,ill placed,0.8,2,2,9,9\ngone.png,false,dog,found twice,0.9,2,2,9,9\n"
    )
    plot_detection_mistakes(
        metrics=str(tmp_path / "m.json"), mistakes=str(tmp_path / "mistakes.csv"), images=str(tmp_path),
        plot=str(tmp_path / "gallery.png"), dpi=60,
    )  # fmt: skip
    titles = [axes.get_title() for axes in figures[1].axes]
    assert titles[0].startswith("cat: missed")
    assert titles[4].startswith("dog: 0.80, ill placed")
    assert words(figures[1]) == ["gone"]
    for name in ("ap.png", "gallery.png"):
        with Image.open(tmp_path / name) as image:
            assert image.width > 300
