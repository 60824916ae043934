"""Pretrained nets as rows: what is refused, preprocessing, features, heads, fine-tuning."""

import copy
import json

import numpy as np
import pandas as pd
import pytest
import yaml
from made_documents import metrics, scores, training
from support import ROOT, run_python

from assignment06.backend import compute
from assignment06.config.check import check_config
from assignment06.config.experiment import Experiment
from assignment06.data.datasets import write_dataset
from assignment06.data.imagenet import PRETRAINED
from assignment06.data.receipts import Receipt
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_file

SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
ROW = {"dataset": "cifar10", "model": "MobileNetV2", "weights": "own.weights.h5", "input_size": 32}


def rows(**values: object) -> dict[str, Experiment]:
    return check_config({**copy.deepcopy(SHIPPED), "experiments": {"a": {**ROW, **values}}}).experiments


@pytest.fixture(autouse=True)
def one_set_up(monkeypatch) -> None:
    """TensorFlow takes its threads once a process; these tests share one process."""
    monkeypatch.setattr(compute, "configure", lambda threads, seed=None: None)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"train": "al"}, "did you mean `all`"),
        ({"model": "MobilNetV2"}, "did you mean `MobileNetV2`"),
        ({"weights": "imagenet"}, "Keras states no digest"),
        ({"weights": "../own.h5"}, "must be a bare file name"),
        (
            {"weights": "imagenet", "model": "VGG16", "weights_sha256": "00"},
            "weights_sha256` is for a file of your own",
        ),
        ({"weights": "own.h5", "weights_sha256": "00"}, "weights_sha256` is no SHA-256"),
        ({"input_size": 31}, "takes at least 32 pixels"),
        ({"model": "Xception", "input_size": 64}, "takes at least 71 pixels"),
        ({"augmentation": "light"}, "nothing can be augmented"),
        ({"optimizer": "muon"}, "would undo what MobileNetV2 has learnt"),
        ({"images_per_class": 4501}, "the smallest class of cifar10 has 4500 images"),
        ({"images_per_class": 0}, "at least 1"),
        ({"patience": 0}, "at least 1"),
        ({"class_weight": "balance"}, "did you mean `balanced`"),
        ({"model": "lean"}, "`experiments: a: weights` is for a pretrained net, and lean is none"),
    ],
)
def test_what_a_row_cannot_mean_is_refused_with_one_sentence(values: dict, words: str) -> None:
    with pytest.raises(AssignmentError) as caught:
        rows(**values)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_more_images_than_an_own_folder_has_are_refused(tmp_path) -> None:
    for name in ("cat", "dog"):
        for number in range(20):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / f"{number}.png").touch()
    config = {**SHIPPED, "datasets": {"pets": {"folder": str(tmp_path)}}}
    row = {**ROW, "dataset": "pets", "validation_split": 0.25}
    check_config({**config, "experiments": {"a": {**row, "images_per_class": 12}}})
    with pytest.raises(AssignmentError, match="smallest class of pets has 12 images"):
        check_config({**config, "experiments": {"a": {**row, "images_per_class": 13}}})


def test_rows_that_ask_for_nothing_new_are_stored_as_before() -> None:
    row = check_config(SHIPPED).experiments["mnist"]
    assert "train" not in row.plain()
    assert "images_per_class" not in row.training()
    (whole,) = rows(images_per_class=[None]).values()
    assert "images_per_class" not in whole.training()


def test_a_list_makes_the_curve_and_a_head_does_not_know_of_the_fine_tuning() -> None:
    found = rows(images_per_class=[10, None], train=["head", "all"], fine_tune_epochs=3)
    assert list(found) == [
        "a_images_per_class10_trainhead",
        "a_images_per_class10_trainall",
        "a_images_per_classall_trainhead",
        "a_images_per_classall_trainall",
    ]
    head, tuned = found["a_images_per_class10_trainhead"], found["a_images_per_class10_trainall"]
    assert "fine_tune_epochs" not in head.plain()
    assert tuned.fine_tune_epochs == 3
    assert tuned.head().training() == head.training()


