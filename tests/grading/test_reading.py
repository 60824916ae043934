"""Tables of predictions, stated figures, names and pictures, in the shapes that people give them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading import metrics, names, official, pictures, predictions, trial
from assignment06.grading.diagnosis import best_window
from assignment06.grading.examine import examine
from assignment06.grading.photographs import count as count_photographs
from assignment06.grading.registry import FAILED, PASSED

from . import builder

LABELS = np.random.default_rng(0).integers(0, 10, 10_000)
OTHERS = np.random.default_rng(1).integers(0, 10, 10_000)
PROBABILITIES = np.random.default_rng(2).dirichlet(np.full(10, 0.2), 10_000)
CIFAR10 = np.array(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"])


def rows(*columns: object, header: str = "", separator: str = ",") -> str:
    lines = [separator.join(map(str, row)) for row in zip(*columns, strict=True)]
    return "\n".join([header, *lines] if header else lines) + "\n"


def text(values: np.ndarray, **options: object) -> str:
    buffer = io.StringIO()
    np.savetxt(buffer, values, **options)
    return buffer.getvalue()


def printed(values: np.ndarray) -> str:
    with np.printoptions(threshold=10**7):
        return str(values)


INDEX = range(10_000)
ONE = {
    "one column": rows(LABELS),
    "one column, pandas heading": rows(LABELS, header="0"),
    "index and pandas heading": rows(INDEX, LABELS, header=",0"),
    "index without heading": rows(INDEX, LABELS),
    "index from 1": rows(range(1, 10_001), LABELS, header="ImageId,Label"),
    "named": rows(LABELS, header="prediction"),
    "floats": rows(LABELS.astype(float), header="y_pred"),
    "in brackets": rows([f"[{v}]" for v in LABELS], header="class"),
    "quoted": rows([f'"{v}"' for v in LABELS]),
    "class names": rows(CIFAR10[LABELS]),
    "class names with heading": rows(INDEX, CIFAR10[LABELS], header=",predicted class"),
    "semicolons, byte order mark, Windows lines": (
        "\ufeff" + rows(INDEX, LABELS, header="id;pred", separator=";")
    ).replace("\n", "\r\n"),
    "tabs": rows(INDEX, LABELS, header="n\tpred", separator="\t"),
    "one line": ",".join(map(str, LABELS)),
    "a list": str(LABELS.tolist()),
    "printed by numpy": printed(LABELS),
    "savetxt": text(LABELS),
    "one-hot": text(np.eye(10)[LABELS], fmt="%d", delimiter=","),
    "with a confidence": rows(LABELS, PROBABILITIES.max(axis=1), header="label,confidence"),
    "JSON list": json.dumps(LABELS.tolist()),
    "JSON object": json.dumps({"predictions": LABELS.tolist()}),
    "JSON of pandas": json.dumps({"pred": {str(i): int(v) for i, v in enumerate(LABELS)}}),
    "JSON records": json.dumps([{"index": i, "predicted": int(v)} for i, v in enumerate(LABELS)]),
}
SCORES = {
    "probabilities": text(PROBABILITIES, delimiter=","),
    "spaces": text(PROBABILITIES),
    "index and numbers as headings": rows(INDEX, *PROBABILITIES.T, header="," + ",".join(map(str, range(10)))),
    "numbers as headings": rows(*PROBABILITIES.T, header=",".join(map(str, range(10)))),
    "class names as headings": rows(*PROBABILITIES.T, header=",".join(CIFAR10)),
    "logits": rows(INDEX, *np.log(PROBABILITIES + 1e-30).T),
    "printed by numpy": printed(PROBABILITIES),
    "printed rows": rows(INDEX, [f'"{row}"' for row in PROBABILITIES], header=",prediction"),
    "JSON lists": json.dumps(PROBABILITIES.tolist()),
}
BOTH = {
    "label and prediction": rows(OTHERS, LABELS, header="label,prediction"),
    "prediction and actual": rows(LABELS, OTHERS, header="Predicted,Actual"),
    "index, test, pred, right": rows(INDEX, OTHERS, LABELS, LABELS == OTHERS, header=",y_test,y_pred,correct"),
    "class names": rows(CIFAR10[OTHERS], CIFAR10[LABELS], header="true,predicted"),
    "this workflow's": rows(
        INDEX,
        OTHERS,
        LABELS,
        np.full(10_000, 0.5),
        CIFAR10[OTHERS],
        CIFAR10[LABELS],
        header="index,true_label,predicted_label,probability,true_class,predicted_class",
    ),
}


def read(tmp_path: Path, content: str, suffix: str = ".csv") -> predictions.Predictions | None:
    path = tmp_path / f"file{suffix}"
    path.write_text(content, encoding="utf-8", newline="")
    return predictions.read("file", path)


@pytest.mark.parametrize("form", ONE)
def test_labels(form: str, tmp_path: Path) -> None:
    found = read(tmp_path, ONE[form], ".json" if "JSON" in form else ".csv")
    assert found is not None and not found.problem
    assert np.array_equal(found.labels, LABELS) and found.true_labels is None


@pytest.mark.parametrize("form", SCORES)
def test_scores(form: str, tmp_path: Path) -> None:
    found = read(tmp_path, SCORES[form], ".json" if "JSON" in form else ".txt")
    assert found is not None and not found.problem
    assert found.probabilities.shape == (10_000, 10)
    assert np.mean(found.labels == PROBABILITIES.argmax(axis=1)) > 0.999  # printing rounds some ties


@pytest.mark.parametrize("form", BOTH)
def test_true_labels_too(form: str, tmp_path: Path) -> None:
    found = read(tmp_path, BOTH[form])
    assert np.array_equal(found.labels, LABELS) and np.array_equal(found.true_labels, OTHERS)


def test_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", PROBABILITIES)
    assert predictions.read("a", tmp_path / "a.npy").rows == 10_000
    np.save(tmp_path / "b.npy", np.array([object()]), allow_pickle=True)
    assert predictions.read("b", tmp_path / "b.npy") is None


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (rows(LABELS + 1, header="pred"), "1 to 10"),
        (rows(PROBABILITIES[:, 0], header="pred"), "between 0 and 1"),
        (rows(LABELS * 7, header="pred"), "no class 0 to 9"),
        (rows(["wolf"] * 50, header="predicted"), "no class"),
        (rows(*np.where(PROBABILITIES > 0.99, np.nan, PROBABILITIES).T), "not a number"),
    ],
)
def test_problems(content: str, word: str, tmp_path: Path) -> None:
    assert word in read(tmp_path, content).problem


STATED = {
    "Test accuracy: 0.9912\nTest loss: 0.0312\n": ("test", 0.9912),
    "test_acc: 99.12%": ("test", 0.9912),
    "The test accuracy is 99.12 %.": ("test", 0.9912),
    "[0.0312, 0.9912]": ("", 0.9912),
    "{'test_loss': 0.03, 'test_acc': 0.9912}": ("test", 0.9912),
    '{"test_loss": 0.03, "test_accuracy": 0.9912}': ("test", 0.9912),
    '{"loss": 0.03, "accuracy": 0.9912}': ("", 0.9912),
    '{"loss": [1, 0.5], "accuracy": [0.5, 0.9], "val_loss": [1, 0.6], "val_accuracy": [0.5, 0.8]}': ("training", 0.9),
    ",loss,accuracy,val_loss,val_accuracy\n0,1,.5,1,.4\n1,.5,.6,.7,.5\n": ("training", 0.6),
    ",0\nloss,0.03\naccuracy,0.9912\n": ("", 0.9912),
    "metric,value\nTest loss,0.03\nTest accuracy,0.9912\n": ("test", 0.9912),
    "loss,accuracy\n0.03,0.9912\n": ("", 0.9912),
    "dataset,loss,accuracy\ntest,0.3,0.91\n": ("test", 0.91),
    "0.53 0.71 0.62 0.66\n0.41 0.80 0.60 0.69\n": ("validation", 0.69),
    "Test Accuracy:  0.9902999997138977\nTest Loss:  0.0331": ("test", 0.9903),
    "epoch,acc,loss,val_acc,val_loss\n0,0.2,2.2,0.3,2.0\n1,0.5,1.2,0.45,1.3\n": ("validation", 0.45),
    "313/313 [====] - 1s 2ms/step - loss: 0.0312 - accuracy: 0.9912\n": ("", 0.9912),
    "  precision recall\n    accuracy                           0.99     10000\n": ("test", 0.99),
    '{"test": {"accuracy": 0.99, "accuracy_interval_95": [0.98, 1.0]}, "training": {"accuracy": 1.0}}': ("test", 0.99),
}


@pytest.mark.parametrize("content", STATED)
def test_stated_accuracy(content: str, tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text(content)
    split, value = STATED[content]
    figures = [f for f in metrics.read("file", path) if f.kind == "accuracy" and f.split == split]
    assert [round(f.value, 6) for f in figures] == [value]


@pytest.mark.parametrize("line", ["test,0.9778,0.0698", "test,0.0698,0.9778", "Test evaluation;97.78%;0.0698"])
def test_a_line_for_the_test_images_below_a_history(line: str, tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(
        f"accuracy,loss,val_accuracy,val_loss,epoch\n0.91,0.28,0.97,0.09,0\n0.97,0.07,0.96,0.06,1\n{line}\n"
    )
    figures = [f for f in metrics.read("metrics.csv", path) if f.kind == "accuracy"]
    assert {f.value for f in figures if f.split == "validation"} == {0.96}
    tested = {round(f.value, 4): f.among for f in figures if f.split == "test"}
    assert tested == {0.9778: 2, 0.0698: 2}  # which of both is the accuracy is not said


SHARED = {
    '{"mnist": {"test_accuracy": 0.99}, "cifar10_plain": {"accuracy": 0.7}, "6.2b": [0.8, 0.75]}': (0.99, 0.7, 0.75),
    "model,test_loss,test_accuracy\nMNIST,0.03,0.99\nCIFAR10 no augmentation,1,0.7\nCIFAR10 augmented,0.8,0.72\n":
        (0.99, 0.7, 0.72),
    "Assignment 6.1\nTest accuracy: 0.99\n\n6.2a\nTest accuracy: 0.7\n6.2b\nTest accuracy: 0.71\n": (0.99, 0.7, 0.71),
    "MNIST test accuracy: 0.99\nCIFAR10 without augmentation test accuracy: 0.7\nCIFAR10 with dropout accuracy: 71%\n":
        (0.99, 0.7, 0.71),
}  # fmt: skip


@pytest.mark.parametrize("content", SHARED)
def test_one_file_for_all_tasks(content: str, tmp_path: Path) -> None:
    path = tmp_path / f"metrics{'.json' if content.startswith('{') else '.txt'}"
    path.write_text(content)
    figures = metrics.by_task("metrics", path)
    found = {task: [f.value for f in items if f.kind == "accuracy"] for task, items in figures.items()}
    assert found == dict(zip(("6.1", "6.2a", "6.2b"), ([value] for value in SHARED[content]), strict=True))


TASKS = {
    "mnist_model.h5": "6.1",
    "6.1_predictions.csv": "6.1",
    "mnist/model.h5": "6.1",
    "Assignment_6.1.h5": "6.1",
    "assignment06_1_model.h5": "6.1",
    "cifar10_without_augmentation.h5": "6.2a",
    "6.2.b/model.h5": "6.2b",
    "cifar10_no_aug_dropout.csv": "6.2a",
    "assignment06_2a_model.h5": "6.2a",
    "Assignment 6.2b metrics.txt": "6.2b",
    "cifar10/dropout_aug/x.csv": "6.2b",
    "cifar10.h5": "6.2",
    "cifar10_model2.h5": "6.2b",
    "cifar10a_history.csv": "6.2a",
    "6_2_1_model.h5": "6.2a",
    "model_augmented.h5": "6.2b",
    "Cifar10NoAugmentation.h5": "6.2a",
    "model.h5": "",
    "no_augmentation/predictions.csv": "6.2a",
    "predictions/resnet50/predictions.csv": "6.3",
    "predictions/resnet50": "6.3",
    "6.3/x.csv": "6.3",
    "metrics/summary.csv": "",
    "cifar_w_dropout.csv": "6.2b",
    "cifar_wo_dropout.csv": "6.2a",
    "model_6_a_predictions.csv": "6.2a",
    "model-6-2-b/predictions.csv": "6.2b",
    "metrics-6-2-a.txt": "6.2a",
    "1_plot.png": "6.1",
    "2_plot.png": "6.2",
    "2b_model.h5": "6.2b",
    "1.png": "",
    "acc_6.2b.png": "6.2b",
    "cifar10_model_acc_augmented.png": "6.2b",
    "6.1_model/saved_model.pb": "6.1",
    "Resnet50/results.txt": "6.3",
    "cifar10_v2.keras": "6.2b",
    "cifar10_no_dropout_no_augmentation_predictions.csv": "6.2a",
    "2a_cifar10.h5": "6.2a",
    "2b-cifar10-model.h5": "6.2b",
    "02a_cifar10/predictions.csv": "6.2a",
    "Assignment6Part1.h5": "6.1",
    "Assignment6Part2A.h5": "6.2a",
    "hw6-q2b.h5": "6.2b",
    "q1/model.h5": "6.1",
    "q2a/model.h5": "6.2a",
    "part2/augmented_loss.png": "6.2b",
    "2b/history.csv": "6.2b",
    "cifar10_wout_dropout.h5": "6.2a",
    "cifar10_no_reg_acc.png": "6.2a",
    "cifar10_dropout_none.h5": "6.2a",
    "cifar10_datagen.h5": "6.2b",
    "cifar10_no_datagen.h5": "6.2a",
    "cifar10_run_augmented.h5": "6.2b",
    "predictions/restnet50/predictions.csv": "6.3",
}


@pytest.mark.parametrize("name", TASKS)
def test_task_of_a_name(name: str) -> None:
    assert names.task(f"results/{name}")[0] == TASKS[name]


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"p.csv": builder.resnet(7).decode()}, 7),
        ({f"{i}.txt": "tabby 0.93" for i in range(6)}, 6),
        ({f"{i}.csv": "class,probability\ntabby,0.93\n" for i in range(5)}, 5),
        ({"all.txt": "\n".join(f"Predicted: [('n0212304{i}', 'tabby', 0.9)]" for i in range(8))}, 8),
        (
            {"all.txt": "\n".join(f"images\\\\{i} b.jpg\nPredicted:[('n02123045', 'tabby', 0.9)]" for i in range(10))},
            10,
        ),
        (
            {
                "all": "\n\n\n".join(
                    f"Album: {c}\nItem: gown \tMatch:  0.38\nItem: wig \tMatch:  0.1" for c in "abcdefg"
                )
            },
            7,
        ),
        ({"all.json": json.dumps({f"/home/x/{i}.jpeg": [["n02123045", "tabby", 0.9]] for i in range(9)})}, 9),
        ({"a.csv": "filename,label\n" + "".join(f"{i}.jpg,tabby\n" for i in range(5)), "metadata.json": "{}"}, 5),
    ],
)
def test_photographs_are_counted(files: dict[str, str], count: int, tmp_path: Path) -> None:
    paths = {}
    for name, content in files.items():
        paths[name] = tmp_path / name
        paths[name].write_text(content)
    assert count_photographs(paths)[0] == count


def test_training_images_are_found() -> None:
    training = builder.LABELS["cifar10_train"]
    assert best_window(training[12_345:22_345], training) == (12_345, 1.0)
    noisy = np.where(np.arange(10_000) % 3 == 0, LABELS, training[40_000:])
    start, share = best_window(noisy, training)
    assert start == 40_000 and 0.6 < share < 0.75
    assert best_window(LABELS, training)[1] < 0.13


def test_pictures(tmp_path: Path) -> None:
    def look(name: str, data: bytes) -> pictures.Picture:
        (tmp_path / name).write_bytes(data)
        return pictures.look(name, tmp_path / name)

    good = look("a.png", builder.plot(1))
    assert not good.problem and not good.blank and good.thumbnail.startswith("data:image/png;base64,")
    assert look("b.png", builder.plot(1)).digest == good.digest != look("c.png", builder.plot(2)).digest
    assert "one colour" in look("d.png", builder.plot(0, "white")).blank
    assert "axes are empty" in look("e.png", builder.plot(0, "axes")).blank
    assert look("f.png", b"text").problem and look("g.jpg", b"").problem == "the file is empty"
    assert not look("h.svg", b'<?xml version="1.0"?><svg width="1"></svg>\n').problem
    assert look("i.pdf", b"%PDF-1.4").problem


def test_real_matplotlib_figures(tmp_path: Path) -> None:
    """A flat curve, a falling one and two side by side are no blank plots; a figure that was shown first is."""
    from matplotlib.figure import Figure

    def drawn(*curves: list[float]) -> str:
        figure = Figure()
        for axes, curve in zip(np.atleast_1d(figure.subplots(1, max(1, len(curves)))), curves, strict=False):
            axes.plot(curve, label="loss")
            axes.legend()
        figure.savefig(tmp_path / "plot.png")
        return pictures.look("plot.png", tmp_path / "plot.png").blank

    assert drawn([9, 0.1, 0.1, 0.1, 0.1]) == drawn([0.5] * 5) == drawn([1, 2], [2, 1]) == drawn([0.9, 0.99]) == ""
    assert "axes are empty" in drawn()


@pytest.fixture
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the labels that these tests made up."""
    monkeypatch.delenv(official.LABELS_VARIABLE)
    monkeypatch.setattr(official, "_known", {})


