"""The report: complete, self-contained, escaped, small enough."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from made_documents import metrics as made_metrics
from made_documents import per_class

from assignment06.report import page as report_module
from assignment06.report.page import commonest_confusions, data_uri, write_report
from assignment06.shared.errors import AssignmentError


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


def test_several_seeds_are_shown_with_what_they_tell(results, written):
    assert 'id="seeds"' not in written
    path = Path(results["comparison"])
    spread = {"seeds": 3, "mean": 0.8, "standard_deviation": 0.012, "interval_95": [0.79, 0.81]}
    three = {"seeds": 3, "standard_deviation": 0.01}
    paired = [
        {"first": "plain", "second": "<i>new</i>", "mean": 0.03, "interval_95": [0.02, 0.04], **three},
        {"first": "plain", "second": "other", "mean": -0.001, "interval_95": [-0.01, 0.01], **three},
    ]
    compared = json.loads(path.read_text()) | {"groups": [{"group": "plain", **spread}], "paired": paired}
    path.write_text(json.dumps(compared))
    write_report(**results)
    text = " ".join(Page(Path(results["report"]).read_text()).text.split())
    assert "80.00% 79.00% to 81.00% 1.20 points" in text
    assert (
        "+3.00 points on average (95% interval +2.00 to +4.00, 3 seeds). The interval leaves out zero: <i>new</i>"
        in text
    )
    assert "−0.10 points on average (95% interval −1.00 to +1.00, 3 seeds). The interval holds zero" in text


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
