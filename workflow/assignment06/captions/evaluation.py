"""How well a captioner writes, on the test photographs: beside two baselines, with intervals, and with examples."""

import csv
import time

import numpy as np

from assignment06.backend import compute
from assignment06.captions.grids import load_grids
from assignment06.captions.measures import (
    best_sentence,
    counts,
    diversity_of,
    nearest_captions,
    scores_of,
    spoken,
)
from assignment06.captions.prepared import CaptionSet
from assignment06.captions.results import Attention, CaptionerFacts, CaptionMetrics, Looked, examples
from assignment06.captions.writing import Writer
from assignment06.config.captions import Captioner
from assignment06.experiments.looks import record_look
from assignment06.shared.files import atomic_path
from assignment06.shared.provenance import Provenance, provenance
from assignment06.transfer.prepared import BackboneDescription

COLUMNS = ["image", "caption", "score", "nearest", "references"]


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