@pytest.mark.parametrize("net", {net.family: net for net in PRETRAINED.values()}.values(), ids=lambda net: net.family)
def test_preprocessing_is_that_of_keras_for_every_family(net) -> None:
    import keras

    from assignment06.transfer.preprocessing import PREPROCESSING

    pixels = np.random.default_rng(0).uniform(0, 255, (2, 5, 7, 3)).astype(np.float32)
    image = keras.Input((None, None, 3))
    ours = keras.Model(image, PREPROCESSING[net.preprocessing](image))(pixels).numpy()
    theirs = getattr(keras.applications, net.family).preprocess_input(pixels.copy())
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A small data set in two brightnesses, grey, and an untrained backbone."""
    from assignment06.transfer.backbones import prepare_backbone

    folder = tmp_path_factory.mktemp("transfer")
    rng = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", 60), ("test", 20)):
        labels = np.arange(count, dtype=np.uint8) % 2
        images = rng.integers(0, 60, (count, 16, 16, 1)) + 180 * labels[:, None, None, None]
        arrays |= {f"x_{part}": images.astype(np.uint8), f"y_{part}": labels}
    write_dataset("tiny", arrays, ["dark", "bright"], "folder", {}, *(
        str(folder / name) for name in ("train.npz", "test.npz", "dataset.json")
    ))  # fmt: skip
    Receipt(name="MobileNetV2", data_source="sample", files={}).write(folder / "receipt.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compute, "configure", lambda threads, seed=None: None)
        prepare_backbone("MobileNetV2", 32, str(folder / "receipt.json"), str(folder), *(
            str(folder / name) for name in ("backbone.keras", "backbone.json")
        ))  # fmt: skip
    return folder


def settings(**values: object) -> Experiment:
    given = {
        "dataset": "mnist",
        "epochs": 3,
        "batch_size": 16,
        "learning_rate": 0.01,
        "validation_split": 0.2,
        **values,
    }
    (row,) = rows(**given).values()
    return Experiment.model_validate(row.training())


def features_of(world, part: str, shards: int = 1) -> list[str]:
    from assignment06.transfer.features import extract_features

    paths = [str(world / f"{part}_{shard}-of-{shards}.npz") for shard in range(shards)]
    for shard, path in enumerate(paths):
        extract_features(
            str(world / "backbone.keras"), str(world / "backbone.json"), str(world / f"{part}.npz"), shard, shards,
            path, threads=1,
        )  # fmt: skip
    return paths


def outputs(folder, name: str) -> dict[str, str]:
    ends = {"model": ".keras", "summary": ".txt", "history": ".csv", "facts": ".json"}
    return {key: str(folder / f"{name}{end}") for key, end in ends.items()} | {
        "checkpoints": str(folder / f"{name}.checkpoints"), "threads": 1, "code": "",
        "train": str(folder / "train.npz"), "description": str(folder / "dataset.json"),
        "backbone_description": str(folder / "backbone.json"),
    }  # fmt: skip


def head(world, name: str = "head", **values: object) -> dict[str, str]:
    from assignment06.transfer.training import train_head

    made = outputs(world, name)
    train_head(
        name, settings(**values), backbone=str(world / "backbone.keras"), features=features_of(world, "train", 2),
        **made,
    )  # fmt: skip
    return made


def test_features_come_in_shards_and_are_refused_for_other_weights_or_images(world) -> None:
    from assignment06.transfer.prepared import BackboneDescription, load_features

    described = BackboneDescription.read(world / "backbone.json")
    whole = load_features(features_of(world, "train"), described, str(world / "train.npz"))
    parts = load_features(features_of(world, "train", 3), described, str(world / "train.npz"))
    np.testing.assert_allclose(whole[0], parts[0], rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(whole[1], parts[1])
    assert whole[0].shape == (60, 1280)
    with pytest.raises(AssignmentError, match="features of other images"):
        load_features(features_of(world, "train"), described, str(world / "test.npz"))
    other = described.model_copy(update={"weights_sha256": "0" * 64})
    with pytest.raises(AssignmentError, match="features of other weights"):
        load_features(features_of(world, "train"), other, str(world / "train.npz"))


def test_the_saved_net_takes_raw_pixels_and_says_what_its_features_say(world) -> None:
    import keras

    from assignment06.data.prepared import load_split
    from assignment06.experiments.looks import Look
    from assignment06.experiments.prediction import predict_test_set
    from assignment06.shared.files import sha256_file
    from assignment06.transfer.training import predict_from_features

    made = head(world)
    table = world / "predictions.csv"
    predict_from_features(
        made["model"], features_of(world, "test"), made["backbone_description"], str(world / "test.npz"),
        made["description"], str(table), str(world / "looks"), threads=1,
    )  # fmt: skip
    net = keras.saving.load_model(made["model"], safe_mode=True)
    raw = net.predict(load_split(str(world / "test.npz"))[0], verbose=0)
    np.testing.assert_allclose(pd.read_csv(table)[["p_dark", "p_bright"]].to_numpy(), raw, atol=1e-5)
    facts = json.loads((world / "head.json").read_text(encoding="utf-8"))
    assert facts["stamps"] == ["untrained weights (MobileNetV2)"]
    assert facts["parameters"] == net.count_params()
    predict_test_set(
        made["model"], str(world / "test.npz"), made["description"], str(world / "again.csv"), str(world / "looks"), 1
    )
    looks = [Look.read(path) for path in (world / "looks").iterdir()]
    tested = sha256_file(world / "test.npz")
    assert [(one.test_sha256, one.weights_sha256) for one in looks] == [(tested, facts["weights_sha256"])] * 2


@pytest.mark.parametrize("train", ["top", "all"])
def test_fine_tuning_changes_what_it_may_and_no_batch_normalisation(world, train: str) -> None:
    import keras

    from assignment06.transfer.training import fine_tune

    values = {"train": train, "fine_tune_epochs": 1, "fine_tune_learning_rate": 0.01, "fine_tune_rate_decay": 0.9}
    start = head(world)
    made = outputs(world, f"tuned_{train}")
    fine_tune(f"tuned_{train}", settings(**values), head=start["model"], **made)
    inner = [keras.saving.load_model(one["model"]).get_layer("features").layers[-1] for one in (start, made)]
    changed = [
        one.name
        for one, two in zip(inner[0].layers, inner[1].layers, strict=True)
        if any(not np.array_equal(a, b) for a, b in zip(one.get_weights(), two.get_weights(), strict=True))
    ]
    kinds = {one.name: type(one) for one in inner[0].layers}
    assert keras.layers.BatchNormalization not in {kinds[name] for name in changed}
    assert "Conv_1" in changed
    assert ("Conv1" in changed) == (train == "all"), "the first convolution"
    assert json.loads((world / f"tuned_{train}.json").read_text(encoding="utf-8"))["epochs"] == 1


def test_each_stage_is_fine_tuned_at_a_share_of_the_rate_of_the_stage_after_it(world) -> None:
    import keras

    from assignment06.experiments.optimizers import with_rate_shares
    from assignment06.transfer.backbones import rate_shares, unfreeze

    net = keras.saving.load_model(head(world)["model"], compile=False)
    unfreeze(net, "all")
    before = [weight.numpy() for weight in net.trainable_weights]
    plain = keras.optimizers.SGD(0.5)
    assert rate_shares(net, 1) == {}
    with_rate_shares(plain, rate_shares(net, 0.5)).apply(
        [keras.ops.ones(weight.shape) for weight in net.trainable_weights], net.trainable_weights
    )
    steps = {
        weight.path.split("/")[-2]: float((old - weight.numpy()).mean())
        for weight, old in zip(net.trainable_weights, before, strict=True)
    }
    # 32 pixels: feature maps of 16, 8, 4, 2 and 1 pixels
    told = ("Conv1", "expanded_conv_project", "block_1_depthwise", "block_3_depthwise", "block_6_depthwise", "Conv_1")
    expected = [2**-5, 2**-5, 2**-4, 2**-3, 2**-2, 2**-1]
    np.testing.assert_allclose([steps[name] for name in told], 0.5 * np.array(expected), rtol=1e-4)
    assert steps["probability"] == pytest.approx(0.5)


INTERRUPTED = """
import sys
sys.path[:0] = [{tests!r}]
import json
from pathlib import Path
import keras
from assignment06.backend import compute
compute.configure(1, seed=0)  # once a process; it makes every operation deterministic
compute.configure = lambda threads, seed=None: keras.utils.set_random_seed(seed)
from assignment06.experiments.checkpoints import Checkpoints
from assignment06.transfer.training import fine_tune
from test_transfer import outputs, settings
world, head = Path({world!r}), {head!r}
row = settings(train="top", fine_tune_epochs=3, dropout=0.2)
save = Checkpoints.save

