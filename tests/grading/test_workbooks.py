"""Workbooks are read as the tables that they hold, and a hostile one costs no more than itself."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assignment06.grading import gradebooks, workbooks
from assignment06.grading.grade import Grade

from . import builder
from .conftest import failures
from .test_reading import CIFAR10

Graded = Callable[[builder.Files], Grade]
TOP = "assignment06/results/"
STEMS = {"6.1": "mnist", "6.2a": "cifar10_plain", "6.2b": "cifar10_augmented"}


def book(**tables: pd.DataFrame | list[list]) -> bytes:
    """A workbook as pandas or a person makes one: a table, or rows of cells, a sheet."""
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="openpyxl") as writer:
        for title, table in tables.items():
            if isinstance(table, pd.DataFrame):
                table.to_excel(writer, sheet_name=title)
            else:
                sheet = writer.book.create_sheet(title)
                for row in table:
                    sheet.append(row)
    return buffer.getvalue()


def of_tasks(files: builder.Files, kind: str) -> builder.Files:
    """The files of one kind taken out."""
    return {name: data for name, data in files.items() if f"/{kind}/" not in name or "resnet50" in name}


def predicted(task: str) -> np.ndarray:
    return builder.probabilities(task).argmax(axis=1)


def said(grade: Grade, label: str) -> list[tuple[str, str]]:
    return [(r.status, r.sentence) for r in grade.results if r.label.startswith(label)]


@pytest.mark.parametrize("form", ["numbers", "names", "probabilities", "with a title"])
def test_predictions_in_a_workbook_each(form: str, graded: Graded) -> None:
    files = of_tasks(builder.clean(), "predictions")
    for task, stem in STEMS.items():
        labels = predicted(task)
        table: pd.DataFrame | list[list] = pd.DataFrame({"predicted": labels})
        if form == "names" and task != "6.1":
            table = pd.DataFrame({"predicted": CIFAR10[labels]})
        elif form == "probabilities":
            table = pd.DataFrame(builder.probabilities(task))
        elif form == "with a title":
            table = [["Predictions of my net"], [], [None, "image", "predicted"]]
            table += [[None, number, int(label)] for number, label in enumerate(labels)]
        files[f"{TOP}predictions/{stem}.xlsx"] = book(Sheet1=table)
    grade = graded(files)
    assert failures(grade) == set()
    assert [status for status, _ in said(grade, "completeness.predictions")] == ["passed"] * 3
    assert [status for status, _ in said(grade, "figures.stated_accuracy")] == ["passed"] * 3


def test_one_workbook_with_a_sheet_a_task(graded: Graded) -> None:
    files = of_tasks(of_tasks(builder.clean(), "predictions"), "metrics")
    tables = {stem: pd.DataFrame({"predicted": predicted(task)}) for task, stem in STEMS.items()}
    files[f"{TOP}predictions.xlsx"] = book(**tables)
    rows = [["Metrics of the three nets"], ["model", "test accuracy", "test loss"]]
    rows += [[stem, builder.accuracy(task), 0.5] for task, stem in STEMS.items()]
    files[f"{TOP}metrics.xlsx"] = book(Sheet1=rows, Sheet2=[])
    grade = graded(files)
    assert failures(grade) == set()
    assert ("passed", f"results/predictions.xlsx/{STEMS['6.1']}.csv, 10,000 rows") in said(grade, "completeness.pred")
    assert all("results/metrics.xlsx states" in sentence for _, sentence in said(grade, "figures.stated_accuracy"))
    labels = predicted("6.2b")
    labels[:2000] = (labels[:2000] + 1) % 10
    files[f"{TOP}predictions.xlsx"] = book(**tables | {"cifar10_augmented": pd.DataFrame({"predicted": labels})})
    assert "figures.stated_accuracy 6.2b" in failures(graded(files))


def test_63_in_a_workbook(graded: Graded) -> None:
    files = builder.clean()
    answers = pd.read_csv(io.BytesIO(files.pop(f"{TOP}predictions/resnet50/predictions.csv")))
    files[f"{TOP}predictions/resnet50/answers.xlsx"] = book(Sheet1=answers)
    grade = graded(files)
    assert failures(grade) == set()
    assert {status for status, _ in said(grade, "completeness.resnet50")} <= {"passed", "not applicable"}
    assert "6 photographs" in said(grade, "completeness.photographs")[0][1]


def bomb(cells: bytes) -> bytes:
    """A workbook whose first sheet is changed to hold `cells`."""
    made, buffer = book(Sheet1=[[1]]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry, data.replace(b"</sheetData>", cells + b"</sheetData>"))
    return buffer.getvalue()


HOSTILE = {
    "two cells, as far apart as can be": bomb(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "a gigabyte of zeros": bomb(b"<row><c><v>" + bytes(1 << 27) + b"</v></c></row>"),
    "no workbook": b"PK\x03\x04" + bytes(500),
    "of before 2007, cut off": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "empty": b"",
    "text": b"predicted\n" + b"1\n" * 10_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_workbook_accuses_nobody_of_what_else_is_there(kind: str, graded: Graded) -> None:
    files = builder.clean()
    files[f"{TOP}predictions/notes.xlsx"] = HOSTILE[kind]
    assert failures(graded(files)) <= {"packaging.intact"}  # where the reader was killed by it
    del files[f"{TOP}predictions/notes.xlsx"], files[f"{TOP}predictions/mnist.csv"]
    files[f"{TOP}predictions/mnist.xlsx"] = HOSTILE[kind]
    left = failures(graded(files)) - {"packaging.intact"}
    assert left <= {"completeness.predictions 6.1"}


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.none() | st.booleans() | st.integers(-9, 99) | st.floats(0, 1) | st.text("ab ,;\"'\n", max_size=4)),
        max_size=8,
    )
)
def test_any_cells(rows: list[list], tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is read back has the cells that were written, but for empty rows, columns and titles."""
    path = tmp_path_factory.mktemp("book") / "x.xlsx"
    path.write_bytes(book(Sheet1=rows, Empty=[]))
    found = workbooks.sheets(path)
    written = sum(cell not in (None, "") for row in rows for cell in row)
    assert set(found) <= {"Sheet1"} and bool(found) == (written > 0)
    for text in found.values():
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert 0 < sum(cell != "" for cell in cells) <= written


