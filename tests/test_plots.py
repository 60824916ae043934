"""What stands on the plots: the stamp, the labels of the comparison."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_documents import classifier, description, metrics, scores, training
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from assignment06.backend import compute
from assignment06.config.check import check_config
from assignment06.experiments.results import Comparison, Metrics, Pair
from assignment06.plots.augmentation import preview_augmentation
from assignment06.plots.contact_sheet import plot_contact_sheet
from assignment06.plots.experiments import plot_comparison, plot_confusion_matrix, plot_history, plot_mistakes
from assignment06.plots.style import save

STUDENT = {"last_name": "Lovelace", "first_name": "Ada"}
STAMP = "sample data (mnist)"
HISTORY = "epoch,accuracy,loss,val_accuracy,val_loss\n1,0.4,1.2,0.4,1.2\n2,0.6,1.0,0.5,1.1\n3,0.7,0.8,0.5,1.2\n"


@pytest.fixture
def drawn(monkeypatch) -> list[list[str]]:
    """The texts of each figure at the moment in which it is saved."""
    found: list[list[str]] = []
    saving = Figure.savefig

    def savefig(figure: Figure, *arguments: object, **more: object) -> None:
        figure.canvas.draw()  # the labels of ticks are made only then
        found.append([text.get_text() for text in figure.findobj(Text) if text.get_visible()])
        saving(figure, *arguments, **more)

    monkeypatch.setattr(Figure, "savefig", savefig)
    return found


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A history, predictions, test images, and what the plots of 6.3 need."""
    (tmp_path / "history.csv").write_text(HISTORY)
    table = {"index": range(4), "true_label": [0, 1, 0, 1], "predicted_label": [0, 0, 0, 1], "probability": [0.9] * 4}
    table |= {"true_class": list("abab"), "predicted_class": list("aaab")}
    pd.DataFrame(table).to_csv(tmp_path / "predictions.csv", index=False)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), np.uint8)
    np.savez(tmp_path / "test.npz", x=pixels, y=np.arange(40, dtype=np.uint8) % 2)
    return {name.partition(".")[0]: str(tmp_path / name) for name in ("history.csv", "predictions.csv", "test.npz")}


def draw(kind: str, files: dict[str, str], folder: Path, stamps: list[str]) -> Path:
    """Draw a plot of made-up results that have these stamps."""
    metrics(stamps=stamps).write(folder / "metrics.json")
    source = "sample" if stamps else "official"
    description(name="mnist", data_source=source).write(folder / "dataset.json")
    facts, plot = str(folder / "metrics.json"), str(folder / "plot.png")
    match kind:
        case "history":
            plot_history(files["history"], facts, plot, dpi=50)
        case "confusion matrix":
            plot_confusion_matrix(facts, plot, dpi=50)
        case "mistakes":
            plot_mistakes(files["predictions"], facts, files["test"], plot, dpi=50, gallery=4)
        case "comparison":
            Comparison(mcnemar=[], groups=[], paired=[]).write(folder / "comparison.json")
            plot_comparison([facts], [files["history"]], str(folder / "comparison.json"), plot, dpi=50)
        case "augmentation":
            row = metrics(title="t").settings
            preview_augmentation(row, files["test"], str(folder / "dataset.json"), plot, dpi=50, threads=1)
        case "contact sheet":
            Image.new("RGB", (40, 40)).save(folder / "a.jpg")
            (folder / "manifest").write_text(f'{{"name": "a.jpg", "path": "{folder}/a.jpg"}}\n')
            (folder / "labels.csv").write_text("image,rank,wordnet_id,label,probability\na.jpg,1,n1,cat,0.9\n")
            classifier(stamps=stamps, images=1).write(folder / "metadata.json")
            paths = [str(folder / name) for name in ("manifest", "labels.csv", "metadata.json")]
            plot_contact_sheet(*paths, plot, dpi=50)
    return Path(plot)


