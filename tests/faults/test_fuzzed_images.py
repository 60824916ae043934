"""Ten thousand damaged image files: none ends the program, and each is decoded or skipped with a reason."""

import io
import os
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assignment06.data.image_files import UnreadableImage, read_image
from assignment06.photographs.manifest import list_photographs, read_shard

FILES = 10_000
SEED = int(os.environ.get("FAULTS_SEED", "6"))


def originals() -> list[tuple[str, bytes]]:
    """Return small images of every kind that is read, with what cameras add: EXIF, palettes, several frames."""
    noise = np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8)
    image, smooth = Image.fromarray(noise), Image.linear_gradient("L").resize((32, 32)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    alpha = smooth.copy()
    alpha.putalpha(Image.linear_gradient("L").resize((32, 32)))
    kinds = [
        ("jpg", image, {}),
        ("jpg", smooth, {"exif": exif, "progressive": True}),
        ("jpg", smooth.convert("CMYK"), {"quality": 30}),
        ("jpg", smooth.convert("L"), {"comment": b"a comment"}),
        ("png", image, {}),
        ("png", alpha, {"exif": exif}),
        ("png", smooth.convert("P"), {"transparency": 3}),
        ("png", Image.fromarray(noise[..., 0].astype(np.uint16) * 200), {}),
        ("gif", image.convert("P"), {"save_all": True, "append_images": [smooth.convert("P")]}),
        ("bmp", image, {}),
        ("tiff", image, {"compression": "tiff_lzw"}),
        ("webp", smooth, {"exif": exif}),
    ]
    files = []
    for suffix, picture, options in kinds:
        buffer = io.BytesIO()
        picture.save(buffer, {"jpg": "JPEG", "tiff": "TIFF"}.get(suffix, suffix.upper()), **options)
        files.append((suffix, buffer.getvalue()))
    return files


def damaged(data: bytes, draw: random.Random) -> bytes:
    """Return the file with bytes changed, cut out, put in or swapped, or an end missing."""
    result = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 5, 20))):
        place = draw.randrange(len(result) + 1)
        # Headers decide more than pixels do
        place = place if draw.random() < 0.5 else min(place, draw.randrange(100))
        match draw.choice(("change", "change", "bit", "cut", "insert", "truncate", "repeat", "number")):
            case "change":
                result[place : place + 1] = draw.randbytes(1)
            case "bit" if place < len(result):
                result[place] ^= 1 << draw.randrange(8)
            case "cut":
                del result[place : place + draw.randrange(1, 30)]
            case "insert":
                result[place:place] = draw.randbytes(draw.randrange(1, 30))
            case "truncate" if draw.random() < 0.3:
                del result[place:]
            case "repeat":
                result[place:place] = result[max(0, place - draw.randrange(1, 60)) : place]
            case "number":  # sizes and offsets stand in four bytes
                number = draw.choice((0, 1, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF))
                result[place : place + 4] = number.to_bytes(4, draw.choice(("big", "little")))
    return bytes(result)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    print(f"FAULTS_SEED={SEED}")
    folder, draw, whole = tmp_path_factory.mktemp("damaged"), random.Random(SEED), originals()
    for number in range(FILES):
        suffix, data = whole[number % len(whole)] if draw.random() < 0.2 else whole[number % 8]  # mostly JPEG and PNG
        (folder / f"{number:05d}.{suffix}").write_bytes(damaged(data, draw))
    return folder


def test_each_is_decoded_or_skipped_with_a_reason(folder: Path, tmp_path: Path) -> None:
    list_photographs(str(folder), str(tmp_path / "manifest"))
    rows = list(read_shard(tmp_path / "manifest", 0, 2 * FILES))
    assert sorted(row["name"] for row in rows) == sorted(os.listdir(folder))
    found: Counter[str] = Counter()
    for row in rows:
        try:
            image = read_image(row["path"], 32)
            assert (image.dtype, image.ndim, image.shape[2]) == (np.uint8, 3, 3), row["name"]
            found["decoded"] += 1
        except UnreadableImage as error:
            reason = str(error)
            assert reason.isprintable() and 5 < len(reason) < 250, (row["name"], reason)
            found[re.sub(r"[\d'\"].*", "", reason)] += 1
    assert found.total() == FILES
    assert found["decoded"] > FILES / 20, "the damage is not so bad that nothing is decoded"
    assert found.total() - found["decoded"] > FILES / 5, found
    assert len(found) > 5, found


@pytest.mark.slow
def test_none_is_lost_on_the_way_to_the_net(folder: Path, tmp_path: Path) -> None:
    from assignment06.photographs.classification import decoded_batches

    odd = {"1x9000.png": (9000, 2), "2x2.png": (2, 2), "tall.png": (3, 5000), "dot.png": (1, 1)}
    (tmp_path / "odd").mkdir()
    for name, size in odd.items():
        Image.new("RGB", size).save(tmp_path / "odd" / name)
    for path in sorted(folder.iterdir())[: FILES // 20]:
        (tmp_path / "odd" / path.name).hardlink_to(path)
    list_photographs(str(tmp_path / "odd"), str(tmp_path / "manifest"))
    read, refused = [], []
    for names, pixels, reasons in decoded_batches(read_shard(tmp_path / "manifest", 0, FILES), 32, 50, threads=2):
        assert pixels.shape in ((len(names), 32, 32, 3), (0,))
        assert not names or (np.isfinite(pixels).all() and 0 <= pixels.min() <= pixels.max() <= 255)
        read += names
        refused += reasons
    assert sorted(read + [name for name, _ in refused]) == sorted(os.listdir(tmp_path / "odd"))
    assert "dot.png" in dict(refused)
    assert {"1x9000.png", "2x2.png", "tall.png"} <= set(read)
