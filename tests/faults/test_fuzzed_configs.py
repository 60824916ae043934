"""Configs that nobody meant: each is accepted and sound, or refused in one sentence; nothing else ever happens."""

import copy
import datetime
import math
import os
import random

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support import ROOT

from assignment06.config.check import check_config
from assignment06.config.names import zip_name
from assignment06.config.rows import MOST_EXPERIMENTS
from assignment06.shared.errors import AssignmentError

TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
SHIPPED = yaml.safe_load(TEXT)
SHIPPED["datasets"] = {"own": {"folder": "images", "image_size": 64}}
ROW = {"dataset": "mnist", "model": "book_mnist"}
KEYS = sorted({"seeds", *SHIPPED, *SHIPPED["experiments"]["mnist"], *SHIPPED["classifier"], "image_size", "folder"})

plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**400), 10**400),
    st.integers(-3, 200),
    st.floats(),
    st.sampled_from([0.0, -0.0, 1.0, 3.0, 1e308, 5e-324, math.inf, -math.inf, math.nan]),
    st.text(st.characters(exclude_categories=())),  # every code point, half characters too
    st.text("./\\~{}\0\n\u202e\uff0f\u2025\u2100 '", max_size=8),
    st.sampled_from(
        ["../../etc/passwd", "/etc/passwd", "..", "mnist\n", "MNIST", "Ä" * 300, "x" * 10_000, "comparison"]
    ),
    st.dates(),
    st.binary(max_size=4),
)
keys = st.one_of(st.sampled_from(KEYS), plain.filter(lambda key: key == key))
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)


@st.composite
def edited_configs(draw) -> dict:
    """Return the shipped config with one to four places changed, added, renamed or taken away."""
    config = copy.deepcopy(SHIPPED)
    for _ in range(draw(st.integers(1, 4))):
        place = config
        while isinstance(place, dict) and place and draw(st.integers(0, 3)):
            inner = place[draw(st.sampled_from(sorted(place, key=repr)))]
            if not isinstance(inner, dict):
                break
            place = inner
        names = sorted(place, key=repr)
        match draw(st.sampled_from(["set", "set", "set", "add", "rename", "remove", "list"])):
            case "set" if names:
                place[draw(st.sampled_from(names))] = draw(values)
            case "add":
                place[draw(keys)] = draw(values)
            case "rename" if names:
                place[draw(keys)] = place.pop(draw(st.sampled_from(names)))
            case "remove" if names:
                del place[draw(st.sampled_from(names))]
            case "list" if names:
                name = draw(st.sampled_from(names))
                place[name] = [place[name], *draw(st.lists(values, max_size=3))]
    return config


def numbers(value: object) -> list:
    if isinstance(value, dict | list):
        return [one for inner in (value.values() if isinstance(value, dict) else value) for one in numbers(inner)]
    return [value] if isinstance(value, int | float) else []


def check(config: dict) -> bool:
    """Check a config as the workflow does; return whether it was accepted."""
    before = copy.deepcopy(config)
    try:
        checked = check_config(config).plain()
    except AssignmentError as error:
        sentence = str(error)
        assert sentence.isprintable(), repr(sentence)
        assert sentence.startswith("config.yaml: ") and len(sentence) < 700, sentence
        assert repr(config) == repr(before), "the caller's config is not changed"
        return False
    assert all(math.isfinite(number) and abs(number) < 2**32 for number in numbers(checked))
    for name, row in checked["experiments"].items():
        os.fsencode(f"results/plots/{name}_confusion_matrix.1234567.part.png")
        assert name == os.path.basename(name) and name.isascii() and len(name) <= 100
        assert all(isinstance(row[key], int) for key in ("epochs", "batch_size", "seed"))
    assert checked["classifier"]["architecture"].isidentifier(), "it is part of paths"
    check_name(zip_name(**checked["student"]))
    assert check_config(checked).plain() == checked, "a checked config is a config"
    return True


def check_name(name: str) -> None:
    assert name.startswith("assignment06_") and name.endswith(".zip")
    assert name == os.path.basename(name) and not set(name) & set('/\\:*?"<>|{}\n\0')
    assert len(os.fsencode(name)) <= 200


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited_configs())
def test_any_edit_is_accepted_or_refused_in_one_sentence(config: dict) -> None:
    check(config)


