"""The config: what is refused, how it is said, what the zip is called."""

import copy

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, run_python, snakemake

from assignment06.config.check import check_config
from assignment06.config.experiment import short_title
from assignment06.config.names import is_placeholder, zip_name
from assignment06.grading.checks.packaging import _ZIP_NAME
from assignment06.shared import registry
from assignment06.shared.errors import AssignmentError

SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
ROW = {"dataset": "cifar10", "model": "book_cifar10"}


def changed(**values: object) -> dict:
    return {**copy.deepcopy(SHIPPED), **values}


def test_the_shipped_config_is_accepted_and_filled_in() -> None:
    config = check_config(SHIPPED)
    assert list(config.experiments) == ["mnist", "cifar10_plain", "cifar10_augmented"]
    assert config.classifier.top == 5
    assert config.experiments["mnist"].weight_decay == 0
    assert is_placeholder(config.student)
    assert "datasets" not in SHIPPED, "the caller's config is not changed"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"experimens": {}}, ["unknown key `experimens`", "did you mean `experiments`"]),
        ({"experiments": {"a": {**ROW, "epoch": 3}}}, ["unknown key `epoch`", "`experiments: a`", "`epochs`"]),
        ({"experiments": {"a": {**ROW, "epochs": "3"}}}, ["`experiments: a: epochs`", "'3'", "integer"]),
        ({"experiments": {"a": {**ROW, "dataset": "cifar"}}}, ["dataset: cifar", "did you mean `cifar10`"]),
        ({"experiments": {"a": {**ROW, "model": "resnet"}}}, ["model: resnet", "book_mnist"]),
        ({"experiments": {"a": {**ROW, "augmentation": "lite"}}}, ["augmentation: lite", "did you mean `light`"]),
        ({"experiments": {"a": {**ROW, "optimizer": "muo"}}}, ["optimizer` is 'muo'", "did you mean `muon`"]),
        ({"experiments": {"a": {**ROW, "validation_split": 1.0}}}, ["validation_split", "less than 1"]),
        ({"experiments": {"a": {**ROW, "validation_split": 0}}}, ["validation_split", "more than 0"]),
        ({"experiments": {"a": {**ROW, "dropout": 1}}}, ["dropout", "less than 1"]),
        ({"experiments": {"a/b": ROW}}, ["a/b", "lower-case"]),
        ({"experiments": {"a": {"model": "book_mnist"}}}, ["`dataset` is missing", "`experiments: a`"]),
        ({"student": {"last_name": "", "first_name": "Ada"}}, ["last_name", "empty"]),
        ({"student": {"first_name": "Ada"}}, ["`last_name` is missing"]),
        ({"student": {"last_name": False, "first_name": "Ada"}}, ["last_name` is false", "No and Off", "in quotes"]),
        ({"student": {"last_name": "x", "first_name": True}}, ["first_name` is true", "Yes and On", "in quotes"]),
        ({"experiments": None}, ["`experiments` has no rows: write at least one, as in the config.yaml that came"]),
        ({"experiments": {}}, ["`experiments` has no rows: write at least one"]),
        ({"student": {"last_name": "Love/lace", "first_name": "Ada"}}, ["last_name", "'/'"]),
        ({"student": {"last_name": "..", "first_name": "Ada"}}, ["last_name", ".."]),
        ({"data_source": "ofical"}, ["data_source", "did you mean `official`"]),
        ({"classifier": {"shard_size": 0}}, ["shard_size", "at least 1"]),
        ({"datasets": {"mnist": {"folder": "x"}}}, ["mnist", "official data set"]),
    ],
)
def test_bad_values_get_one_sentence(values: dict, words: list[str]) -> None:
    with pytest.raises(AssignmentError) as caught:
        check_config(changed(**values))
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    ("written", "read"),
    [("./x", "x"), ("a/../b/", "b"), ("../a06", "../a06"), ("/x/./a06", "/x/a06"), (".", None), ("./", None), ("", "")],
)
def test_the_folder_of_the_course_is_written_in_one_way(written: str, read: str | None) -> None:
    assert check_config(changed(assignment_dir=written)).assignment_dir == read


def test_seeds_and_lists_become_rows() -> None:
    row = {**ROW, "title": "Sweep", "seeds": [0, 1], "dropout": [0.2, 0.5]}
    experiments = check_config(changed(experiments={"a": row, "b": {**ROW, "epochs": [3]}})).experiments
    assert list(experiments) == [
        "a_dropout0.2_seed0",
        "a_dropout0.2_seed1",
        "a_dropout0.5_seed0",
        "a_dropout0.5_seed1",
        "b_epochs3",
    ]
    one = experiments["a_dropout0.5_seed1"]
    assert (one.dropout, one.seed, one.group) == (0.5, 1, "a_dropout0.5")
    assert one.title == "Sweep (dropout 0.5, seed 1)"
    assert experiments["b_epochs3"].group == "b_epochs3"
    for bad in ([], [1, 1]):
        with pytest.raises(AssignmentError, match="list in `experiments: a` is empty or repeats"):
            check_config(changed(experiments={"a": {**ROW, "seeds": bad}}))
    with pytest.raises(AssignmentError, match="epochs"):
        check_config(changed(experiments={"a": {**ROW, "epochs": [1, "x"]}}))


