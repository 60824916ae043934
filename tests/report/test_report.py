"""The report: complete, self-contained, escaped, small enough."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from made_documents import metrics as made_metrics
from made_documents import per_class, scores, training

from assignment06.experiments.comparison import compare_seeds
from assignment06.experiments.looks import record_look
from assignment06.experiments.results import Comparison
from assignment06.report import page as report_module
from assignment06.report.page import commonest_confusions, data_uri, write_report
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_file


class Page(HTMLParser):
    """The elements, addresses and text of a page."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.ids, self.addresses, self.alts, self.text = [], [], [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        self.text += " " if tag in ("td", "th") else ""
        self.ids += [given["id"]] if "id" in given else []
        self.addresses += [given[name] for name in ("src", "href", "xlink:href") if name in given]
        self.alts += [given.get("alt")] if tag == "img" else []

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def written(finished: dict) -> str:
    return Path(finished["report"]).read_text(encoding="utf-8")


def test_shows_every_figure_a_grader_looks_for(finished, written):
    page = Page(written)
    for path in finished["metrics"]:
        facts = json.loads(Path(path).read_text())
        low, high = facts["test"]["accuracy_interval_95"]
        shown = f"{facts['test']['accuracy']:.2%} {low:.2%} to {high:.2%} {facts['test']['loss']:.4f}"
        assert shown in " ".join(page.text.split())
        assert facts["provenance"]["weights_sha256"] in page.text
    for text in ("356,810", "1 min 15 s", "tabby cat", "50.0%", "broken.png", "not an image in a known format",
                 "make submission", "assignment06:0123", "ab" * 32, "12" * 32):  # fmt: skip
        assert text in page.text


def test_asks_for_nothing_outside_itself(written):
    page = Page(written)
    assert page.addresses
    assert all(address.startswith(("data:", "#")) for address in page.addresses)
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert not re.search(r"url\((?!#)|@import", written)
    assert len(page.ids) == len(set(page.ids))
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.ids)


def test_every_image_has_a_text(written):
    alts = Page(written).alts
    assert len(alts) == 10 + 10 + 1
    assert all(alts)


def test_names_from_outside_are_escaped(written):
    assert "<b>cat</b>" not in written
    assert "<i>plain</i>" not in written
    assert "O'<script>" not in written
    assert "<b>cat</b>" in Page(written).text


def test_banner_only_where_something_is_not_for_submission(results, written):
    assert 'class="banner"' not in written
    classifier = Path(results["classifier"])
    facts = json.loads(classifier.read_text())
    classifier.write_text(json.dumps(facts | {"stamps": ["untrained weights (ResNet50)"]}))
    write_report(**results)
    stamped = Path(results["report"]).read_text(encoding="utf-8")
    assert 'class="banner"' in stamped
    assert "These results come from untrained weights (ResNet50)." in stamped


def test_curves_share_their_axes(written):
    panels = re.findall(r'<div role="img" aria-label="([^"]+)"><svg(.*?)</svg>', written, re.S)
    assert len(panels) == 4
    assert "from 50.0% to 95.0%" in panels[0][0]
    ticks = [re.findall(r"<text[^>]*>([^<]+)</text>", svg) for _, svg in panels]
    assert ticks[0] == ticks[1]
    assert ticks[2] == ticks[3]
    assert "var(--training)" in panels[0][1]
    assert "#040506" not in written


def test_losses_that_cannot_be_compared_are_named(results, written):
    assert "label smoothing" not in written
    path = Path(results["metrics"][1])
    facts = json.loads(path.read_text())
    facts["settings"]["label_smoothing"] = 0.1
    path.write_text(json.dumps(facts))
    write_report(**results)
    assert "The losses of 6.2b were trained with label smoothing" in Path(results["report"]).read_text()


def with_seeds(results: dict, plain: list[float], new: list[float]) -> str:
    """The text of a report on two recipes with these test accuracies, seed by seed."""
    made = [
        made_metrics(name, title=f"{title}, seed {seed}", training=training(seed=seed), test=scores(accuracy=accuracy))
        for name, title, values in (("plain", "Old <i>net</i>", plain), ("new", "6.9 New", new))
        for seed, accuracy in enumerate(values)
    ]
    path = Path(results["comparison"])
    Comparison(mcnemar=Comparison.read(path).mcnemar, **compare_seeds(made)).write(path)
    write_report(**results)
    return " ".join(Page(Path(results["report"]).read_text()).text.split())


def test_two_seeds_are_shown_and_decide_nothing(results, written):
    assert 'id="seeds"' not in written
    text = with_seeds(results, [0.80, 0.82], [0.84, 0.85])
    assert "6.9 2 84.50% 84.00% 85.00% 0.71 points none" in text
    assert "6.9 against Old <i>net</i>, seed by seed: +3.50 points on average over 2 seeds (+3.00 to +4.00)." in text
    assert "Fewer than 5 seeds do not tell which is better." in text
    assert "better beyond" not in text
    assert "bootstrap" not in text.lower()


