"""The last lines of a run."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from made_documents import metrics as made_metrics

from assignment06.config.model import Student
from assignment06.orchestration.closing import closing_lines, print_closing, print_up_to_date
from assignment06.submission.packaging import Manifest, PackedClassifier

ADA = Student(last_name="Lovelace", first_name="Ada")


def manifest(stamps: list[str]) -> Manifest:
    return Manifest(
        assignment="6", student=ADA, for_submission=not stamps, stamps=stamps, image="i:1", versions={}, experiments={},
        classifier=PackedClassifier(architecture="ResNet50", images=7, skipped=0), files={},
    )  # fmt: skip


@pytest.fixture
def run(finished, tmp_path):
    def packed(stamps: list[str]) -> tuple:
        (tmp_path / "report.html").write_text("x")
        with zipfile.ZipFile(tmp_path / "a b.zip", "w") as archive:
            archive.writestr("assignment06/manifest.json", manifest(stamps).text())
        return (
            finished["metrics"],
            finished["classifier"],
            str(tmp_path / "report.html"),
            str(tmp_path / "a b.zip"),
            ADA,
        )

    return packed


def test_accuracies_report_and_zip(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    metrics, *rest = run([])
    lines = closing_lines(metrics, *rest)
    accuracy = json.loads(Path(metrics[0]).read_text())["test"]["accuracy"]
    assert len(lines) == 5
    assert lines[0].startswith("6.2a ") and f"{accuracy:.2%} of 300 test images (" in lines[0]
    assert lines[2] == "6.3     1 photograph classified by ResNet50, 1 skipped"
    assert lines[3].split() == ["Report", "report.html"]
    assert lines[4] == "Zip     'a b.zip'  ready to hand in"
    (tmp_path / "explore.html").write_text("x")
    assert closing_lines(*run([]))[4].split() == ["Explore", "explore.html"]


def test_a_zip_that_another_name_left_is_not_taken_for_this_one(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = run([])
    (tmp_path / "assignment06_ByronAda.zip").write_bytes(b"")
    lines = closing_lines(*given)
    assert lines[-1].strip() == "assignment06_ByronAda.zip: not of this run, do not hand in"
    (tmp_path / "assignment06_ByronAda.zip").unlink()
    assert closing_lines(*given) == lines[:-1]


def test_what_is_not_for_submission_is_said_to_be(run):
    assert closing_lines(*run(["sample data (mnist)"]))[-1].endswith("not for submission: sample data (mnist)")
    assert closing_lines(*run(["a", "b", "c"]))[-1].endswith("not for submission: a and 2 more")


def test_a_name_nobody_wrote_is_not_for_submission(run):
    *rest, _ = run([])
    last = closing_lines(*rest, Student(last_name="Lastname", first_name="Firstname"))[-1]
    assert "not for submission: the name is still Lastname, Firstname (write yours into config.yaml)" in last


def test_what_is_up_to_date_is_counted_by_rule(capsys):
    print_up_to_date(["train_convnet", "plot_history", "train_convnet"])
    assert capsys.readouterr().err == "Up to date: 3 jobs, not run again: train_convnet (2), plot_history\n"
    print_up_to_date([])
    assert capsys.readouterr().err == ""


def several(folder: Path, count: int) -> list[str]:
    """Metrics of experiments that differ by their seed."""
    paths = [str(folder / f"{seed}.json") for seed in range(count)]
    for seed, path in enumerate(paths):
        made_metrics(f"e{seed}", title=f"A net, seed {seed}").write(path)
    return paths


def test_every_experiment_is_named_or_said_to_be_left_out(run, tmp_path):
    made = several(tmp_path, 60)
    _, *rest = run([])
    five = closing_lines(made[:5], *rest)
    assert [line.split("  ")[0] for line in five[:5]] == [f"A net, seed {seed}" for seed in range(5)]
    seven = closing_lines(made[:7], *rest)
    assert len(seven) == 5 + 3
    assert seven[4].endswith("and 3 more, which the report has: A net, seed 4; A net, seed 5; A net, seed 6")
    many = closing_lines(made, *rest)
    assert len(many) == 5 + 3
    named = many[4].count("A net, seed")
    assert f"and {56 - named} others" in many[4] and "and 56 more" in many[4]
    assert named >= 8 and len(many[4]) < 250


def test_files_that_are_not_there_or_out_of_date_have_no_line(run):
    metrics, classifier, report, archive, _ = run([])
    assert closing_lines(["missing.json"], "missing.json", "missing.html", "missing.zip", ADA) == []
    assert len(closing_lines([*metrics, "missing.json"], "missing.json", "missing.html", "missing.zip", ADA)) == 2
    facts = Path(report).stat()
    os.utime(archive, ns=(facts.st_atime_ns, facts.st_mtime_ns - 10**9))  # a report written since it was packed
    assert len(closing_lines(metrics, classifier, report, archive, ADA)) == 4


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (Terminal, {}, True),
        (Terminal, {"NO_COLOR": "1"}, False),
        (Terminal, {"TERM": "dumb"}, False),
        (io.StringIO, {}, False),
    ],
)
def test_colour_only_where_it_is_wanted(run, monkeypatch, stream, environment, coloured):
    shown = stream()
    monkeypatch.setattr("sys.stderr", shown)
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    print_closing(*run([]))
    assert "Report" in shown.getvalue()
    assert ("\033[" in shown.getvalue()) == coloured
