"""Which files a job's digest covers, and what of them counts."""

import ast
import random
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT

from assignment06.orchestration import code_digest as digests
from assignment06.orchestration.code_digest import check_library, code_digest, code_files, file_digest
from assignment06.shared import registry
from assignment06.shared.errors import AssignmentError

LIBRARY = ROOT / "workflow/assignment06"
TRAIN = "experiments.training:train_convnet"
VERIFY = "submission.verification:verify_submission"
REPORT = "report.page:write_report"
PLOT = "plots.experiments:plot_history"
RULES = sorted(
    {
        line.split('"')[1]
        for path in (ROOT / "workflow/rules").glob("*.smk")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "**step(" in line and '"' in line
    }
    | {"submission.packaging:pack_submission"}
)
PARTS_APART = {
    "shared/errors.py", "shared/explanations.py", "shared/console.py", "config/sentences.py",
    "experiments/progress.py", "orchestration/steps.py",
}  # fmt: skip


def names(function: str, *more: str) -> set[str]:
    return {path.relative_to(LIBRARY).as_posix() for path in code_files(function, *more)}


@pytest.fixture
def library(tmp_path, monkeypatch) -> Path:
    """A copy of the library that a test may change."""
    copy = tmp_path / "assignment06"
    shutil.copytree(LIBRARY, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(digests, "LIBRARY", copy)
    forget()
    yield copy
    forget()


def forget() -> None:
    for function in (digests.code_digest, digests.file_digest, digests._tree, digests._texts, digests._uses):
        function.cache_clear()


def rewritten(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} has no {old!r}: bring this test up to date"
    path.write_text(text.replace(old, new), encoding="utf-8")
    forget()


def test_every_rule_has_a_function_that_can_be_found() -> None:
    assert len(RULES) > 20
    for function in RULES:
        module, _, name = function.partition(":")
        tree = ast.parse((LIBRARY / module.replace(".", "/")).with_suffix(".py").read_bytes())
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, function


def test_a_training_holds_what_trains_and_nothing_that_shows() -> None:
    files = names(TRAIN)
    assert {
        "experiments/training.py", "experiments/batches.py", "experiments/checkpoints.py", "experiments/optimizers.py",
        "experiments/networks/__init__.py", "backend/compute.py", "config/experiment.py", "data/prepared.py",
        "shared/files.py", "shared/documents.py",
    } <= files  # fmt: skip
    assert {"experiments/policies/__init__.py", "backend/kerascv.py"} <= files, "imported inside a function"
    folders = {name.split("/")[0] for name in files}
    assert not folders & {"plots", "report", "submission", "grading", "photographs"}
    assert not files & {"experiments/evaluation.py", "experiments/comparison.py", "data/acquisition.py"}


@pytest.mark.parametrize("function", RULES)
def test_nothing_that_only_speaks_to_people_counts(function: str) -> None:
    assert not names(function) & PARTS_APART
    assert code_files(function) == sorted(set(code_files(function)))


def test_nets_and_policies_are_those_that_are_asked_for() -> None:
    entries = {f"experiments/networks/{name}.py" for name in registry.names(registry.NETWORKS)}
    entries |= {f"experiments/policies/{name}.py" for name in registry.names(registry.POLICIES)}
    assert not names(TRAIN) & entries
    one = names(TRAIN, "experiments.networks.lean", "experiments.policies.light")
    assert one & entries == {"experiments/networks/lean.py", "experiments/policies/light.py"}
    assert "experiments/networks/_parts.py" in one, "what a net is made of"


def test_a_data_set_is_the_one_that_is_asked_for() -> None:
    files = names("data.datasets:prepare_dataset", "data.official.mnist")
    assert {"data/official/mnist.py", "data/formats.py", "data/stand_ins.py", "data/receipts.py"} <= files
    assert "data/official/cifar10.py" not in files


def test_a_verification_holds_the_probes_process_and_every_registered_check() -> None:
    files = names(VERIFY)
    assert {"grading/sandbox/zygote.py", "grading/sandbox/child.py"} <= files, "a process of its own"
    assert "grading/rebuild/building.py" in files, "which loads models"
    checks = {f"grading/checks/{path.name}" for path in (LIBRARY / "grading/checks").glob("*.py")}
    assert len(checks) > 5
    assert checks <= files, "they enter themselves into a table"
    assert not {name.split("/")[0] for name in files} & {"report", "plots", "transfer", "detection"}


def test_a_report_holds_its_template_and_a_plot_does_not() -> None:
    report = names(REPORT)
    assert {"report/page.py", "report/report.html.j2", "report/curves.py", "report/interpretation.py"} <= report
    plot = names(PLOT)
    assert {"plots/experiments.py", "plots/style.py", "shared/wording.py"} <= plot
    assert not {name.split("/")[0] for name in plot} & {"report", "grading", "submission", "photographs"}
    assert "experiments/training.py" not in plot


def test_other_words_change_nothing(library: Path) -> None:
    before = {function: code_digest(function) for function in (TRAIN, VERIFY, REPORT, PLOT)}
    training = library / "experiments/fitting.py"
    rewritten(training, "lower its ", "make smaller its ")  # an error
    rewritten(training, "goes on after epoch", "is taken up after epoch")  # a line for the log
    rewritten(training, '    """Train a net, from', '    """Fit a net, from')  # a docstring
    rewritten(training, "STEPS_PER_EXECUTION = 16  # training", "STEPS_PER_EXECUTION = 16  # so many training")
    rewritten(training, "    epochs, steps = settings", "\n\n    # another comment\n    epochs, steps = settings")
    rewritten(library / "experiments/results.py", '"""Wilson\'s interval."""', '"""The interval of Wilson."""')
    rewritten(library / "experiments/progress.py", "min left", "minutes to go")
    rewritten(library / "shared/console.py", "the whole story is in", "more is in")
    assert {function: code_digest(function) for function in before} == before


@pytest.mark.parametrize(
    ("path", "old", "new", "stale"),
    [
        ("experiments/fitting.py", "STEPS_PER_EXECUTION = 16", "STEPS_PER_EXECUTION = 8", {TRAIN}),
        ("experiments/checkpoints.py", "epoch-{len(rows):04d}", "epoch-{len(rows):05d}", {TRAIN}),
        ("backend/kerascv.py", "fill_value=128", "fill_value=127", {TRAIN}),
        ("grading/checks/figures.py", "AGREEMENT = 0.995", "AGREEMENT = 0.9", {VERIFY}),
        ("plots/experiments.py", "figsize=(10, 4)", "figsize=(10, 5)", {PLOT}),
        ("report/interpretation.py", "SIGNIFICANCE = 0.05", "SIGNIFICANCE = 0.01", {REPORT}),
        ("report/report.html.j2", "<!doctype html>", "<!doctype html>\n", {REPORT}),
    ],
)
def test_another_number_changes_only_what_uses_it(library: Path, path: str, old: str, new: str, stale: set) -> None:
    before = {function: code_digest(function) for function in (TRAIN, VERIFY, REPORT, PLOT)}
    rewritten(library / path, old, new)
    changed = {function for function in before if code_digest(function) != before[function]}
    assert changed == stale


def test_a_call_that_is_taken_away_or_another_exception_counts(library: Path) -> None:
    before = code_digest(TRAIN)
    rewritten(library / "experiments/training.py", "    state.clear()\n", "")
    without = code_digest(TRAIN)
    assert without != before
    rewritten(library / "experiments/fitting.py", "raise AssignmentError(", "raise ValueError(")
    assert code_digest(TRAIN) != without


def test_a_file_of_ones_own_counts_where_it_is_used(tmp_path: Path) -> None:
    own = tmp_path / "my_nets.py"
    own.write_text("def build(image, dropout):\n    return image\n")
    alone, before = code_digest(TRAIN), code_digest(TRAIN, str(own))
    assert before != alone
    forget()
    own.write_text("# mine\ndef build(image, dropout):\n    '''A net.'''\n    return image\n")
    assert code_digest(TRAIN, str(own)) == before
    forget()
    own.write_text("def build(image, dropout):\n    return 2 * image\n")
    assert code_digest(TRAIN, str(own)) != before
    forget()
    own.unlink()
    assert code_digest(TRAIN, str(own)) not in (before, alone), "a file that is gone is not a file that is there"
    forget()


def test_the_library_of_another_copy_is_refused(tmp_path: Path) -> None:
    check_library(ROOT / "workflow/rules")
    with pytest.raises(AssignmentError, match="another copy's: run `make environment`"):
        check_library(tmp_path)


SOURCES = sorted(path for path in LIBRARY.rglob("*.py") if path.stat().st_size > 300)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SOURCES), st.integers(0, 2**32))
def test_layout_and_comments_never_count_and_a_number_always_does(tmp_path_factory, path: Path, seed: int) -> None:
    folder, choose = tmp_path_factory.mktemp("sources"), random.Random(seed)
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    before = file_digest(path)

    def digest(source: str) -> bytes:
        (folder / path.name).write_text(source, encoding="utf-8")
        forget()
        return file_digest(folder / path.name)

    assert digest(ast.unparse(tree)) == before, "all comments and the layout are gone"
    places = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module)]
    place = choose.choice(places)
    words = ast.Expr(ast.Constant(f"words {seed}"))
    place.body.insert(int(ast.get_docstring(place) is not None), words)
    assert digest(ast.unparse(ast.fix_missing_locations(tree))) == before, "a docstring"
    place.body.append(ast.Assign([ast.Name("added", ast.Store())], ast.Constant(seed)))
    assert digest(ast.unparse(ast.fix_missing_locations(tree))) != before