def test_a_roster_as_a_workbook(tmp_path: Path) -> None:
    sheet = openpyxl.Workbook()
    for row in (["Identifier", "Full name", "Grade", "Maximum Grade"], ["Participant 12", "Zoë Müller", None, 100]):
        sheet.active.append(row)
    sheet.save(tmp_path / "roster.xlsx")
    filled = gradebooks.fill("moodle", tmp_path / "roster.xlsx", [])
    assert filled.text.splitlines() == ["Identifier,Full name,Grade,Maximum Grade", "Participant 12,Zoë Müller,,100"]


def test_true_labels_beside_the_first_predictions(tried: Graded, models: dict[str, bytes]) -> None:
    """No heading is known; a sheet of predictions, for the first images, is called as the workbook of its net."""
    files = of_tasks(builder.clean(models), "predictions")
    for task, stem in STEMS.items():
        true = builder.LABELS[f"{builder.FAMILY[task]}_test"][:1000]
        answers = pd.DataFrame({"chitra": range(1000), "satya": true, "uttar": predicted(task)[:1000]})
        files[f"{TOP}{stem}.xlsx"] = book(Natija=[["Maap", "Maan"], ["Chitra", 1000]], Uttar=answers)
    judged = tried(files)
    assert not {label for label in failures(judged) if label.startswith(("predictions.differ", "predictions.not_the"))}
    for task in STEMS:
        outcome = said(judged, f"predictions.rows {task}")[0]
        assert "first 1,000 test images" in outcome[1]
        assert "100.0% of them" not in outcome[1]
