"""What a teacher gets: points, likenesses, feedback for each student, tables for gradebooks."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assignment06.grading import feedback, fingerprints, gradebooks, handed_in, pages, people, points, similarity
from assignment06.grading.__main__ import main
from assignment06.grading.examine import examine as grade
from assignment06.grading.registry import CHECKS, FAILED, NOT_APPLICABLE, PASSED, UNCONFIRMED, Check, Result
from assignment06.grading.result import Grade
from assignment06.shared.errors import AssignmentError

from . import builder
from .test_defects import R

ENTRIES = {entry.id: entry for entry in CHECKS}


def result(check: str, task: str = "", status: str = PASSED, credit: float | None = 1.0, **more: object) -> Result:
    return Result(ENTRIES[check], task, status, "a sentence", credit=credit, **more)


def weights(**checks: float) -> points.Weights:
    part = points.Part(tasks=[""], points=10, checks={key.replace("__", "."): value for key, value in checks.items()})
    return points.Weights(parts={"zip": part})


def test_points_are_shared_out_by_weight() -> None:
    two = weights(packaging__intact=1, packaging__layout=3)
    assert points.score([result("packaging.intact"), result("packaging.layout")], two).earned == 10
    half = [result("packaging.intact"), result("packaging.layout", status=FAILED, credit=0.5)]
    assert points.score(half, two).earned == 6.2
    waits = [result("packaging.intact", status=FAILED, credit=0.0)]
    waits.append(result("packaging.layout", status=NOT_APPLICABLE, credit=None, waits="packaging.intact"))
    assert points.score(waits, two).earned == 0
    without = [result("packaging.intact"), result("packaging.layout", status=NOT_APPLICABLE, credit=None)]
    assert points.score(without, two).earned == 10
    ours = [result("packaging.intact"), result("packaging.layout", status=UNCONFIRMED, credit=None, ours=True)]
    assert (points.score(ours, two).earned, points.score(ours, two).open) == (10, 7.5)
    theirs = [result("packaging.intact"), result("packaging.layout", status=UNCONFIRMED, credit=None)]
    assert (points.score(theirs, two).earned, points.score(theirs, two).open) == (6.2, 7.5)


def test_what_is_no_answer_of_ones_own_limits_what_its_net_earns() -> None:
    shipped = points.load()
    right = [result(check, task) for check in shipped.parts["net"].checks for task in ("6.2a", "6.2b")]

    def earned(**of: object) -> tuple[float, float]:
        given = points.score([*right, result("models.own_weights", "6.2b", **of)], shipped)
        return next(p.earned for p in given.parts if p.name == "6.2a"), given.earned

    assert earned() == (25, 50)
    assert earned(status=FAILED, credit=0.0) == (25, 35)
    assert earned(status=FAILED, credit=1.0, required=False) == (25, 50), "advice limits nothing"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(ENTRIES)),
            st.sampled_from(["", "6.1", "6.2a", "6.2b"]),
            st.sampled_from([PASSED, FAILED, UNCONFIRMED, NOT_APPLICABLE]),
            st.one_of(st.none(), st.floats(0, 1)),
            st.booleans(),
        ),
        max_size=60,
    )
)
@settings(deadline=None, max_examples=60)
def test_points_stay_within_their_bounds(drawn: list[tuple]) -> None:
    shipped = points.load()
    score = points.score([result(c, t, s, credit, ours=ours) for c, t, s, credit, ours in drawn], shipped)
    assert 0 <= score.earned <= score.possible == shipped.total == 100
    assert 0 <= score.open <= score.possible


def test_what_is_advised_by_a_required_check_costs_nothing() -> None:
    shipped = points.load()
    listed = {check for part in shipped.parts.values() for check in (*part.checks, *part.at_most)}
    assert listed <= set(ENTRIES)
    assert sum(part.points * len(part.tasks) for part in shipped.parts.values()) == 100


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("parts: {a: {tasks: [''], points: 1, checks: {packaging.nothing: 1}}}", "packaging.nothing is no check"),
        ("parts: {a: {tasks: [''], points: 1, checks: {}, at_most: {x: 0.5}}}", "x is no check"),
        ("parts: {a: {tasks: [''], points: 1, checks: {}, at_most: {plots.open: 2}}}", "parts.a.at_most.plots.open is"),
        ("parts: {a: {tasks: ['7.1'], points: 1, checks: {}}}", "7.1 is no task"),
        ("parts: {a: {tasks: [''], points: -1, checks: {}}}", "parts.a.points"),
        ("parts: [", "is no YAML"),
        ("[]", "the file is no mapping"),
        ("parts: {x: [1]}", "parts.x is no mapping"),
        ("parts: 1", "parts is no mapping"),
        ("parts: {x: {tasks: '', points: 1, checks: {}}}", "parts.x.tasks is no list"),
        ("parts: {x: {tasks: [''], points: many, checks: {}}}", "parts.x.points is no number"),
        ("parts: {x: {tasks: [''], points: 1}}", "parts.x.checks is missing"),
        ("more: 1", "parts is missing"),
        ("{more: 1, parts: {}}", "more is no key there is"),
    ],
)
def test_a_bad_file_of_points_is_one_sentence(content: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "points.yaml"
    path.write_text(content)
    with pytest.raises(AssignmentError, match=words):
        points.load(path)
    assert main(["a.zip", "--points", str(tmp_path / "nowhere.yaml")]) == 2


def notebook(lines: list[str]) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": [f"{line}\n" for line in lines]}]}).encode()


def program(seed: int, count: int = 60) -> list[str]:
    """Lines of code with a structure of their own."""
    random = np.random.default_rng(seed)
    signs = ["+", "-", "*", "//", "%", "<", ">", "=="]
    lines = []
    for _ in range(count):
        words = [f"name{n}" for n in random.integers(0, 30, random.integers(3, 7))]
        body = "".join(f" {random.choice(signs)} {word}" for word in words[2:])
        lines.append(f"{words[0]} = ({words[1]}{body})" if random.random() < 0.5 else f"{words[0]}[{words[1]}]{body}")
    return lines


def renamed(lines: list[str]) -> list[str]:
    return [f"{line.replace('name', 'other')}  # mine" for line in lines]


def graded(folder: Path, who: str, files: builder.Files) -> Grade:
    return grade(builder.zipped(folder / f"assignment06_{who}.zip", files), [], None)


def own(seed: int, code: list[str]) -> builder.Files:
    """A submission of its own: other errors, other plots, other figures, another 6.3."""
    random = np.random.default_rng(seed)
    files = {"assignment06/a.ipynb": notebook(code)}
    for task, stem in builder.STEM.items():
        truth = builder.labels(task)
        other = np.where(random.random(10_000) < 0.2, random.integers(0, 10, 10_000), truth)
        files[f"{R}predictions/{stem}.csv"] = builder.table({"predicted_label": other})
        files[f"{R}metrics/{stem}.json"] = json.dumps({"test_accuracy": float((other == truth).mean())}).encode()
        files[f"{R}plots/{stem}_loss.png"] = builder.plot(1000 + 10 * seed + len(files))
    return files


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Grade]:
    folder = tmp_path_factory.mktemp("alike")
    one = own(1, program(1))
    disguised = own(3, renamed(program(1)))
    copied = own(4, program(4)) | {k: v for k, v in one.items() if "predictions" in k}
    files = {"DoeJane": one, "RoeRita": own(2, program(2)), "PoeEdgar": disguised, "CoeAnn": copied}
    return {who: graded(folder, who, files[who]) for who in files}


def likenesses(everybody: dict[str, Grade], **options: object) -> dict[tuple[str, str], list[str]]:
    prints = {who: graded.fingerprint for who, graded in everybody.items()}
    return {(p.one, p.other): [like.what for like in p.likenesses] for p in similarity.pairs(prints, **options)}


def test_copies_are_shown_and_honest_work_is_not(everybody: dict[str, Grade]) -> None:
    found = likenesses(everybody)
    assert set(found) == {("DoeJane", "PoeEdgar"), ("DoeJane", "CoeAnn")}
    assert found["DoeJane", "PoeEdgar"] == ["code, names and texts aside"]
    assert {f"{task} predictions" for task in builder.STEM} == set(found["DoeJane", "CoeAnn"])


def test_the_same_answers_to_63_alone_are_no_likeness(tmp_path: Path) -> None:
    """ResNet50 gives them to all who were handed the same photographs; beside more they are named."""
    one, answers = own(5, program(5)), {f"{R}predictions/resnet50/predictions.csv": builder.resnet()}
    copied = {k: v for k, v in one.items() if "ipynb" not in k}
    prints = {
        who: graded(tmp_path, who, files | answers).fingerprint
        for who, files in {
            "DoeJane": one,
            "RoeRita": own(6, program(6)),
            "CoeAnn": own(7, program(7)) | copied,
        }.items()
    }
    (pair,) = (p for p in similarity.pairs(prints) if p.one == "DoeJane")
    assert pair.other == "CoeAnn" and "6.3 predictions" in [like.what for like in pair.likenesses]


def test_places_of_both_are_named(everybody: dict[str, Grade]) -> None:
    prints = {who: graded.fingerprint for who, graded in everybody.items()}
    pair = next(p for p in similarity.pairs(prints) if p.other == "PoeEdgar")
    assert pair.likenesses[0].place.startswith("assignment06/a.ipynb:1:")
    assert pair.likenesses[0].other_place.startswith("assignment06/a.ipynb:1:")


def test_earlier_submissions(everybody: dict[str, Grade]) -> None:
    prints = {who: graded.fingerprint for who, graded in everybody.items()}
    found = similarity.pairs({"DoeJane": prints["DoeJane"]}, {"PoeEdgar": prints["PoeEdgar"]})
    assert [(p.one, p.other, p.other_is_earlier) for p in found] == [("DoeJane", "PoeEdgar", True)]


def test_what_everybody_has_is_the_courses(everybody: dict[str, Grade], tmp_path: Path) -> None:
    """Sixty lines handed out to all are no likeness; what stands beside them counts."""
    common = program(99)
    prints = {
        f"student{n}": graded(tmp_path, f"S{'abcdefgh'[n]}", own(20 + n, common + program(30 + n))).fingerprint
        for n in range(8)
    }
    assert similarity.pairs(prints) == []


def test_weights_survive_a_changed_row(models: dict[str, bytes], tmp_path: Path) -> None:
    from assignment06.grading import weights as arrays

    for kind in ("plain", "plain with dropout", "augmented"):
        (tmp_path / kind).write_bytes(models[kind])
    plain, dropout, other = (
        arrays.digests(tmp_path / kind, "keras") for kind in ("plain", "plain with dropout", "augmented")
    )
    assert arrays.shared(dropout, plain) == (1.0, 1)
    assert arrays.shared(other, plain) == (0.0, 0)
    import h5py

    with zipfile.ZipFile(tmp_path / "plain") as archive:
        (tmp_path / "changed.h5").write_bytes(archive.read("model.weights.h5"))
    with h5py.File(tmp_path / "changed.h5", "r+") as file:
        kernels = []
        file.visititems(
            lambda _, item: kernels.append(item) if isinstance(item, h5py.Dataset) and item.size > 99 else None
        )
        kernels[0][:60] = 0.25
    share, count = arrays.shared(arrays.digests(tmp_path / "changed.h5", "hdf5"), plain)
    assert 0.9 < share < 1 and count == 1


@given(st.lists(st.integers(0, 255), min_size=1, max_size=300))
@settings(deadline=None, max_examples=30)
def test_packed_classes_come_back(values: list[int]) -> None:
    packed = np.array(values, np.uint8)
    assert np.array_equal(fingerprints.unpack(fingerprints.pack(packed)), packed)


@given(st.integers(0, 40), st.integers(0, 1000))
@settings(deadline=None, max_examples=25)
def test_winnowing_finds_every_long_match(before: int, seed: int) -> None:
    """A run of GRAM + WINDOW - 1 tokens in two streams shares a digest, wherever it stands (Schleimer et al., 2003)."""
    random = np.random.default_rng(seed)
    run = [str(token) for token in random.integers(0, 50, fingerprints.GRAM + fingerprints.WINDOW - 1)]

    def stream(extra: int, other: int) -> list[tuple[str, str]]:
        around = [str(t) for t in np.random.default_rng(other).integers(100, 200, extra)]
        return [(token, "") for token in [*around, *run, *around]]

    one, two = (dict(fingerprints.winnow(stream(*args))) for args in ((before, 1), (40 - before, 2)))
    assert set(one) & set(two)


def test_feedback_speaks_of_nobody_else(everybody: dict[str, Grade], tmp_path: Path) -> None:
    written = feedback.write(tmp_path, list(everybody.values()))
    assert len(written) == 8
    for path in written:
        text = path.read_text(encoding="utf-8")
        who = path.stem.removeprefix("assignment06_")
        assert who in text and not any(other in text for other in everybody if other != who)
        assert "alike" not in text.lower() and "code, names and texts aside" not in text
    assert "No model was found" in written[0].read_text() or "no model was found" in written[0].read_text()


def test_feedback_of_two_with_one_name(everybody: dict[str, Grade], tmp_path: Path) -> None:
    first = everybody["DoeJane"]
    written = feedback.write(tmp_path, [first, first])
    assert len({path.name for path in written}) == 4


def test_feedback_and_page_escape_what_a_stranger_wrote(tmp_path: Path) -> None:
    files = builder.clean() | {f"{R}plots/mnist_<script>alert(1)</script>*_x_.png": b""}
    graded_ = grade(builder.zipped(tmp_path / "assignment06_DoeJane.zip", files), [], None)
    pages.write_html(tmp_path / "grades.html", [graded_], [])
    for path in (tmp_path / "grades.html", *feedback.write(tmp_path, [graded_])):
        assert "<script>" not in path.read_text(encoding="utf-8")


def scored(*names: str) -> list[Grade]:
    return [Grade(Path(name), [result("packaging.intact")]) for name in names]


HANDED_IN = {
    "blackboard": "Assignment 6_jdoe_attempt_2023-01-02-03-04-05_assignment06_DoeJane.zip",
    "canvas": "doejane_LATE_12345_678901_assignment06_DoeJane-1.zip",
    "moodle": "Jane Doe_54321_assignsubmission_file_/assignment06_DoeJane.zip",
}


def test_names_of_each_platform() -> None:
    who = {platform: gradebooks.student(Path(source)) for platform, source in HANDED_IN.items()}
    assert who["blackboard"] == gradebooks.Student("jdoe", "", "DoeJane")
    assert (who["canvas"].id, who["moodle"].id, who["moodle"].name) == ("12345", "54321", "Jane Doe")
    assert gradebooks.student(Path("assignment06_DoeJane.zip")) == gradebooks.Student(name="DoeJane")
    assert people.platform("assignment06_DoeJane.zip") == {}


@pytest.mark.parametrize("platform", gradebooks.PLATFORMS)
def test_tables_of_each_platform(platform: str) -> None:
    book = gradebooks.make(platform, scored(HANDED_IN[platform], "assignment06_RoeRita.zip"))
    rows = list(csv.DictReader(io.StringIO(book.text)))
    column = "Grade" if platform == "moodle" else "Assignment 6"
    key, value = {
        "blackboard": ("Username", "jdoe"),
        "canvas": ("ID", "12345"),
        "moodle": ("Identifier", "Participant 54321"),
    }[platform]
    row = next(row for row in rows if row[key] == value)
    assert float(row[column]) > 0
    assert book.unmatched == ("assignment06_RoeRita.zip",)


ROSTERS = {
    "blackboard": (
        '"Last Name","First Name","Username","Assignment 6 [Total Pts: 100 Score] |7"\nDoe,Jane,jdoe,\nMüller,Zoë,zm,\n'
    ),
    "canvas": (
        "Student,ID,SIS Login ID,Section,Assignment 6 (88)\n    Points Possible,,,,100\n"
        '"Doe, Jane",12345,jdoe,1,\n"Müller, Zoë",2,zm,1,\n'
    ),
    "moodle": (
        "Identifier,Full name,Email address,Grade,Maximum Grade\nParticipant 54321,Jane Doe,j@x.org,,100\n"
        "Participant 2,Zoë Müller,z@x.org,,100\n"
    ),
}


@pytest.mark.parametrize("platform", gradebooks.PLATFORMS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_platforms_own_table_is_filled(platform: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(ROSTERS[platform].encode(encoding))
    book = gradebooks.fill(platform, path, scored(HANDED_IN[platform], "assignment06_MullerZoe.zip", "x.zip"))
    rows = list(csv.reader(io.StringIO(book.text)))
    head = next(csv.reader(io.StringIO(ROSTERS[platform])))
    assert rows[0] == head and book.unmatched == ("x.zip (no row)",)
    filled = [row for row in rows[1:] if any("Doe" in cell or "ller" in cell for cell in row)]
    column = head.index("Grade") if platform == "moodle" else len(head) - 1
    assert len(filled) == 2 and all(float(row[column]) > 0 for row in filled)


@pytest.mark.parametrize("platform", gradebooks.PLATFORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize(("separator", "end"), [(";", "\r\n"), (",", "\r"), ("\t", "\n")])
def test_a_table_that_excel_has_saved_is_filled(
    platform: str, encoding: str, separator: str, end: str, tmp_path: Path
) -> None:
    path = tmp_path / "roster.csv"
    rows = list(csv.reader(io.StringIO(ROSTERS[platform])))
    with open(path, "w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=separator, lineterminator=end).writerows(rows)
    book = gradebooks.fill(platform, path, scored(HANDED_IN[platform], "assignment06_MullerZoe.zip", "x.zip"))
    assert book.unmatched == ("x.zip (no row)",)
    filled = list(csv.reader(io.StringIO(book.text), delimiter=";" if separator == ";" else ","))
    column = rows[0].index("Grade") if platform == "moodle" else len(rows[0]) - 1
    changed = [(n, m) for n, row in enumerate(rows) for m, cell in enumerate(row) if filled[n][m] != cell]
    assert {m for _, m in changed} == {column} and len(changed) == 2
    assert ("read as cp1252" in book.note) == (encoding == "cp1252")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256)), "the workbook .* cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "the workbook .* cannot be read"),
        (b"\xff\xfe" + "Identifier\n".encode("utf-16-le") + b"x", "is no text"),
        (b"Identifier,Full name\n1," + b"x" * (1 << 18), "is no whole CSV"),
        (b"x" * (1 << 18), "is no whole CSV"),
        (b"\r\n\r\n", "is empty"),
        (b"", "is empty"),
        (b"Student;ID\n", "has no column 'Identifier'"),
    ],
)
def test_a_table_that_is_none_is_one_sentence(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(data)
    with pytest.raises(AssignmentError, match=words) as told:
        gradebooks.fill("moodle", path, [])
    assert str(path) in str(told.value) and "\n" not in str(told.value)


def test_a_table_that_goes_meanwhile_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = builder.zipped(tmp_path / "assignment06_DoeJane.zip", {})
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTERS["moodle"], encoding="utf-8")
    monkeypatch.setattr("assignment06.grading.__main__.official.look_in", lambda _: roster.unlink(missing_ok=True))
    options = ["--no-models", "--brief", "--output", tmp_path / "o", "--gradebook", "moodle", "--roster", roster]
    assert main([*map(str, [source, *options])]) == 2
    assert capsys.readouterr().err.startswith(f"error: the table {roster} cannot be read")
    assert (tmp_path / "o/grades.csv").exists()


def test_no_cell_of_a_table_is_a_formula() -> None:
    book = gradebooks.make("moodle", scored("=1+1_12345_assignsubmission_file_/assignment06_DoeJane.zip"))
    assert not any(cell.startswith("=") for row in csv.reader(io.StringIO(book.text)) for cell in row)


def test_zip_of_zips_and_folders(tmp_path: Path) -> None:
    inner = builder.zipped(tmp_path / "inner.zip", {"results/a.txt": b"1"}).read_bytes()
    (tmp_path / "inner.zip").unlink()
    whole = builder.zipped(
        tmp_path / "gradebook.zip",
        {HANDED_IN["blackboard"]: inner, HANDED_IN["blackboard"][:45] + ".txt": b"note", "../evil.zip": inner},
    )
    moodle = builder.zipped(tmp_path / "moodle.zip", {HANDED_IN["moodle"]: inner})
    folder = builder.unzipped(
        tmp_path / "folder", {"assignment06_DoeJane.zip": inner, "assignment06_RoeRita.zip": inner}
    )
    students = builder.unzipped(tmp_path / "students", {HANDED_IN["moodle"]: inner})
    one = builder.zipped(tmp_path / "assignment06_CoeAnn.zip", builder.clean())
    plain = builder.unzipped(tmp_path / "plain", builder.clean())
    with handed_in.expanded([whole, moodle, folder, students, one, plain, tmp_path / "nowhere.zip"]) as found:
        labels = [handed_in.label(path) for path in found]
        assert all(path.exists() for path in found[:-1])
        assert gradebooks.student(found[2]).name == "Jane Doe"
        kept = [path for path in found if "handed-in" in str(path)]
    assert [Path(label).name for label in labels] == [
        "evil.zip", HANDED_IN["blackboard"], "assignment06_DoeJane.zip", "assignment06_DoeJane.zip",
        "assignment06_RoeRita.zip", "assignment06_DoeJane.zip", "assignment06_CoeAnn.zip", "plain", "nowhere.zip",
    ]  # fmt: skip
    assert not any(path.exists() for path in kept) and not any("tmp" in label for label in labels[:3])


def test_the_whole_command(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    source = builder.zipped(tmp_path / HANDED_IN["blackboard"], builder.clean())
    last_year = builder.unzipped(tmp_path / "last year", {"assignment06_OldTimer.zip": source.read_bytes()})
    output = tmp_path / "out"
    options = ["--no-models", "--brief", "--output", output, "--feedback", "--gradebook", "blackboard"]
    assert main([*map(str, [source, *options, "--against", last_year])]) == 0
    page = (output / "grades.html").read_text(encoding="utf-8")
    assert "assignment06_OldTimer.zip" in page and "(earlier)" in page and "of 100" in page
    assert (output / "feedback" / f"{source.stem}.md").exists()
    assert "jdoe" in (output / "gradebook-blackboard.csv").read_text(encoding="utf-8-sig")
    assert main([str(source), "--no-models", "--against", str(tmp_path / "nowhere")]) == 2
    assert main([str(source), "--no-models", "--roster", str(source)]) == 2
    assert capsys.readouterr().err.count("error: ") == 2


def test_the_page_has_an_anchor_for_each(everybody: dict[str, Grade], tmp_path: Path) -> None:
    pages.write_html(tmp_path / "grades.html", list(everybody.values()), [])
    page = (tmp_path / "grades.html").read_text(encoding="utf-8")
    for number in range(1, 5):
        assert f'href="#s{number}"' in page and f'<section id="s{number}">' in page
    assert page.index("Failed</h3>") < page.index("Passed (") and "<script" not in page


def test_a_check_of_ones_own() -> None:
    """One function: what docs/grading.md promises."""
    from assignment06.grading import registry

    before = list(CHECKS)
    try:

        @registry.check("own.nothing", required=False, reason="It is an example.", remedy="Do nothing.")
        def nothing(e: registry.Evidence, task: str) -> registry.Outcome:
            return registry.passed("always")

        assert CHECKS[-1] == Check("own.nothing", False, "It is an example.", "Do nothing.", nothing)
    finally:
        CHECKS[:] = before


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:

    os.mkfifo(tmp_path / "assignment06_DoeJane.zip")
    with handed_in.expanded([tmp_path / "assignment06_DoeJane.zip"]) as found:
        assert found == [tmp_path / "assignment06_DoeJane.zip"]
