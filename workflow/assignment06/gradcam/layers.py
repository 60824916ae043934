"""What the first layer of a net learnt, what its layers make of an image, and what its last filters answer to.

After F. Chollet, Deep Learning with Python, first edition, section 5.4.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from matplotlib.colors import LinearSegmentedColormap

from assignment06.experiments.results import Metrics
from assignment06.gradcam.maps import convolutions
from assignment06.gradcam.sheets import without
from assignment06.plots.style import BLUE, RED, save, show_pixels
from assignment06.shared.errors import AssignmentError

ACROSS, CHANNELS = 16, 48  # tiles in a row, and channels at most
BRIGHT = 99.5  # percentile of a layer that is shown as the most
# From orange by white to blue, for readers of all kinds of sight: what a filter takes away, and what it adds
SIGNED = LinearSegmentedColormap.from_list("signed", [RED, "white", BLUE])
PATTERNS, PATTERN_PIXELS = 16, 16 * 48**2  # at most: of large images fewer, to take seconds
STEPS, STEP, NOISE = 40, 2, 20  # of the ascent, its length in pixel values, and those about grey that it begins with


def plot_layers(net: keras.Model, image: np.ndarray, seen: dict, facts: Metrics, plot: str, dpi: int) -> None:
    """Plot what a net makes of an `image` (uint8 [h, w, 1 or 3]), of which its predictions say `seen` (one row)."""
    title = f"{facts.title}: what its layers see"
    try:
        blocks = convolutions(net)
    except AssignmentError as error:
        return without(str(error), title, plot, dpi, facts.stamps)
    first, last = blocks[0][0], blocks[-1][0]
    filters = mosaic(filter_tiles(first.kernel.numpy()))
    rows = [(f"The {first.filters} filters of the first convolution, each on its own scale", filters, SIGNED)]
    pixels = tf.constant(image[None], tf.float32)
    for number in sorted({0, len(blocks) // 2, len(blocks) - 1}):
        layer = activated(blocks[number])
        channels = keras.Model(net.inputs, layer.output)([pixels], training=False).numpy()[0]
        shown = np.maximum(channels[..., :CHANNELS], 0).transpose(2, 0, 1)
        tiles = mosaic(shown / max(np.percentile(shown, BRIGHT), 1e-9))
        rows.append((_told(channels, number + 1, len(blocks)), tiles, "viridis"))
    patterns = mosaic(pattern_tiles(net, last, image.shape), ACROSS // 2)
    rows.append((f"Patterns that filters of convolution {len(blocks)} answer to most", patterns, "gray"))
    _draw(rows, image, seen, title, plot, dpi, facts.stamps)


def activated(block: list[keras.Layer]) -> keras.Layer:
    """Return the first layer of a block of `maps.convolutions` that gives what its activation leaves; else the last."""
    for layer in block:
        own = getattr(layer, "activation", keras.activations.linear)
        if own is not keras.activations.linear or isinstance(layer, keras.layers.ReLU):
            return layer
    return block[-1]


def filter_tiles(kernel: np.ndarray) -> np.ndarray:
    """Return a kernel [h, w, channels, filters] as tiles [filters, h, w, 3] of colours, or [filters, h, w], in 0 to 1.

    0.5 is no weight. A filter of other than three channels is the mean over these.
    """
    weights = kernel.transpose(3, 0, 1, 2)
    weights = weights if weights.shape[-1] == 3 else weights.mean(axis=3)
    largest = np.abs(weights).max(axis=tuple(range(1, weights.ndim)), keepdims=True)
    return 0.5 + 0.5 * weights / np.maximum(largest, 1e-9)


def pattern_tiles(net: keras.Model, convolution: keras.Layer, shape: tuple[int, ...]) -> np.ndarray:
    """Return images float [n, h, w, 1 or 3] in 0 to 1, to each of which one filter of a convolution answers strongly.

    Gradient ascent from noise about grey, on what the filter gives on average before its activation, with steps along
    the gradient divided by its root mean square (Chollet, listing 5.38; D. Erhan et al., Visualizing Higher-Layer
    Features of a Deep Network, 2009). The filters are evenly spread over those that there are.
    """
    count = max(1, min(PATTERNS, convolution.filters, PATTERN_PIXELS // (shape[0] * shape[1])))
    chosen = tf.constant(np.linspace(0, convolution.filters - 1, count).astype(int))
    noise = np.random.default_rng(0).uniform(128 - NOISE / 2, 128 + NOISE / 2, (count, *shape))
    images = tf.Variable(noise.astype(np.float32))
    activation, convolution.activation = convolution.activation, keras.activations.linear
    try:
        given = keras.Model(net.inputs, convolution.output)

        @tf.function
        def climb() -> None:
            with tf.GradientTape() as tape:
                answers = tf.reduce_mean(given([images], training=False), axis=(1, 2))
                wanted = tf.reduce_sum(tf.gather(answers, chosen, axis=1, batch_dims=1))
            slope = tape.gradient(wanted, images)
            size = tf.sqrt(tf.reduce_mean(tf.square(slope), axis=(1, 2, 3), keepdims=True))
            images.assign_add(STEP * slope / (size + 1e-8))

        for _ in range(STEPS):
            climb()
    finally:
        convolution.activation = activation
    pixels = np.asarray(images.read_value())
    pixels = pixels - pixels.mean(axis=(1, 2, 3), keepdims=True)
    spread = pixels.std(axis=(1, 2, 3), keepdims=True)
    return np.clip(0.5 + 0.2 * pixels / (spread + 1e-5), 0, 1)


def mosaic(tiles: np.ndarray, across: int = ACROSS) -> np.ndarray:
    """Return tiles [n, h, w] or [n, h, w, 1 or 3] beside one another, with white or empty (NaN) lines between them."""
    tiles = tiles.squeeze(-1) if tiles.shape[-1] == 1 and tiles.ndim == 4 else tiles
    count, height, width = tiles.shape[:3]
    across = min(across, count)
    size = (-(-count // across) * (height + 1) - 1, across * (width + 1) - 1, *tiles.shape[3:])
    whole = np.full(size, 1.0 if tiles.ndim == 4 else np.nan)
    for number, tile in enumerate(tiles):
        top, left = number // across * (height + 1), number % across * (width + 1)
        whole[top : top + height, left : left + width] = tile
    return whole


def _told(channels: np.ndarray, number: int, count: int) -> str:
    height, width, total = channels.shape
    what = f"{total} channels" if total <= CHANNELS else f"the first {CHANNELS} of {total} channels"
    dark = int((channels.max(axis=(0, 1)) <= 0).sum())
    rest = f"; {dark} of all {total} {'finds' if dark == 1 else 'find'} nothing in it" if dark else ""
    return f"Convolution {number} of {count}, once activated: {what} of {height} x {width}{rest}"


def _draw(rows: list, image: np.ndarray, seen: dict, title: str, plot: str, dpi: int, stamps: list[str]) -> None:
    wide = (6.8, *(8.4,) * (len(rows) - 1))  # inches; the image stands beside the first row
    heights = [one.shape[0] / one.shape[1] * width + 0.3 for (_, one, _), width in zip(rows, wide, strict=True)]
    heights[0] = max(heights[0], 1.7)
    figure = plt.figure(figsize=(8.6, sum(heights) + 0.6))
    grid = figure.add_gridspec(len(rows), 2, width_ratios=(1.6, 6.8), height_ratios=heights)
    picture = figure.add_subplot(grid[0, 0])
    show_pixels(picture, image)
    said = f"said {seen['predicted_class']} ({seen['probability']:.0%})"
    picture.set_title(f"test image {seen['index']}:\nis {seen['true_class']}, {said}", fontsize=8)
    for number, (words, tiles, colours) in enumerate(rows):
        axes = figure.add_subplot(grid[number, 1] if number == 0 else grid[number, :])
        axes.imshow(tiles, cmap=colours, vmin=0, vmax=1, interpolation="nearest")
        axes.set_axis_off()
        axes.set_title(words, fontsize=8, loc="left")
    figure.suptitle(title, weight="bold", fontsize=11)
    save(figure, plot, dpi, stamps)
