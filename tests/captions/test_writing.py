"""The decoder, the search, and a training that is killed and goes on."""

import os
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

pytest.importorskip("sacrebleu", reason="EXTRAS=captions is not installed")

from captions.conftest import draw, write_csv

from assignment06.captions import training
from assignment06.captions.decoder import Decoder, Shape
from assignment06.captions.evaluation import evaluate_captioner
from assignment06.captions.grids import compute_grids, extract_grids, grid_net, load_grids
from assignment06.captions.prepared import CaptionSet, prepare_captions
from assignment06.captions.results import Attention, CaptionerFacts, CaptionMetrics
from assignment06.captions.search import Search, compiled
from assignment06.captions.training import train_captioner
from assignment06.captions.vocabulary import END, PAD, START, UNKNOWN, Vocabulary, encode, learn_words
from assignment06.captions.writing import Writer
from assignment06.config.captions import Captioner
from assignment06.experiments.weights import weights_digest
from assignment06.shared.errors import AssignmentError
from assignment06.transfer.backbones import build_backbone
from assignment06.transfer.prepared import BackboneDescription

SHAPE = Shape(places=4, features=6, words=12, longest=5, width=16, layers=2, dropout=0.2)
pytestmark = pytest.mark.usefixtures("one_set_up")


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    made = Decoder.new(SHAPE, seed=1)
    net = made.writer()
    rng = np.random.default_rng(0)  # as if trained: not all words alike
    net.set_weights([rng.normal(0, 0.25, weight.shape).astype(np.float32) for weight in net.get_weights()])
    made.layer["glance"].set_weights(
        [6 * weight for weight in made.layer["glance"].get_weights()]
    )  # photographs matter
    return made


def repeats(numbers: list[int]) -> bool:
    """Tell whether three words in a row come twice."""
    threes = list(zip(numbers, numbers[1:], numbers[2:], strict=False))
    return len(set(threes)) < len(threes)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def probability(net: Callable, grid: np.ndarray, numbers: list[int]) -> float:
    """Return the log probability of a caption that ends, by the whole net at once."""
    read = np.full((1, 1, SHAPE.longest + 1), PAD, np.int32)
    read[0, 0, : len(numbers) + 1] = [START, *numbers]
    logits = net(grid[None], read).numpy()[0, 0]
    logits[:, [PAD, START, UNKNOWN]] = -1e9
    logits[0, END] = -1e9
    logits[SHAPE.longest, [word for word in range(SHAPE.words) if word != END]] = -1e9
    logs = log_softmax(logits)
    return float(sum(logs[place, word] for place, word in enumerate([*numbers, END])))


def test_a_step_at_a_time_computes_what_the_whole_net_does(decoder: Decoder) -> None:
    grids = np.random.default_rng(1).normal(size=(7, 4, 6)).astype(np.float32)
    read = np.random.default_rng(2).integers(4, 12, (7, 2, SHAPE.longest + 1)).astype(np.int32)
    whole = np.array(decoder.writer(captions=2)([grids, read], training=False))
    memory, step = compiled(decoder.remembering())(grids), compiled(decoder.step(2))
    past = [np.zeros((14, 0, SHAPE.width), np.float32)] * SHAPE.layers
    for place in range(SHAPE.longest + 1):
        logits, *past = step(memory, read[:, :, place], np.full((7, 2), place, np.int32), *past)
        np.testing.assert_allclose(np.array(logits), whole[:, :, place], atol=1e-4)


def test_a_wide_search_finds_the_likeliest_caption_and_greedy_the_likeliest_words(decoder: Decoder) -> None:
    grids = np.random.default_rng(3).normal(size=(5, 4, 6)).astype(np.float32)
    net = compiled(decoder.writer())
    narrow, wide = (Search(decoder, beams, 0).captions(grids) for beams in (1, 8))
    better = 0
    for grid, greedy, best in zip(grids, narrow, wide, strict=True):
        assert all(word > UNKNOWN for word in [*greedy, *best])
        assert not repeats(greedy)
        assert not repeats(best)
        assert 0 < len(greedy) <= SHAPE.longest
        read: list[int] = []
        while len(read) < SHAPE.longest:  # the likeliest word each time, by the whole net
            whole = np.zeros((1, 1, SHAPE.longest + 1), np.int32)
            whole[0, 0, : len(read) + 1] = [START, *read]
            logits = net(grid[None], whole).numpy()[0, 0, len(read)]
            logits[[PAD, START, UNKNOWN, *([] if read else [END])]] = -1e9
            logits[[word for word in range(SHAPE.words) if repeats([*read, word])]] = -1e9
            if logits.argmax() == END:
                break
            read.append(int(logits.argmax()))
        assert greedy == read
        one, two = probability(net, grid, greedy), probability(net, grid, best)
        assert two >= one - 1e-4
        better += two > one + 1e-4
    assert better  # else the search would not be needed


