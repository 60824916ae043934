"""How well a captioner writes, on the test photographs: beside two baselines, with intervals, and with examples."""

import csv
import time

import numpy as np

from assignment06.backend import compute
from assignment06.captions.grids import load_grids
from assignment06.captions.measures import (
    Diversity,
    Scores,
    best_sentence,
    counts,
    diversity_of,
    nearest_captions,
    scores_of,
    spoken,
)
from assignment06.captions.prepared import CaptionSet
from assignment06.captions.training import CaptionerFacts
from assignment06.captions.writing import Writer
from assignment06.config.captions import Captioner
from assignment06.experiments.looks import record_look
from assignment06.shared.documents import Document
from assignment06.shared.files import atomic_path
from assignment06.shared.provenance import Provenance, provenance
from assignment06.transfer.prepared import BackboneDescription

COLUMNS = ["image", "caption", "score", "nearest", "references"]


class Looked(Document):
    """Where a captioner looked in one photograph while it wrote."""

    image: str
    words: list[str]
    attention: list[list[float]]
    """Of each word, the share of each place of the grid, row by row from the top left."""


class Attention(Document):
    """Of some test photographs where a captioner looked (attention.json)."""

    captioner: str
    photographs: list[Looked]
    stamps: list[str]


class CaptionMetrics(Document):
    """The figures of one captioner (results/captions/<name>/metrics.json)."""

    captioner: str
    title: str
    group: str
    dataset: str
    settings: Captioner
    training: CaptionerFacts
    photographs: int
    """For the test."""
    references: int
    captioner_scores: Scores
    nearest: Scores
    """Of the caption of the training photograph with the most similar features."""
    one_for_all: Scores
    """Of one training caption for all photographs."""
    sentence: str
    """That caption."""
    diversity: Diversity
    seconds: float
    """To write the captions, from the grids."""
    test_sha256: str
    """Of the test photographs and their captions."""
    stamps: list[str]
    provenance: Provenance


def evaluate_captioner(
    captioner: str, settings: Captioner, title: str, group: str, model: str, vocabulary: str, facts: str, prepared: str,
    backbone_description: str, grids: list[str], grid_facts: list[str], metrics: str, table: str,
    attention: str, looks: str, threads: int,
) -> None:  # fmt: skip
    """Write the captions of the test photographs as CSV, and the `CaptionMetrics` of them.

    The table has for each test photograph the caption, its score, the caption of the nearest training photograph, and
    the references, one a line; the best is first. The score is the share of its words, pairs, threes and fours that a
    reference has, a ranking and no BLEU. `attention` becomes the `Attention` of the best, the middle and the
    worst. That the test photographs were looked at is recorded in `looks`.
    """
    compute.configure(threads, settings.seed)
    captioned, described = CaptionSet.read(prepared), BackboneDescription.read(backbone_description)
    every = load_grids(grids, grid_facts, described, captioned)[:, 0]
    writer = Writer(model, vocabulary, settings.beams, settings.length_penalty)
    tests, training = captioned.places("test"), captioned.captions("train")
    references = [[spoken(caption) for caption in one] for one in captioned.captions("test")]
    began = time.monotonic()
    captions = writer.write(every[tests])
    seconds = time.monotonic() - began
    record_look(looks, captioned.name, captioned.test_digest, writer.weights_sha256)
    means = [np.stack([every[place].mean(0, dtype=np.float32) for place in captioned.places(part)])
             for part in ("test", "train")]  # fmt: skip
    nearest = nearest_captions(*means, training)
    sentence = best_sentence(training)
    rows = sorted(
        zip(
            captions,
            ranks(captions, references),
            nearest,
            [captioned.photographs[place] for place in tests],
            strict=True,
        ),
        key=lambda row: (-row[1], row[3].image),
    )
    with atomic_path(table) as part, open(part, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for caption, score, near, one in rows:
            out.writerow([one.image, caption, f"{score:.4f}", near, "\n".join(one.captions)])
    place = {captioned.photographs[one].image: one for one in tests}
    shown = [(rows[number][3].image, rows[number][0]) for number in examples(len(rows), 1)]
    looked = []
    for image, caption in shown:
        words, shares = writer.looked(every[place[image]], caption)
        looked.append(Looked(image=image, words=words, attention=np.round(shares.astype(float), 4).tolist()))
    Attention(captioner=title, photographs=looked, stamps=described.stamps).write(attention)
    CaptionMetrics(
        captioner=captioner,
        title=title,
        group=group,
        dataset=captioned.name,
        settings=settings,
        training=CaptionerFacts.read(facts),
        photographs=len(tests),
        references=sum(map(len, references)),
        captioner_scores=scores_of(captions, references),
        nearest=scores_of(nearest, references),
        one_for_all=scores_of([sentence] * len(tests), references),
        sentence=sentence,
        diversity=diversity_of(captions, training),
        seconds=seconds,
        test_sha256=captioned.test_digest,
        stamps=described.stamps,
        provenance=Provenance(**provenance()),
    ).write(metrics)


def ranks(captions: list[str], references: list[list[str]]) -> np.ndarray:
    """Return for each caption the share of its n-grams (1 to 4 words) that a reference has."""
    counted = counts(captions, references)
    return (counted[:, :4] / np.maximum(counted[:, 4:8], 1)).mean(axis=1)


def examples(count: int, of_each: int) -> list[int]:
    """Return the places of the best, the middle and the worst of so many that are sorted."""
    middle = max(0, count // 2 - of_each // 2)
    chosen = [*range(of_each), *range(middle, middle + of_each), *range(count - of_each, count)]
    return [number for number in dict.fromkeys(chosen) if 0 <= number < count]
