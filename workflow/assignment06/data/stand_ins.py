"""Stand-ins in the official shapes, made without a network: never for submission.

`mnist`: scikit-learn's bundled handwritten digits (E. Alpaydin and C. Kaynak, 1998; 1,797 images of 8 x 8
pixels), enlarged to 28 x 28 and varied. `cifar10`: ten classes of drawn colour objects on cluttered grounds.
Training and test images come from different originals (digits) or different random streams (objects).
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

TRAIN_IMAGES, TEST_IMAGES = 6_000, 2_000
OBJECTS = ["circle", "ring", "square", "triangle", "star", "cross", "crescent", "stripes", "arrow", "house"]
PHOTOGRAPHS = [
    ("skimage.data", "astronaut.png"),
    ("skimage.data", "chelsea.png"),
    ("skimage.data", "coffee.png"),
    ("skimage.data", "motorcycle_left.png"),
    ("skimage.data", "rocket.jpg"),
    ("sklearn.datasets.images", "china.jpg"),
    ("sklearn.datasets.images", "flower.jpg"),
]


def digits() -> tuple[dict[str, np.ndarray], list[str]]:
    """Return sample arrays for `mnist` (uint8 [n, 28, 28, 1]) and the class names."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    bunch = load_digits()
    originals = (bunch.images * (255 / 16)).astype(np.uint8)
    splits = train_test_split(originals, bunch.target, test_size=0.2, stratify=bunch.target, random_state=6)
    x_train, x_test, y_train, y_test = splits
    arrays = {}
    for part, images, labels, count in (
        ("train", x_train, y_train, TRAIN_IMAGES),
        ("test", x_test, y_test, TEST_IMAGES),
    ):
        rng = np.random.default_rng([6, len(labels)])
        picked = np.resize(rng.permutation(len(labels)), count)
        arrays[f"x_{part}"] = np.stack([_vary_digit(images[index], rng) for index in picked])[..., None]
        arrays[f"y_{part}"] = labels[picked].astype(np.uint8)
    return arrays, [str(digit) for digit in range(10)]


def objects() -> tuple[dict[str, np.ndarray], list[str]]:
    """Return sample arrays for `cifar10` (uint8 [n, 32, 32, 3]) and the class names."""
    arrays = {}
    for stream, (part, count) in enumerate((("train", TRAIN_IMAGES), ("test", TEST_IMAGES))):
        rng = np.random.default_rng([10, stream])
        labels = rng.permutation(np.resize(np.arange(10), count)).astype(np.uint8)
        arrays[f"x_{part}"] = np.stack([_draw_object(label, rng) for label in labels])
        arrays[f"y_{part}"] = labels
    return arrays, list(OBJECTS)


def write_stand_ins(folder: str) -> list[str]:
    """Copy seven real photographs out of scikit-image's and scikit-learn's packages; return their names."""
    from importlib.resources import files

    Path(folder).mkdir(parents=True, exist_ok=True)
    for package, name in PHOTOGRAPHS:
        (Path(folder) / name).write_bytes(files(package).joinpath(name).read_bytes())
    return [name for _, name in PHOTOGRAPHS]


