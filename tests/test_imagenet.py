"""The table of pretrained nets says what the installed Keras says."""

import importlib
import inspect
import subprocess
import sys

import pytest
import yaml
from support import ROOT

from assignment06.config.check import check_config
from assignment06.data.imagenet import PRETRAINED, WEIGHTS
from assignment06.shared.errors import AssignmentError

SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def test_the_table_has_every_classifier_and_every_digest_that_keras_states() -> None:
    import keras

    assert set(PRETRAINED) == {name for name in vars(keras.applications) if name[0].isupper()}
    for net in PRETRAINED.values():
        module = importlib.import_module(f"keras.src.applications.{net.family}")
        assert getattr(module, net.name) is getattr(keras.applications, net.name)
        assert module.preprocess_input is getattr(keras.applications, net.family).preprocess_input
        stating = {"resnet_v2": "resnet"}.get(net.family, net.family)  # whose module names the files
        source = inspect.getsource(importlib.import_module(f"keras.src.applications.{stating}"))
        stated = "file_hash" in source
        for asset in (net.top, net.no_top):
            assert bool(asset) == stated, net.name
            assert not asset or asset.digest.partition(":")[2] in source
    assert {name for name in PRETRAINED if name not in WEIGHTS} == {"MobileNet", "MobileNetV2"}


@pytest.mark.parametrize("name", ["VGG16", "MobileNetV3Small", "ResNet50", "EfficientNetB0"])
def test_the_files_are_those_that_keras_would_fetch(name: str, monkeypatch) -> None:
    import keras
    from keras.src.backend.common.stateless_scope import StatelessScope
    from keras.src.utils import file_utils

    class Asked(Exception):
        pass

    def get_file(fname, origin, file_hash=None, **options):
        raise Asked(origin, file_hash)

    monkeypatch.setattr(file_utils, "get_file", get_file)
    for top, asset in ((True, PRETRAINED[name].top), (False, PRETRAINED[name].no_top)):
        with pytest.raises(Asked) as asked, StatelessScope(initialize_variables=False):
            getattr(keras.applications, name)(include_top=top)
        assert asset and asked.value.args == (asset.urls[0], asset.digest.partition(":")[2])


def test_the_table_needs_neither_keras_nor_tensorflow() -> None:
    code = (
        "import sys, assignment06.config.check, assignment06.data.acquisition\n"
        "sys.exit(bool({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.mark.parametrize(
    ("classifier", "words"),
    [
        ({"architecture": "Resnet50"}, "did you mean `ResNet50`"),
        ({"architecture": "MobileNetV2"}, "Keras states no digest"),
    ],
)
def test_a_classifier_that_cannot_be_had_is_refused_at_once(classifier: dict, words: str) -> None:
    with pytest.raises(AssignmentError, match=words):
        check_config({**SHIPPED, "classifier": classifier})


def test_a_published_net_and_a_file_of_ones_own_are_accepted() -> None:
    assert check_config({**SHIPPED, "classifier": {"architecture": "VGG16"}}).classifier.weights == "imagenet"
    check_config({**SHIPPED, "classifier": {"architecture": "MobileNetV2", "weights": "own.h5"}})
