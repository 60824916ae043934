"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest
from support import copy_tree


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder of official files; tests that need them are skipped where it is not given."""
    folder = os.environ.get("ASSIGNMENT06_MIRROR")
    if not folder:
        pytest.skip("ASSIGNMENT06_MIRROR is not set: no official data to test with")
    return Path(folder)


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project for tests that only look at its graph."""
    return copy_tree(tmp_path_factory.mktemp("tree") / "assignment06")
