"""How good captions are: BLEU with intervals over photographs, how different they are, and what is easily reached."""

from collections import Counter

import numpy as np

from assignment06.captions.vocabulary import words_of
from assignment06.shared.documents import Document

ORDERS = 4
RESAMPLES = 1000


class Scores(Document):
    """BLEU (Papineni et al., 2002) of captions of many photographs, each against all its references; from 0 to 1."""

    bleu: list[float]
    """BLEU-1 to BLEU-4."""
    intervals_95: list[tuple[float, float]]
    """Of each: percentiles of 1,000 samples of the photographs, drawn with replacement (Efron, 1979)."""


class Diversity(Document):
    """How different captions are."""

    captions: int
    distinct: int
    words: int
    """Different words that were used."""
    copied: float
    """Share that is word for word a caption of a training photograph."""


def spoken(caption: str) -> str:
    """Return a caption as it is compared: its words in lower case, one blank between."""
    return " ".join(words_of(caption))


def _bleu():
    """Return sacrebleu's class; the package is an extra, and is imported by those alone who measure captions."""
    from sacrebleu.metrics import BLEU

    return BLEU


def _measure(order: int):
    # captions were cut into words already; no smoothing: a count of nothing is nothing
    return _bleu()(max_ngram_order=order, tokenize="none", smooth_method="none", force=True)


def counts(captions: list[str], references: list[list[str]]) -> np.ndarray:
    """Return for each photograph what BLEU is computed from, int64 [n, 10].

    Matches of 1 to 4 words, all of these, the length of the caption, and that of the reference nearest to it. Captions
    and references are as `spoken` returns them.
    """
    measure, found = _measure(ORDERS), []
    for caption, against in zip(captions, references, strict=True):
        score = measure.corpus_score([caption], [[one] for one in against])
        found.append([*score.counts, *score.totals, score.sys_len, score.ref_len])
    return np.array(found, np.int64)


def bleu_of(counted: np.ndarray) -> list[float]:
    """Return BLEU-1 to BLEU-4 of the photographs whose `counts` these are."""
    total = [int(one) for one in counted.sum(axis=0)]
    matches, every, (length, reference) = total[:ORDERS], total[ORDERS : 2 * ORDERS], total[-2:]
    scores = (
        _bleu()
        .compute_bleu(matches[:order], every[:order], length, reference, smooth_method="none", max_ngram_order=order)
        .score
        for order in range(1, ORDERS + 1)
    )
    return [min(1.0, score / 100) for score in scores]


def scores_of(captions: list[str], references: list[list[str]], seed: int = 0) -> Scores:
    """Return the `Scores` of one caption for each photograph; `seed` draws the samples of the intervals."""
    counted = counts(captions, references)
    rng = np.random.default_rng(seed)
    drawn = [bleu_of(counted[rng.integers(0, len(counted), len(counted))]) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
    return Scores(
        bleu=bleu_of(counted),
        intervals_95=[(float(a), float(b)) for a, b in zip(low, high, strict=True)],
    )


def quick_bleu(captions: list[str], references: list[list[str]]) -> float:
    """Return BLEU-4 alone."""
    return bleu_of(counts(captions, references))[-1]


def diversity_of(captions: list[str], training: list[list[str]]) -> Diversity:
    """Return how different captions are, from each other and from those of the training photographs."""
    known = {spoken(caption) for said in training for caption in said}
    return Diversity(
        captions=len(captions),
        distinct=len(set(captions)),
        words=len({word for caption in captions for word in caption.split()}),
        copied=sum(caption in known for caption in captions) / len(captions),
    )


def nearest_captions(features: np.ndarray, training: np.ndarray, said: list[list[str]]) -> list[str]:
    """Return for each photograph a caption of the training photograph whose features are nearest by their cosine.

    `features` [n, k] and `training` [m, k] are averages over places; `said` the captions of the m. Of that photograph's
    captions it is the one that is most like its others (BLEU-4, smoothed by one: Lin and Och, 2004).
    """
    one, two = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (features, training))
    return [_central([spoken(caption) for caption in said[place]]) for place in (one @ two.T).argmax(axis=1)]


def _central(captions: list[str]) -> str:
    if len(captions) == 1:
        return captions[0]
    measure = _bleu()(tokenize="none", smooth_method="add-k", smooth_value=1, effective_order=True, force=True)
    likeness = [
        measure.sentence_score(caption, [other for place, other in enumerate(captions) if place != number]).score
        for number, caption in enumerate(captions)
    ]
    return captions[int(np.argmax(likeness))]


CANDIDATES, SAMPLE = 100, 250


def best_sentence(said: list[list[str]]) -> str:
    """Return the training caption that as the only one for all training photographs has the highest BLEU-4.

    Tried are the 100 whose words are on average in most photographs' captions, of at least the median length.
    """
    spoken_ = [[spoken(caption) for caption in one] for one in said]
    frequency = Counter(word for one in spoken_ for word in {word for caption in one for word in caption.split()})
    every = sorted({caption for one in spoken_ for caption in one})
    length = np.median([len(caption.split()) for caption in every])
    usual = sorted(
        (caption for caption in every if len(caption.split()) >= length),
        key=lambda caption: (-np.mean([frequency[word] for word in caption.split()]), caption),
    )[:CANDIDATES]
    sample = spoken_[:: max(1, len(spoken_) // SAMPLE)]  # of a large set 250 to 500 are enough to choose by
    return max(usual, key=lambda caption: (quick_bleu([caption] * len(sample), sample), caption))
