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


# These take minutes: where two processes share the files, they begin with them, so that neither waits at the end.
LONGEST = (
    "test_slurm.py", "test_workflow.py", "test_container_engines.py", "test_elsewhere.py", "test_aws_batch.py",
    "test_transfer.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest in front; the others stay in their order."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project for tests that only look at its graph."""
    return copy_tree(tmp_path_factory.mktemp("tree") / "assignment06")