def save_and_die(self, model, history):
    save(self, model, history)
    if len(history) == 2:
        raise KeyboardInterrupt

fine_tune("whole", row, head=head, **outputs(world, "whole"))
Checkpoints.save = save_and_die
try:
    fine_tune("broken", row, head=head, **outputs(world, "broken"))
    sys.exit("it was not interrupted")
except KeyboardInterrupt:
    Checkpoints.save = save
assert sorted(path.name for path in (world / "broken.checkpoints").iterdir()) == ["epoch-0002"]
fine_tune("broken", row, head=head, **outputs(world, "broken"))
"""


def test_fine_tuning_that_is_interrupted_ends_with_the_same_weights(world) -> None:
    start = head(world, "dropped", dropout=0.2)
    code = INTERRUPTED.format(tests=str(ROOT / "tests"), world=str(world), head=start["model"])
    done = run_python(code, world)
    assert done.returncode == 0, done.stderr[-2000:]
    facts = [json.loads((world / f"{name}.json").read_text(encoding="utf-8")) for name in ("whole", "broken")]
    assert facts[0]["weights_sha256"] == facts[1]["weights_sha256"]
    assert facts[1]["epochs"] == 3


def test_patience_ends_a_training(world) -> None:
    head(world, "patient", epochs=50, patience=2)
    facts = json.loads((world / "patient.json").read_text(encoding="utf-8"))
    assert facts["epochs"] == facts["chosen_epoch"] + 2 < 50


def test_a_head_that_is_solved_is_a_plain_layer_and_the_same_in_folds(world, tmp_path) -> None:
    from assignment06.experiments.results import CrossValidation
    from assignment06.transfer.cross_validation import cross_validate
    from assignment06.transfer.logistic import STRENGTHS

    row = settings().model_copy(update={"optimizer": "lbfgs"})
    facts = []
    for name in ("solved", "again"):
        made = outputs(world, name)
        train_head_with(row, name, world, made)
        facts.append(json.loads((world / f"{name}.json").read_text(encoding="utf-8")))
    assert facts[0]["weights_sha256"] == facts[1]["weights_sha256"]
    assert facts[0]["epochs"] == len(STRENGTHS)
    history = pd.read_csv(world / "solved.csv")
    assert facts[0]["validation_loss"] == pytest.approx(history["val_loss"].min(), abs=1e-4)
    assert facts[0]["chosen_epoch"] == history["val_loss"].argmin() + 1
    cross_validate(
        "tiny", row, "Tiny", 3, features_of(world, "train", 2), str(world / "backbone.json"), str(world / "train.npz"),
        str(world / "dataset.json"), str(tmp_path / "folds.json"), threads=1,
    )  # fmt: skip
    assert CrossValidation.read(tmp_path / "folds.json").left_out.accuracy > 0.9


def train_head_with(row: Experiment, name: str, world, made: dict[str, str]) -> None:
    from assignment06.transfer.training import train_head

    train_head(name, row, backbone=str(world / "backbone.keras"), features=features_of(world, "train", 2), **made)


def test_few_images_of_each_class_are_some_of_more() -> None:
    from assignment06.experiments.subsets import chosen_places, class_weights

    y = np.repeat(np.arange(4), (40, 60, 100, 200))
    few, few_held = chosen_places(y, 0.2, seed=1, images_per_class=10)
    more, more_held = chosen_places(y, 0.2, seed=1, images_per_class=30)
    every, _ = chosen_places(y, 0.2, seed=1, images_per_class=None)
    assert np.bincount(y[few]).tolist() == [10] * 4
    assert np.bincount(y[few_held]).tolist() == [2] * 4, "10 and 2 or 3 make 12: a fifth is held out"
    assert set(few) < set(more) < set(every)
    assert not {*few, *more} & {*few_held, *more_held}
    assert set(few) != set(chosen_places(y, 0.2, seed=2, images_per_class=10)[0])
    with pytest.raises(AssignmentError, match="more than the 32 training images"):
        chosen_places(y, 0.2, seed=1, images_per_class=33)
    assert len(chosen_places(y, 0.2, seed=1, images_per_class=33, scarce=True)[0]) == 32 + 33 * 3
    assert class_weights(np.array([0, 0, 0, 1])) == {0: pytest.approx(2 / 3), 1: pytest.approx(2.0)}


def test_weights_in_the_published_layout_load_with_and_without_the_classifier(tmp_path) -> None:
    """In a process of its own: the files are Keras's legacy HDF5, which `save_weights` writes by the suffix."""
    code = f"""
import keras, numpy as np
from pathlib import Path
from assignment06.transfer.backbones import build_backbone
from keras.src.legacy.saving import legacy_h5_format
import h5py
folder = Path({str(tmp_path)!r})
keras.utils.set_random_seed(3)
whole = keras.applications.MobileNetV2(weights=None)
with h5py.File(folder / "whole.h5", "w") as file:
    legacy_h5_format.save_weights_to_hdf5_group(file, whole)
bare = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(96, 96, 3), pooling="avg")
bare.set_weights(whole.get_weights()[:-2])
with h5py.File(folder / "bare.h5", "w") as file:
    legacy_h5_format.save_weights_to_hdf5_group(file, bare)
whole.save_weights(folder / "whole.weights.h5")
x = np.random.default_rng(0).uniform(0, 255, (2, 96, 96, 3)).astype(np.float32)
wanted = bare.predict(keras.applications.mobilenet_v2.preprocess_input(x.copy()), verbose=0)
for name in ("whole.h5", "bare.h5", "whole.weights.h5"):
    got = build_backbone("MobileNetV2", 96, folder / name).predict(x, verbose=0)
    assert np.abs(got - wanted).max() < 1e-5, (name, np.abs(got - wanted).max())
"""
    done = run_python(code, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]


