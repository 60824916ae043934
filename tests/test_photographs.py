"""Reading, listing and sharding of photographs."""

import json
import os

import numpy as np
import pytest
from PIL import Image

from assignment06.data.image_files import UnreadableImage, find_photographs, read_image
from assignment06.orchestration.listing import VARIABLE, listing_of
from assignment06.photographs import manifest as photographs
from assignment06.photographs.manifest import fingerprint, read_shard
from assignment06.shared.errors import AssignmentError

RGB = np.zeros((60, 90, 3), np.uint8)
RGB[:, :45] = (200, 30, 30)
RGB[:, 45:] = (20, 40, 220)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "gif", "tiff"])
def test_formats(tmp_path, suffix) -> None:
    path = tmp_path / f"photo.{suffix}"
    Image.fromarray(RGB).save(path)
    image = read_image(path, 32)
    assert image.dtype == np.uint8
    assert image.shape == RGB.shape
    assert np.abs(image[30, 10].astype(int) - RGB[30, 10]).max() < 25


def test_exif_rotation_is_applied(tmp_path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90 degrees clockwise
    Image.fromarray(RGB).save(tmp_path / "turned.jpg", exif=exif, quality=95)
    image = read_image(tmp_path / "turned.jpg", 32)
    assert image.shape == (90, 60, 3)
    assert image[10, 30, 0] > 150, "the left half is now the upper half"
    assert image[80, 30, 2] > 150


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        ("L", 128, (128, 128, 128)),
        ("1", 1, (255, 255, 255)),
        ("P", None, None),
        ("LA", (100, 0), (255, 255, 255)),
        ("RGBA", (10, 20, 30, 255), (10, 20, 30)),
        ("RGBA", (10, 20, 30, 0), (255, 255, 255)),
        ("I;16", 32768, (127, 127, 127)),
    ],
)
def test_modes(tmp_path, mode, value, expected) -> None:
    if mode == "P":
        image, expected = Image.fromarray(RGB).convert("P", palette=Image.Palette.ADAPTIVE), tuple(RGB[0, 0])
    elif mode == "I;16":
        image = Image.fromarray(np.full((40, 40), value, np.uint16))
    else:
        image = Image.new(mode, (40, 40), value)
    image.save(tmp_path / "image.png")
    pixel = read_image(tmp_path / "image.png", 32)[0, 0].astype(int)
    assert np.abs(pixel - expected).max() <= 3


def test_cmyk(tmp_path) -> None:
    Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(tmp_path / "print.jpg", quality=95)
    pixel = read_image(tmp_path / "print.jpg", 32)[20, 20]
    assert pixel[0] > 200
    assert max(pixel[1:]) < 60


def test_sixteen_bit_colour_tiff(tmp_path) -> None:
    import tifffile

    tifffile.imwrite(tmp_path / "deep.tif", RGB.astype(np.uint16) * 257, photometric="rgb")
    assert np.array_equal(read_image(tmp_path / "deep.tif", 32), RGB)


def test_large_images_are_shrunk_while_they_are_read(tmp_path) -> None:
    for name in ("large.jpg", "large.png"):
        Image.new("RGB", (4000, 3000), (9, 99, 199)).save(tmp_path / name)
        height, width, _ = read_image(tmp_path / name, 224).shape
        assert 448 <= height < 1000
        assert abs(width / height - 4 / 3) < 0.01


def write_bad(folder) -> dict[str, str]:
    """Make one file of each bad kind; return the word that its reason must hold."""
    (folder / "text.jpg").write_text("this is no photograph")
    (folder / "empty.png").write_bytes(b"")
    Image.fromarray(RGB).save(folder / "whole.jpg")
    (folder / "cut.jpg").write_bytes((folder / "whole.jpg").read_bytes()[:600])
    Image.new("1", (20_000, 20_000)).save(folder / "bomb.png")
    return {
        "text.jpg": "known format",
        "empty.png": "empty",
        "cut.jpg": "truncated",
        "bomb.png": "400",
        "no.jpg": "exist",
    }


