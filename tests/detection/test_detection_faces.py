"""Faces: the two of scikit-image's photographs, none elsewhere; copies in which they are blurred."""

import csv
from importlib.resources import files

import numpy as np
import pytest
from PIL import Image
from tiny_detector import MISSING

from assignment06.backend import compute
from assignment06.data.image_files import read_image
from assignment06.data.stand_ins import PHOTOGRAPHS, write_stand_ins
from assignment06.detection import faces
from assignment06.detection.blurring import blur, blur_faces, inside
from assignment06.detection.boxes import overlap
from assignment06.detection.faces import detect_faces
from assignment06.detection.gathering import read_table
from assignment06.photographs.manifest import list_photographs
from assignment06.shared.errors import AssignmentError

# Drawn by hand around forehead, ears and chin; the cameraman looks to the right
TRUE = {"astronaut.png": [180, 65, 90, 110], "camera.png": [200, 110, 60, 85]}


@pytest.fixture(autouse=True)
def one_set_up(monkeypatch) -> None:
    """TensorFlow takes its threads once a process; these tests share one process."""
    monkeypatch.setattr(compute, "configure", lambda threads, seed=None: None)


def find(tmp_path, detector: str) -> dict[str, list[list[float]]]:
    """Look for faces in the seven stand-ins and scikit-image's cameraman; {photograph: boxes}."""
    folder = tmp_path / "photographs"
    write_stand_ins(str(folder))
    (folder / "camera.png").write_bytes(files("skimage.data").joinpath("camera.png").read_bytes())
    (folder / "broken.jpg").write_bytes(b"")
    list_photographs(str(folder), str(tmp_path / "list.jsonl"))
    paths = {key: str(tmp_path / f"{key}.csv") for key in ("predictions", "images", "skipped", "facts")}
    detect_faces(manifest=str(tmp_path / "list.jsonl"), shard=0, shard_size=100, detector=detector, threads=2, **paths)
    found: dict[str, list] = {}
    for row in read_table(paths["predictions"]):
        assert row["label"] == "face"
        found.setdefault(row["image"], []).append([float(row[key]) for key in ("x", "y", "width", "height")])
    assert [row["image"] for row in read_table(paths["skipped"])] == ["broken.jpg"]
    assert len(list(read_table(paths["images"]))) == len(PHOTOGRAPHS) + 1
    return found


@pytest.mark.slow
def test_mtcnn_finds_both_faces_and_nothing_else(tmp_path) -> None:
    pytest.importorskip("mtcnn", reason=MISSING.format("mtcnn"))
    found = find(tmp_path, "mtcnn")
    assert set(found) == set(TRUE)
    for name, [box] in found.items():
        assert overlap(np.array([box]), np.array([TRUE[name]], float))[0, 0] > 0.6


@pytest.mark.slow
def test_the_classical_baseline_finds_the_frontal_face(tmp_path) -> None:
    found = find(tmp_path, "lbp")
    boxes = np.array(found["astronaut.png"])
    assert overlap(boxes, np.array([TRUE["astronaut.png"]], float)).max() > 0.5


def test_a_missing_mtcnn_is_one_sentence(monkeypatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "mtcnn", None)
    with pytest.raises(AssignmentError, match="mtcnn, which is not installed: run `make submission EXTRAS=detection`"):
        faces.mtcnn(1)


def test_large_photographs_are_looked_at_smaller() -> None:
    image, scale = faces.shrunk(np.zeros((3000, 2000, 3), np.uint8))
    assert image.shape == (1024, 683, 3)
    assert scale == pytest.approx(1024 / 3000)
    same = np.zeros((1024, 10, 3), np.uint8)
    assert faces.shrunk(same)[0] is same
    assert len(faces.lbp(1)(np.zeros((8, 8, 3), np.uint8))) == 0, "smaller than the smallest face"


def test_a_blurred_face_is_gone_and_the_rest_is_as_it_was() -> None:
    rng = np.random.default_rng(6)
    image = rng.integers(0, 256, (200, 300, 3), dtype=np.uint8)
    image[40:60, 100:120] = 255  # a mark inside the face
    box = [90, 30, 60, 80]
    blurred = blur(image, [box]).astype(int)
    inner = blurred[50:90, 105:135]
    assert inner.std() < 0.35 * image[50:90, 105:135].std()
    steps = np.abs(np.diff(blurred[40:100, 100:140], axis=1))
    assert steps.max() < 40, "no edge is left"
    outside = np.ones((200, 300), bool)
    outside[10:131, 75:166] = False
    assert (blurred[outside] == image[outside]).all()
    assert (blur(image, [[-50, -50, 10, 10], [299, 199, 50, 50]])[:150, :250] == image[:150, :250]).all()


def test_copies_have_no_metadata_and_stay_in_their_folder(tmp_path) -> None:
    folder = tmp_path / "photographs"
    (folder / "sub").mkdir(parents=True)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where I live"
    pixels = np.random.default_rng(6).integers(0, 256, (80, 120, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "sub/a.jpg", exif=exif)
    Image.fromarray(pixels).save(folder / "b.jpg")
    list_photographs(str(folder), str(tmp_path / "list.jsonl"))
    with open(tmp_path / "faces.csv", "w", newline="") as file:
        csv.writer(file).writerows(
            [["image", "label", "score", "x", "y", "width", "height"], ["sub/a.jpg", "face", 1, 20, 30, 30, 40]]
        )
    for _ in range(2):  # a second time over the first
        blur_faces(str(tmp_path / "list.jsonl"), 0, 10, str(tmp_path / "faces.csv"), str(tmp_path / "blurred"))
    written = [path for path in (tmp_path / "blurred").rglob("*") if path.is_file()]
    assert [path.relative_to(tmp_path / "blurred").as_posix() for path in written] == ["sub/a.jpg.jpg"]
    with Image.open(written[0]) as copy:
        assert copy.size == (80, 120), "upright"
        assert not copy.getexif()
    assert b"where I live" not in written[0].read_bytes()
    assert read_image(written[0], 1000).shape == (120, 80, 3)
    assert inside("/home/me/../../x.png") == "home/me/x.png.jpg"
