"""Data in JSON, YAML, TOML and INI say the same wherever they are read: metrics, histories, answers for photographs."""

from __future__ import annotations

import configparser
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assignment06.grading import mappings, metrics, photographs
from assignment06.grading.grade import Grade

from . import builder
from .conftest import failures
from .test_fairness import required, result
from .test_not_understood import without
from .test_workbooks import STEMS, TOP

Graded = Callable[[builder.Files], Grade]
FORMS = ("json", "yaml", "toml", "ini", "jsonl")
DATA = {"test": {"accuracy": 0.9876, "loss": 0.0432}}


def written(data: dict, form: str) -> str:
    if form == "yaml":
        return yaml.safe_dump(data, allow_unicode=True)
    if form == "toml":  # of plain values and lists in sections
        sections = (
            [f"[{name}]", *(f"{key} = {json.dumps(v)}" for key, v in inner.items())] for name, inner in data.items()
        )
        return "\n".join(line for lines in sections for line in lines)
    if form == "ini":
        parser = configparser.ConfigParser()
        parser.read_dict(data)
        parser.write(text := io.StringIO())
        return text.getvalue()
    return json.dumps(data)


@pytest.mark.parametrize("form", FORMS)
def test_all_say_the_same(form: str) -> None:
    data = mappings.parse(written(DATA, form), f".{form}")
    plain = data[0] if isinstance(data, list) else data
    assert isinstance(plain, dict)
    assert {key: float(value) for key, value in plain["test"].items()} == DATA["test"]


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("a: &x [1]\nb: *x", ".yaml"),
        ("[" * 5000, ".json"),
        ("[" * 5000, ".yaml"),
        ("[" * 200_000, ".yaml"),
        ("a: " * 80_000, ".yaml"),
        ("a = 1", ".ini"),
        ("a = [1", ".toml"),
        ("words", ".yaml"),
        ("0.98", ".json"),
        ("a: 1\n" * (1 << 16), ".yaml"),
        ("!!python/object/apply:os.system ['true']", ".yaml"),
    ],
)
def test_what_is_no_data_is_none(text: str, suffix: str) -> None:
    assert mappings.parse(text, suffix) is None


@given(st.text(max_size=60), st.sampled_from(mappings.SUFFIXES))
def test_any_text_is_data_or_none(text: str, suffix: str) -> None:
    assert isinstance(mappings.parse(text, suffix), dict | list | None)


