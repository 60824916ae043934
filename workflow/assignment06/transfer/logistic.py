"""A new last layer without epochs: logistic regression on the features, solved by L-BFGS."""

import time

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from assignment06.experiments.fitting import Examples
from assignment06.transfer.backbones import PROBABILITY

STRENGTHS = tuple(float(value) for value in np.geomspace(1e-3, 10, 9).round(6))  # scikit-learn's C
SCALE = 10.0  # the length of a feature vector (root mean square), so that C means the same for every net
MOST_STEPS = 500
INNER_FOLDS = 4


def fit_logistic(head: keras.Model, balanced: bool, examples: Examples) -> tuple[list[dict], int]:
    """Give `head` the weights of a logistic regression on features [n, k]; return a history, and its chosen row from 1.

    Multinomial, with an L2 penalty on the weights, by scikit-learn's L-BFGS (Byrd et al., 1995; nothing is drawn, so it
    is the same every time); one fit for each of `STRENGTHS`, from the strongest penalty to the weakest, a row of the
    history each, whose `learning_rate` is C. Chosen is that with the least loss on the validation images, as an
    epoch is for other heads. With `balanced` all classes count alike. The layer is a plain one afterwards.
    """
    layer = head.get_layer(PROBABILITY)
    scale = _scale(examples.x)
    x, (held, held_labels) = examples.x * scale, examples.validation
    model = _regression(balanced, warm_start=True)
    rows, best, chosen = [], np.inf, 0
    for number, strength in enumerate(STRENGTHS, start=1):
        began = time.monotonic()
        model.set_params(C=strength).fit(x, examples.y)
        told = {}
        for prefix, features, labels in (("", x, examples.y), ("val_", held * scale, held_labels)):
            p = model.predict_proba(features)
            told[f"{prefix}accuracy"] = float((p.argmax(axis=1) == labels).mean())
            told[f"{prefix}loss"] = float(log_loss(labels, p, labels=np.arange(examples.classes)))
        seconds = time.monotonic() - began
        rows.append(
            {"epoch": number, **told, "learning_rate": strength, "seconds": seconds, "compute_dtype": "float32"}
        )
        if told["val_loss"] < best:
            best, chosen = told["val_loss"], number
            layer.set_weights(_weights(model, scale))
    return rows, chosen


def fit_logistic_on_all(head: keras.Model, balanced: bool, x: np.ndarray, y: np.ndarray, seed: int) -> float:
    """Do as `fit_logistic` with features [n, k] and labels [n] of which none can be spared; return the C it chose.

    Chosen is that with the least mean loss on the parts that stratified inner folds, drawn with `seed`, leave out: as
    many as the rarest class has images, `INNER_FOLDS` at most. Then all are trained on. The rarest class needs two.
    """
    scale = _scale(x)
    rarest = int(np.unique(y, return_counts=True)[1].min())
    folds = StratifiedKFold(min(INNER_FOLDS, rarest), shuffle=True, random_state=seed)
    search = GridSearchCV(_regression(balanced), {"C": STRENGTHS}, scoring="neg_log_loss", cv=folds)
    search.fit(x * scale, y)
    head.get_layer(PROBABILITY).set_weights(_weights(search.best_estimator_, scale))
    return search.best_params_["C"]


def _scale(features: np.ndarray) -> float:
    return SCALE / max(float(np.sqrt((features**2).sum(axis=1).mean())), 1e-12)


def _regression(balanced: bool, **extra) -> LogisticRegression:
    return LogisticRegression(max_iter=MOST_STEPS, class_weight="balanced" if balanced else None, **extra)


def _weights(model: LogisticRegression, scale: float) -> list[np.ndarray]:
    """Return kernel [k, classes] and bias [classes] of a softmax layer that says of raw features what `model` says."""
    kernel, bias = model.coef_.T * scale, model.intercept_
    if kernel.shape[1] == 1:  # of two classes scikit-learn has the second's alone
        kernel, bias = np.concatenate([0 * kernel, kernel], axis=1), np.concatenate([0 * bias, bias])
    return [kernel.astype(np.float32), bias.astype(np.float32)]
