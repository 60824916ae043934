"""A hostile submission changes nothing, stops nothing and shows nothing that is not its own."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assignment06.grading import grades, pages, predictions, tables, unpack
from assignment06.grading import metrics as metrics_module
from assignment06.grading.examine import examine
from assignment06.grading.rebuild import reading
from assignment06.grading.rebuild.refusal import Refused, Unsupported

from . import builder
from .conftest import failures

NAMES = st.one_of(
    st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), min_size=1, max_size=40),
    st.lists(
        st.sampled_from(
            [
                "..",
                ".",
                "",
                "/",
                "results",
                "assignment06",
                "C:",
                "\\",
                "mnist.csv",
                "~",
                "a.png",
                "resnet50",
                "predictions",
                "x" * 300,
                "manifest.json",
                "\x1b[2J",
                "a.keras",
                "m.h5",
            ]
        ),
        min_size=1,
        max_size=6,
    ).map("/".join),
).filter(lambda name: len(name.encode()) < 60_000)
CONTENTS = st.one_of(
    st.binary(max_size=300),
    st.sampled_from(
        [
            b"1\n" * 600,
            b"[[1, 2], [3]]",
            b'{"accuracy": [1, {"a": []}]}',
            b'{"files": [], "assignment": 1}',
            b"\xff\xfe\x00",
            b'{"assignment": "x", "files": {"a": 3}, "student": 4, "stamps": 5, "experiments": []}',
            b"a,b\n1\n",
            b"[" * 5000,
            b"\x89HDF\r\n\x1a\n",
            b"PK\x03\x04",
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
            b"nan\n" * 600,
            b"1e999,2\n" * 600,
            b'[{"a": 1}, 5, null]',
            b'{"predictions": {"0": {"1": 2}, "1": 3}}',
            b"accuracy: 1e999\nloss: 9" + b"9" * 5000,
        ]
    ),
)


def tree(folder: Path) -> dict[str, float]:
    return {str(path): path.lstat().st_mtime for path in folder.rglob("*")}


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    entries=st.lists(
        st.tuples(NAMES, CONTENTS, st.sampled_from([0o100644, 0o120777, 0o40755, 0o10644, 0])), max_size=8
    ),
    cut=st.one_of(st.none(), st.integers(0, 400)),
    flip=st.one_of(st.none(), st.integers(0, 4000)),
)
@example(entries=[("../../../../../../tmp/evil", b"1", 0o100644)], cut=None, flip=None)
@example(entries=[("results/a", b"1", 0o100644), ("results/a/b", b"1", 0o100644)], cut=None, flip=None)
def test_odd_zips(entries: list, cut: int | None, flip: int | None) -> None:
    """Never a crash, never a file outside, and the temporary folder is gone."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        (top / "temporary").mkdir()
        path = top / "assignment06_DoeJane.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content, mode in entries:
                info = zipfile.ZipInfo(name)
                info.create_system, info.external_attr = 3, mode << 16
                archive.writestr(info, content)
        data = bytearray(path.read_bytes())
        if flip is not None and len(data):
            data[flip % len(data)] ^= 0xFF
        path.write_bytes(data[: len(data) - (cut or 0)] if cut and cut < len(data) else data)
        before = tree(top)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(top / "temporary"))
            result = examine(path, [], None)
        assert {p: t for p, t in tree(top).items() if p != str(top / "temporary")} == {
            p: t for p, t in before.items() if p != str(top / "temporary")
        }
        assert result.verdict in ("failed", "could not be read")
        assert not any("could not be checked" in r.sentence for r in result.results)


@settings(max_examples=400, deadline=None)
@given(text=st.one_of(st.text(max_size=400), st.text("0123456789.,;\n[] ()e-+'\"accuracylosspred%:", max_size=400)))
def test_odd_text(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mnist.csv")
        path.write_text(text, encoding="utf-8", newline="")
        table = tables.parse_table(text)
        assert table is None or len({len(row) for row in table.rows}) <= 1
        found = predictions.read("x", path)
        assert found is None or found.rows == len(found.labels)
        assert all(f.value >= 0 for f in metrics_module.read("x", path))


@settings(max_examples=100, deadline=None)
@given(
    config=st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["class_name", "config", "module", "registered_name", "layers", "rate"]), inner
            )
        ),
    )
)
def test_odd_configurations(config: object) -> None:
    """Whatever stands in a configuration, reading it ends with a net or with a refusal; what is foreign is refused."""
    layers = [config, {"class_name": "system", "module": "os", "config": {}}]
    for tried in (config, layers, {"class_name": "Sequential", "config": {"layers": layers}}):
        with pytest.raises((Refused, Unsupported)):
            reading.read(tried)