def test_a_photograph_has_the_same_caption_whatever_others_are_with_it(decoder: Decoder) -> None:
    grids = np.random.default_rng(4).normal(size=(9, 4, 6)).astype(np.float32)
    search = Search(decoder, 3, 1.0)
    found = search.captions(grids)
    assert len(set(map(tuple, found))) > 1
    assert found == [search.captions(grid[None])[0] for grid in grids]


def test_a_length_penalty_makes_captions_longer() -> None:
    fresh = Decoder.new(SHAPE, seed=2)  # all words are about as likely, so that every word costs as much
    grids = np.random.default_rng(5).normal(size=(8, 4, 6)).astype(np.float32)
    short, long = (sum(map(len, Search(fresh, 8, penalty).captions(grids))) for penalty in (0, 4))
    assert long > short


def test_a_saved_captioner_loads_safely_and_refuses_words_of_another(decoder: Decoder, tmp_path) -> None:
    net = decoder.writer()
    net.save(tmp_path / "captioner.keras")
    words = ("", "<start>", "<end>", "<unknown>", *"abcdefgh")
    known = Vocabulary(words=words, longest=5, weights_sha256=weights_digest(net))
    known.write(tmp_path / "vocabulary.json")
    grids = np.random.default_rng(6).normal(size=(3, 4, 6)).astype(np.float32)
    writer = Writer(str(tmp_path / "captioner.keras"), str(tmp_path / "vocabulary.json"), 2, 1.0)
    assert writer.decoder.shape == SHAPE
    said = writer.write(grids)
    assert said == [known.caption(numbers) for numbers in Search(decoder, 2, 1.0).captions(grids)]
    looked_words, looked = writer.looked(grids[0], said[0])
    assert looked_words == said[0].split()
    np.testing.assert_allclose(looked.sum(axis=1), 1, atol=1e-5)
    Vocabulary(words=words, longest=5, weights_sha256="0" * 64).write(tmp_path / "other.json")
    with pytest.raises(AssignmentError, match="holds the words of another model"):
        Writer(str(tmp_path / "captioner.keras"), str(tmp_path / "other.json"), 2, 1.0)


def corners() -> keras.Model:
    """Return a backbone that sees the mean colour of each quarter of a picture of 64 pixels."""
    image = keras.Input((64, 64, 3))
    inner = keras.Model(image, layers.GlobalAveragePooling2D()(layers.AveragePooling2D(32)(image)))
    pixels = keras.Input((None, None, 3))
    return keras.Model(pixels, inner(layers.Rescaling(1 / 64)(layers.Resizing(64, 64)(pixels))))


class Made:
    """A set of drawn photographs with its grids, and the paths of a captioner that is trained on them."""

    def __init__(self, folder: Path, photographs: int = 72):
        self.folder = folder
        captions = write_csv(folder / "c.csv", draw(folder / "images", photographs))
        self.prepared = str(folder / "captions.json")
        prepare_captions(
            "shapes", str(folder / "images"), captions, 0.2, 0.2, 0, self.prepared, str(folder / "left_out.csv")
        )
        backbone, self.description = str(folder / "backbone.keras"), str(folder / "backbone.json")
        corners().save(backbone)
        described = {"net": "corners", "input_size": 64, "features": 3, "weights_sha256": "c" * 64, "files": {}}
        BackboneDescription(**described).write(self.description)
        self.grids, self.facts = [], []
        for shard in range(2):
            self.grids.append(str(folder / f"{shard}.npy"))
            self.facts.append(str(folder / f"{shard}.json"))
            extract_grids(
                backbone, self.description, self.prepared, str(folder / "images"), shard, 2, True, self.grids[-1],
                self.facts[-1], 2,
            )  # fmt: skip

    def train(self, name: str, settings: Captioner) -> tuple[str, str, str]:
        """Train; return the paths of model, vocabulary and facts."""
        home = self.folder / name
        model, words, facts = (str(home / file) for file in ("captioner.keras", "vocabulary.json", "training.json"))
        train_captioner(
            name, settings, self.prepared, self.description, self.grids, self.facts, model, words,
            str(home / "history.csv"), facts, str(home / "checkpoints"), 2, "code",
        )  # fmt: skip
        return model, words, facts


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    with pytest.MonkeyPatch.context() as patch:
        from assignment06.backend import compute

        patch.setattr(compute, "configure", lambda threads, seed=None: None)
        return Made(tmp_path_factory.mktemp("shapes"))


SETTINGS = Captioner(
    dataset="shapes", model="MobileNetV2", input_size=64, width=32, layers=1, dropout=0.1, least_count=1, longest=8,
    epochs=3, batch_size=8, learning_rate=0.01, averaging=0.8, patience=None,
)  # fmt: skip


