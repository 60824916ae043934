"""Headless Chromium uses the page to explore: draws, filters, compares, points at curves, sorts."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from chromium import used
from made_explorer import HEAT, digit_net, with_digits, with_found
from made_results import history
from matplotlib import colormaps
from PIL import Image
from strokes import DIGITS

from assignment06.data.official import mnist
from assignment06.experiments.results import Metrics
from assignment06.explorer.nets import read_plain_net
from assignment06.explorer.page import write_explorer

DESK = ["view", {"width": 1400, "height": 900}]
SAYS = ["evaluate", "document.querySelector('#answer').textContent"]
FOUND = ["evaluate", "document.querySelector('#found').textContent"]


def text(selector: str) -> list:
    return ["evaluate", f"document.querySelector('{selector}').textContent"]


def shares(images: np.ndarray) -> list:
    """The step that lets the page's net predict uint8 images [n, 28, 28, 1]."""
    pixels = [image.ravel().tolist() for image in images]
    net = "const net = readNet(DATA.drawing.net)"
    return ["evaluate", f"(() => {{ {net}; return {pixels}.map((image) => [...probabilities(net, image)]); }})()"]


def drawn(strokes: list) -> list[list]:
    return [["click", "#clear"], ["draw", "#pad", strokes], SAYS, text("#answer-time")]


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """200 grey images and labels, which stand in for MNIST where only arithmetic counts."""
    rng = np.random.default_rng(1)
    x = rng.integers(0, 256, (200, 28, 28, 1), np.uint8) * (rng.random((200, 28, 28, 1)) < 0.3)
    return x.astype(np.uint8), (np.arange(200) % 10).astype(np.uint8)


@pytest.fixture(scope="module")
def explored(finished, digits, tmp_path_factory) -> dict:
    """Arguments of a page that is written and that no test changes."""
    folder = tmp_path_factory.mktemp("explored")
    arguments = with_found(with_digits(finished, digit_net(), *digits, folder), folder)
    write_explorer(**arguments)
    return arguments


def wrong(explored: dict, number: int) -> pd.DataFrame:
    table = pd.read_csv(explored["predictions"][number])
    return table.assign(wrong=table["true_label"] != table["predicted_label"])


def test_the_net_in_the_page_predicts_what_was_saved(driver, explored, digits, tmp_path):
    seen = used(driver, explored["explorer"], [DESK, ["open"], shares(digits[0])], tmp_path)
    saved = pd.read_csv(explored["predictions"][2])
    found = np.array(seen["values"][0])
    assert np.abs(found - saved.filter(regex="^p_").to_numpy()).max() < 1e-4
    assert found.argmax(axis=1).tolist() == saved["predicted_label"].tolist()


