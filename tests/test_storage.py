"""What is said of a cloud's storage before the first file is asked for."""

import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from support import ROOT

from assignment06.orchestration.storage import PLACEHOLDER, check_storage
from assignment06.shared.errors import AssignmentError

KEYS = {"SNAKEMAKE_STORAGE_S3_ACCESS_KEY": "key"}


@pytest.fixture
def nobody(monkeypatch, tmp_path: Path) -> None:
    """Nobody is logged in anywhere, and no machine of a cloud is asked."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "SNAKEMAKE_STORAGE_S3_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    if find_spec("botocore"):
        return

    class Session:  # what botocore's does, which is only where a cloud's lock is installed
        def get_credentials(self) -> object:
            return os.environ.get("AWS_ACCESS_KEY_ID")

    made = ModuleType("botocore.session")
    made.Session = Session
    monkeypatch.setitem(sys.modules, "botocore", ModuleType("botocore"))
    monkeypatch.setitem(sys.modules, "botocore.session", made)


@pytest.mark.parametrize("prefix", [None, "", f"s3://{PLACEHOLDER}", f"s3://{PLACEHOLDER}/assignment06"])
def test_a_bucket_that_nobody_named(prefix) -> None:
    with pytest.raises(AssignmentError, match="write your own bucket as `default-storage-prefix:`") as caught:
        check_storage("s3", prefix, KEYS)
    assert (prefix or "not named") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_placeholder_is_that_of_the_profiles_that_come_with_the_project() -> None:
    profiles = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / "workflow/profiles").glob("*/*.yaml")
    ]
    prefixes = [one["default-storage-prefix"] for one in profiles if "default-storage-prefix" in one]
    assert prefixes
    for prefix in prefixes:
        with pytest.raises(AssignmentError, match=re.escape(prefix)):
            check_storage("s3", prefix, KEYS)


def test_credentials_that_are_not_there(nobody) -> None:
    with pytest.raises(AssignmentError, match="no credentials for s3://mine/a06: log in with `aws conf") as caught:
        check_storage("s3", "s3://mine/a06", {})
    assert "\n" not in str(caught.value)


def test_credentials_by_either_way(nobody, monkeypatch) -> None:
    check_storage("s3", "s3://mine/a06", KEYS)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    check_storage("s3", "s3://mine/a06", {})


def test_another_provider_has_its_own_credentials(nobody) -> None:
    check_storage("fs", "/mnt/shared/a06", {})
    with pytest.raises(AssignmentError, match="write your own bucket"):
        check_storage("fs", None, {})
