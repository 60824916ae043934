"""What changes of a recipe made: from rows of the config to figures, sentences and a plot."""

import itertools

import numpy as np
import pytest
from made_documents import metrics, scores, training
from PIL import Image

from assignment06.config.check import check_config
from assignment06.config.experiment import Experiment
from assignment06.experiments.ablation import Ablation, ablation_of, summarise_ablation
from assignment06.experiments.results import Metrics, Pair
from assignment06.plots.ablation import plot_ablation
from assignment06.report.ablation import read_ablation
from assignment06.report.page import MOST_PAIRS, told
from assignment06.shared.errors import AssignmentError

ROWS = {"book": {}, "dropout": {"dropout": 0.5}, "augmentation": {"augmentation": "light"}}
ROWS["both"] = ROWS["dropout"] | ROWS["augmentation"]
OF = {"book": "", "dropout": "book", "augmentation": "book", "both": "dropout"}
MEANS = {"book": 0.70, "dropout": 0.74, "augmentation": 0.75, "both": 0.77}


def made(group: str, seed: int, accuracy: float) -> Metrics:
    title = f"{group.capitalize()} net"
    row = {"dataset": "cifar10", "model": "book_cifar10", "group": group, "change_of": OF[group], "seed": seed}
    return metrics(
        f"{group}_seed{seed}",
        title=f"{title} (seed {seed})",
        dataset="cifar10",
        test=scores(accuracy=accuracy),
        training=training(seed=seed),
        settings=Experiment(**row | ROWS[group]),
    )


def runs(seeds: int) -> list[Metrics]:
    return [made(group, seed, MEANS[group] + 0.001 * seed * (group != "book")) for group in OF for seed in range(seeds)]


def test_each_change_is_compared_seed_by_seed_with_what_it_changes() -> None:
    book, dropout, _, both = ablation_of([*runs(3), metrics("mnist")]).steps
    assert (book.change_of, book.changed, book.differences) == ("", {}, [])
    assert dropout.title == "Dropout net" and dropout.changed == {"dropout": ("0", "0.5")}
    assert np.allclose(dropout.differences, [0.04, 0.041, 0.042]) and dropout.difference_interval_95 is None
    assert both.changed == {"augmentation": ("none", "light")}
    assert np.allclose(both.differences, 0.03)


def test_a_setting_that_only_one_of_two_has_is_none_in_the_other() -> None:
    row = {"dataset": "cifar10", "model": "lean"}
    asked = Experiment(**row, images_per_class=100, patience=10, cross_validation=5, seed=1)
    before, after = (metrics(name, dataset="cifar10", settings=settings, training=training()) for name, settings in (
        ("all", Experiment(**row)), ("few", asked.model_copy(update={"change_of": "all", "group": "few"})),
    ))  # fmt: skip
    changed = ablation_of([before, after]).steps[1].changed
    assert changed == {"images_per_class": ("all", "100"), "patience": ("none", "10")}


def test_from_five_seeds_on_there_is_an_interval() -> None:
    dropout = ablation_of(runs(5)).steps[1]
    assert dropout.difference_interval_95 and dropout.interval_95
    low, high = dropout.difference_interval_95
    assert 0.04 < low < 0.042 < high < 0.045
    (sentence,) = [text for text in read_ablation(ablation_of(runs(5))) if text.startswith("Dropout net, from")]
    assert "(dropout 0 to 0.5)" in sentence and "95% interval of the mean +4.0 to +4.4 (paired t)." in sentence


def test_few_seeds_are_said_to_be_few() -> None:
    sentence = read_ablation(ablation_of(runs(3)))[0]
    assert "+4.1 points on average over 3 seeds (+4.0 to +4.2), fewer than 5 seeds have no interval." in sentence
    assert "which decides nothing" in read_ablation(ablation_of(runs(1)))[0]


def test_changes_made_together_are_held_against_their_sum() -> None:
    sentences = read_ablation(ablation_of(runs(1)))
    assert sentences[-1] == (
        "Dropout net and Augmentation net add +9.0 points to Book net if their single effects are summed; Both net, "
        "which has them together, adds +7.0: 2.0 points less than the sum."
    )
    assert len(sentences) == 4


