"""Heads that are solved: they say what scikit-learn says, the same every time, and are chosen on validation images."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from test_transfer import rows

from assignment06.experiments.fitting import Examples
from assignment06.shared.errors import AssignmentError
from assignment06.transfer.backbones import new_head
from assignment06.transfer.logistic import SCALE, STRENGTHS, fit_logistic, fit_logistic_on_all


def examples(classes: int, seed: int = 0) -> Examples:
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 1, (classes, 20))
    y = np.repeat(np.arange(classes), [30, *[8] * (classes - 1)])
    x = (centres[y] + rng.normal(0, 3, (len(y), 20))).astype(np.float32) * 0.1
    held = rng.permutation(len(y))[: len(y) // 3]
    kept = np.setdiff1d(np.arange(len(y)), held)
    return Examples(x[kept], y[kept], (x[held], y[held]), classes)


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("balanced", [False, True])
def test_the_layer_says_what_scikit_learn_says(classes: int, balanced: bool) -> None:
    given = examples(classes)
    head = new_head(20, classes, 0, seed=0)
    history, chosen = fit_logistic(head, balanced, given)
    assert [row["learning_rate"] for row in history] == list(STRENGTHS)
    losses = [row["val_loss"] for row in history]
    assert chosen == 1 + int(np.argmin(losses))
    scale = SCALE / np.sqrt((given.x**2).sum(axis=1).mean())
    alone = LogisticRegression(
        C=STRENGTHS[chosen - 1], max_iter=2000, tol=1e-6, class_weight="balanced" if balanced else None
    ).fit(given.x * scale, given.y)
    held = given.validation[0]
    np.testing.assert_allclose(head.predict(held, verbose=0), alone.predict_proba(held * scale), atol=5e-3)
    again = new_head(20, classes, 0, seed=5)
    assert fit_logistic(again, balanced, given)[1] == chosen
    for one, two in zip(head.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("rarest", [2, 8])
def test_where_none_can_be_spared_inner_folds_choose_and_all_are_trained_on(rarest: int) -> None:
    given = examples(4)
    order = np.random.default_rng(1).permutation(len(given.y))
    places = np.concatenate([order[given.y[order] == label][: rarest if label == 1 else None] for label in range(4)])
    x, y = given.x[places], given.y[places]
    head = new_head(20, 4, 0, seed=0)
    strength = fit_logistic_on_all(head, True, x, y, seed=0)
    scale = SCALE / np.sqrt((x**2).sum(axis=1).mean())

    def alone(value: float, some: np.ndarray) -> LogisticRegression:
        return LogisticRegression(C=value, max_iter=2000, class_weight="balanced").fit(x[some] * scale, y[some])

    np.testing.assert_allclose(
        head.predict(x, verbose=0), alone(strength, np.arange(len(y))).predict_proba(x * scale), atol=5e-3
    )
    folds = list(StratifiedKFold(min(4, rarest), shuffle=True, random_state=0).split(x, y))
    left_out = [
        np.mean([log_loss(y[out], alone(value, kept).predict_proba(x[out] * scale)) for kept, out in folds])
        for value in STRENGTHS
    ]
    assert strength == STRENGTHS[int(np.argmin(left_out))]


def test_balanced_heads_see_rare_classes() -> None:
    given = examples(4, seed=3)
    rare = given.validation[1] > 0
    found = []
    for balanced in (False, True):
        head = new_head(20, 4, 0, seed=0)
        fit_logistic(head, balanced, given)
        found.append(head.predict(given.validation[0][rare], verbose=0)[:, 1:].sum(axis=1).mean())
    assert found[1] > found[0]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"train": "all"}, "optimizer: lbfgs` is for a pretrained net with `train: head`"),
        ({"epochs": 5}, "epochs` does nothing with `optimizer: lbfgs`"),
        ({"weight_decay": 5}, "weight_decay` does nothing"),
    ],
)
def test_what_it_has_not_is_refused(values: dict, words: str) -> None:
    rows(optimizer="lbfgs")
    with pytest.raises(AssignmentError) as caught:
        rows(optimizer="lbfgs", **values)
    assert words in str(caught.value)