@pytest.mark.parametrize(
    ("last", "first", "name"),
    [
        ("Lovelace", "Ada", "LovelaceAda"),
        ("van der Berg", "Jan  Piet", "van-der-BergJan-Piet"),
        ("O’Brien", "Zoë", "OBrienZoe"),
        ("D'Angelo", "José María", "DAngeloJose-Maria"),
        (" Smith-Jones ", "Al", "Smith-JonesAl"),
        ("李", "小龍", "李小龍"),
        ("Smith, Jr.", "“Zoë”", "Smith-JrZoe"),
        ("Müller (geb. Łukasz)", "Anna_Maria", "Muller-geb.-LukaszAnna-Maria"),
        ("Smith & Co", "Groß", "Smith-CoGross"),
        ("शर्मा", "राज", "शरमाराज"),
    ],
)
def test_zip_name(last: str, first: str, name: str) -> None:
    assert zip_name(last, first) == f"assignment06_{name}.zip"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_every_name_that_is_taken_is_one_that_the_grader_takes(last: str, first: str) -> None:
    try:
        name = zip_name(last, first)
    except AssignmentError:
        return
    assert _ZIP_NAME.fullmatch(name), name


def test_seeds_are_a_list_of_any_length() -> None:
    assert list(check_config(changed(experiments={"a": {**ROW, "seeds": [3]}})).experiments) == ["a"]
    with pytest.raises(AssignmentError, match="is 3: write a list"):
        check_config(changed(experiments={"a": {**ROW, "seeds": 3}}))
    with pytest.raises(AssignmentError, match=r"write `seeds: \[0, 1\]`"):
        check_config(changed(experiments={"a": {**ROW, "seed": [0, 1]}}))


def test_every_registered_name_can_be_used() -> None:
    for package, needed in (
        (registry.NETWORKS, ["build"]), (registry.POLICIES, ["layers"]),
        (registry.DATASETS, ["FORMS", "parse", "stand_in"]),
    ):  # fmt: skip
        assert registry.names(package), package
        for name in registry.names(package):
            assert all(hasattr(registry.find(package, name), part) for part in needed), (package, name)
        with pytest.raises(KeyError):
            registry.find(package, "none_of_them")
    assert registry.names(registry.POLICIES) == ("alternating", "book", "light", "slight", "strong")
    assert "_parts" not in registry.names(registry.NETWORKS)


def test_a_config_is_checked_without_tensorflow(tmp_path) -> None:
    code = f"""
import sys, yaml
from assignment06.config.check import check_config
from assignment06.config.experiment import short_title
config = yaml.safe_load(open({str(ROOT / "config.yaml")!r}, encoding="utf-8"))
print(len(check_config(config).experiments), sorted({{"tensorflow", "keras", "keras_cv"}} & set(sys.modules)))
"""
    done = run_python(code, tmp_path)
    assert done.stdout == "3 []\n", done.stderr


def test_short_titles_are_numbers_or_names_and_never_twice_the_same() -> None:
    def short(**rows: dict) -> dict[str, str]:
        checked = check_config(changed(experiments={name: {**ROW, **row} for name, row in rows.items()})).experiments
        return {name: short_title(name, row.model_dump()) for name, row in checked.items()}

    assert short(a={"title": "6.2a CIFAR-10, plain"}, b={"title": "shapes"}, c={}) == {"a": "6.2a", "b": "b", "c": "c"}
    assert short(a={"title": "6.1 x", "short_title": "mine"}) == {"a": "mine"}
    assert short(a={"title": "6.1 x"}, b={"title": "6.1 y"}) == {"a": "a", "b": "b"}, "two of one number"
    swept = short(a={"title": "6.2a x", "seeds": [0, 1], "dropout": [0.2]})
    assert list(swept.values()) == ["6.2a, dropout 0.2, seed 0", "6.2a, dropout 0.2, seed 1"]


OWN = "def build(image, dropout):\n    return image\n\n\ndef one(image):\n    return image\n"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("my_nets.py:build", []),
        ("my_nets.py:biuld", ["no function biuld", "did you mean `build`"]),
        ("my_nets.py:one", ["must take image and dropout", "def one(image, dropout):"]),
        ("nowhere.py:build", ["there is no file nowhere.py"]),
        ("broken.py:build", ["broken.py is no Python", "line 1"]),
        ("../my_nets.py:build", ["outside this folder"]),
        ("/elsewhere/my_nets.py:build", ["outside this folder"]),
    ],
)
def test_a_net_of_ones_own_is_looked_at_and_not_run(tmp_path, monkeypatch, model: str, words: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_nets.py").write_text("import not_installed_anywhere\n" + OWN)
    (tmp_path / "broken.py").write_text("def build(image, dropout:\n")
    config = changed(experiments={"a": {**ROW, "model": model}})
    if not words:
        assert check_config(config).experiments["a"].model == model
        return
    with pytest.raises(AssignmentError) as caught:
        check_config(config)
    assert "\n" not in str(caught.value) and all(word in str(caught.value) for word in words), str(caught.value)


def test_snakemake_says_the_sentence_and_nothing_else(tree, tmp_path) -> None:
    overlay = tmp_path / "bad.yaml"
    overlay.write_text("data_sorce: auto\n", encoding="utf-8")
    done = snakemake(tree, "-n", "--configfile", str(overlay))
    assert done.returncode != 0
    assert "error: config.yaml: unknown key `data_sorce`" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_of_photographs_that_does_not_exist(tree) -> None:
    done = snakemake(tree, "-n", "--config", "photographs=data/raw/imagse")
    assert done.returncode != 0
    assert "error: `photographs: data/raw/imagse` in config.yaml is neither a folder" in done.stderr