def test_edits_of_the_text_are_too() -> None:
    seed = int(os.environ.get("FAULTS_SEED", "6"))
    print(f"FAULTS_SEED={seed}")
    draw, read, accepted = random.Random(seed), 0, 0
    pieces = [
        "\n",
        " ",
        "  ",
        ":",
        "-",
        "#",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "!!int ",
        ".nan",
        "1e3",
        "~",
        "0x1F",
        "'",
    ]
    for _ in range(400):
        text = list(TEXT)
        for _ in range(draw.choice((1, 1, 2, 4))):
            place = draw.randrange(len(text))
            text[place : place + draw.choice((0, 0, 1, 3, 40))] = draw.choice(pieces) * draw.choice((1, 1, 2))
        try:
            config = yaml.safe_load("".join(text))
        except (yaml.YAMLError, ValueError):
            continue  # Snakemake says where the text is no YAML
        if isinstance(config, dict):
            read += 1
            accepted += check(config)
    assert read > 100
    assert 0 < accepted < read


@settings(max_examples=1000, deadline=None)
@given(*[st.text(st.characters(exclude_categories=()), min_size=1, max_size=40)] * 2)
@example("Love\uff0flace", "Ada")  # a slash in full width
@example("\u2025\uff0f\u2025", "Ada")  # two dots in one sign
@example("\ud800", "Ada")
@example("{x}", "Ada")
@example("李" * 100, "龍")
def test_any_name_makes_a_file_name_or_one_sentence(last: str, first: str) -> None:
    try:
        check_name(zip_name(last, first))
    except AssignmentError as error:
        assert str(error).isprintable()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"experiments": {"comparison": ROW}}, "`experiments: comparison` is the name of a file of the results"),
        (
            {"experiments": {"a": {**ROW, "seeds": [1, 2]}, "a_seed1": ROW}},
            "two rows of `experiments` come to the name",
        ),
        ({"experiments": {"a": {**ROW, "title": ["x y", "xy"]}}}, "two rows of `experiments` come to the name"),
        ({"experiments": {"a": {**ROW, "epochs": list(range(1, 101)), "seeds": list(range(101))}}}, "more than 10000"),
        ({"experiments": {"a": {**ROW, "learning_rate": math.nan}}}, "`experiments: a: learning_rate` is nan"),
        ({"experiments": {"a": {**ROW, "epochs": 10**400}}}, "`experiments: a: epochs` is 1000"),
        ({"experiments": {1: ROW}}, "`experiments` has the key 1: a key is plain text"),
        ({"experiments": {"mnist\n": ROW}}, "a key is plain text on one line"),
        ({"experiments": {"x" * 101: ROW}}, "longer than 100"),
        ({"experiments": {"a": {**ROW, "model": "two\nlines"}}}, "`experiments: a: model: two lines` is not known"),
        ({"classifier": {"architecture": "../../ResNet50"}}, "no classifier of keras.applications"),
        ({"photographs": "pictures {2026}"}, "`photographs` is 'pictures {2026}'; Snakemake takes braces"),
        ({"student": {"last_name": "x" * 300, "first_name": "Ada"}}, "makes a file name of 320 bytes"),
        ({"student": {"last_name": "Love\uff0flace", "first_name": "Ada"}}, "contains '/'"),
        ({"student": datetime.date(2026, 1, 1)}, "which is no object"),
    ],
)
def test_what_fuzzing_found(change: dict, words: str) -> None:
    with pytest.raises(AssignmentError) as caught:
        check_config({**SHIPPED, **change})
    assert words in str(caught.value)
    assert MOST_EXPERIMENTS == 10_000


def test_a_whole_number_may_be_written_with_a_point() -> None:
    rows = check_config({**SHIPPED, "experiments": {"a": {**ROW, "epochs": 3.0}}}).experiments
    assert repr(rows["a"].epochs) == "3", "range(3.0) is an error, hours later"


def test_images_too_small_for_a_net() -> None:
    from assignment06.experiments.networks import build

    with pytest.raises(AssignmentError, match="`model: book_mnist` cannot take images of 16 x 16 pixels"):
        build("book_mnist", (16, 16, 3), 2, 0, 0)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('raise ValueError("my bug")', "fails in my_nets.py, line 4 (ValueError: my bug): mend it there"),
        ("return image.no_such_thing", "fails in my_nets.py, line 4 (AttributeError: "),
        ("return layers.Conv2D(4, 64)(image)", "cannot take images of 16 x 16 pixels (ValueError: "),
    ],
)
def test_a_net_of_ones_own_that_fails(body: str, words: str, tmp_path, monkeypatch) -> None:
    from assignment06.experiments.networks import build

    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_nets.py").write_text(f"from keras import layers\n\ndef net(image, dropout):\n    {body}\n")
    with pytest.raises(AssignmentError) as caught:
        build("my_nets.py:net", (16, 16, 3), 2, 0, 0)
    assert words in str(caught.value)