@pytest.mark.usefixtures("nothing_known")
def test_official_labels_are_found_and_have_the_published_counts(mirror: Path) -> None:
    official.look_in([mirror])
    labels = official.official_labels()
    assert np.bincount(labels["mnist_test"]).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(labels["mnist_train"]).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(labels["cifar10_test"]).tolist() == [1000] * 10
    assert np.bincount(labels["cifar10_train"]).tolist() == [5000] * 10


@pytest.mark.usefixtures("nothing_known")
def test_official_images_are_found(mirror: Path) -> None:
    official.look_in([mirror])
    for family, shape in official.SHAPES.items():
        test = official.find(family, [mirror])
        assert test.images is not None and test.pixels.shape == (10_000, *shape)
        assert official.find_sample(family, [mirror]) is None


@pytest.mark.usefixtures("nothing_known")
def test_other_labels_are_never_taken_for_official(tmp_path: Path) -> None:
    folder = builder.data_folder(tmp_path)
    official.look_in([folder])
    assert official.official_labels() == {}
    assert official.find("mnist", [folder]) is None
    assert not official.find_sample("mnist", [folder]).official


@pytest.mark.usefixtures("nothing_known")
def test_without_any_labels_accuracy_is_not_judged(tmp_path: Path) -> None:
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.clean())
    graded = examine(path, [], None)
    judged = {(r.check.id, r.task): r for r in graded.results}
    result = judged["predictions.above_chance", "6.1"]
    assert result.status not in (FAILED, PASSED)
    assert "no data folder has the official labels" in judged["predictions.test_images", "6.1"].sentence
    assert graded.failed() == []


