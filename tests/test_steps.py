"""How a rule's job becomes a call of a library function, with an object like the one that Snakemake gives."""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType, SimpleNamespace

import pytest
from support import ROOT

from assignment06.config.experiment import Experiment
from assignment06.orchestration import steps
from assignment06.shared.errors import AssignmentError

ROW = {"dataset": "mnist", "model": "lean", "dropout": 0, "epochs": 3}


class Files(list):
    """Files as Snakemake gives them: a list, some with names, which unpacks into keywords."""

    def __init__(self, unnamed: tuple[str, ...] = (), **named: object):
        super().__init__(unnamed)
        for value in named.values():
            self.extend(value if isinstance(value, list) else [value])
        self.named = named

    def keys(self) -> Iterator[str]:
        return iter(self.named)

    def __getitem__(self, key):
        return self.named[key] if isinstance(key, str) else super().__getitem__(key)

    def __getattr__(self, name: str):
        try:
            return self.named[name]
        except KeyError:
            raise AttributeError(name) from None


@pytest.fixture
def called(monkeypatch) -> dict:
    """A module of the library with functions that note how they were called."""
    found: dict = {}

    def trains(settings: Experiment, train: str, model: str, threads: int, code: str) -> None:
        found.update(locals())

    def counts(metrics: list[str], summary: str, dpi: int) -> None:
        found.update(locals())

    def downloads(receipt: str, mirror: str | None, raw: str) -> None:
        found.update(locals())

    def may_have(names: list[str], archive: str = "") -> None:
        found.update(locals())

    def fails(receipt: str) -> None:
        raise AssignmentError(f"{receipt} is missing: make it.")

    module = ModuleType("assignment06.made_for_this_test")
    module.__dict__.update(trains=trains, counts=counts, downloads=downloads, may_have=may_have, fails=fails)
    monkeypatch.setitem(sys.modules, "assignment06.made_for_this_test", module)
    monkeypatch.setattr(sys.modules["assignment06"], "made_for_this_test", module, raising=False)
    monkeypatch.setattr(steps, "follow", lambda: None)
    monkeypatch.setattr(steps.atexit, "register", lambda function, *arguments: found.update(at_end=arguments))
    return found


def snakemake(folder: Path, function: str, inputs: Files, outputs: Files, **params: object) -> SimpleNamespace:
    named = {"function": f"made_for_this_test:{function}", "code": "0123", "depends_on": (), **params}
    return SimpleNamespace(
        input=inputs, output=outputs, params=Files(**named), threads=2, log=[str(folder / "logs/job.log")]
    )


def test_names_types_threads_and_code(called, tmp_path) -> None:
    job = snakemake(tmp_path, "trains", Files(train="t.npz"), Files(model="m.keras"), settings=ROW, depends_on="digest")
    steps.run_step(job)
    assert called["settings"] == Experiment(**ROW)
    assert called["settings"].plain() == ROW, "what was not given stays so: the state of a training depends on it"
    assert (called["train"], called["model"]) == ("t.npz", "m.keras")
    assert (called["threads"], called["code"]) == (2, "0123")
    assert called["at_end"] == (["t.npz"],)
    assert (tmp_path / "logs/job.log").exists()


def test_threads_and_code_are_not_forced_on_a_function_that_does_not_ask(called, tmp_path) -> None:
    inputs = Files(metrics=Files(("a.json", "b.json")))
    steps.run_step(snakemake(tmp_path, "counts", inputs, Files(summary="s.csv"), dpi=80))
    assert called["metrics"] == ["a.json", "b.json"]
    assert type(called["metrics"]) is list
    assert (called["summary"], called["dpi"]) == ("s.csv", 80)


def test_inputs_without_a_name_are_only_waited_for(called, tmp_path) -> None:
    inputs = Files(("only waited for.npz",), metrics=["a.json"])
    steps.run_step(snakemake(tmp_path, "counts", inputs, Files(summary="s.csv"), dpi=80))
    assert called["metrics"] == ["a.json"]
    assert called["at_end"] == (["only waited for.npz", "a.json"],)


