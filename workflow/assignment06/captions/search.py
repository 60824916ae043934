"""Write captions: beam search with a length penalty, for many photographs at once; with one beam it is greedy."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from assignment06.captions.decoder import Decoder
from assignment06.captions.vocabulary import END, PAD, START, UNKNOWN

BATCH = 64  # photographs
NEVER = -1e9


class Search:
    """Beam search over the words of a decoder.

    Of each step the best `beams` captions go on; one that ends is kept with its log probability divided by
    ((5 + words) / 6) ** `length_penalty` (Wu et al., 2016), and the best of these is the caption. A photograph is done
    when `beams` captions of it have ended. Words that no caption of the training had are never
    written, and no three words in a row twice.
    """

    def __init__(self, decoder: Decoder, beams: int, length_penalty: float):
        self.decoder, self.beams, self.length_penalty = decoder, beams, length_penalty
        self._remember = compiled(decoder.remembering())
        self._step = compiled(decoder.step(beams))

    def captions(self, grids: np.ndarray) -> list[list[int]]:
        """Return the numbers of the words of one caption for each grid ([n, places, features], any float type)."""
        found: list[list[int]] = []
        for start in range(0, len(grids), BATCH):
            found += self._of_batch(np.asarray(grids[start : start + BATCH], np.float32))
        return found

    def _of_batch(self, grids: np.ndarray) -> list[list[int]]:
        beams, width, longest = self.beams, self.decoder.shape.width, self.decoder.shape.longest
        memory = self._remember(grids).numpy()
        count = len(grids)
        best: list[tuple[float, list[int]]] = [(-np.inf, []) for _ in range(count)]
        ended = np.zeros(count, int)
        open_ = np.arange(count)  # the photographs that are not done
        written = np.full((count, beams, 0), PAD, np.int32)
        last = np.full((count, beams), START, np.int32)
        scores = np.tile([0.0, *[NEVER] * (beams - 1)], (count, 1))  # all beams are the same at first
        past = [np.zeros((count * beams, 0, width), np.float32) for _ in range(self.decoder.shape.layers)]
        for length in range(longest + 1):
            logits, *grown = (each.numpy() for each in self._step(memory, last, np.full_like(last, length), *past))
            logits[..., [PAD, START, UNKNOWN]] = NEVER
            _forbid_repeats(logits, written)
            if length == longest:
                logits[..., [word for word in range(logits.shape[-1]) if word != END]] = NEVER
            elif length == 0:
                logits[..., END] = NEVER  # no caption is empty
            total = scores[..., None] + _log_softmax(logits)
            flat = total.reshape(len(open_), -1)
            # twice as many as beams: at most `beams` of them end
            top = np.argpartition(-flat, 2 * beams - 1, axis=1)[:, : 2 * beams]
            top = np.take_along_axis(top, np.argsort(-np.take_along_axis(flat, top, 1), 1, kind="stable"), 1)
            beam, word = np.divmod(top, logits.shape[-1])
            value = np.take_along_axis(flat, top, 1)
            penalty = ((5 + length) / 6) ** self.length_penalty
            chosen = np.zeros((len(open_), beams), int)
            for row, photograph in enumerate(open_):
                ends = word[row] == END
                for place in np.flatnonzero(ends[:beams]):
                    ended[photograph] += 1
                    score = value[row, place] / penalty
                    if score > best[photograph][0] and value[row, place] > NEVER / 2:
                        best[photograph] = score, written[row, beam[row, place]].tolist()
                chosen[row] = np.flatnonzero(~ends)[:beams]
            keep = np.flatnonzero(ended[open_] < beams)
            if not len(keep) or length == longest:
                break
            beam, word, scores = (np.take_along_axis(each, chosen, 1)[keep] for each in (beam, word, value))
            from_ = keep[:, None] * beams + beam  # rows of the beams that go on
            written = np.concatenate(
                [written.reshape(len(open_) * beams, length)[from_], word[..., None]], axis=2
            ).astype(np.int32)
            last, open_, memory = word.astype(np.int32), open_[keep], memory[keep]
            past = [each[from_.ravel()] for each in grown]
        return [numbers for _, numbers in best]


def _forbid_repeats(logits: np.ndarray, written: np.ndarray) -> None:
    """Make impossible what would write three words in a row for a second time (Paulus, Xiong and Socher, 2018)."""
    for place in range(written.shape[-1] - 2):
        same = (written[..., place : place + 2] == written[..., -2:]).all(axis=-1)
        rows = np.nonzero(same)
        logits[(*rows, written[..., place + 2][rows])] = NEVER


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def compiled(net: keras.Model) -> Callable:
    """Return the net as a function of arrays that is traced once, whatever the number of photographs and words."""
    signature = [tf.TensorSpec([None, *each.shape[1:]], each.dtype) for each in net.inputs]

    @tf.function(input_signature=signature)
    def call(*arrays):
        return net(arrays[0] if len(arrays) == 1 else list(arrays), training=False)

    return call