KINDS = ["history", "confusion matrix", "mistakes", "comparison", "augmentation", "contact sheet"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_for_submission_says_so_across_the_plot(kind, files, tmp_path, drawn, monkeypatch) -> None:
    monkeypatch.setattr(compute, "configure", lambda threads, seed=None: None)
    plain = draw(kind, files, tmp_path, []).read_bytes()
    stamped = draw(kind, files, tmp_path, [STAMP]).read_bytes()
    assert len(drawn) == 2
    assert not [text for text in drawn[0] if "NOT FOR SUBMISSION" in text or STAMP in text]
    assert f"NOT FOR SUBMISSION\n{STAMP}" in drawn[1]
    assert plain != stamped, "and it can be seen"
    Image.open(tmp_path / "plot.png").load()


def test_every_stamp_is_named(tmp_path, drawn) -> None:
    import matplotlib.pyplot as plt

    save(plt.figure(), tmp_path / "plot.png", 50, (stamp for stamp in ("one", "two")))
    assert "NOT FOR SUBMISSION\none\ntwo" in drawn[0]


def compared(folder: Path, experiments: dict[str, dict]) -> tuple[list[Metrics], Path]:
    """Draw the comparison of a config's experiments."""
    rows = check_config({"student": STUDENT, "experiments": experiments}).experiments
    found, history = [], str(folder / "history.csv")
    (folder / "history.csv").write_text(HISTORY)
    for number, (name, row) in enumerate(rows.items()):
        figures = scores(accuracy=0.5 + 0.01 * number)
        facts = training(seed=row.seed)
        found.append(metrics(name, title=row.title, dataset=row.dataset, settings=row, test=figures, training=facts))
        found[-1].write(folder / f"{name}.json")
    paths, names = [str(folder / f"{name}.json") for name in rows], list(rows)
    zero = {"only_first_right": 1, "only_second_right": 2, "accuracy_difference": 0.01, "p_value": 0.5}
    zero |= {"p_value_corrected": 0.5, "pairs": 1}
    pairs = [Pair(first=names[0], second=names[1], **zero)]
    Comparison(mcnemar=pairs, groups=[], paired=[]).write(folder / "comparison.json")
    plot_comparison(paths, [history] * len(rows), str(folder / "comparison.json"), str(folder / "plot.png"), dpi=50)
    return found, folder / "plot.png"


ROW = {"dataset": "cifar10", "model": "book_cifar10"}


@pytest.mark.parametrize(
    ("experiments", "labels"),
    [
        (
            {"cifar10_plain": {**ROW, "title": "6.2a CIFAR-10, no dropout", "seeds": [0, 1]}},
            ["6.2a, seed 0", "6.2a, seed 1"],
        ),
        (
            {"a": {**ROW, "title": "6.2a x", "seeds": [0, 1], "dropout": [0.2, 0.5]}},
            [f"6.2a, dropout {rate}, seed {seed}" for rate in (0.2, 0.5) for seed in (0, 1)],
        ),
        ({"a": {**ROW, "title": "6.2a x"}, "b": {**ROW, "title": "6.2b y"}}, ["6.2a", "6.2b"]),
        ({"a": {**ROW, "title": "6.2 x"}, "b": {**ROW, "title": "6.2 y"}}, ["6.2 x", "6.2 y"]),
        ({"a": ROW, "b": {**ROW, "short_title": "mine"}}, ["a", "mine"]),
    ],
)
def test_no_two_bars_of_the_comparison_have_one_label(tmp_path, drawn, experiments, labels) -> None:
    found, _ = compared(tmp_path, experiments)
    assert [one.short_title for one in found] == labels
    assert len(set(labels)) == len(labels)
    (texts,) = drawn
    for label in labels:
        assert texts.count(label) == 1, "one bar"
        assert {f"{label}, training", f"{label}, validation"} <= set(texts), "and its curves"
    sentence = next(text for text in texts if "McNemar" in text)
    assert f"{labels[1]} against {labels[0]}: +1.0 points, McNemar p = 0.500" in sentence
