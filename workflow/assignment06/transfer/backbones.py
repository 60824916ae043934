"""A pretrained net without its classifier, as a model from raw pixels to features; and with a new last layer on it."""

from pathlib import Path

import keras
from keras import layers

from assignment06.backend import compute
from assignment06.data.imagenet import PRETRAINED
from assignment06.data.receipts import Receipt
from assignment06.experiments.weights import weights_digest
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path
from assignment06.transfer.prepared import BackboneDescription
from assignment06.transfer.preprocessing import PREPROCESSING

FEATURES, PROBABILITY = "features", "probability"  # the names of the two parts of a transferred net


def prepare_backbone(model: str, input_size: int, receipt: str, raw: str, backbone: str, description: str) -> None:
    """Save the backbone of `model` with the weights of a receipt, and its `BackboneDescription`.

    Raises AssignmentError where the file has changed since, or does not fit the net.
    """
    compute.configure(threads=1, seed=0)
    got = Receipt.read(receipt)
    got.verify(raw)
    net = build_backbone(model, input_size, Path(raw) / got.roles["weights"] if got.roles else None)
    with atomic_path(backbone) as part:
        net.save(part)
    BackboneDescription(
        net=model,
        input_size=input_size,
        features=net.output_shape[-1],
        weights_sha256=weights_digest(net),
        files=got.files,
    ).write(description)


def build_backbone(model: str, input_size: int, weights: Path | None) -> keras.Model:
    """Return the model from raw RGB pixels [n, height, width, 3], 0..255, to float32 features [n, k].

    Pixels are scaled to `input_size` (bilinear), prepared as the net wants them, and the last feature map is averaged.
    Batch normalisation works with the statistics it came with, also in training. Without `weights` it is untrained.
    Raises AssignmentError where the file is not one of this net's.
    """
    keras.utils.set_random_seed(0)
    builder = getattr(keras.applications, model)
    inner = builder(include_top=False, weights=None, input_shape=(input_size, input_size, 3), pooling="avg")
    if weights:
        _load(inner, builder, model, weights)
    pixels = keras.Input((None, None, 3), name="pixels")
    scaled = layers.Resizing(input_size, input_size, interpolation="bilinear", name="scaled")(pixels)
    prepared = PREPROCESSING[PRETRAINED[model].preprocessing](scaled)
    return keras.Model(pixels, inner(prepared, training=False), name=FEATURES)


def _load(inner: keras.Model, builder, model: str, weights: Path) -> None:
    """Load a weights file with or without the classifier's, whichever it is."""
    try:
        inner.load_weights(weights)
    except Exception:  # noqa: BLE001  (Keras raises many kinds; whether it is a file with a classifier is tried next)
        try:
            whole = builder(weights=str(weights)).get_weights()
            inner.set_weights(whole[: len(inner.weights)])
        except Exception as error:  # noqa: BLE001
            reason = " ".join(str(error).split())[:120]
            raise AssignmentError(
                f"{weights} does not hold weights of {model} ({reason}): name the right file as `weights:` of the row "
                "in config.yaml."
            ) from None


def tapped(backbone: keras.Model, outputs: list[keras.KerasTensor], side: int | None = None) -> keras.Model:
    """Return a net from raw pixels [n, side, side, 3] (any size without `side`) to `outputs` inside of a backbone.

    `outputs` are symbolic, of the net within; what prepares the pixels is that of the backbone.
    """
    inner = backbone.layers[-1]
    pixels = keras.Input((side, side, 3), name="pixels")
    x = pixels
    for layer in backbone.layers[1:-1]:
        x = layer(x)
    return keras.Model(pixels, keras.Model(inner.inputs, outputs)(x, training=False), name=FEATURES)


def with_head(backbone: keras.Model, shape: tuple[int, int, int], classes: int, dropout: float) -> keras.Model:
    """Return the net from raw pixels [n, height, width, 1 or 3] of `shape` to probabilities [n, classes]."""
    image = keras.Input(shape, name="image")
    pixels = layers.Concatenate(name="grey_to_rgb")([image] * 3) if shape[-1] == 1 else image
    features = backbone(pixels, training=False)
    return keras.Model(image, head_layers(features, classes, dropout), name=f"transferred_{backbone.layers[-1].name}")


def new_head(features: int, classes: int, dropout: float, seed: int) -> keras.Model:
    """Return a fresh last layer alone, from `features` numbers [n, features] to probabilities; `seed` draws it."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((features,), name="features")
    return keras.Model(inputs, head_layers(inputs, classes, dropout))


def head_layers(features: keras.KerasTensor, classes: int, dropout: float) -> keras.KerasTensor:
    """Return the probabilities that a new last layer makes of features."""
    dropped = layers.Dropout(dropout, name="dropout")(features) if dropout else features
    return layers.Dense(classes, activation="softmax", name=PROBABILITY)(dropped)


def unfreeze(net: keras.Model, train: str) -> None:
    """Let of a net that `with_head` made train its last stage too (`top`), or everything (`all`).

    The last stage is what works at the resolution of the last feature map: conv5 of a ResNet, block 5 of VGG. Batch
    normalisation stays frozen in both, and so does what prepares the pixels.
    """
    outer = net.get_layer(FEATURES)
    outer.trainable = True
    inner = outer.layers[-1]
    for layer in outer.layers[:-1]:
        layer.trainable = False
    begin = last_stage(inner) if train == "top" else 0
    for number, layer in enumerate(inner.layers):
        layer.trainable = number >= begin and not isinstance(layer, layers.BatchNormalization)


def rate_shares(net: keras.Model, decay: float) -> dict[str, float]:
    """Return by path at which share of the rate each weight of a net that `with_head` made is fine-tuned, 1 left out.

    Discriminative fine-tuning (Howard and Ruder, 2018, ULMFiT), with a rate for each stage, which is what works at one
    resolution of the feature map: `decay` for the last stage, its square for the one before, and so on.
    """
    inner = net.get_layer(FEATURES).layers[-1]
    sides = sorted({side for layer in inner.layers if (side := _side(layer)) and layer.weights})
    shares, depth = {}, len(sides)
    for layer in inner.layers:
        side = _side(layer)
        depth = 1 + sides.index(side) if side in sides else depth
        shares |= {weight.path: decay**depth for weight in layer.weights}
    return shares if decay < 1 else {}


def last_stage(inner: keras.Model) -> int:
    """Return the place in `inner.layers` of the first layer of the last stage."""
    sides = [_side(layer) for layer in inner.layers]
    convolved = [side for side, layer in zip(sides, inner.layers, strict=True) if side and layer.weights]
    last = convolved[-1]
    return max(number for number, side in enumerate(sides) if side and side > last) + 1


def _side(layer: keras.Layer) -> int | None:
    """Return the height of the feature map that a layer makes, None where it makes none."""
    shape = getattr(layer.output, "shape", ())
    return shape[1] if len(shape) == 4 else None
