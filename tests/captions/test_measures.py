"""BLEU, its intervals, diversity, and the two baselines."""

import numpy as np
import pytest

pytest.importorskip("sacrebleu", reason="EXTRAS=captions is not installed")

from sacrebleu import corpus_bleu

from assignment06.captions.measures import (
    best_sentence,
    bleu_of,
    counts,
    diversity_of,
    nearest_captions,
    scores_of,
)

SAID = ["a dog runs over the green grass", "two men stand in the street"]
REFERENCES = [
    ["a brown dog runs over the grass", "a dog is running", "the dog runs over green grass now"],
    ["two men stand in a street", "men in the street", "a man and a man"],
]


def test_bleu_is_that_of_sacrebleu() -> None:
    streams = [list(stream) for stream in zip(*REFERENCES, strict=True)]
    wanted = corpus_bleu(SAID, streams, tokenize="none", smooth_method="none", force=True).score / 100
    found = bleu_of(counts(SAID, REFERENCES))
    assert found[-1] == pytest.approx(wanted)
    assert 0 < found[3] < found[2] < found[1] < found[0] <= 1


def test_photographs_may_have_different_numbers_of_references() -> None:
    alone = counts(SAID[:1], REFERENCES[:1])
    assert (counts(SAID, [REFERENCES[0], REFERENCES[1][:1]])[0] == alone[0]).all()


def test_an_interval_holds_the_score_and_shrinks_with_photographs() -> None:
    few, many = (scores_of(SAID * times, REFERENCES * times) for times in (3, 60))
    for scores in (few, many):
        assert all(low <= bleu <= high for bleu, (low, high) in zip(scores.bleu, scores.intervals_95, strict=True))
    widths = [scores.intervals_95[-1][1] - scores.intervals_95[-1][0] for scores in (few, many)]
    assert widths[1] < widths[0] / 2


def test_what_is_copied_and_what_is_different_is_counted() -> None:
    found = diversity_of(["a dog", "a dog", "a cat"], [["A dog ."], ["The cat ."]])
    assert (found.distinct, found.words, round(found.copied, 3)) == (2, 3, 0.667)


def test_the_nearest_photograph_lends_the_caption_that_is_most_like_its_others() -> None:
    features, training = np.array([[1.0, 0.1]]), np.array([[0.0, 1.0], [5.0, 0.0]])
    said = [["A cat ."], ["A dog runs on grass .", "A dog runs on the grass .", "Nothing"]]
    assert nearest_captions(features, training, said)[0] in ("a dog runs on grass", "a dog runs on the grass")


def test_the_one_sentence_for_all_is_the_best_of_training() -> None:
    said = [["a dog runs over the grass", "grass and a dog"]] * 5 + [["a man sits on the bench today", "one man"]]
    assert best_sentence(said) == "a dog runs over the grass"