def test_weights_of_another_net_and_another_digest_are_refused(tmp_path) -> None:
    from assignment06.data.pretrained import acquire_pretrained
    from assignment06.transfer.backbones import build_backbone

    own = tmp_path / "imagenet" / "own.h5"
    own.parent.mkdir()
    own.write_bytes(b"no weights at all")
    with pytest.raises(AssignmentError, match="own.h5 does not hold weights of MobileNetV2"):
        build_backbone("MobileNetV2", 32, own)
    receipt = tmp_path / "receipt.json"
    with pytest.raises(AssignmentError, match="has the SHA-256 .*, not 0123"):
        acquire_pretrained("MobileNetV2", "own.h5", "0123" * 16, "auto", str(tmp_path), None, str(receipt))
    acquire_pretrained("MobileNetV2", "own.h5", sha256_file(own), "auto", str(tmp_path), None, str(receipt))
    assert Receipt.read(receipt).roles == {"weights": "imagenet/own.h5"}
    with pytest.raises(AssignmentError, match="no_such.h5 is not in"):
        acquire_pretrained("MobileNetV2", "no_such.h5", "", "auto", str(tmp_path), None, str(receipt))
    acquire_pretrained("VGG16", "imagenet", "", "sample", str(tmp_path), None, str(receipt))
    assert Receipt.read(receipt).data_source == "sample"