def test_lying_size_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that declares ten bytes and unpacks to millions is counted by what comes out."""
    path = tmp_path / "assignment06_DoeJane.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("results/a.csv", bytes(5_000_000))
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = (10).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    monkeypatch.setattr(unpack, "MAX_TOTAL_BYTES", 100_000)
    result = examine(path, [], None)
    assert result.verdict == "could not be read"


def _packed(files: dict[str, bytes], encrypted: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    data = bytearray(buffer.getvalue())
    for place in [m.start() + 8 for m in re.finditer(b"PK\x01\x02", data)] if encrypted else []:
        data[place] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    "inner",
    [
        _packed({"../../evil.txt": b"1", "a.txt": b"1"}),
        _packed({"/evil.txt": b"1"}),
        _packed({"a.txt": b"1"}, encrypted=True),
        _packed({"a.txt": b"\0" * (30 << 20)}),
        _packed({str(number): b"" for number in range(unpack.MAX_WITHIN_FILES + 1)}),
        _packed({"a.txt": b"1" * 100})[:-8],
        b"PK\3\4",
        b"",
    ],
    ids=["traversal", "absolute", "encrypted", "bomb", "many", "cut", "start", "empty"],
)
def test_a_zip_within_that_is_not_harmless_stays_closed(inner: bytes, tmp_path: Path) -> None:
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", {"x/inner.zip": inner, "a.txt": b"1"})
    with unpack.unpack(path) as found:
        assert set(found.files) == {"x/inner.zip", "a.txt"}
        assert found.within == [] and not found.unreadable


def test_zips_within_share_the_limits_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip in a zip in a zip is not opened, and of two zips only the first has room."""
    monkeypatch.setattr(unpack, "MAX_TOTAL_BYTES", 3000)
    files = {f"{name}.zip": _packed({"a.txt": name.encode() * 1500, "b.zip": _packed({"c": b"1"})}) for name in "pq"}
    with unpack.unpack(builder.zipped(tmp_path / "assignment06_DoeJane.zip", files)) as found:
        assert set(found.files) == {"p/a.txt", "p/b.zip", "q.zip"}
        assert found.within == ["p.zip"]


def test_unreadable_file_in_a_folder(tmp_path: Path) -> None:
    folder = builder.unzipped(tmp_path / "hers", builder.clean())
    os.mkfifo(folder / "assignment06/results/pipe.csv")
    assert stat.S_ISFIFO((folder / "assignment06/results/pipe.csv").lstat().st_mode)
    assert failures(examine(folder, [], None)) == {"packaging.no_links"}


def test_page_and_table_are_safe(tmp_path: Path) -> None:
    """Names cannot write HTML, terminal codes or formulas."""
    evil = "results/plots/mnist_<script>alert(1)</script>\x1b[31m\u202e'\"><img src=x onerror=alert(2)>.png"
    files = builder.clean(top="") | {evil: builder.plot(70, "white")}
    path = builder.zipped(tmp_path / '=HYPERLINK("x").zip', files)
    result = examine(path, [], None)
    assert "plots.not_blank" in failures(result)
    pages.write_html(tmp_path / "grades.html", [result], [])
    page = (tmp_path / "grades.html").read_text(encoding="utf-8")
    assert "<script" not in page and "<img src=x" not in page
    assert "\x1b" not in page and "\u202e" not in page
    assert not re.search(r"(src|href)=\"(?!data:image/(jpeg|png);base64,|#)", page)
    grades.write_csv(tmp_path / "grades.csv", [result])
    with open(tmp_path / "grades.csv", newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not any(cell[:1] in ("=", "+", "-", "@") for cell in cells)
    assert not any("\x1b" in cell for cell in cells)


def test_a_folder_is_left_as_it_was(tmp_path: Path) -> None:
    folder = builder.unzipped(tmp_path / "hers", builder.clean())
    before = tree(folder)
    examine(folder, [], None)
    assert tree(folder) == before


def test_huge_tables_are_not_read(tmp_path: Path) -> None:
    files = builder.clean() | {"assignment06/results/predictions/mnist.csv": b"1\n" * 2_000_000}
    started = time.monotonic()
    result = examine(builder.zipped(tmp_path / "assignment06_DoeJane.zip", files), [], None)
    assert time.monotonic() - started < 20
    assert failures(result) == {"completeness.predictions 6.1"}


def test_deep_json(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    files = builder.clean() | {
        "assignment06/results/metrics/mnist.json": deep.encode(),
        "assignment06/results/metrics/cifar10_plain.json": json.dumps({"a": 10**400}).encode(),
    }
    result = examine(builder.zipped(tmp_path / "assignment06_DoeJane.zip", files), [], None)
    assert failures(result) == {"completeness.metrics 6.1", "completeness.metrics 6.2a"}
    assert np.isfinite(result.seconds)