@pytest.mark.parametrize("form", ["json", "yaml", "toml"])
def test_a_history_within_other_figures(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"matt.{form}"
    history = {"accuracy": [0.3, 0.5], "val_accuracy": [0.4, 0.6], "loss": [2.0, 1.0], "val_loss": [1.9, 1.2]}
    path.write_text(written({"test": {"noggrannhet": 0.58, "forlust": 1.1}, "historik": history}, form))
    assert metrics.series(path) == history
    figures = {(f.kind, f.split): f.value for f in metrics.read("matt", path)}
    assert figures["accuracy", "test"] == 0.58
    assert figures["accuracy", "validation"] == 0.6
    path.write_text(written({"mnist": history, "cifar10": history}, form))
    assert metrics.series(path) == {}  # whose is it?


def test_a_history_with_a_row_a_figure(tmp_path: Path) -> None:
    history = {"accuracy": [0.3, 0.5, 0.6], "val_accuracy": [0.4, 0.6, 0.5], "loss": [2.0, 1.0, 0.9]}
    parts = {
        "accuracy": ("accuracy", "training"),
        "val_accuracy": ("accuracy", "validation"),
        "loss": ("loss", "training"),
    }
    rows = [(n + 1, value, *parts[key]) for key, values in history.items() for n, value in enumerate(values)]
    path = tmp_path / "history.csv"
    path.write_text("\n".join(["epoch,value,metric,data", *(",".join(map(str, row)) for row in rows)]))
    assert metrics.series(path) == history
    path.write_text("epoch,accuracy,note\n1,0.5,first\n2,0.6,better\n3,0.7,best\n")
    assert metrics.series(path)["accuracy"] == [0.5, 0.6, 0.7]


@pytest.mark.parametrize("form", ["json", "yaml", "toml", "ini"])
def test_metrics_of_all_tasks_in_one_file(form: str, graded: Graded) -> None:
    files = without("/metrics/")
    shares = {stem: {"akurasi_uji": round(builder.accuracy(task), 4), "loss_uji": 0.5} for task, stem in STEMS.items()}
    judged = graded(files | {f"{TOP}metrics/metrik.{form}": written(shares, form).encode()})
    assert required(judged) == set()
    assert {result(judged, f"figures.stated_accuracy {task}").status for task in STEMS} == {"passed"}
    rows = [{"model": stem, **figures} for stem, figures in shares.items()]
    judged = graded(files | {f"{TOP}metrics/all.json": json.dumps(rows).encode()})
    assert {result(judged, f"figures.stated_accuracy {task}").status for task in STEMS} == {"passed"}


@pytest.mark.parametrize("form", ["json", "yaml", "jsonl"])
@pytest.mark.parametrize("rows", ["lists", "mappings"])
def test_answers_that_add_up_to_too_much(form: str, rows: str, graded: Graded) -> None:
    names = ["chat.jpg", "cerf.jpg", "chouette.jpg", "perroquet.jpg", "tournesol.jpg"]
    answers: dict[str, list] = {}
    for number, name in enumerate(names):
        shares = [0.6, 0.3, 0.05 + 0.03 * number]  # the last two add up to more than 1
        classes = ["tabby", "tiger_cat", "lynx"]
        answers[name] = [
            ["n02123045", label, share] if rows == "lists" else {"klasse": label, "wnid": "n1", "probabilite": share}
            for label, share in zip(classes, shares, strict=True)
        ]
    lines = "\n".join(json.dumps({"file": name, "top3": given}) for name, given in answers.items())
    text = lines if form == "jsonl" else written(answers, form)
    photos = {f"assignment06/images/{name}": builder.photograph(n) for n, name in enumerate(names)}
    files = {name: data for name, data in without("resnet50").items() if "/images/" not in name} | photos
    judged = graded(files | {f"{TOP}predictions/resnet50/answers.{form}": text.encode()})
    assert failures(judged) == {"completeness.resnet50_probabilities"}
    assert "perroquet.jpg add up to 1.04" in result(judged, "completeness.resnet50_probabilities").sentence
    assert "5 photographs" in result(judged, "completeness.photographs").sentence


def test_a_file_of_answers_for_each_photograph_that_add_up_to_too_much(graded: Graded) -> None:
    files = without("resnet50")
    for number in range(6):
        rows = [{"id": "n1", "label": "tabby", "prob": 0.8}, {"id": "n2", "label": "lynx", "prob": 0.1 + number / 10}]
        answer = json.dumps({"photo": f"photo{number}.jpg", "top2": rows})
        files[f"{TOP}predictions/resnet50/photo{number}.json"] = answer.encode()
    judged = graded(files)
    assert "photo2.jpg add up to 1.10" in result(judged, "completeness.resnet50_probabilities").sentence
    assert required(judged) == set()


def test_one_photograph_a_mapping_and_mappings_around(tmp_path: Path) -> None:
    def sums(data: object) -> dict[str, float]:
        (tmp_path / "a.json").write_text(json.dumps(data))
        return photographs.sums({"a.json": tmp_path / "a.json"})

    rows = [["n1", "tabby", 0.5], ["n2", "lynx", 0.25]]
    assert sums({"cat.jpg": rows}) == sums({"file": "cat.jpg", "top": rows}) == {"cat.jpg": 0.75}
    assert sums({"predictions": {"cat.jpg": rows, "dog.jpg": rows}}) == {"cat.jpg": 0.75, "dog.jpg": 0.75}
    assert sums({"predictions": {"cat.jpg": {"tabby": 0.5, "lynx": 0.25}}}) == {"cat.jpg": 0.75}
    assert sums({"predictions": 3}) == sums([]) == sums([1, "a"]) == sums({}) == {}


def test_photographs_in_columns_of_a_fixed_width(tmp_path: Path) -> None:
    lines = [
        f"{f'photo {n}.jpg' if n else 'owl.jpg':24}{rank}     lynx        0.00{rank}"
        for n in range(7)
        for rank in (1, 2, 3)
    ]
    path = tmp_path / "answers.txt"
    path.write_text("\n".join([f"{'photo':24}rank  class       score", "-" * 50, *lines]))
    assert photographs.count({"results/predictions/resnet50/answers.txt": path})[0] == 7


@pytest.mark.parametrize(
    "text",
    [
        "手写数字卷积网络：训练了 6 轮。\n在 10000 张测试图上，准确率为 98.11%，损失为 0.0578。\n验证准确率为 97.80%。",
        "| maat | waarde |\n|---|---|\n| nauwkeurigheid op de 10000 testplaatjes | 0.9811 |\n"
        "| verlies op de 10000 testplaatjes | 0.0578 |\n\n| epoch | val acc |\n|--:|--:|\n| 1 | 0.9780 |\n",
    ],
)
def test_counts_of_images_are_no_figures(text: str, tmp_path: Path) -> None:
    (tmp_path / "mnist.md").write_text(text)
    figures = {(f.kind, f.split): round(f.value, 4) for f in metrics.read("mnist.md", tmp_path / "mnist.md")}
    assert figures["accuracy", "test"] == 0.9811
    assert figures.get(("loss", "test"), figures.get(("loss", ""))) == 0.0578


def test_copies_with_the_answer_on_them_are_no_further_photographs(tmp_path: Path) -> None:
    def counted(names: list[str]) -> int:
        path = tmp_path / "README.md"
        path.write_text("# ResNet50\n\n" + "\n".join(f"{name}: macaw (67.0 %)" for name in names))
        return photographs.count({"results/predictions/resnet50/README.md": path})[0]

    plain = ["kucing.jpg", "anjing.jpg", "pesawat.jpg", "rusa.jpg", "burung.jpg", "bunga.jpg"]
    after = [name.replace(".jpg", "_hasil.png") for name in plain]
    before = [f"labelled-{name}" for name in plain]
    numbered = [name.replace(".jpg", "_2.jpg") for name in plain]
    assert counted(plain) == counted([*plain, *after]) == counted([*plain, *before]) == 6
    assert counted([*plain, *numbered]) == 12
    assert counted([*plain[:3], *after[:3]]) == 6  # which is as many as are asked for