def test_the_curve_crosses_where_its_lines_do() -> None:
    from assignment06.report.transfer import read_curve
    from assignment06.transfer.curve import Curve, Line, Point, crossing

    def line(name: str, accuracies: dict[int, float], **more: object) -> Line:
        points = [
            Point(images_per_class=n, accuracy=a, interval_95=(a - 0.01, a + 0.01), balanced_accuracy=a - 0.05, seeds=1)
            for n, a in accuracies.items()
        ]
        return Line(
            **{"name": name, "dataset": "d", "pretrained": True, "net": "N", "train": "head", "points": points} | more
        )

    head = line("head", {10: 0.5, 1000: 0.8})
    scratch = line("scratch", {10: 0.3, 1000: 0.9}, pretrained=False, net="lean", train="")
    assert crossing(head, scratch) == pytest.approx(10 * 100 ** (2 / 3))
    never = line("scratch", {10: 0.3, 1000: 0.7}, pretrained=False, net="lean", train="")
    assert crossing(head, never) is None
    everything = line("all", {10: 0.6}, train="all")
    told = read_curve(Curve(lines=[head, scratch, everything], uneven=True, stamps=[]))
    texts = " ".join(paragraph["text"] for paragraph in told)
    assert "With 10 images a class all recognises 60.0%" in texts
    assert "pretraining is worth 30.0 points" in texts
    assert "everything unfrozen 60.0% (59.0% to 61.0%), frozen features 50.0%" in texts
    assert "(+10.0 points; the intervals do not overlap)" in texts
    assert "head 75.0% (accuracy 80.0%)" in texts, "balanced"
    told = read_curve(Curve(lines=[head, never], uneven=False, stamps=[]))
    assert "Nowhere in between did training from scratch catch up." in told[0]["text"]