def test_seeds_that_are_not_common_are_not_compared() -> None:
    steps = ablation_of([made("book", 0, 0.7), made("dropout", 1, 0.8)])
    assert steps.steps[1].differences == []
    assert "no seed is common to both" in read_ablation(steps)[0]


@pytest.mark.parametrize("seeds", [1, 3, 5])
def test_the_plot_has_a_row_for_each_recipe(tmp_path, seeds: int) -> None:
    paths = []
    for one in runs(seeds):
        one.write(tmp_path / f"{one.experiment}.json")
        paths.append(str(tmp_path / f"{one.experiment}.json"))
    summarise_ablation(paths, str(tmp_path / "ablation.json"))
    assert [step.group for step in Ablation.read(tmp_path / "ablation.json").steps] == list(OF)
    plot_ablation(str(tmp_path / "ablation.json"), str(tmp_path / "plot.png"), 80)
    with Image.open(tmp_path / "plot.png") as image:
        assert image.width > image.height and len(set(image.convert("RGB").getdata())) > 50


def test_a_report_of_many_pairs_reads_the_changes_alone() -> None:
    found = runs(3)
    fields = {"only_first_right": 1, "only_second_right": 2, "accuracy_difference": 0.1, "p_value": 0.5}
    pairs = [
        Pair(first=one.experiment, second=two.experiment, p_value_corrected=0.5, pairs=18, **fields)
        for one, two in itertools.combinations(found, 2)
        if one.training.seed == two.training.seed
    ]
    assert len(pairs) > MOST_PAIRS
    shown = [(pair.first, pair.second) for pair in told(pairs, found)]
    assert sorted(shown) == [
        ("book_seed0", "augmentation_seed0"), ("book_seed0", "dropout_seed0"), ("dropout_seed0", "both_seed0"),
    ]  # fmt: skip
    assert told(pairs[:MOST_PAIRS], found) == pairs[:MOST_PAIRS]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"a": {"change_of": "b"}, "b": {"change_of": "c"}, "c": {"change_of": "a"}}, "goes round in a circle"),
        ({"a": {}, "b": {"change_of": "b"}}, "`experiments: b: change_of: b` is no other row on the same data set"),
        ({"plain": {}, "b": {"change_of": "plainly"}}, "`plain`"),
        ({"a": {}, "b": {"change_of": "a", "dataset": "mnist"}}, "`experiments: b: change_of: a` is no other row on"),
    ],
)
def test_a_change_names_another_row_on_the_same_data(rows: dict, sentence: str) -> None:
    usual = {"dataset": "cifar10", "model": "lean"}
    experiments = {name: usual | row for name, row in rows.items()}
    student = {"last_name": "Doe", "first_name": "Jane"}
    with pytest.raises(AssignmentError, match="change_of") as caught:
        check_config({"student": student, "experiments": experiments})
    assert sentence in str(caught.value)


def test_a_change_of_a_row_with_seeds_names_the_row_as_written() -> None:
    usual = {"dataset": "cifar10", "model": "lean", "seeds": [0, 1]}
    config = check_config(
        {
            "student": {"last_name": "Doe", "first_name": "Jane"},
            "experiments": {"a": usual, "b": usual | {"change_of": "a", "dropout": 0.5}},
        }
    )
    assert {row.change_of for name, row in config.experiments.items() if name.startswith("b")} == {"a"}
    assert "change_of" not in config.experiments["b_seed0"].training()


def test_the_order_of_the_rows_does_not_matter() -> None:
    """The graph of rules is drawn from a config whose keys are sorted."""
    usual = {"dataset": "cifar10", "model": "lean"}
    rows = {"augmented": usual | {"change_of": "plain"}, "plain": usual}
    config = check_config({"student": {"last_name": "Doe", "first_name": "Jane"}, "experiments": rows})
    assert config.experiments["augmented"].change_of == "plain"
