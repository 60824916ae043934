"""The report: one self-contained HTML file with everything a grader or a student looks at first."""

import base64
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from assignment06.config.model import Student
from assignment06.data.prepared import load_split
from assignment06.experiments.ablation import Ablation
from assignment06.experiments.comparison import LEAST_SEEDS
from assignment06.experiments.looks import read_looks
from assignment06.experiments.mistakes import mistakes
from assignment06.experiments.results import Comparison, CrossValidation, Export, GroupSpread, Metrics, Pair, names
from assignment06.photographs.results import ClassifierMetadata
from assignment06.report import captions
from assignment06.report import detections as where
from assignment06.report import inspections as data
from assignment06.report.ablation import read_ablation
from assignment06.report.curves import accuracy_and_loss
from assignment06.report.interpretation import is_chance, read_pair, read_seeds, read_uses
from assignment06.report.pictures import MATRIX_CLASSES, data_uri, photographs, templates
from assignment06.report.transfer import read_curve
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, sha256_file, sha256_json
from assignment06.shared.wording import date, duration, p_value, signed
from assignment06.submission.discussion import Discussion
from assignment06.transfer.curve import Curve

TEMPLATE = Path(__file__).with_name("report.html.j2")
MAX_BYTES = 5_000_000
PHOTOGRAPHS = 24
PLOT_SIDE, WIDEST = 900, 1200
MAPS = 8
PIXELS_SIDE = 96  # test images larger than this are shrunk
FINDINGS = 12  # of each kind in each data set
SKIPPED, FILES, CONFUSIONS = 50, 12, 5
MOST_PAIRS = 10  # a report of more comparisons than that is read by nobody
WIDE, NARROW = (5, 6, 7), (3, 4)  # columns of pictures at a desk and on a phone


