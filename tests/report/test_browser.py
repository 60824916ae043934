"""Headless Chromium opens the report as a reader on a phone, at a desk, in the dark and on paper does."""

from pathlib import Path

from chromium import opened

from assignment06.report.page import write_report

READERS = ("phone", "desk", "dark", "print")


def test_report_in_a_browser(driver, results, tmp_path):
    (tmp_path / "graph.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="1300pt" height="500pt"/>')
    write_report(**results, rulegraph=str(tmp_path / "graph.svg"))
    seen = opened(driver, results["report"])
    assert set(seen) == set(READERS)
    for name, one in seen.items():
        assert one["errors"] == [], name
        assert one["requests"] == [Path(results["report"]).as_uri()], name
        assert one["images"] == 22, name
        assert one["unloaded"] == [], name
        assert one["overflow"] <= 0, f"{name}: the page scrolls sideways"
        assert one["checks"] > 20, f"{name}: axe-core did not run"
        assert one["violations"] == [], name
    assert seen["desk"]["cut"] == seen["dark"]["cut"] == [], "nothing is cut off at a desk, not even the graph"
    assert "Table of the experiments" in seen["phone"]["cut"]
    assert seen["phone"]["unannounced"] == [], "a table that goes on to the right says so"
    assert 600 < seen["phone"]["graph"] < 800, "small enough to show something, large enough to be read"
    assert seen["desk"]["background"] != seen["dark"]["background"]
    assert seen["print"]["background"] == "rgb(255, 255, 255)"
    assert seen["phone"]["unreachable"] == []


def test_the_browser_test_notices_faults(driver, tmp_path):
    """A page with one fault of each kind, so that the test above cannot pass by looking away."""
    page = tmp_path / "faulty.html"
    page.write_text(
        '<!doctype html><html><head><title>x</title></head><body><img src="missing.png">'
        '<div style="width:3000px">wide</div><script>console.error("seen")</script></body></html>'
    )
    seen = opened(driver, str(page))["desk"]
    assert any("seen" in error for error in seen["errors"])
    assert any(request.endswith("missing.png") for request in seen["requests"])
    assert seen["unloaded"] and seen["overflow"] > 0
    assert {"image-alt", "html-has-lang"} <= {violation["id"] for violation in seen["violations"]}