@pytest.mark.parametrize(
    ("wanted", "shape"),
    [([28, 28, 1], (28, 28, 1)), ([28, 28], (28, 28, 1)), ([784], (28, 28, 1)), ([1, 28, 28], (28, 28, 1)),
     ([None, None, 3], (32, 32, 3)), ([3, 32, 32], (32, 32, 3)), ([3072], (32, 32, 3))],
)  # fmt: skip
def test_inputs_that_fit(wanted: list, shape: tuple) -> None:
    assert trial.fits(wanted, shape)
    x = np.random.default_rng(0).random((4, *shape))
    given = trial.shaped(x, wanted)
    assert all(w in (None, g) for w, g in zip(wanted, given.shape[1:], strict=True))
    back = given.transpose(0, 2, 3, 1) if len(wanted) == 3 and wanted[0] == shape[2] else given
    assert np.array_equal(back.reshape(x.shape), x)


@pytest.mark.parametrize("wanted", [[32, 32, 3], [28, 28, 3], [150, 150, 3], [None], [10]])
def test_inputs_that_do_not_fit(wanted: list) -> None:
    assert not trial.fits(wanted, (28, 28, 1))


def test_scalings() -> None:
    pixels = np.arange(256, dtype=np.uint8)
    assert np.array_equal(trial.scaled(pixels, "0-255", "mnist"), np.arange(256))
    assert np.allclose(trial.scaled(pixels, "0-1", "mnist")[[0, 255]], [0, 1])
    assert np.allclose(trial.scaled(pixels, "-1 to 1", "mnist")[[0, 255]], [-1, 1])
    assert np.allclose(trial.scaled(pixels, "standardised", "mnist")[[0, 255]], [-0.42407, 2.82155], atol=1e-4)
    assert np.allclose(trial.scaled(pixels, "0-1 less the mean image", "mnist", 0.2)[[0, 255]], [-0.2, 0.8])
    colours = np.full((1, 1, 1, 3), 128, np.uint8)
    given = trial.scaled(colours, "standardised by channel", "cifar10")
    assert np.allclose(given, [[[[0.04275, 0.08136, 0.21194]]]], atol=1e-4)
