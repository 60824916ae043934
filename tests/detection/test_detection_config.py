"""Keys of the config: what goes together, and one sentence for what does not."""

import pytest

from assignment06.config import detection as keys
from assignment06.config.check import check_config
from assignment06.detection.boxes import PREPARATIONS
from assignment06.detection.faces import DETECTORS
from assignment06.detection.nets import NETS
from assignment06.shared.errors import AssignmentError

BASE = {"student": {"last_name": "L", "first_name": "A"}, "experiments": {"a": {"dataset": "mnist", "model": "lean"}}}
OWN = {"weights": "own.onnx", "sha256": "0" * 64}
SET = {"s": {"images": "i", "annotations": "a.json"}}


def test_off_by_default() -> None:
    study = check_config(BASE)
    assert (study.detector.weights, study.faces.detector, study.faces.blur) == ("none", "none", False)
    assert study.detection_datasets == {}


def test_the_config_knows_what_the_library_has() -> None:
    assert set(keys.NETS) == set(NETS)
    assert set(keys.Detector.model_fields["preprocessing"].annotation.__args__) == set(PREPARATIONS)
    assert set(keys.Faces.model_fields["detector"].annotation.__args__) == {"none", *DETECTORS}


@pytest.mark.parametrize(
    "more",
    [
        {"detector": {"weights": "yolox_nano"}, "detection_datasets": SET},
        {"detector": OWN | {"classes": ["ant", "bee"], "preprocessing": "legacy", "score": 0.5}},
        {"faces": {"detector": "lbp", "blur": True}},
        {"detection_datasets": None},
    ],
)
def test_what_goes(more) -> None:
    checked = check_config(BASE | more)
    assert check_config(checked.plain()).plain() == checked.plain(), "it can be written and read again"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"detector": {"weights": "yolox_nona"}}, "neither a known net .* did you mean `yolox_nano`"),
        ({"detector": {"weights": "../own.onnx"}}, "must be a bare file name"),
        ({"detector": {"weights": "{x}.onnx"}}, "braces"),
        ({"detector": {"weights": "yolox_nano", "sha256": "0" * 64}}, "`detector: sha256` is for an own file"),
        ({"detector": {"weights": "none", "classes": ["a"]}}, "`detector: classes` is for an own file"),
        ({"detector": OWN | {"classes": ["a", "a"]}}, "names a class twice"),
        ({"detector": OWN | {"classes": "a"}}, "`detector: classes` is 'a'"),
        ({"detector": OWN | {"score": 1}}, "`detector: score` is 1; it must be less than 1"),
        ({"detector": OWN | {"preprocessing": "rgb"}}, "`detector: preprocessing` is 'rgb'.*yolox, legacy"),
        ({"detector": OWN | {"weight": 1}}, "unknown key `weight` at `detector`"),
        ({"faces": {"detector": "haar"}}, "`faces: detector` is 'haar'"),
        ({"faces": {"blur": True}}, "`faces: blur` needs a detector of faces"),
        ({"faces": {"detector": "lbp", "blur": "yes"}}, "`faces: blur` is 'yes', which is no boolean"),
        ({"detection_datasets": SET}, "`detection_datasets: s` needs a detector to measure"),
        ({"detection_datasets": {"s": {"images": "i"}}}, "`annotations` is missing"),
    ],
)
def test_what_does_not(more, sentence) -> None:
    with pytest.raises(AssignmentError, match=sentence) as refused:
        check_config(BASE | more)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["objects", "faces"])
def test_no_experiment_takes_the_name_of_a_table(name) -> None:
    with pytest.raises(AssignmentError, match=f"`experiments: {name}` is the name of a file"):
        check_config(BASE | {"experiments": {name: BASE["experiments"]["a"]}})
