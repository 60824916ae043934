"""The page to explore: self-contained, escaped, small enough, and honest about what it leaves out."""

import base64
import hashlib
import json
import re
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from made_explorer import DOG, HEAT, digit_net, with_digits, with_found
from test_report import Page

from assignment06.explorer import page as module
from assignment06.explorer.nets import NotPlain, read_plain_net
from assignment06.explorer.page import embedded, write_explorer
from assignment06.explorer.sprites import mistaken
from assignment06.shared.errors import AssignmentError


@pytest.fixture
def arguments(results, tmp_path) -> dict:
    digits = np.random.default_rng(0).integers(0, 256, (40, 28, 28, 1), np.uint8)
    return with_digits(results, digit_net(), digits, np.arange(40, dtype=np.uint8) % 10, tmp_path)


def written(arguments: dict) -> tuple[str, dict]:
    """Write the page; return it and the data in it."""
    write_explorer(**arguments)
    html = Path(arguments["explorer"]).read_text(encoding="utf-8")
    return html, json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)[1])


def test_runs_one_script_and_asks_for_nothing(arguments):
    html, _ = written(arguments)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    assert policy.startswith("default-src 'none'; img-src data:;") and "unsafe" not in policy
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.S)
    assert f"script-src 'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy
    page = Page(html)
    assert page.tags.count("script") == 2, "the data and the script"
    assert all(address.startswith("#") for address in page.addresses if address != "report.html")
    assert not re.search(r"url\((?!\"data:|#)|@import|https?://(?!www\.w3\.org/)|innerHTML|eval\(", html)
    assert not re.search(r"<[^>]+ (on\w+|style)=", html)


def test_names_from_outside_are_data_and_no_markup(arguments):
    html, data = written(arguments)
    assert data["experiments"][0]["title"] == "6.2a Own, <i>plain</i>"
    assert "<b>cat</b>" in data["experiments"][0]["classes"]
    assert "<i>plain" not in html and "<b>cat" not in html
    assert (
        embedded({"x": "</script><!--\u2028", "y": float("nan")}) == '{"x":"\\u003c/script>\\u003c!--\\u2028","y":null}'
    )


def test_has_every_mistake_of_every_experiment(arguments):
    _, data = written(arguments)
    for one, path in zip(data["experiments"], arguments["predictions"], strict=True):
        table = pd.read_csv(path)
        wrong = table[table["true_label"] != table["predicted_label"]]
        images = data["datasets"][one["dataset"]]
        said = images["said"][one["name"]]
        found = {
            number: (truth, label, share)
            for number, truth, label, share in zip(
                images["index"], images["truth"], said["label"], said["share"], strict=True
            )
            if truth != label
        }
        assert one["wrong"] == len(wrong) == len(found)
        for row in wrong.itertuples():
            truth, label, share = found[row.index]
            assert (truth, label) == (row.true_label, row.predicted_label)
            assert share == pytest.approx(10_000 * row.probability, abs=0.51)
    assert len(data["datasets"]) == 2, "two experiments share their pictures"


def test_keeps_the_most_certain_mistakes_where_there_is_no_room(arguments, monkeypatch):
    everything, _ = written(arguments)
    monkeypatch.setattr(module, "MAX_BYTES", len(everything) - 10_000)
    monkeypatch.setattr(module, "PICTURES", (5000, 100, 0))
    html, data = written(arguments)
    images = data["datasets"][0]
    assert len(html.encode()) < module.MAX_BYTES
    assert len(images["index"]) == 100 < images["wrong"]
    tables = [pd.read_csv(path) for path in arguments["predictions"][:2]]
    certain = max(
        (table[table.true_label != table.predicted_label] for table in tables),
        key=lambda wrong: wrong.probability.max(),
    ).sort_values("probability")
    assert certain["index"].iloc[-1] in images["index"]
    monkeypatch.setattr(module, "MAX_BYTES", 10_000)
    with pytest.raises(AssignmentError, match="take fewer experiments"):
        write_explorer(**arguments)


def test_mistakes_are_those_of_any_net():
    tables = [
        pd.DataFrame({"true_label": [0, 1, 1, 0], "predicted_label": said, "probability": [0.9, 0.6, 0.7, 0.8]})
        for said in ([0, 0, 1, 0], [0, 0, 0, 0])
    ]
    assert mistaken(tables).tolist() == [2, 1]


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda x: keras.layers.SeparableConv2D(4, 3)(x), "a layer of the kind SeparableConv2D"),
        (lambda x: keras.layers.Add()([keras.layers.ReLU()(x), x]), "branches|a layer of the kind Add"),
        (lambda x: keras.layers.Conv2D(4, 3, activation="gelu")(x), "the activation gelu"),
        (lambda x: keras.layers.Conv2D(4, 3, dilation_rate=2)(x), "groups or holes"),
        (lambda x: keras.layers.Dense(1000)(keras.layers.Flatten()(x)), "more than 600,000 weights"),
    ],
)
def test_a_net_that_cannot_be_drawn_for_says_why(build, reason, arguments, tmp_path):
    image = keras.Input((28, 28, 1))
    net = keras.Model(image, keras.layers.Dense(10)(keras.layers.Flatten()(build(image))))
    net.save(tmp_path / "other.keras")
    with pytest.raises(NotPlain, match=reason):
        read_plain_net(tmp_path / "other.keras")
    html, data = written({**arguments, "model": str(tmp_path / "other.keras")})
    assert data["drawing"]["net"] is None
    assert "There is nothing to draw on: the net of digits has " in html


def test_without_an_experiment_on_digits_there_is_nothing_to_draw_on(arguments):
    html, _ = written({name: value for name, value in arguments.items() if name not in ("drawn", "model")})
    assert "There is nothing to draw on: no experiment trains" in html
    assert 'id="pad"' not in html


def test_shows_what_was_found_on_the_photographs(arguments, tmp_path):
    crowd = [DOG | {"score": 0.3 + 0.04 * place} for place in range(15)]
    arguments = with_found(arguments, tmp_path, objects=crowd, faces=[])
    html, data = written(arguments)
    (photograph,) = data["photographs"]
    objects = photograph["found"]["objects"]
    assert photograph["caption"] == "a <i>dog" and "flickr: Written by a net; often wrong." in html
    assert photograph["map"] == HEAT and photograph["found"]["faces"] == {"boxes": [], "more": 0}
    assert len(objects["boxes"]) == 12 and objects["more"] == 3
    assert objects["boxes"][0] == {"label": "<i>dog", "score": 0.86, "place": [0.25, 0.2, 0.5, 0.4]}
    assert re.findall(r'type="checkbox" value="(\w+)"( checked)?', html) == [
        ("objects", " checked"), ("faces", " checked"), ("map", ""),
    ]  # fmt: skip


def test_a_photograph_that_no_detector_saw_and_nobody_can_read_breaks_nothing(arguments, tmp_path):
    arguments = with_found(arguments, tmp_path)
    for path in arguments["found_images"]:
        pd.DataFrame(columns=["image", "number", "width", "height", "found"]).to_csv(path, index=False)
    (tmp_path / "photographs/a & b.jpg").unlink()
    html, data = written(arguments)
    (photograph,) = data["photographs"]
    assert photograph["found"] == {} and "gone" in photograph
    assert 'id="overlays"' not in html, "there is nothing to switch on"


def test_without_detectors_and_maps_there_is_nothing_to_switch(arguments):
    html, data = written(arguments)
    assert data["photographs"][0]["found"] == {} and data["photographs"][0]["map"] is None
    assert data["photographs"][0]["caption"] is None and "Captions in" not in html
    assert "Show in the photographs" not in html
