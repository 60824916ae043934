"""What the changes of a recipe made, in sentences computed from them."""

import numpy as np

from assignment06.experiments.ablation import Ablation, Step
from assignment06.experiments.comparison import LEAST_SEEDS
from assignment06.shared.wording import joined, points, signed


def read_ablation(ablation: Ablation) -> list[str]:
    """Return a sentence or two on each change, and on changes of one recipe that were also made together."""
    steps = {(step.dataset, step.group): step for step in ablation.steps}
    told = [_change(step, steps[step.dataset, step.change_of]) for step in ablation.steps if step.change_of]
    return told + [text for step in ablation.steps if (text := _together(step, steps))]


def _change(step: Step, before: Step) -> str:
    settings = joined([f"{key} {old} to {new}" for key, (old, new) in step.changed.items()]) or "no setting"
    text = f"{step.title}, from {before.title} ({settings})"
    if not step.differences:
        return f"{text}: no seed is common to both, so nothing is compared."
    mean, count = float(np.mean(step.differences)), len(step.differences)
    if count == 1:
        return f"{text}: {signed(mean)} points with the one seed that was trained, which decides nothing."
    low, high = min(step.differences), max(step.differences)
    text += f": {signed(mean)} points on average over {count} seeds ({signed(low)} to {signed(high)})"
    if step.difference_interval_95 is None:
        few = f"fewer than {LEAST_SEEDS} seeds have no interval" if count < LEAST_SEEDS else "all seeds alike"
        return f"{text}, {few}."
    low, high = step.difference_interval_95
    zero = "; it holds zero, so these seeds do not tell" if low <= 0 <= high else ""
    return f"{text}, 95% interval of the mean {signed(low)} to {signed(high)} (paired t){zero}."


def _together(step: Step, steps: dict[tuple[str, str], Step]) -> str:
    """Compare a recipe with the changes of one other recipe that it unites; "" where it unites none."""
    for (dataset, base), start in steps.items():
        singles = [one for one in steps.values() if (one.dataset, one.change_of) == (dataset, base) and one is not step]
        wanted = {key: new for one in singles for key, (_, new) in one.changed.items()}
        if dataset != step.dataset or len(singles) < 2 or wanted != _from(step, start, steps):
            continue
        gain = float(np.mean(step.accuracies) - np.mean(start.accuracies))
        single = sum(float(np.mean(one.accuracies) - np.mean(start.accuracies)) for one in singles)
        relation = "less than" if gain < single else "more than"
        return (
            f"{joined([one.title for one in singles])} add {signed(single)} points to {start.title} if their single "
            f"effects are summed; {step.title}, which has them together, adds {signed(gain)}: "
            f"{points(gain - single)} {relation} the sum."
        )
    return ""


def _from(step: Step, start: Step, steps: dict[tuple[str, str], Step]) -> dict[str, str]:
    """The settings that `step` has differently from `start`, of which it is a change, or a change of a change."""
    found: dict[str, str] = {}
    while step.change_of:
        found = {key: new for key, (_, new) in step.changed.items()} | found
        if step.change_of == start.group:
            return found
        step = steps[step.dataset, step.change_of]
    return {}
