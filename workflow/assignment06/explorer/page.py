"""The page to explore: one self-contained HTML file with its own script, beside the report."""

import base64
import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from assignment06.data.prepared import load_split
from assignment06.experiments.results import Metrics, names
from assignment06.explorer.found import add_found
from assignment06.explorer.nets import NotPlain, read_plain_net
from assignment06.explorer.sprites import Mistakes
from assignment06.photographs.results import ClassifierMetadata
from assignment06.report.captions import note, with_captions
from assignment06.report.pictures import MATRIX_CLASSES, STYLE, photographs, templates
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path

TEMPLATE = Path(__file__).with_name("explorer.html.j2")
STYLES = (STYLE, TEMPLATE.with_name("explorer.css"))
SCRIPTS = ("parts.js", "net.js", "layers.js", "drawing.js", "mistakes.js", "curves.js", "photographs.js", "explorer.js")
MAX_BYTES = 8_000_000
PHOTOGRAPHS = 24
PHOTOGRAPH_SIDE = 480  # pixels
PICTURES = (5000, 3000, 2000, 1000, 500, 200, 0)  # of a data set: the first number with which the page is small enough
SAMPLES = 2  # test images of each class to choose from
DIGIT = [28, 28, 1]


def write_explorer(
    metrics: Sequence[str], histories: Sequence[str], predictions: Sequence[str], tests: Sequence[str],
    photograph_predictions: str, classifier: str, manifest: str, explorer: str, drawn: str | None = None,
    model: str | None = None, maps: str | None = None, sought: Sequence[str] = (), found: Sequence[str] = (),
    found_images: Sequence[str] = (), captions: str | None = None, captions_metadata: str | None = None,
) -> None:  # fmt: skip
    """Write the page to explore as one HTML file of less than 8 MB that asks for nothing else.

    `metrics`, `histories`, `predictions` and `tests` (prepared test sets, .npz) belong to the experiments, in one
    order; `photograph_predictions`, `classifier` (metadata) and `manifest` to 6.3. `model` is the saved net of the
    experiment `drawn`, which a reader may draw digits for; without one, or where it is not plain (`explorer.nets`),
    the page says so. `maps` (`PhotographMaps`) and what was `sought` in the photographs, with the boxes `found` and the
    `found_images` that were looked at, lie over these and can be switched on and off; `captions` that a net wrote stand
    below, marked by their metadata. Where the mistakes would make the
    page too large, the most certain ones are shown. Raises AssignmentError when it is too large even without them.
    """
    results = [Metrics.read(path) for path in metrics]
    tables = [pd.read_csv(path) for path in predictions]
    facts = ClassifierMetadata.read(classifier)
    sets = sorted({(one.dataset, test) for one, test in zip(results, tests, strict=True)})
    places = [sets.index((one.dataset, test)) for one, test in zip(results, tests, strict=True)]
    described = [
        _experiment(*each)
        for each in zip(results, names(results), tables, map(pd.read_csv, histories), places, strict=True)
    ]
    digits = [test for one, test in zip(results, tests, strict=True) if one.experiment == drawn]
    title = next((one.title for one in results if one.experiment == drawn), "")
    shown = photographs(photograph_predictions, manifest, PHOTOGRAPHS, PHOTOGRAPH_SIDE)
    data = {
        "experiments": described,
        "drawing": {"title": title, **_drawing(model, digits[0] if digits else None, described, drawn)},
        "photographs": with_captions(add_found(shown, sought, found, found_images, maps), captions),
        "captionsNote": note(captions_metadata),
        "largestMatrix": MATRIX_CLASSES,
    }
    stamps = sorted({stamp for one in [*results, facts] for stamp in one.stamps})
    mistakes = []
    for place, (_, test) in enumerate(sets):
        own = [number for number, one in enumerate(places) if one == place]
        called = [results[one].experiment for one in own]
        mistakes.append(Mistakes(test, [tables[one] for one in own], called, PICTURES[0]))
    for limit in PICTURES:
        data["datasets"] = [one.shown(limit) for one in mistakes]
        page = render(data, stamps, facts)
        if len(page.encode()) < MAX_BYTES:
            break
    else:
        raise AssignmentError(
            f"The page to explore would be larger than {MAX_BYTES // 10**6} MB even without pictures: take fewer "
            "experiments."
        )
    with atomic_path(explorer) as part:
        part.write_text(page, encoding="utf-8")