def test_points_of_two_seeds_have_no_interval_and_are_drawn(tmp_path) -> None:
    from assignment06.plots.transfer import plot_transfer
    from assignment06.report.transfer import read_curve
    from assignment06.transfer.curve import curve_of

    made = []
    for train in ("head", "all"):
        row = rows(train=train)["a"]
        for seed, accuracy in ((0, 0.6), (1, 0.7)):
            settings = row.model_copy(update={"seed": seed})
            figures = {"training": training(seed=seed), "test": scores(accuracy=accuracy)}
            made.append(metrics(f"{train}{seed}", dataset="cifar10", settings=settings, **figures))
    found = curve_of(made)
    assert [(point.seeds, point.interval_95) for line in found.lines for point in line.points] == [(2, None)] * 2
    texts = " ".join(paragraph["text"] for paragraph in read_curve(found))
    assert "65.0% (mean of 2 seeds)" in texts
    assert "overlap" not in texts
    found.write(tmp_path / "curve.json")
    plot_transfer(str(tmp_path / "curve.json"), str(tmp_path / "plot.png"), dpi=50)
    assert (tmp_path / "plot.png").stat().st_size > 5000


def test_folds_leave_the_test_images_out_and_predict_each_training_image_once(world, tmp_path) -> None:
    from assignment06.experiments.results import CrossValidation
    from assignment06.transfer.cross_validation import cross_validate

    def folds(number: int, **values: object) -> CrossValidation:
        cross_validate(
            "tiny", settings(epochs=30, **values), "Tiny", number, features_of(world, "train", 2),
            str(world / "backbone.json"), str(world / "train.npz"), str(world / "dataset.json"),
            str(tmp_path / "folds.json"), threads=1,
        )  # fmt: skip
        return CrossValidation.read(tmp_path / "folds.json")

    found = folds(5)
    labels = np.load(world / "train.npz")["y"]
    assert len(found.folds) == 5 and found.left_out.images == len(labels) == 60
    assert [row.support for row in found.per_class] == np.bincount(labels).tolist()
    assert found.left_out.accuracy == pytest.approx(np.mean(found.folds)), "folds of one size"
    recalls = [row.recall for row in found.per_class]
    assert found.balanced_accuracy == pytest.approx(np.mean(recalls))
    assert np.trace(found.confusion_matrix) == round(found.left_out.accuracy * 60)
    assert found == folds(5), "the same seed, the same folds"
    with pytest.raises(AssignmentError, match="is more than the 30 training images of the smallest class"):
        folds(31)


def test_own_images_are_as_large_as_a_pretrained_net_wants_them(tmp_path) -> None:
    def size(**rows: dict) -> int:
        given = {**SHIPPED, "datasets": {"pets": {"folder": str(tmp_path)} | own}, "experiments": rows}
        return check_config(given).datasets["pets"].image_size

    small, large = ROW | {"dataset": "pets"}, ROW | {"dataset": "pets", "input_size": 160}
    own: dict = {}
    assert size(a={"dataset": "pets", "model": "lean"}) == 32
    assert size(a=small, b=large, c=ROW | {"input_size": 224}) == 160
    own = {"image_size": 64}
    assert size(b=large) == 64