def _vary_digit(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Enlarge an 8 x 8 digit to 28 x 28 with a small random rotation, shear, scale and shift."""
    angle, shear = np.deg2rad(rng.uniform(-12, 12)), rng.uniform(-0.15, 0.15)
    scale = 8 / 20 / rng.uniform(0.85, 1.15)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    matrix = np.array([[cos, -sin + shear * scale], [sin, cos]])
    shift = np.array([4.0, 4.0]) - matrix @ (14 + rng.uniform(-2, 2, 2))
    coefficients = (*matrix[0], shift[0], *matrix[1], shift[1])
    padded = Image.fromarray(np.pad(image, 2))
    coefficients = (*coefficients[:2], coefficients[2] + 2, *coefficients[3:5], coefficients[5] + 2)
    return np.asarray(padded.transform((28, 28), Image.Transform.AFFINE, coefficients, Image.Resampling.BICUBIC))


def _draw_object(label: int, rng: np.random.Generator) -> np.ndarray:
    """Draw one object at four times the size, turned and shifted, over clutter; shrink, blur, add noise."""
    side = 128
    ground, ink = _two_colours(rng)
    image = Image.new("RGB", (side, side), ground)
    clutter = ImageDraw.Draw(image)
    for _ in range(6):
        x, y, length = rng.uniform(0, side, 3)
        colour = tuple(int(value) for value in np.clip(np.array(ground) + rng.normal(0, 45, 3), 0, 255))
        clutter.ellipse((x - length / 3, y - length / 6, x + length / 3, y + length / 6), fill=colour)
    mask = Image.new("L", (side, side), 0)
    radius = rng.uniform(26, 46)
    SHAPES[label](ImageDraw.Draw(mask), 64, 64, radius)
    angle, shift = rng.uniform(-25, 25), rng.uniform(-18, 18, 2)
    mask = mask.rotate(angle, translate=(int(shift[0]), int(shift[1])))
    image.paste(Image.new("RGB", (side, side), ink), mask=mask)
    image = image.resize((32, 32), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.8)))
    noisy = np.asarray(image, np.float32) + rng.normal(0, 14, (32, 32, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _two_colours(rng: np.random.Generator) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return two colours that differ enough to be told apart."""
    while True:
        first, second = rng.integers(20, 236, (2, 3))
        if np.abs(first - second).sum() > 150:
            return tuple(map(int, first)), tuple(map(int, second))


def _polygon(points: list[tuple[float, float]]) -> Callable:
    """Return a drawer of the polygon whose corners are given for radius 1 around the origin."""

    def draw(canvas: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
        canvas.polygon([(x + radius * dx, y + radius * dy) for dx, dy in points], fill=255)

    return draw


def _ring(canvas: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    _circle(canvas, x, y, radius)
    canvas.ellipse((x - radius * 0.6, y - radius * 0.6, x + radius * 0.6, y + radius * 0.6), fill=0)


def _circle(canvas: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _crescent(canvas: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    _circle(canvas, x, y, radius)
    _erase = radius * 0.85
    canvas.ellipse((x - _erase + radius * 0.5, y - _erase, x + _erase + radius * 0.5, y + _erase), fill=0)


def _stripes(canvas: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    for offset in (-0.8, 0.0, 0.8):
        top = y + radius * (offset - 0.2)
        canvas.rectangle((x - radius, top, x + radius, top + radius * 0.4), fill=255)


_star = [
    (
        float(np.sin(np.pi * corner / 5)) * (1.0 if corner % 2 == 0 else 0.42),
        float(-np.cos(np.pi * corner / 5)) * (1.0 if corner % 2 == 0 else 0.42),
    )
    for corner in range(10)
]
_cross = [
    (-0.3, -1), (0.3, -1), (0.3, -0.3), (1, -0.3), (1, 0.3), (0.3, 0.3),
    (0.3, 1), (-0.3, 1), (-0.3, 0.3), (-1, 0.3), (-1, -0.3), (-0.3, -0.3),
]  # fmt: skip
_arrow = [(0, -1), (0.8, 0), (0.3, 0), (0.3, 1), (-0.3, 1), (-0.3, 0), (-0.8, 0)]
_house = [(0, -1), (0.9, -0.1), (0.65, -0.1), (0.65, 0.9), (-0.65, 0.9), (-0.65, -0.1), (-0.9, -0.1)]

SHAPES: list[Callable] = [
    _circle,
    _ring,
    _polygon([(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)]),
    _polygon([(0, -1), (0.95, 0.8), (-0.95, 0.8)]),
    _polygon(_star),
    _polygon(_cross),
    _crescent,
    _stripes,
    _polygon(_arrow),
    _polygon(_house),
]