def test_five_seeds_are_judged_by_the_paired_t_interval(results):
    plain = [0.80, 0.81, 0.80, 0.82, 0.80]
    text = with_seeds(results, plain, [0.83, 0.84, 0.84, 0.84, 0.83])
    # differences 3, 3, 4, 2, 3: mean 3, deviation sqrt(1/2), t(4) at 97.5 % is 2.7764
    assert "(+2.00 to +4.00); 95% interval of the mean +2.12 to +3.88 (paired t). The interval leaves out zero" in text
    assert "6.9 is better beyond what seeds change." in text
    text = with_seeds(results, plain, [0.83, 0.80, 0.81, 0.80, 0.82])
    assert "The interval holds zero: these seeds do not tell which is better." in text
    assert "better beyond" not in text
    text = with_seeds(results, [0.625, 0.75, 0.6875, 0.625, 0.625], [0.75, 0.875, 0.8125, 0.75, 0.75])
    assert "beyond" not in text
    assert "the same with every seed, so there is no interval to judge it by" in text


def uses(results: dict) -> list[str]:
    """What the cards of a report say of the test images."""
    write_report(**results)
    text = " ".join(Page(Path(results["report"]).read_text()).text.split())
    return re.findall(r"300 test images, ([^.]*)\.", text)


def test_says_how_often_test_images_were_used(results):
    looks, prepared = results["looks"], sha256_file(results["tests"][0])
    assert uses(results) == ["used twice, by 2 nets"] * 2, "both results prove a look, though none was kept"
    assert uses(results) == ["used twice, by 2 nets"] * 2, "the report is no look of its own"
    record_look(looks, "cifar10", prepared, "99" * 32)
    assert uses(results) == ["used 3 times, by 3 nets, of which 2 are in this report"] * 2
    record_look(looks, "cifar10", "other images", "99" * 32)
    assert uses(results) == ["used 3 times, by 3 nets, of which 2 are in this report"] * 2


def test_used_once_is_said_where_it_is_true(results):
    for key in ("metrics", "histories", "predictions", "tests"):
        results[key] = results[key][:1]
    path = Path(results["comparison"])
    path.write_text(json.dumps(json.loads(path.read_text()) | {"mcnemar": []}))
    assert uses(results) == ["used once"]
    weights = json.loads(Path(results["metrics"][0]).read_text())["provenance"]["weights_sha256"]
    record_look(results["looks"], "cifar10", sha256_file(results["tests"][0]), weights)
    assert uses(results) == ["used twice, each time by this net"]


def test_a_damaged_history_is_refused_rather_than_left_out(results):
    folder = Path(results["looks"])
    folder.mkdir()
    (folder / "a.json").write_text('{"dataset": "cifar10"')
    with pytest.raises(AssignmentError, match=r"a\.json is damaged"):
        write_report(**results)


def test_same_input_gives_the_same_bytes(results, written):
    write_report(**results)
    assert Path(results["report"]).read_text(encoding="utf-8") == written


def test_fewer_images_where_the_file_would_be_too_large(results, written, monkeypatch):
    monkeypatch.setattr(report_module, "MAX_BYTES", len(written) - 20_000)
    write_report(**results)
    smaller = Path(results["report"]).read_text(encoding="utf-8")
    assert len(smaller.encode()) < len(written) - 20_000
    assert 0 < len(Page(smaller).alts) < 21
    monkeypatch.setattr(report_module, "MAX_BYTES", 10_000)
    with pytest.raises(AssignmentError, match="take fewer experiments"):
        write_report(**results)


def test_graph_and_post_are_shown_where_they_are_given(results, tmp_path):
    (tmp_path / "graph.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9pt" height="9pt"/>')
    (tmp_path / "post.json").write_text('{"topic": "Transfer Learning", "heading": "On <u>it</u>", "words": 321}')
    write_report(**results, rulegraph=str(tmp_path / "graph.svg"), discussion=str(tmp_path / "post.json"))
    html = Path(results["report"]).read_text(encoding="utf-8")
    assert "Graph of the rules" in html
    assert "has 321 words on transfer learning" in Page(html).text
    assert "<u>it</u>" not in html


def test_a_photograph_that_is_gone_is_said_to_be(results):
    Path(results["manifest"]).parent.joinpath("photographs", "a & b.jpg").unlink()
    write_report(**results)
    assert "No longer to be read: the file does not exist." in Page(Path(results["report"]).read_text()).text


def test_commonest_confusions():
    metrics = made_metrics(confusion_matrix=[[90, 7, 3], [0, 99, 1], [9, 0, 91]], per_class=per_class(list("abc")))
    assert [(row["true"], row["predicted"], row["images"]) for row in commonest_confusions(metrics)] == [
        ("c", "a", 9), ("a", "b", 7), ("a", "c", 3), ("b", "c", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("shape", "kind", "size"), [((28, 28, 1), "png", (28, 28)), ((300, 600, 3), "jpeg", (96, 48))])
def test_images_are_inlined_at_the_size_they_are_shown(shape, kind, size):
    found = data_uri(np.zeros(shape, np.uint8), 96)
    assert found["uri"].startswith(f"data:image/{kind};base64,")
    assert (found["width"], found["height"]) == size
