"""Train a captioner on the grids of a frozen net: teacher forcing, with BLEU on validation photographs to choose by.

As with every net here, an epoch is a function of the saved state and of (seed, epoch): a training that was killed ends
with the weights of one that was not.
"""

import logging
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from assignment06.backend import compute
from assignment06.captions.decoder import Decoder, Shape
from assignment06.captions.grids import load_grids
from assignment06.captions.measures import quick_bleu, spoken
from assignment06.captions.prepared import CaptionSet
from assignment06.captions.results import CaptionerFacts
from assignment06.captions.search import Search
from assignment06.captions.vocabulary import PAD, UNKNOWN, Vocabulary, encode, learn_words
from assignment06.config.captions import Captioner
from assignment06.experiments.checkpoints import Checkpoints, best_epoch
from assignment06.experiments.fitting import run_epochs, write_history
from assignment06.experiments.optimizers import adamw
from assignment06.experiments.weights import weights_digest
from assignment06.shared.files import atomic_path, sha256_file, sha256_json
from assignment06.transfer.prepared import BackboneDescription

HISTORY = ["epoch", "loss", "val_bleu4", "learning_rate", "seconds", "compute_dtype"]
CAPTIONS = 5  # of a photograph in each epoch; of more, as many are drawn
best_bleu = partial(best_epoch, by="val_bleu4")  # by greedy search, on the validation photographs
log = logging.getLogger(__name__)


class Averaged:
    """What `Checkpoints` sees of a net: all its state, and as its weights to keep their moving average."""

    def __init__(self, net: keras.Model):
        self.net, self.optimizer = net, net.optimizer

    @property
    def variables(self) -> list:
        return self.net.variables

    @property
    def trainable_variables(self) -> list:
        return self.net.trainable_variables

    @property
    def weights(self) -> list:
        return self.net.weights

    def get_weights(self) -> list[np.ndarray]:
        if not self.optimizer.use_ema:
            return self.net.get_weights()
        averages = {
            variable.path: average
            for variable, average in zip(
                self.net.trainable_variables, self.optimizer._model_variables_moving_average, strict=True
            )
        }
        return [np.asarray(averages.get(weight.path, weight)) for weight in self.net.weights]