def write_report(
    metrics: Sequence[str], histories: Sequence[str], predictions: Sequence[str], tests: Sequence[str],
    comparison: str, photograph_predictions: str, skipped: str, classifier: str, manifest: str, report: str,
    student: Student, image: str, gallery: int, looks: str, rulegraph: str | None = None, discussion: str | None = None,
    detections: Sequence[str] = (), detection_sheets: Sequence[str] = (), evaluations: Sequence[str] = (),
    evaluation_plots: Sequence[str] = (),
    transfer: str | None = None, transfer_plot: str | None = None, cross_validations: Sequence[str] = (),
    ablation: str | None = None, ablation_plot: str | None = None, mapped: Sequence[str] = (), maps: Sequence[str] = (),
    photograph_map: str | None = None, grouped: Sequence[str] = (), together: Sequence[str] = (),
    layered: Sequence[str] = (), layers: Sequence[str] = (),
    inspections: Sequence[str] = (), inspection_tables: Sequence[str] = (), inspected: Sequence[str] = (),
    exports: Sequence[str] = (), captioners: Sequence[str] = (), captioner_comparison: str | None = None,
    photograph_captions: str | None = None, captions_metadata: str | None = None,
) -> None:  # fmt: skip
    """Write the report as one HTML file of less than 5 MB that asks for nothing else.

    `metrics`, `histories`, `predictions` and `tests` (prepared test sets, .npz) belong to the experiments, in
    one order; `photograph_predictions`, `skipped`, `classifier` (metadata) and `manifest` to 6.3. `gallery` is
    the number of mistakes to show, and `looks` the folder with the history of looks at test images. `rulegraph`
    is an SVG file and `discussion` what `check_discussion` found; either may be missing, and so may what
    `report.detections` shows, the curve of pretrained nets (`transfer`), its picture (`transfer_plot`),
    `cross_validations`, `exports` of nets, what was found in the data sets that they use (`inspections`, their tables
    and the images `inspected`), what changes made (`ablation`, `ablation_plot`), where nets looked (`maps` of the
    mistakes of the experiments `mapped`, `photograph_map`, and in the same images of the data sets `grouped`), and what
    the `layers` of those `layered` see, and what `report.captions` shows: figures of `captioners`, and the
    `photograph_captions` with their metadata. Where the images would make the file too large, fewer are shown.
    Raises AssignmentError when it is too large even without them.
    """
    results = [Metrics.read(path) for path in metrics]
    tables = [pd.read_csv(path) for path in predictions]
    curves = [pd.read_csv(path) for path in histories]
    facts, compared = ClassifierMetadata.read(classifier), Comparison.read(comparison)
    called, group_titles = names(results), _group_titles(compared.groups)
    context = {
        "student": student,
        "experiments": results,
        "names": dict(zip((one.experiment for one in results), called, strict=True)),
        "stamps": sorted({stamp for one in [*results, facts] for stamp in one.stamps}),
        "curves": accuracy_and_loss(results, called, curves),
        "smoothed": [name for name, one in zip(called, results, strict=True) if one.settings.label_smoothing],
        "pairs": _pairs(results, tables, curves, compared.mcnemar),
        "all_pairs": len(compared.mcnemar),
        "groups": compared.groups,
        "group_titles": group_titles,
        "paired": [read_seeds(pair, group_titles) for pair in compared.paired[:MOST_PAIRS]],
        "all_paired": len(compared.paired),
        "least_seeds": LEAST_SEEDS,
        "confusions": [commonest_confusions(one) for one in results],
        "uses": _uses(looks, results, tests),
        "largest_matrix": MATRIX_CLASSES,
        "classifier": facts,
        "skipped": pd.read_csv(skipped, dtype=str, keep_default_na=False, nrows=SKIPPED).to_dict("records"),
        "transfer": read_curve(Curve.read(transfer)) if transfer else [],
        "cross_validations": [CrossValidation.read(path) for path in cross_validations],
        "exports": [Export.read(path) for path in exports],
        "transfer_plot": data_uri(_pixels(transfer_plot), PLOT_SIDE) if transfer_plot else None,
        "ablation": read_ablation(Ablation.read(ablation)) if ablation else [],
        "ablation_plot": data_uri(_pixels(ablation_plot), PLOT_SIDE) if ablation_plot else None,
        "rulegraph": _svg_uri(rulegraph) if rulegraph else None,
        "discussion": Discussion.read(discussion) if discussion else None,
        "captions": captions.captioners(captioners, captioner_comparison),
        "captions_note": captions.note(captions_metadata),
        "image": image,
        "sources": {one.dataset: _sources(one.provenance.data_sha256) for one in results},
    }
    for share in (1, 1 / 2, 1 / 4, 1 / 8, 0):
        context["mistakes"] = [
            _mistakes(table, test, round(gallery * share)) for table, test in zip(tables, tests, strict=True)
        ]
        shown = photographs(photograph_predictions, manifest, round(PHOTOGRAPHS * share))
        context["photographs"] = captions.with_captions(shown, photograph_captions)
        count = round(MAPS * share)
        for name, of, plots in (("maps", mapped, maps), ("together", grouped, together), ("layers", layered, layers)):
            some = list(zip(of, plots, strict=True))[:count]
            context[name] = {one: data_uri(_pixels(path), PLOT_SIDE) for one, path in some}
        context["photograph_map"] = data_uri(_pixels(photograph_map), WIDEST) if photograph_map and count else None
        context["detections"] = where.detections(
            detections, detection_sheets, evaluations, evaluation_plots, share > 0, data_uri
        )
        context["inspections"] = data.inspections(
            inspections, inspection_tables, inspected, round(FINDINGS * share), data_uri
        )
        page = render(context)
        if len(page.encode()) < MAX_BYTES:
            break
    else:
        raise AssignmentError(
            f"The report would be larger than {MAX_BYTES // 10**6} MB even without images: take fewer experiments."
        )
    with atomic_path(report) as part:
        part.write_text(page, encoding="utf-8")


def render(context: dict) -> str:
    """Return the page for a context as `write_report` makes it; every value in it is escaped."""
    environment = templates(TEMPLATE.parent)
    environment.filters |= {"date": date, "duration": duration, "p_value": p_value, "signed": signed}
    environment.tests["chance"] = is_chance  # ty: ignore[invalid-assignment]  (it takes our own type)
    return environment.get_template(TEMPLATE.name).render(context)


