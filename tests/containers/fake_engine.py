"""A pretended engine for tests, which only notes what it is told."""

import json
import os
import sys
from pathlib import Path

import pytest

# Notes its arguments in CALLS; answers with the status and messages that ANSWERS has for its first word.
FAKE = """#!{python}
import json, os, sys, time
with open(os.environ["CALLS"], "a") as file:
    file.write(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]) + "\\n")
with open(os.environ["ANSWERS"]) as file:
    answer = json.load(file).get(sys.argv[1], {{}})
if "wait_for" in answer:
    while not os.path.exists(answer["wait_for"]):
        time.sleep(0.05)
if "makes" in answer:
    open(answer["makes"], "w").close()
if "makes_argument" in answer:
    open(sys.argv[answer["makes_argument"]], "w").close()
print(answer.get("stdout", ""), end="")
print(answer.get("stderr", ""), end="", file=sys.stderr)
sys.exit(answer.get("status", 0))
"""


class FakeEngine:
    """Docker, Podman or Apptainer as a script on PATH; `answers` says what each subcommand does."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        self.bin, self._calls, self._answers = folder / "bin", folder / "calls", folder / "answers"
        self.bin.mkdir()
        self.answers()
        monkeypatch.setenv("CALLS", str(self._calls))
        monkeypatch.setenv("ANSWERS", str(self._answers))
        monkeypatch.setenv("PATH", str(self.bin))
        for name in list(os.environ):
            if name.startswith(("ASSIGNMENT06_", "SINGULARITY", "APPTAINER")):
                monkeypatch.delenv(name)

    def install(self, *names: str) -> None:
        for name in names:
            (self.bin / name).write_text(FAKE.format(python=sys.executable), encoding="utf-8")
            (self.bin / name).chmod(0o755)

    def answers(self, **answers: dict) -> None:
        self._answers.write_text(json.dumps({name.replace("_", "-"): a for name, a in answers.items()}))

    @property
    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in self._calls.read_text().splitlines()] if self._calls.exists() else []
