"""A copy of the project with a small data set of its own, and Snakemake in it, to be disturbed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image
from support import copy_tree, library_path

ROW = "{dataset: own, model: book_mnist, augmentation: light, dropout: 0.2, epochs: 25, batch_size: 32}"
LONG = "a" + "".join(f"_{number}" for number in range(100, 124)) + "_no"  # 100 letters, as many as a name may have
NOTE = "The last run here was killed. Its lock is removed, and this run goes on from there."
COMMAND = (
    sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "own.yaml",
    "--workflow-profile", "workflow/profiles/default",
)  # fmt: skip


def make_project(folder: Path) -> Path:
    """Copy the project; its experiments are the same but for their names, and for `dated`, which is shorter."""
    copy_tree(folder)
    noise = np.random.default_rng(0)
    for name, level in (("dark", 110), ("light", 118)):
        (folder / "images" / name).mkdir(parents=True)
        for number in range(100):
            pixels = np.clip(noise.normal(level, 60, (20, 20, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"images/{name}/{number}.png")
    rows = "".join(f"  {name}: {ROW}\n" for name in ("killed", "stopped", LONG))
    rows += f"  dated: {ROW.replace('epochs: 25', 'epochs: 1')}\n"
    text = f"datasets: {{own: {{folder: images, image_size: 20}}}}\nexperiments:\n{rows}"
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    return folder


def environment(**more: str) -> dict[str, str]:
    """Return this process's variables without those that would let another library or mirror in."""
    hidden = ("ASSIGNMENT06_MIRROR", "ASSIGNMENT06_RUN", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if name not in hidden} | more


def hear_interrupts() -> None:
    """Listen to Ctrl-C, whoever started the tests: what runs behind a shell's `&` does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Run:
    """Snakemake in a session of its own, as in a terminal."""

    def __init__(self, folder: Path, *arguments: str, output: Path | None = None):
        self.output = output or folder / f"terminal{time.time_ns()}.txt"
        with open(self.output, "w") as file:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments], cwd=folder, env=environment(PYTHONPATH=library_path(folder)),
                stdin=subprocess.DEVNULL, stdout=file,
                stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=hear_interrupts,
            )  # fmt: skip

    def kill(self) -> None:
        """End Snakemake alone, as the system does when memory runs out; nobody tells its jobs."""
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> None:
        """Do what Ctrl-C does: a signal to everything in the terminal's foreground."""
        os.killpg(self.process.pid, signal.SIGINT)

    def pause(self) -> None:
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def alive(self) -> bool:
        return self.process.poll() is None

    def end(self, timeout: float = 180) -> tuple[int, str]:
        """Return the status and all that was printed."""
        return self.process.wait(timeout), self.output.read_text()


def processes_in(folder: Path) -> list[str]:
    """Return the command lines of the processes that work in a folder."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and os.readlink(process / "cwd") == str(folder):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # ended, or somebody else's
    return found


def half_written(project: Path) -> list[str]:
    """Return the temporary files that stand in a project."""
    return [str(path) for folder in ("results", "data") for path in (project / folder).rglob("*.part*")]
