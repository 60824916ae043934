"""A trained captioner, ready to write: its model, the words that belong to it, and how it is asked."""

from pathlib import Path

import keras
import numpy as np

from assignment06.captions.decoder import Decoder
from assignment06.captions.search import Search
from assignment06.captions.vocabulary import START, Vocabulary
from assignment06.experiments.weights import weights_digest
from assignment06.shared.errors import AssignmentError


class Writer:
    """Writes captions of grids, and tells where it looked at each word."""

    def __init__(self, model: str, vocabulary: str, beams: int, length_penalty: float):
        """Load the model (with `safe_mode`). Raises AssignmentError where the vocabulary is another model's."""
        if not Path(model).is_file():
            raise AssignmentError(f"{model} is not there: run the workflow again.")
        net = keras.saving.load_model(model, safe_mode=True, compile=False)
        self.vocabulary = Vocabulary.read(vocabulary)
        self.weights_sha256 = weights_digest(net)
        self.vocabulary.check(self.weights_sha256, vocabulary)
        self.decoder = Decoder.of(net)
        self.search = Search(self.decoder, beams, length_penalty)

    def write(self, grids: np.ndarray) -> list[str]:
        """Return one caption for each grid ([n, places, features])."""
        return [self.vocabulary.caption(numbers) for numbers in self.search.captions(grids)]

    def looked(self, grid: np.ndarray, caption: str) -> tuple[list[str], np.ndarray]:
        """Return the words of a caption that it wrote, and the attention of each to the places (float [words, places]).

        It is the mean over the heads of the last layer, when the word was the next to be written.
        """
        places = {word: number for number, word in enumerate(self.vocabulary.words)}
        words = caption.split()
        length = self.decoder.shape.longest + 1
        numbers = np.zeros((1, 1, length), np.int32)
        read = [START, *(places[word] for word in words)][:length]
        numbers[0, 0, : len(read)] = read
        _, *attention = self.decoder.writer(scores=True)([grid[None].astype(np.float32), numbers], training=False)
        return words, np.asarray(attention[-1])[0].mean(axis=0)[: len(words)]