def test_bad_files_give_a_reason(tmp_path) -> None:
    for name, word in write_bad(tmp_path).items():
        with pytest.raises(UnreadableImage) as caught:
            read_image(tmp_path / name, 32)
        reason = str(caught.value)
        assert word in reason or (name == "bomb.png" and "pixels" in reason), reason


def test_find_sub_folders_odd_names_and_equal_names(tmp_path) -> None:
    for name in ("b/same.jpg", "a/same.jpg", "ü ñ,'.jpg", "line\nbreak.png", ".hidden.jpg", ".cache/x.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    with open(os.path.join(os.fsencode(tmp_path), b"\xff\xfe.jpg"), "wb") as file:
        file.write(b"x")
    names = [name for name, _ in find_photographs(tmp_path)]
    assert names == sorted(names)
    assert {"a/same.jpg", "b/same.jpg", "ü ñ,'.jpg", "line\nbreak.png"} < set(names)
    assert len(names) == 5
    photographs.list_photographs(str(tmp_path), str(tmp_path / ".manifest"))
    rows = list(read_shard(tmp_path / ".manifest", 0, 100))
    assert [row["name"] for row in rows] == names
    assert all(os.path.exists(row["path"]) for row in rows)
    assert "\\xff" in photographs.printable(names[-1])


def test_shards_cover_the_manifest_once(tmp_path) -> None:
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text("".join(json.dumps({"name": str(n)}) + "\n" for n in range(10)))
    got = [row["name"] for shard in range(4) for row in read_shard(manifest, shard * 3, 3)]
    assert got == [str(n) for n in range(10)]


def test_a_list_of_paths_with_a_missing_file(tmp_path) -> None:
    (tmp_path / "here.jpg").write_bytes(b"x")
    (tmp_path / "list.txt").write_text("here.jpg\n\ngone.jpg\n")
    photographs.list_photographs(str(tmp_path / "list.txt"), str(tmp_path / "manifest"))
    rows = {row["name"]: row["bytes"] for row in read_shard(tmp_path / "manifest", 0, 9)}
    assert rows == {"here.jpg": 1, "gone.jpg": None}
    with pytest.raises(AssignmentError, match="neither a folder nor a text file"):
        find_photographs(tmp_path / "nowhere")


def test_the_fingerprint_sees_a_new_and_a_changed_photograph(tmp_path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    first = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == first
    (tmp_path / "a.jpg").write_bytes(b"xy")
    second = fingerprint(tmp_path)
    (tmp_path / "b.jpg").write_bytes(b"x")
    assert len({one.digest for one in (first, second, fingerprint(tmp_path))}) == 3
    assert fingerprint(tmp_path).images == 2


def test_the_main_process_lists_and_its_jobs_are_told(tmp_path, monkeypatch) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    monkeypatch.setenv(VARIABLE, "[null]")
    found = listing_of(str(tmp_path), main=True)
    assert found == fingerprint(tmp_path)
    (tmp_path / "b.jpg").write_bytes(b"x")
    assert listing_of(str(tmp_path), main=False) == found
    other = tmp_path / "other"
    other.mkdir()
    assert listing_of(str(other), main=False) == fingerprint(other)
    assert listing_of(str(tmp_path / "on another machine"), main=False).images == 0
    assert listing_of(str(tmp_path), main=True).images == 2
    with pytest.raises(AssignmentError, match="neither a folder nor a text file"):
        listing_of(str(tmp_path / "nowhere"), main=True)


def test_a_photograph_is_no_list_of_photographs(tmp_path) -> None:
    (tmp_path / "cat.JPG").write_bytes(b"x")
    with pytest.raises(AssignmentError, match="is a photograph and no text with a path a line: name its folder"):
        find_photographs(tmp_path / "cat.JPG")