class PhotographBatches(keras.utils.PyDataset):
    """The batches of one epoch: photographs in a new order, some mirrored, each with captions in a new order."""

    def __init__(self, grids: np.ndarray, numbers: list[np.ndarray], settings: Captioner, epoch: int):
        super().__init__(workers=1)
        rng = np.random.default_rng([settings.seed, epoch])
        self.grids, self.size = grids, settings.batch_size
        self.order = rng.permutation(len(numbers))
        self.side = rng.integers(0, grids.shape[1], len(numbers))
        self.numbers = np.zeros((len(numbers), CAPTIONS, numbers[0].shape[1]), np.int32)
        for chosen, own in zip(self.numbers, numbers, strict=True):
            drawn = own[rng.permutation(len(own))[:CAPTIONS]]
            chosen[: len(drawn)] = drawn

    def __len__(self) -> int:
        return -(-len(self.order) // self.size)

    def __getitem__(self, index: int):
        places = self.order[index * self.size : (index + 1) * self.size]
        grids = self.grids[places, self.side[places]].astype(np.float32)
        numbers = self.numbers[places]
        wanted = numbers[..., 1:]
        weights = ((wanted != PAD) & (wanted != UNKNOWN)).astype(np.float32)
        # so that every word of an epoch counts alike, whatever the lengths in its batch
        return (grids, numbers[..., :-1]), wanted, weights / max(1.0, weights.mean())


def smoothed_loss(smoothing: float):
    """Return the cross-entropy of integer labels and logits, with label smoothing (Szegedy et al., 2016)."""

    def loss(wanted, logits):
        logs = ops.log_softmax(logits)
        right = ops.squeeze(ops.take_along_axis(logs, ops.expand_dims(ops.cast(wanted, "int32"), -1), axis=-1), -1)
        return -(1 - smoothing) * right - smoothing * ops.mean(logs, axis=-1)

    return loss


def fit(
    net: keras.Model, decoder: Decoder, name: str, settings: Captioner, numbers: list[np.ndarray], grids: np.ndarray,
    held: np.ndarray, references: list[list[str]], words: tuple[str, ...], state: Checkpoints,
) -> list[dict]:  # fmt: skip
    """Train `net`, a writer of `decoder`, from the last whole epoch in `state` on; return the history.

    `grids` [n, 1 or 2, places, k] and `numbers`, the encoded captions of each, are for training; `held` [m, places, k]
    and `references` for validation, by greedy search. Raises AssignmentError when the loss is no longer finite.
    """
    steps = -(-len(numbers) // settings.batch_size)
    averaging = {"use_ema": True, "ema_momentum": settings.averaging} if settings.averaging else {}
    optimizer = adamw(settings, steps, global_clipnorm=1.0, **averaging)
    net.compile(optimizer=optimizer, loss=smoothed_loss(settings.label_smoothing))
    seen: Any = Averaged(net)
    measured = Decoder.new(decoder.shape, settings.seed)
    greedy, averages = Search(measured, 1, 0), measured.writer(CAPTIONS)
    keras.utils.set_random_seed(settings.seed)
    said = [[spoken(caption) for caption in one] for one in references]

    def train(epoch: int) -> dict:
        with compute.computing_in(settings.compute_dtype) as dtype:
            fitted = net.fit(PhotographBatches(grids, numbers, settings, epoch), shuffle=False, verbose=0)
        row = {"loss": fitted.history["loss"][0], "learning_rate": float(optimizer.learning_rate)}
        return row | {"compute_dtype": dtype}

    def measure() -> dict:
        averages.set_weights(seen.get_weights())
        written = [" ".join(words[number] for number in one) for one in greedy.captions(held)]
        return {"val_bleu4": quick_bleu(written, said)}

    def show(rows: list[dict]) -> None:
        done = f"{name}: epoch {len(rows)}/{settings.epochs}  loss {rows[-1]['loss']:.4f}"
        log.info(f"{done}  validation BLEU-4 {rows[-1]['val_bleu4']:.4f}")

    return run_epochs(seen, "Captioner", name, settings.epochs, settings.patience, state, train, measure, show)


def train_captioner(
    captioner: str, settings: Captioner, prepared: str, backbone_description: str, grids: list[str],
    grid_facts: list[str], model: str, vocabulary: str, history: str, facts: str, checkpoints: str, threads: int,
    code: str,
) -> None:  # fmt: skip
    """Train a captioner on the training photographs of a `CaptionSet`; write model, vocabulary, history and facts.

    The model takes a grid of features and numbers of words (see `Decoder.writer`); it has the averaged weights of the
    epoch with the best BLEU-4 on the validation photographs. Test photographs are not looked at. Raises AssignmentError
    where the grids are of other weights or photographs, and when the loss is no longer finite.
    """
    compute.configure(threads, settings.seed)
    described, captioned = BackboneDescription.read(backbone_description), CaptionSet.read(prepared)
    every = load_grids(grids, grid_facts, described, captioned)
    said = captioned.captions("train")
    words = learn_words([caption for one in said for caption in one], settings.least_count)
    numbers = [encode(one, words, settings.longest) for one in said]
    shape = Shape(*every.shape[2:], len(words), settings.longest, settings.width, settings.layers, settings.dropout)
    decoder = Decoder.new(shape, settings.seed)
    net = decoder.writer(CAPTIONS)
    digests = [settings.model_dump(), sha256_file(prepared), described.weights_sha256, code]
    state = Checkpoints(Path(checkpoints), sha256_json(digests), best_bleu)
    sides = slice(None) if settings.mirrored else slice(1)
    training, held = every[captioned.places("train"), sides], every[captioned.places("validation"), 0]
    rows = fit(
        net, decoder, captioner, settings, numbers, training, held, captioned.captions("validation"), words, state
    )
    net.set_weights(state.best)
    final = decoder.writer()
    known = Vocabulary(words=words, longest=settings.longest, weights_sha256=weights_digest(final))
    known.write(vocabulary)
    chosen = rows[state.chosen(rows) - 1]
    CaptionerFacts(
        captioner=captioner,
        settings=settings,
        backbone=described,
        dataset=captioned.name,
        photographs=len(said),
        validation_photographs=len(held),
        validation_bleu4=chosen["val_bleu4"],
        words=len(words),
        parameters=final.count_params(),
        epochs=len(rows),
        chosen_epoch=chosen["epoch"],
        seconds=sum(row["seconds"] for row in rows),
        threads=threads,
        device=compute.device(),
        weights_sha256=known.weights_sha256,
        vocabulary_sha256=sha256_file(vocabulary),
    ).write(facts)
    write_history(rows, history, HISTORY)
    with atomic_path(model) as part:
        final.save(part)
    state.clear()