def test_folds_are_refused_where_they_make_no_sense(tmp_path) -> None:
    for words, values in {
        "is for `train: head`": {"cross_validation": 5, "train": "all"},
        "must be at least 2": {"cross_validation": 1},
        "more than the 5000 training images": {"cross_validation": 5001},
        "is for a pretrained net, and lean is none": {"cross_validation": 5, "model": "lean", "weights": None},
    }.items():
        given = {key: value for key, value in {**ROW, **values}.items() if value is not None}
        if values.get("model"):
            del given["input_size"]
        with pytest.raises(AssignmentError, match=words):
            check_config({**copy.deepcopy(SHIPPED), "experiments": {"a": given}})
    (plain,), (folded,) = rows().values(), rows(cross_validation=5).values()
    assert plain.training() == folded.training(), "folds train the row itself no other way"


def test_an_own_model_classifies_a_folder_and_a_strange_one_is_refused(world, tmp_path) -> None:
    from PIL import Image

    from assignment06.experiments.evaluation import evaluate_predictions
    from assignment06.orchestration.predict import predict
    from assignment06.transfer.training import predict_from_features

    made = head(world, "own", epochs=30)
    results, images = tmp_path / "results", tmp_path / "images"
    (results / "models").mkdir(parents=True)
    images.mkdir()
    model = str(results / "models" / "own.keras")
    (results / "models" / "own.keras").write_bytes((world / "own.keras").read_bytes())
    for name, pixels in zip(("first.png", "second.png"), np.load(world / "test.npz")["x"], strict=False):
        Image.fromarray(pixels[..., 0]).convert("RGB").save(images / name)
    (images / "broken.png").write_bytes(b"no picture")
    with pytest.raises(AssignmentError, match="own.keras is not known"):
        predict(model, str(images), str(tmp_path / "out"))
    table = str(tmp_path / "predictions.csv")
    predict_from_features(
        model, features_of(world, "test"), made["backbone_description"], str(world / "test.npz"), made["description"],
        table, str(tmp_path / "looks"), threads=1,
    )  # fmt: skip
    evaluate_predictions(
        "own", settings(), table, made["facts"], model, made["description"], str(results / "metrics" / "own.json")
    )
    predict(model, str(images), str(tmp_path / "out"), top=1)
    found = pd.read_csv(tmp_path / "out" / "predictions.csv")
    assert found["image"].tolist() == ["first.png", "second.png"]
    known = pd.read_csv(table).head(2)
    assert list(found["label"]) == list(known["predicted_class"]), "the same pixels, from files"
    np.testing.assert_allclose(found["probability"], known["probability"], atol=1e-3)
    assert pd.read_csv(tmp_path / "out" / "skipped.csv")["image"].tolist() == ["broken.png"]
    assert (tmp_path / "out" / "contact_sheet.png").stat().st_size > 5000
    with open(model, "ab") as file:
        file.write(b"x")
    with pytest.raises(AssignmentError, match="is not the model that"):
        predict(model, str(images), str(tmp_path / "out"))
    with pytest.raises(AssignmentError, match="is no model"):
        predict(str(images / "first.png"), str(images), str(tmp_path / "out"))


def test_what_predict_refuses_before_it_begins(tmp_path, monkeypatch) -> None:
    from PIL import Image

    from assignment06.orchestration import predict as module

    monkeypatch.setattr(module, "known_model", lambda model: None)
    (tmp_path / "empty").mkdir()
    with pytest.raises(AssignmentError, match="holds no photographs"):
        module.predict("a.keras", str(tmp_path / "empty"), str(tmp_path / "out"))
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    (tmp_path / "full").mkdir()
    (tmp_path / "a.png").rename(tmp_path / "full/a.png")
    (tmp_path / "file").touch()
    with pytest.raises(AssignmentError, match="is a file, and the results need a folder"):
        module.predict("a.keras", str(tmp_path / "full"), str(tmp_path / "file"))
    assert not (tmp_path / "out").exists()