def test_every_plain_layer_is_computed_as_keras_does(driver, explored, tmp_path):
    keras.utils.set_random_seed(2)
    layers = keras.layers
    net = keras.Sequential(
        [
            keras.Input((15, 13, 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(6, (3, 2), strides=2, padding="same", activation="tanh"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(3, strides=2, padding="same"),
            layers.Conv2D(5, 2, use_bias=False, padding="same"),
            layers.BatchNormalization(scale=False),
            layers.Activation("sigmoid"),
            layers.AveragePooling2D(2, strides=1, padding="same"),
            layers.Dropout(0.5),
            layers.Conv2D(4, 2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3),
            layers.Softmax(),
        ]
    )
    for layer in net.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([np.random.default_rng(3).uniform(0.5, 2, one.shape) for one in layer.get_weights()])
    net.save(tmp_path / "net.keras")
    images = np.random.default_rng(4).integers(0, 256, (20, 15, 13, 3), np.uint8)
    steps = f"(() => {{ const net = readNet({read_plain_net(tmp_path / 'net.keras')}); return "
    steps += f"{[image.ravel().tolist() for image in images]}.map((image) => [...probabilities(net, image)]); }})()"
    seen = used(driver, explored["explorer"], [["open"], ["evaluate", steps]], tmp_path)
    expected = net.predict(images.astype("float32"), verbose=0)
    assert np.abs(np.array(seen["values"][0]) - expected).max() < 1e-5
    assert np.ptp(expected, axis=0).max() > 1e-4, "the images differ, or nothing was compared"


def test_mistakes_can_be_filtered_and_compared(driver, explored, tmp_path):
    one, two = wrong(explored, 0), wrong(explored, 1)
    cell = '#matrix button[data-truth="1"][data-said="2"]'
    seen = used(
        driver, explored["explorer"],
        [
            DESK, ["open"], FOUND, ["evaluate", "document.querySelectorAll('#pictures li').length"],
            ["click", cell], FOUND, ["evaluate", f"document.querySelector('{cell}').ariaPressed"],
            text("#pictures li .soft"), ["click", cell], FOUND,
            ["choose", "#least", "90"], FOUND, ["click", "#reset"], FOUND,
            ["choose", "#other", "augmented"], ["choose", "#view", "only"], FOUND,
            ["choose", "#view", "there"], FOUND, ["choose", "#view", "both"], FOUND,
            ["choose", "#truth", "0"], FOUND, text("#pictures li"), ["choose", "#experiment", "digits"], FOUND,
            ["evaluate", "document.querySelectorAll('i, b').length"],
        ],
        tmp_path,
    )  # fmt: skip
    assert seen["errors"] == []
    assert seen["requests"] == [Path(explored["explorer"]).as_uri()]
    counts = [str(value).split(" image")[0] for value in seen["values"]]
    all_wrong = str(int(one.wrong.sum()))
    assert counts[0] == counts[1] == counts[5] == counts[7] == all_wrong
    in_cell = int((one.wrong & (one.true_label == 1) & (one.predicted_label == 2)).sum())
    assert counts[2:5] == [str(in_cell), "true", "is <b>cat</b>"]
    assert counts[6] == str(int((one.wrong & (one.probability >= 0.9)).sum()))
    assert counts[8] == str(int((one.wrong & ~two.wrong).sum()))
    assert counts[9] == str(int((~one.wrong & two.wrong).sum()))
    assert counts[10] == str(int((one.wrong & two.wrong).sum()))
    assert counts[11] == str(int((one.wrong & two.wrong & (one.true_label == 0)).sum()))
    assert counts[12].count("✗") == 2
    assert counts[13] == str(int(wrong(explored, 2).wrong.sum()))
    assert counts[14] == "0", "names from outside are text"


def test_curves_and_table_with_pointer_and_keyboard(driver, explored, tmp_path):
    first = ["evaluate", "[...document.querySelectorAll('#sorted tbody th')].map((cell) => cell.textContent)"]
    seen = used(
        driver, explored["explorer"],
        [
            DESK, ["open"], text(".reading-off"), ["evaluate", "document.querySelector('.chart').focus()"],
            ["key", "Home"], text(".reading-off"), ["key", "ArrowRight"], ["key", "ArrowRight"], text(".reading-off"),
            ["evaluate", "document.querySelector('.chart').ariaValueText"],
            ["choose", "#quantity", "loss"], text(".reading-off"),
            ["click", "#sorted th:nth-child(2) button"], first, ["click", "#sorted th:nth-child(2) button"], first,
            ["evaluate", "document.querySelector('#sorted th:nth-child(2)').getAttribute('aria-sort')"],
        ],
        tmp_path,
    )  # fmt: skip
    values = [value for value in seen["values"] if value is not None]
    assert values[0].endswith(" (saved)"), "that epoch is shown first"
    assert values[1] == "Epoch 1 training 50.0%, validation 50.0%"
    assert values[2] == "Epoch 3 training 95.0%, validation 52.0%"
    assert values[3] == values[2].replace("Epoch 3 ", "Epoch 3: ")
    assert "training 1.2" in values[4]
    assert values[5] == values[6][::-1] and len(values[5]) == 3
    assert values[7] == "ascending"


def with_seeds(explored: dict, folder: Path, group: str, curves: list[tuple[list, list]]) -> dict:
    """Return arguments with further experiments, one for each seed of a group, that have these curves."""
    arguments = {name: list(value) if isinstance(value, list) else value for name, value in explored.items()}
    known = Metrics.read(explored["metrics"][0])
    for seed, (training, validation) in enumerate(curves):
        name = f"{group}_seed{seed}"
        settings = known.settings.model_copy(update={"group": group})
        scores = known.training.model_copy(update={"seed": seed, "chosen_epoch": 1 + int(np.argmax(validation))})
        changed = {"experiment": name, "title": name, "settings": settings, "training": scores}
        known.model_copy(update=changed).write(folder / f"{name}.json")
        history(training, validation).to_csv(folder / f"{name}.csv", index=False)
        arguments["metrics"].append(str(folder / f"{name}.json"))
        arguments["histories"].append(str(folder / f"{name}.csv"))
        for kind in ("predictions", "tests"):
            arguments[kind].append(explored[kind][0])
    return arguments | {"explorer": str(folder / "seeds.html")}


def test_seeds_are_a_band_with_their_values_under_the_pointer(driver, explored, tmp_path):
    few = [([0.5, 0.7, 0.9], [0.5, 0.6, 0.55]), ([0.4, 0.6], [0.45, 0.5]), ([0.6, 0.65, 0.7], [0.4, 0.55, 0.65])]
    many = [([0.5 + 0.02 * seed, 0.8], [0.5, 0.6]) for seed in range(6)]
    arguments = with_seeds(with_seeds(explored, tmp_path, "few", few), tmp_path, "many", many)
    write_explorer(**arguments)
    # The curves as values: the scale is what stands beside the lines across
    read = r"""[...document.querySelectorAll(".charts svg")].slice(-2).map((svg) => {
      const lines = [...svg.querySelectorAll(".grid")].map((line) => Number(line.getAttribute("y1")));
      const texts = [...svg.querySelectorAll("text[text-anchor=end]")].map((text) => parseFloat(text.textContent));
      const value = (y) => texts[0] + ((texts.at(-1) - texts[0]) * (y - lines[0])) / (lines.at(-1) - lines[0]);
      const points = (node) => [...node.getAttribute("d").matchAll(/[ML][\d.]+ ([\d.]+)/g)].map((at) => value(+at[1]));
      const found = (name) => [...svg.querySelectorAll(name)].map(points);
      return [".band.training", ".line.training", ".band.validation"].map(found);
    })"""
    chart = "#charts figure:nth-last-child(2) .chart"
    told = text("#charts figure:nth-last-child(2) .reading-off")
    points = [["draw", chart, [[[150, 60], [x, 60]]]] for x in (60, 355)]
    seen = used(
        driver, arguments["explorer"],
        [DESK, ["open"], ["evaluate", read], points[0], told, points[1], told,
         text("#charts figure:last-child .reading-off"), ["choose", "#quantity", "loss"], points[0], told],
        tmp_path,
    )  # fmt: skip
    assert seen["errors"] == []
    (few_curves, many_curves), first, third, summary, loss = seen["values"]
    assert [len(lines) for lines in (*few_curves, *many_curves)] == [1] * 6, "one band and one line for all seeds"
    assert few_curves[0][0] == pytest.approx([60, 70, 90, 70, 60, 40], abs=0.3), "the highest, then the lowest back"
    assert few_curves[1][0] == pytest.approx([50, 65, 80], abs=0.3), "the mean of those that trained so long"
    assert few_curves[2][0] == pytest.approx([50, 60, 65, 55, 50, 40], abs=0.3)
    each = "; seed 0: training 50.0%, validation 50.0%; seed 1: training 40.0%, validation 45.0%; "
    assert first == (
        "Epoch 1 mean and range of 3 seeds: training 50.0% (40.0% to 60.0%), validation 45.0% (40.0% to 50.0%)"
        f"{each}seed 2: training 60.0%, validation 40.0%"
    )
    assert third.startswith("Epoch 3 mean and range of 2 seeds: training 80.0% (70.0% to 90.0%), validation 60.0%")
    assert "seed 1: training none" in third and third.endswith("validation 65.0% (saved)")
    assert summary.endswith("seeds: training 80.0% (80.0% to 80.0%), validation 60.0% (60.0% to 60.0%)")
    assert loss.startswith("Epoch 1 mean and range of 3 seeds: training 1.500 (1.400 to 1.600)")


def test_keyboard_alone_chooses_a_test_image_and_opens_the_layers(driver, explored, tmp_path):
    colours = "new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size"
    lit = f"[...document.querySelectorAll('.mosaic')].map((canvas) => Number({colours} > 5))"
    titles = "[...document.querySelectorAll('#layers figcaption')].slice(0, 2).map((one) => one.textContent)"
    steps = [DESK, ["open"], ["evaluate", "document.querySelector('#undo').focus()"], SAYS,
             ["key", "Tab"], ["key", "Enter"], SAYS, ["evaluate", "document.querySelector('summary').focus()"],
             ["key", "Enter"], ["evaluate", lit], ["evaluate", titles]]  # fmt: skip
    seen = used(driver, explored["explorer"], steps, tmp_path)
    values = [value for value in seen["values"] if value is not None]
    assert values[0] == "Nothing drawn yet."
    assert values[2:] == [
        [1, 1, 1, 1, 1, 1],
        ["Conv2D: 32 channels of 26 x 26", "MaxPooling2D: 32 channels of 13 x 13"],
    ]
    assert values[1].startswith("Test image 0 is 0. The net says: ")


def test_accessible_on_a_phone_and_at_a_desk(driver, explored, tmp_path):
    looked = [["evaluate", "document.documentElement.scrollWidth - window.innerWidth"], ["axe"]]
    views = [(width, scheme) for width in (390, 1400) for scheme in ("light", "dark")]
    steps = [["open"], ["choose", "#other", "augmented"], ["click", "#overlays input[value=map]"]]
    for width, scheme in views:
        steps += [["view", {"width": width, "height": 844, "scheme": scheme}], *looked]
    seen = used(driver, explored["explorer"], steps, tmp_path)
    assert seen["errors"] == []
    for view, overflow, axe in zip(views, seen["values"][::2], seen["values"][1::2], strict=True):
        assert overflow <= 0, view
        assert axe["checks"] > 20, view
        assert axe["violations"] == [], view


def test_boxes_faces_and_maps_are_switched_on_and_off(driver, explored, tmp_path):
    over = """(() => {
      const image = document.querySelector(".layered img").getBoundingClientRect();
      const share = (value, whole) => Math.round((1000 * value) / whole) / 1000;
      return [...document.querySelectorAll(".layered .outline, .layered canvas")].map((node) => {
        const { x, y, width, height } = node.getBoundingClientRect();
        const [across, down] = [image.width, image.height];
        return [share(x - image.x, across), share(y - image.y, down), share(width, across), share(height, down)];
      });
    })()"""
    canvas = "document.querySelector('canvas.map').getContext('2d')"
    pixels = f"[...{canvas}.getImageData(0, 0, 112, 112).data]"
    focus = ["evaluate", "document.querySelector('#overlays input[value=objects]').focus()"]
    seen = used(
        driver, explored["explorer"],
        [
            DESK, ["open"], ["evaluate", over], focus, ["key", "Space"], ["evaluate", over], ["key", "Tab"],
            ["key", "Tab"], ["key", "Space"], ["evaluate", over], ["evaluate", pixels], text("p.objects"),
            text("p.faces"), ["evaluate", "document.querySelectorAll('.layered i').length"],
        ],
        tmp_path,
    )  # fmt: skip
    first, without_objects, with_map, colours, *told = [value for value in seen["values"] if value is not None]
    assert seen["errors"] == []
    # In the order of the page: the map, which begins hidden, objects, faces
    assert np.array(first[1:]) == pytest.approx(np.array([[0.25, 0.2, 0.5, 0.4], [0, 0, 0.1, 0.1]]), abs=0.003)
    assert first[0][2:] == [0, 0]
    assert without_objects[1:] == first[2:], "faces alone are left"
    assert with_map[0] == pytest.approx([0.125, 0, 0.75, 1], abs=0.003), "the square in the middle"
    assert told == ["Objects: <i>dog 0.88.", "Faces: 1.00.", 0]
    shown = np.array(colours).reshape(112, 112, 4)[..., :3]
    fine = Image.fromarray(np.array(HEAT, np.float32)).resize((112, 112), Image.Resampling.BILINEAR)
    expected = 255 * colormaps["viridis"](np.asarray(fine))[..., :3]
    assert np.abs(shown - expected).max() < 8, "as in the plot"


@pytest.mark.slow
def test_a_net_trained_on_mnist_reads_what_is_drawn(driver, finished, mirror, tmp_path):
    arrays, _ = mnist.parse(mirror, [file.path for file in mnist.FILES])
    x_test, y_test = arrays["x_test"], arrays["y_test"]
    net = digit_net()
    net.compile("adam", "sparse_categorical_crossentropy")
    net.fit(arrays["x_train"], arrays["y_train"], batch_size=128, epochs=1, verbose=0)
    arguments = with_digits(finished, net, x_test[:1000], y_test[:1000], tmp_path)
    write_explorer(**arguments)
    steps = [DESK, ["open"], *(step for strokes in DIGITS.values() for step in drawn(strokes)), shares(x_test[:200])]
    *values, found = used(driver, arguments["explorer"], steps, tmp_path)["values"]
    read = [said.startswith(f"The net says: {digit},") for digit, said in zip(DIGITS, values[::2], strict=True)]
    assert sum(read) >= 9, values[::2]
    saved = pd.read_csv(arguments["predictions"][2]).head(200)
    assert np.abs(np.array(found) - saved.filter(regex="^p_").to_numpy()).max() < 1e-4
    assert np.argmax(found, axis=1).tolist() == saved["predicted_label"].tolist()
    times = sorted(0 if "less" in one else int(one.split(" in ")[1].split()[0]) for one in values[1::2])
    assert times[len(times) // 2] < 50, times