def commonest_confusions(metrics: Metrics) -> list[dict]:
    """Return the {"true", "predicted", "images"} off the diagonal of a confusion matrix, the largest first."""
    matrix = np.array(metrics.confusion_matrix)
    np.fill_diagonal(matrix, 0)
    names = [row.name for row in metrics.per_class]
    places = np.argsort(matrix, axis=None, kind="stable")[::-1][:CONFUSIONS]
    found = [(int(place) // len(names), int(place) % len(names)) for place in places]
    return [
        {"true": names[row], "predicted": names[column], "images": int(matrix[row, column])}
        for row, column in found
        if matrix[row, column]
    ]


def _group_titles(groups: list[GroupSpread]) -> dict[str, str]:
    """Return the titles of groups by their names; of two that are alike, the names."""
    titles = [group.title for group in groups]
    return {one.group: one.title if titles.count(one.title) == 1 else one.group for one in groups}


def _uses(looks: str, results: list[Metrics], tests: Sequence[str]) -> list[str]:
    """Say for each experiment how often its test images were used."""
    digests = {path: sha256_file(path) for path in set(tests)}
    shown = [
        (one.dataset, digests[test], one.provenance.weights_sha256) for one, test in zip(results, tests, strict=True)
    ]
    known = read_looks(looks, shown)
    here = Counter(test for _, test, _ in set(shown))
    return [read_uses(known[test], here[test]) for _, test, _ in shown]


def told(pairs: Sequence[Pair], results: list[Metrics]) -> list[Pair]:
    """Return the pairs of experiments that the report reads: all, or where those are many, changes and neighbours.

    A pair is kept if its second is a change of its first, with the first of their seeds; where no row of the config
    says so, if no other is nearer above the second one.
    """
    if len(pairs) <= MOST_PAIRS:
        return list(pairs)
    rows = {one.experiment: one.settings for one in results}
    changes: dict[str, Pair] = {}
    for pair in pairs:
        if rows[pair.second].change_of == (rows[pair.first].group or pair.first):
            changes.setdefault(rows[pair.second].group or pair.second, pair)
    return list((changes or {pair.second: pair for pair in pairs}).values())


def _pairs(results: list[Metrics], tables: list, curves: list, tests: list[Pair]) -> list[dict]:
    """Read pairs of experiments on the same test images."""
    known = {(test.first, test.second): test for test in told(tests, results)}
    found = []
    for (first, one, a), (second, two, b) in combinations(zip(results, tables, curves, strict=True), 2):
        if test := known.get((first.experiment, second.experiment)):
            paragraphs = read_pair(first, second, test, (one, two), (a, b))
            found.append({"first": first, "second": second, "test": test, "paragraphs": paragraphs})
    return found


def _mistakes(table: pd.DataFrame, test: str, count: int) -> dict:
    """Return the wrongly predicted test images of which the net was most certain, and how many there are."""
    wrong = mistakes(table)
    shown = wrong.head(count)
    pixels = load_split(test)[0][shown["index"].to_numpy()]
    rows = shown[["index", "true_class", "predicted_class", "probability"]].to_dict("records")
    images = [{**row, **data_uri(one, PIXELS_SIDE)} for row, one in zip(rows, pixels, strict=True)]
    return {
        "total": len(wrong),
        "images": images,
        "wide": columns(len(images), WIDE),
        "narrow": columns(len(images), NARROW),
    }


def columns(count: int, choices: Sequence[int]) -> int:
    """Return the number of columns that leaves the fewest places of the last row empty, the first of equals."""
    return min(choices, key=lambda columns: -count % columns)


def _sources(files: dict[str, str]) -> dict:
    """Return the digests of a data set's files, or one digest over all of them where they are many."""
    if len(files) <= FILES:
        return files
    return {f"all {len(files):,} files (digest of their names and digests)": sha256_json(files)}


def _pixels(path: str) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def _svg_uri(path: str) -> str:
    """Return an SVG file for an `img`, in which nothing can run or be fetched."""
    return f"data:image/svg+xml;base64,{base64.b64encode(Path(path).read_bytes()).decode()}"