def render(data: dict, stamps: list[str], classifier: ClassifierMetadata) -> str:
    """Return the page for data as `write_explorer` makes them, with the digests of its script and its style.

    The pictures of mistakes become part of the style, so that a browser reads each once.
    """
    data = {**data, "datasets": [dict(one) for one in data["datasets"]]}
    sprites = [
        f'.sprite-{place} {{ background-image: url("{one.pop("sprite")}"); }}'
        for place, one in enumerate(data["datasets"])
    ]
    style = "\n".join([*(path.read_text(encoding="utf-8") for path in STYLES), *sprites])
    script = "\n".join(TEMPLATE.with_name(name).read_text(encoding="utf-8") for name in SCRIPTS)
    return templates(TEMPLATE.parent).get_template(TEMPLATE.name).render(
        data=embedded(data), script=script, style=style, script_hash=_digest(script), style_hash=_digest(style),
        drawing=data["drawing"], photographs=data["photographs"], overlays=_overlays(data["photographs"]),
        classifier=classifier, stamps=stamps, captions_note=data["captionsNote"],
    )  # fmt: skip


def embedded(value: object) -> str:
    """Return a value as JSON that can stand in a `script` element: no "<", and null for what is no finite number."""
    text = json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _overlays(photographs: list[dict]) -> list[str]:
    """Return what some photograph has that can be switched on: "objects", "faces", "map"."""
    maps = ["map"] if any(one["map"] and "uri" in one for one in photographs) else []
    return [*dict.fromkeys(what for one in photographs for what in one["found"]), *maps]


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _experiment(one: Metrics, short: str, table: pd.DataFrame, history: pd.DataFrame, place: int) -> dict:
    curves = ("accuracy", "loss", "val_accuracy", "val_loss")
    return {
        "name": one.experiment,
        "title": one.title,
        "short": short,
        "group": one.settings.group or one.experiment,
        "seed": one.training.seed,
        "dataset": place,
        "classes": [row.name for row in one.per_class],
        "matrix": one.confusion_matrix,
        "wrong": int((table["true_label"] != table["predicted_label"]).sum()),
        "epochs": {name: [round(float(value), 5) for value in history[name]] for name in curves},
        "chosen": one.training.chosen_epoch,
        "figures": {
            "accuracy": one.test.accuracy,
            "loss": one.test.loss,
            "training": one.training.accuracy,
            "validation": one.training.validation_accuracy,
            "parameters": one.training.parameters,
            "epochs": one.training.epochs,
            "seconds": round(one.training.seconds, 1),
        },
    }


def _drawing(model: str | None, test: str | None, described: list[dict], drawn: str | None) -> dict:
    """Return {"net", "classes", "samples"} for drawing, or {"net": None, "reason"}."""
    if model is None or test is None:
        return {"net": None, "reason": "no experiment trains a net of its own on MNIST"}
    try:
        net = read_plain_net(model)
    except NotPlain as error:
        return {"net": None, "reason": f"the net of {drawn} has {error}, which this page cannot compute"}
    if net["input"] != DIGIT:
        return {"net": None, "reason": f"the net of {drawn} takes other images than those of digits"}
    classes = next(one["classes"] for one in described if one["name"] == drawn)
    x, y = load_split(test)
    chosen = np.sort(np.concatenate([np.flatnonzero(y == label)[:SAMPLES] for label in range(len(classes))]))
    samples = [
        {"index": int(index), "label": classes[y[index]], "pixels": base64.b64encode(x[index].tobytes()).decode()}
        for index in chosen
    ]
    return {"net": net, "classes": classes, "samples": sorted(samples, key=lambda one: one["label"])}
