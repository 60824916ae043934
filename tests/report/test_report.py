"""The report: complete, self-contained, escaped, small enough."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_documents import captioner, per_class, photograph_captions, scores, training
from made_documents import metrics as made_metrics
from made_results import history
from PIL import Image

from assignment06.captions.comparison import compare_captioners
from assignment06.experiments.comparison import compare_seeds
from assignment06.experiments.looks import record_look
from assignment06.experiments.results import Comparison
from assignment06.report import page as report_module
from assignment06.report.page import NARROW, WIDE, columns, commonest_confusions, data_uri, write_report
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
    assert all(address.startswith(("data:", "#")) for address in page.addresses if address != "explore.html")
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert not re.search(r"url\((?!#)|@import", written)
    assert len(page.ids) == len(set(page.ids))
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.ids)


def test_every_image_has_a_text(written):
    alts = Page(written).alts
    assert len(alts) == 10 + 10 + 1
    assert all(alts)


def test_shows_where_nets_looked(results, tmp_path):
    Image.new("RGB", (1200, 400)).save(tmp_path / "map.png")
    write_report(
        **results, mapped=["plain"], maps=[str(tmp_path / "map.png")], photograph_map=str(tmp_path / "map.png")
    )
    html = Path(results["report"]).read_text(encoding="utf-8")
    shown = [alt for alt in Page(html).alts if alt.startswith("Grad-CAM")]
    assert len(shown) == 2 and shown[0].startswith("Grad-CAM of the most confident mistakes of 6.2a Own, <i>plain</i>:")
    assert html.count(">Where it looked<") == 2


def test_shows_what_layers_see(results, written, tmp_path):
    Image.new("RGB", (1000, 900)).save(tmp_path / "layers.png")
    write_report(**results, layered=["augmented"], layers=[str(tmp_path / "layers.png")])
    html = Path(results["report"]).read_text(encoding="utf-8")
    (shown,) = [alt for alt in Page(html).alts if alt.startswith("Filters of the first convolution")]
    assert "6.2b Own, augmented" in shown
    assert 'href="#layers"' in html and 'href="#layers"' not in written


def test_the_same_images_in_several_nets(results, written, tmp_path):
    Image.new("RGB", (1000, 900)).save(tmp_path / "together.png")
    write_report(**results, grouped=["<own>"], together=[str(tmp_path / "together.png")])
    html = Path(results["report"]).read_text(encoding="utf-8")
    (shown,) = [alt for alt in Page(html).alts if alt.startswith("Grad-CAM of several nets")]
    assert "<own>" in shown and "<own>" not in html
    assert "The same images of" in html and "The same images of" not in written


def test_captioners_are_shown_beside_their_baselines(results, written, tmp_path):
    runs = [captioner("a", seed=0, four=0.141), captioner("b", seed=1, four=0.119)]
    for one in runs:
        one.write(tmp_path / f"{one.captioner}.json")
    metrics = [str(tmp_path / f"{one.captioner}.json") for one in runs]
    compare_captioners(metrics, str(tmp_path / "summary.csv"), str(tmp_path / "captioners.json"))
    pd.DataFrame([{"image": "a & b.jpg", "caption": "a <b>dog</b>"}]).to_csv(tmp_path / "said.csv", index=False)
    photograph_captions(stamps=["stand-in photographs"]).write(tmp_path / "said.json")
    write_report(
        **results, captioners=metrics, captioner_comparison=str(tmp_path / "captioners.json"),
        photograph_captions=str(tmp_path / "said.csv"), captions_metadata=str(tmp_path / "said.json"),
    )  # fmt: skip
    html = Path(results["report"]).read_text(encoding="utf-8")
    assert "<td>14.1</td>" in html and "<td>12.1 to 17.1</td>" in html and "<td>81 of 100</td>" in html
    assert "BLEU-4 of 2 seeds 14.1, 11.9, mean 13.0" in html
    assert "a &lt;b&gt;dog&lt;/b&gt;" in html, "a caption is text"
    assert "flickr: Written by a net; often wrong. (stand-in photographs)" in html
    assert 'href="#captions"' in html
    assert "captions" not in written.lower(), "without captioners nothing is said of them"


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


def test_curves_share_their_scale_and_each_has_its_own_epochs(results):
    history([0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.75], [0.3] * 8).to_csv(results["histories"][1], index=False)
    write_report(**results)
    html = Path(results["report"]).read_text(encoding="utf-8")
    panels = re.findall(r'<div role="img" aria-label="([^"]+)"><svg(.*?)</svg>', html, re.S)
    assert len(panels) == 4
    assert "from 50.0% to 95.0%" in panels[0][0]
    axes = []
    for _, svg in panels:
        texts = re.findall(r'y="([\d.]+)"[^>]*>([^<]+)</text>', svg)
        lowest = max(float(y) for y, _ in texts)
        epochs = [text for y, text in texts if text.isdigit() and lowest - 25 < float(y) < lowest]
        axes.append((epochs, [(y, text) for y, text in texts if text not in (*epochs, "epoch")]))
    assert [epochs for epochs, _ in axes] == [["1", "2", "3"], ["2", "4", "6", "8"]] * 2
    assert axes[0][1] == axes[1][1], "equal accuracies stand equally high"
    assert axes[2][1] == axes[3][1]
    assert len(axes[0][1]) >= 3 and all(text.endswith("%") for _, text in axes[0][1])
    assert "var(--training)" in panels[0][1]
    assert "#040506" not in html


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


@pytest.mark.parametrize(
    ("post", "shown"),
    [
        ('"topic": "", "heading": "On nets", "words": 300, "problem": "No topic: write `# Face Detection`."',
         "“On nets”, has 300 words. Not yet what the assignment asks for. No topic: write # Face Detection."),
        ('"topic": "", "heading": "", "words": 1, "problem": "No heading."',
         "The post in discussion.md has 1 word. Not yet what the assignment asks for. No heading."),
    ],
)  # fmt: skip
def test_what_a_post_lacks_is_shown(results, tmp_path, post, shown):
    (tmp_path / "post.json").write_text(f"{{{post}}}")
    write_report(**results, discussion=str(tmp_path / "post.json"))
    html = Path(results["report"]).read_text(encoding="utf-8")
    assert shown in " ".join(Page(html).text.split())


@pytest.mark.parametrize(
    ("container", "shown"),
    [
        (None, "Container none Image"),
        ({"runtime": "docker", "image": None}, "Container none of the workflow's; the machine itself is one (docker)"),
        ({"runtime": "podman", "image": "assignment06:12"}, "Container assignment06:12 (podman)"),
    ],
)
def test_a_container_is_named_where_something_ran_in_one(results, container, shown):
    path = Path(results["metrics"][-1])
    facts = json.loads(path.read_text())
    facts["provenance"]["container"] = container
    path.write_text(json.dumps(facts))
    write_report(**results)
    html = Path(results["report"]).read_text(encoding="utf-8")
    assert shown in " ".join(Page(html.replace("<d", " <d")).text.split())
    assert "the last figures are of 1 January 2026, 00:00 UTC" in html


def test_file_names_may_break_between_words_only(written):
    assert "broken<wbr>.png" in written
    assert "weights<wbr>.h5" in written
    assert "a &amp; b<wbr>.jpg" in written


@pytest.mark.parametrize(
    ("count", "wide", "narrow"), [(25, 5, 3), (24, 6, 3), (10, 5, 3), (11, 6, 3), (8, 5, 4), (0, 5, 3)]
)
def test_galleries_leave_few_places_empty(count, wide, narrow):
    assert (columns(count, WIDE), columns(count, NARROW)) == (wide, narrow)


def test_certainty_cannot_be_read_as_part_of_a_class(written):
    text = " ".join(Page(written).text.split())
    assert re.search(r"said dog & co, \d\d% sure, is <b>cat</b>", text)
    assert not re.search(r"said [^,]*%", text)


def test_rare_mistakes_are_seen_in_the_matrix(results):
    path = Path(results["metrics"][0])
    facts = json.loads(path.read_text())
    facts["confusion_matrix"] = [[998, 1, 1], [500, 500, 0], [0, 0, 1000]]
    path.write_text(json.dumps(facts))
    write_report(**results)
    html = Path(results["report"]).read_text(encoding="utf-8")
    cells = re.findall(r'<td( class="right")? style="--share:([\d.]+)%">(\d+)</td>', html)[:6]
    assert [(bool(right), float(share), count) for right, share, count in cells] == [
        (True, 99.8, "998"), (False, 14.8, "1"), (False, 14.8, "1"), (False, 74.2, "500"), (True, 50.0, "500"),
        (True, 100.0, "1000"),
    ]  # fmt: skip


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
