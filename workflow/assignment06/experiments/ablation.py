"""What each change of a recipe made: rows that say of which other row they are a change."""

from assignment06.config.experiment import APART, ASKED, Experiment
from assignment06.experiments.comparison import spread
from assignment06.experiments.results import Metrics
from assignment06.shared.documents import Document


class Step(Document):
    """One recipe, over its seeds."""

    group: str
    title: str
    dataset: str
    seeds: list[int]
    accuracies: list[float]
    """On the test images, for each seed."""
    interval_95: tuple[float, float] | None
    """Student's t interval of their mean; null below five seeds."""
    change_of: str
    """The group of which this one is a change; empty for one that others change."""
    changed: dict[str, tuple[str, str]]
    """The settings that the two have differently, before and after."""
    differences: list[float]
    """This one's accuracies minus the other's, for each seed that both have."""
    difference_interval_95: tuple[float, float] | None
    """Of the mean difference, that of the paired t test; null below five seeds."""


class Ablation(Document):
    """Recipes and their changes, in the order of the config (results/metrics/ablation.json)."""

    steps: list[Step]
    stamps: list[str]


def summarise_ablation(metrics: list[str], ablation: str) -> None:
    """Write the `Ablation` of all experiments."""
    ablation_of([Metrics.read(path) for path in metrics]).write(ablation)


def ablation_of(results: list[Metrics]) -> Ablation:
    """Return the groups of experiments that are a change of another one, or have one, in their order."""
    groups: dict[tuple[str, str], list[Metrics]] = {}
    for one in results:
        groups.setdefault((one.dataset, one.settings.group or one.experiment), []).append(one)
    changed = {key: runs[0].settings.change_of for key, runs in groups.items()}
    wanted = {(dataset, of) for (dataset, _), of in changed.items() if of}
    shown = {key: runs for key, runs in groups.items() if changed[key] or key in wanted}
    return Ablation(
        steps=[_step(key, runs, groups.get((key[0], changed[key]), [])) for key, runs in shown.items()],
        stamps=sorted({stamp for runs in shown.values() for one in runs for stamp in one.stamps}),
    )


def _step(key: tuple[str, str], runs: list[Metrics], before: list[Metrics]) -> Step:
    by_seed = {one.training.seed: one.test.accuracy for one in runs}
    others = {one.training.seed: one.test.accuracy for one in before}
    differences = [accuracy - others[seed] for seed, accuracy in by_seed.items() if seed in others]
    return Step(
        group=key[1],
        title=title_without_seed(runs[0]),
        dataset=key[0],
        seeds=list(by_seed),
        accuracies=list(by_seed.values()),
        interval_95=_interval(list(by_seed.values())),
        change_of=runs[0].settings.change_of if before else "",
        changed=_changed(before[0], runs[0]) if before else {},
        differences=differences,
        difference_interval_95=_interval(differences),
    )


def _interval(values: list[float]) -> tuple[float, float] | None:
    return spread(values)["interval_95"] if len(values) > 1 else None


def _changed(before: Metrics, after: Metrics) -> dict[str, tuple[str, str]]:
    changed = changed_settings(before.settings, after.settings)
    return {key: pair for key, pair in changed.items() if key != "seed"}


def changed_settings(before: Experiment, after: Experiment) -> dict[str, tuple[str, str]]:
    """Return the settings of two trainings that differ, before and after, as a text shows them.

    What a row need not ask for and does not is "none", or "all" of the images.
    """
    one, two = _settings(before), _settings(after)
    return {key: (one[key], two[key]) for key in one if one[key] != two[key]}


def _settings(row: Experiment) -> dict[str, str]:
    asked = row.plain()
    values = {key: value if key in asked or key not in ASKED else None for key, value in row if key not in APART}
    values["images_per_class"] = values["images_per_class"] or "all"
    return {key: "none" if value is None else str(value) for key, value in values.items()}


def title_without_seed(result: Metrics) -> str:
    """Return an experiment's title without the seed that a sweep has put into it.

    Example:
        >>> title_without_seed(metrics)  # of a row "With dropout" with `seeds: [0, 1, 2]`
        'With dropout'
    """
    seed = f"seed {result.training.seed})"
    return result.title.removesuffix(f" ({seed}").replace(f", {seed}", ")")