def test_grids_are_of_all_shards_in_order_and_of_no_other_net(made: Made) -> None:
    described, captioned = BackboneDescription.read(made.description), CaptionSet.read(made.prepared)
    found = load_grids(made.grids, made.facts, described, captioned)
    assert found.shape == (72, 2, 4, 3)
    mirrored = found[:, 1].reshape(72, 2, 2, 3)[:, :, ::-1].reshape(72, 4, 3)
    np.testing.assert_allclose(found[:, 0], mirrored, atol=0.01)
    assert np.abs(found[:, 0] - found[:, 1]).max() > 0.1
    with pytest.raises(AssignmentError, match="features of other weights or photographs"):
        load_grids(made.grids[::-1], made.facts[::-1], described, captioned)
    other = described.model_copy(update={"weights_sha256": "0" * 64})
    with pytest.raises(AssignmentError, match="features of other weights or photographs"):
        load_grids(made.grids, made.facts, other, captioned)


@pytest.mark.slow
def test_a_training_that_is_killed_ends_with_the_weights_of_one_that_is_not(made: Made, monkeypatch) -> None:
    settings = SETTINGS.model_copy(update={"epochs": 2})
    whole, _, _ = made.train("whole", settings)
    saved = training.Checkpoints.save

    def killed(self, model, rows) -> None:
        saved(self, model, rows)
        if len(rows) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(training.Checkpoints, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        made.train("killed", settings)
    monkeypatch.setattr(training.Checkpoints, "save", saved)
    again, _, facts = made.train("killed", settings)
    digests = [weights_digest(keras.saving.load_model(path, compile=False)) for path in (whole, again)]
    assert digests[0] == digests[1]
    assert not (made.folder / "killed/checkpoints").exists()
    assert CaptionerFacts.read(facts).epochs == 2


@pytest.mark.slow
def test_a_captioner_learns_what_is_in_simple_pictures_and_is_measured_beside_baselines(made: Made) -> None:
    settings = SETTINGS.model_copy(update={"epochs": 20})
    model, vocabulary, facts = made.train("learnt", settings)
    home = made.folder / "learnt"
    evaluate_captioner(
        "learnt", settings, "Learnt", "learnt", model, vocabulary, facts, made.prepared, made.description, made.grids,
        made.facts, str(home / "metrics.json"), str(home / "captions.csv"), str(home / "attention.json"),
        str(home / "looks"), 2,
    )  # fmt: skip
    found = CaptionMetrics.read(home / "metrics.json")
    assert found.stamps  # the net that looks at the pictures was never trained
    assert found.captioner_scores.bleu[3] > found.one_for_all.bleu[3]
    assert len(list((home / "looks").glob("*.json"))) == 1
    assert len(Attention.read(home / "attention.json").photographs) == 3


@pytest.mark.slow
@pytest.mark.skipif(
    not (os.environ.get("ASSIGNMENT06_CAPTIONS") and os.environ.get("ASSIGNMENT06_MIRROR")),
    reason="ASSIGNMENT06_CAPTIONS or ASSIGNMENT06_MIRROR is not set: no captioned photographs, no weights to test with",
)
def test_a_caption_is_likelier_beside_its_own_photograph(tmp_path) -> None:
    source = Path(os.environ["ASSIGNMENT06_CAPTIONS"])
    prepared, left_out = str(tmp_path / "captions.json"), str(tmp_path / "left_out.csv")
    prepare_captions(
        "flickr8k", str(source / "images"), str(source / "captions.csv"), 0.1, 0.1, 0, prepared, left_out
    )  # fmt: skip
    every = CaptionSet.read(prepared).photographs
    assert (len(every), {len(one.captions) for one in every}) == (900, {5})
    chosen = [one for one in every if one.part == "train"][:160]
    weights = next(Path(os.environ["ASSIGNMENT06_MIRROR"], "imagenet").glob("mobilenet_v2*.h5"))
    net = grid_net(build_backbone("MobileNetV2", 96, weights))
    grids = compute_grids(net, [str(source / "images" / one.image) for one in chosen], 96)[:, None]
    words = learn_words([caption for one in chosen for caption in one.captions], 3)
    settings = SETTINGS.model_copy(update={"width": 64, "longest": 12, "epochs": 12, "learning_rate": 0.004})
    numbers = [encode(one.captions, words, settings.longest) for one in chosen]
    made = Decoder.new(Shape(*grids.shape[2:], len(words), settings.longest, 64, 1, 0.1), 0)
    trained = made.writer(training.CAPTIONS)
    state = training.Checkpoints(tmp_path / "state", "", training.best_bleu)
    said = [one.captions for one in chosen[:16]]
    training.fit(trained, made, "real", settings, numbers, grids, grids[:16, 0], said, words, state)
    batch = training.PhotographBatches(grids, numbers, settings.model_copy(update={"batch_size": 160}), 0)
    (seen, read), wanted, weight = batch[0]
    own, others = (trained.evaluate((one, read), wanted, sample_weight=weight, verbose=0) for one in (seen, seen[::-1]))
    assert own < others - 0.05