def test_an_input_that_there_is_not_is_the_default(called, tmp_path) -> None:
    steps.run_step(snakemake(tmp_path, "may_have", Files(archive=Files()), Files(), names=[]))
    assert called["archive"] == ""
    assert called["names"] == [], "but an empty list that is asked for is an empty list"
    steps.run_step(snakemake(tmp_path, "may_have", Files(archive="a.zip"), Files(), names=["x"]))
    assert (called["archive"], called["names"]) == ("a.zip", ["x"])


def test_a_mirror_is_given_to_what_downloads_and_to_nothing_else(called, tmp_path) -> None:
    job = snakemake(tmp_path, "downloads", Files(), Files(receipt="r.json"), raw="data/raw")
    steps.run_step(job, mirror="/mirror")
    assert (called["mirror"], called["raw"]) == ("/mirror", "data/raw")
    steps.run_step(job, mirror=None)
    assert called["mirror"] is None
    called.clear()
    inputs = Files(metrics=["a.json"])
    steps.run_step(snakemake(tmp_path, "counts", inputs, Files(summary="s.csv"), dpi=80), mirror="/mirror")
    assert called["dpi"] == 80
    assert "mirror" not in called


@pytest.mark.parametrize(
    ("function", "params", "words"),
    [
        ("fails", {}, "error: r.json is missing: make it."),
        ("fails", {"another": 1}, "unexpected"),
        ("trains", {"settings": {**ROW, "epochs": "many"}}, "unexpected"),
        ("nowhere", {}, "unexpected"),
    ],
)
def test_what_goes_wrong_ends_the_job_with_its_sentence(called, tmp_path, function, params, words) -> None:
    with pytest.raises(SystemExit) as ended:
        steps.run_step(snakemake(tmp_path, function, Files(), Files(receipt="r.json"), **params))
    assert ended.value.code == 1
    log = (tmp_path / "logs/job.log").read_text()
    assert words in log or (words == "unexpected" and "Traceback" in log)


def rules() -> dict[str, dict[str, list[str]]]:
    """The sections of every rule that calls a function of the library: the names in them, and the function."""
    found: dict[str, dict[str, list[str]]] = {}
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        section, name = "", ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if head := re.match(r" *(?:rule (\w+):|use rule (\w+) as (\w+) with:)$", line):
                name, parent, depth = head[1] or head[3], head[2], len(line) - len(line.lstrip())
                found[name] = dict(found[parent]) if parent else {}
            elif not name:
                continue
            elif part := re.match(rf" {{{depth + 4}}}(\w+):", line):
                section, names = part[1], rf" {{{depth + 8}}}"
                found[name][section] = []
            elif line.strip() == "multiext(":
                names = rf" {{{depth + 12}}}"
            elif said := re.match(names + r"(?:\*\*step\(\"([\w.:]+)\"|(\w+)=)", line):
                found[name][section].append(said[1] or said[2])
            elif function := re.match(r" +\"([a-z_.]+:[a-z_]+)\",$", line):  # of a step() in several lines
                found[name][section].append(function[1])
    return found


RULES = {name: parts for name, parts in rules().items() if any(":" in word for word in parts.get("params", []))}


def test_the_rules_were_read() -> None:
    assert len(RULES) > 25
    assert set(RULES["train_first_head"]["output"]) == {"model", "summary", "history", "facts"}
    assert "checkpoints" in RULES["train_convnet"]["params"]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_gives_its_function_what_it_asks_for(rule) -> None:
    """A dry run does not notice one that is missing: the job would fail."""
    parts = RULES[rule]
    (function,) = [word for word in parts["params"] if ":" in word]
    given = {word for part in ("input", "output", "params") for word in parts.get(part, []) if ":" not in word}
    asked = inspect.signature(resolve_name(f"assignment06.{function}")).parameters
    needed = {name for name, one in asked.items() if one.default is inspect.Parameter.empty}
    assert needed - given <= {"threads", "code", "mirror"}
    assert given <= set(asked)
