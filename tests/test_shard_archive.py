"""Photographs and weights that travel as zips."""

import zipfile
from pathlib import Path

import pytest

from assignment06.data.receipts import Receipt
from assignment06.photographs.archives import at_hand, pack_classifier, pack_shard, unpacked
from assignment06.photographs.manifest import list_photographs, read_shard


@pytest.fixture
def manifest(tmp_path) -> str:
    """Five photographs (any bytes do), two of them alike, and one that is listed and not there."""
    for name, content in {"a.jpg": b"a", "b.jpg": b"b", "b again.jpg": b"b", "c.jpg": b"c"}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "list.txt").write_text("a.jpg\nb again.jpg\nb.jpg\nc.jpg\ngone.jpg\n")
    list_photographs(str(tmp_path / "list.txt"), str(tmp_path / "manifest.jsonl"))
    return str(tmp_path / "manifest.jsonl")


def test_a_shard_holds_its_own_photographs_once_each(manifest, tmp_path) -> None:
    for shard, contents in enumerate([{b"a", b"b"}, {b"b", b"c"}, set()]):
        pack_shard(manifest, shard, 2, str(tmp_path / "shard.zip"))
        with zipfile.ZipFile(tmp_path / "shard.zip") as packed:
            assert {packed.read(name) for name in packed.namelist()} == contents
            assert len(packed.namelist()) == len(contents)


def test_rows_lead_to_the_unpacked_files_and_what_is_missing_stays_missing(manifest, tmp_path) -> None:
    pack_shard(manifest, 0, 5, str(tmp_path / "shard.zip"))
    with unpacked(str(tmp_path / "shard.zip")) as folder:
        rows = list(at_hand(read_shard(manifest, 0, 5), folder))
        read = {row["name"]: Path(row["path"]).read_bytes() for row in rows if row["name"] != "gone.jpg"}
        assert read == {"a.jpg": b"a", "b again.jpg": b"b", "b.jpg": b"b", "c.jpg": b"c"}
        assert rows[-1]["path"] == str(folder / "missing")
    assert not folder.exists()


def test_a_file_that_is_not_what_was_listed_is_not_used(manifest, tmp_path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"swapped since it was listed")
    pack_shard(manifest, 0, 1, str(tmp_path / "shard.zip"))
    with unpacked(str(tmp_path / "shard.zip")) as folder:
        (row,) = at_hand(read_shard(manifest, 0, 1), folder)
        assert row["path"] == str(folder / "missing")


def test_the_classifiers_files_keep_their_names(tmp_path) -> None:
    (tmp_path / "raw/imagenet").mkdir(parents=True)
    (tmp_path / "raw/imagenet/weights.h5").write_bytes(b"weights")
    files = {"imagenet/weights.h5": "digest"}
    Receipt(name="ResNet50", data_source="official", files=files).write(tmp_path / "source.json")
    pack_classifier(str(tmp_path / "source.json"), str(tmp_path / "raw"), str(tmp_path / "files.zip"))
    with unpacked(str(tmp_path / "files.zip")) as folder:
        assert (folder / "imagenet/weights.h5").read_bytes() == b"weights"


def test_no_member_leaves_the_folder(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as packed:
        packed.writestr("../outside", "x")
    with unpacked(str(tmp_path / "evil.zip")) as folder:
        assert [path.name for path in folder.iterdir()] == ["outside"]
        assert not (folder.parent / "outside").exists()
