"""Fixtures of the fault tests."""

import contextlib
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from made_documents import description
from small_project import NOTE, Run, half_written, make_project, processes_in
from workers import Worker, last_epoch, training, until


class Disk:
    """A small file system that can be filled and made larger."""

    def __init__(self, folder: Path, kilobytes: int):
        self.folder = folder
        folder.mkdir()
        size = f"size={kilobytes}k"
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"a small file system cannot be mounted here ({done.stderr.strip()})")

    def fill(self, left: int = 0) -> None:
        """Fill it but for `left` kilobytes."""
        (self.folder / "spare").write_bytes(bytes(left * 1024))
        for piece in (64 * 1024, 4096):
            with contextlib.suppress(OSError), open(self.folder / "other people's files", "ab", buffering=0) as file:
                while file.write(bytes(piece)) == piece:
                    pass
        (self.folder / "spare").unlink()

    def grow(self) -> None:
        subprocess.run(["mount", "-o", "remount,size=100m", self.folder], check=True)

    def files(self) -> set[str]:
        found = {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}
        return found - {"other people's files", "job.log", "terminal.txt"}


@pytest.fixture
def small_disk(tmp_path):
    """A function that mounts a file system of so many kilobytes for the length of a test."""
    disks = []

    def mount(kilobytes: int) -> Disk:
        disks.append(Disk(tmp_path / f"disk{len(disks)}", kilobytes))
        return disks[-1]

    yield mount
    for disk in disks:
        subprocess.run(["umount", "-l", disk.folder], check=True)


@pytest.fixture(scope="session")
def worker():
    """A process that starts jobs at once."""
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """200 images of 20 x 20 pixels in two classes that are hard to tell apart."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    y = np.arange(200, dtype=np.uint8) % 2
    x = np.clip(rng.normal(110 + 8 * y[:, None, None, None], 60, (200, 20, 20, 3)), 0, 255).astype(np.uint8)
    np.savez(folder / "train.npz", x=x, y=y)
    description(["dark", "light"], data_source="folder").write(folder / "dataset.json")
    return folder


@pytest.fixture(scope="session")
def undisturbed(worker, data, tmp_path_factory) -> dict:
    """What a training that nothing befalls finds: its facts, with the digest of its weights."""
    out = tmp_path_factory.mktemp("undisturbed")
    assert worker.run(training(data, out), out) == 0, worker.terminal
    return json.loads((out / "f.json").read_text())


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Path:
    """A small project, for runs that are disturbed."""
    return make_project(tmp_path_factory.mktemp("killed") / "assignment06")


@pytest.fixture(scope="session")
def killed(project: Path) -> dict:
    """The facts of a training whose Snakemake was killed, once the same command had gone on."""
    target = "results/models/killed.keras"
    first = Run(project, target)
    until((project / ".snakemake/locks/0.output.lock").exists, "the lock")
    first.pause()  # so that it cannot end before the second has asked
    status, said = Run(project, target).end()
    first.go_on()
    assert status == 1
    assert "Directory cannot be locked" in said and str(project) in said and "Traceback" not in said, said
    assert NOTE not in said
    assert first.alive()
    state = project / "results/training/killed.checkpoints"
    until(lambda: last_epoch(state) >= 2, "two epochs")
    first.kill()
    reached = last_epoch(state)
    status, said = Run(project, target).end()  # at once, while its job is still ending
    assert status == 0, said
    assert said.count(NOTE) == 1
    assert "killed: goes on after epoch " in said
    assert int(said.split("goes on after epoch ")[1].split()[0]) >= reached
    until(lambda: not processes_in(project), "the end of all jobs", seconds=5)
    assert (project / "results/models/killed.keras").stat().st_size > 100_000
    assert half_written(project) == []
    return json.loads((project / "results/training/killed.json").read_text())
