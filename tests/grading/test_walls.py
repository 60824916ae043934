"""The walls around each submission, and that no submission stops the others."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading import arrays, converting, grades, metrics, people, predictions, source, vectors
from assignment06.grading.__main__ import main
from assignment06.grading.examine import examine
from assignment06.grading.grade import grade, grade_all
from assignment06.grading.result import from_plain, plain
from assignment06.grading.sandbox import landlock, seccomp, walls
from assignment06.grading.sandbox.workers import Workers, _read
from assignment06.grading.unpack import Unpacked

from . import builder
from .conftest import TESTS

INSIDE = """
import json, os, pickle, socket, subprocess, sys, ctypes
from pathlib import Path
from assignment06.grading.sandbox import walls
class Evil:
    def __reduce__(self): return (print, ("hi",))
stream = pickle.dumps(Evil())
here, there = Path(sys.argv[1], "in"), Path(sys.argv[1], "out")
here.mkdir(); there.mkdir(); (there / "mine").write_text("secret")
libc = ctypes.CDLL(None, use_errno=True)
if len(sys.argv) > 2:
    walls._second_line = lambda folder: None  # only the system's walls
standing = walls.raise_walls(here, [], 2 << 30, 60)
def native(call, *arguments):
    if getattr(libc, call)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), call)
tries = {
    "socket": lambda: socket.create_connection(("127.0.0.1", 9)), "raw": lambda: native("socket", 2, 1, 0),
    "program": lambda: subprocess.run(["true"]), "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "fork": os.fork, "native fork": lambda: native("fork"), "exec": lambda: os.execv("/bin/true", ["true"]),
    "write": lambda: open(there / "x", "w"), "shm": lambda: open("/dev/shm/assignment06", "w"),
    "read": lambda: (there / "mine").read_text(), "passwd": lambda: open("/etc/passwd").read(),
    "list": lambda: os.listdir("/"), "remove": lambda: os.remove(there / "mine"),
    "rename": lambda: os.rename(there / "mine", there / "x"), "replace": lambda: os.replace(there / "mine", here / "x"),
    "symlink": lambda: os.symlink("/etc/passwd", here / "link"), "chmod": lambda: os.chmod(there / "mine", 0o777),
    "times": lambda: os.utime(there / "mine"), "truncate": lambda: os.truncate(there / "mine", 0),
    "mkdir": lambda: os.mkdir(there / "d"), "kill": lambda: os.kill(os.getppid(), 0),
    "memory": lambda: bytearray(4 << 30),
    "native open": lambda: native("open", str(there / "x").encode(), os.O_WRONLY | os.O_CREAT, 0o600),
    "mount": lambda: native("mount", b"none", str(here).encode(), b"tmpfs", 0, None),
    "ptrace": lambda: native("ptrace", 16, 1, 0, 0),
    "memfd": lambda: os.memfd_create("x"), "namespace": lambda: native("unshare", 0x10000000),
}
if len(sys.argv) == 2:
    tries["pickle"] = lambda: pickle.loads(stream)
allowed = []
for name, attempt in tries.items():
    try:
        attempt()
        allowed.append(name)
    except (OSError, MemoryError):
        pass
(here / "fine").write_text("ok")
import threading
thread = threading.Thread(target=print); thread.start(); thread.join()
print(json.dumps({"allowed": allowed, "standing": standing}))
"""


@pytest.mark.parametrize("second_line", [True, False])
def test_nothing_gets_out(tmp_path: Path, second_line: bool) -> None:
    """Every way out is tried; without the second line (Python's audit hook), the system's walls alone hold."""
    ended = subprocess.run(
        [sys.executable, "-c", INSIDE, str(tmp_path), *([] if second_line else ["bare"])],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent / "workflow")},
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    assert (tmp_path / "out/mine").read_text() == "secret"
    if set(found["standing"]) != set(walls.ALL):
        pytest.skip(f"this system has only {found['standing']}")
    assert found["allowed"] == []


def test_what_the_system_has_is_used(reader: Workers, tmp_path: Path) -> None:
    standing = grade(builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.clean()), [], reader).walls
    assert (walls.FILES in standing) == (landlock.version() > 0)
    assert set(standing) <= set(walls.ALL)


def test_the_filter_is_whole() -> None:
    """Every jump of the filter lands within it, on both architectures."""
    for calls in (seccomp._X86_64, seccomp._ARM64):
        program = seccomp.program(calls, 4711)
        count = len(program) // 8
        for number in range(count):
            code, true, false = program[8 * number], program[8 * number + 2], program[8 * number + 3]
            if code & 0x07 == 0x05:
                assert number + 1 + max(true, false) < count
        assert len(set(calls["denied"])) == len(calls["denied"])


def test_one_that_stalls_is_stopped_and_the_next_is_graded(tmp_path: Path) -> None:
    """A named pipe is no zip, and waits for ever; the other submission is graded meanwhile."""
    os.mkfifo(tmp_path / "assignment06_PoeEdgar.zip")
    good = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.clean())
    with Workers(models=False, seconds=20) as workers:
        found = dict(grade_all([tmp_path / "assignment06_PoeEdgar.zip", good], [], workers))
    assert [found[0].verdict, found[1].verdict] == ["could not be read", "not confirmed"]
    assert "stopped after 20 s" in found[0].results[0].sentence


def test_a_file_that_breaks_the_process_is_left_out(
    reader: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child says which file it is at; when it dies there, it is tried again without that file."""
    asked: list[dict] = []
    ask = reader._ask

    def broken(source: Path, data: list, unread: dict, failed: dict, seconds: float, warm: bool) -> object:
        asked.append(dict(unread))
        if not unread:
            return _read("status -9", b'{"walls": []}\n{"at": ["file", "assignment06/results/metrics/mnist.json"]}\n')
        return ask(source, data, unread, failed, seconds, warm)

    monkeypatch.setattr(reader, "_ask", broken)
    result = grade(builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.clean()), [], reader)
    assert result.verdict == "could not be read"
    assert "metrics/mnist.json (it was killed, for time or memory)" in result.results[0].sentence
    assert [r.status for r in result.results if r.label == "completeness.metrics 6.2a"] == ["passed"]


def test_models_that_take_too_long(tmp_path: Path, workers: Workers, data: Path, models: dict[str, bytes]) -> None:
    """All else is graded."""
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.clean(models))
    slow = Workers()
    answers = iter([_read("time", b'{"at": ["model", "results/models/mnist.keras"]}\n')])
    slow._ask = lambda *a: next(answers, None) or workers._ask(*a)
    result = slow.examine(path, [data])
    left = {r.label: r.sentence for r in result.results if r.check.id == "models.loads" and r.status == "not confirmed"}
    assert set(left) == {f"models.loads {task}" for task in builder.STEM} and result.failed() == []
    assert all("models took more than 300 s" in sentence for sentence in left.values())


@pytest.mark.parametrize(
    "answer",
    [
        b"{}",
        b"[1]",
        b'{"readable": true}',
        b'{"readable": true, "seconds": 1, "results": [], "used": {}, "thumbnails": [], "walls": []}',
        b"\xff" * 100,
    ],
)
def test_an_answer_that_is_no_grade(answer: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Workers(models=False) as workers:
        monkeypatch.setattr(workers, "_ask", lambda *_: _read("", b'{"grade": ' + answer + b"}\n"))
        result = workers.examine(tmp_path / "x.zip", [])
    assert result.verdict == "could not be read" and "no grade" in result.results[0].sentence


def test_plain_form_of_a_grade(tmp_path: Path) -> None:
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.clean())
    result = examine(path, [], None)
    text = plain(result).model_dump_json()
    assert from_plain(path, text) == result
    with pytest.raises(ValueError, match="no JPEG"):
        from_plain(path, text.replace("data:image/png;base64,", "javascript:alert(1)//", 1))


def test_array_of_a_huge_header(tmp_path: Path) -> None:
    """9.8 KB that unpack to gigabytes: the header is read, the numbers are not."""
    header = np.lib.format.magic(1, 0)
    words = repr({"descr": "<f8", "fortran_order": False, "shape": (700_000_000,)}).ljust(117).encode() + b"\n"
    member = header + len(words).to_bytes(2, "little") + words + bytes(1000)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("arr_0.npy", member)
    with pytest.raises(ValueError, match="not an array of predictions"):
        arrays.load(tmp_path / "a.npz", 10_000_000)
    (tmp_path / "a.npy").write_bytes(member)
    assert predictions.read("a", tmp_path / "a.npy") is None
    np.savez(tmp_path / "b.npz", np.array([{}], dtype=object))
    assert predictions.read("b", tmp_path / "b.npz") is None


WORST = [
    "accuracy ",
    "accuracy",
    " ",
    "\n",
    "\n ",
    "-",
    "1",
    "1.",
    "test_",
    '"\n',
    "[",
    "] ",
    "a\n",
    "acc\t",
    "by:",
    "a",
    "\r\n",
    "0,",
    "acc 1 epoch ",
    "loss, acc 0.1 ",
    "94.9% test ",
    "acc 1,000 ",
    ": 1,1 ",
    "acc ~",
    "train and test acc 0.1",
    "exactitude 1 on ",
    "(a, acc ",
    "imagen épo 0,11 %",
]


def takes_linear_time(seconds: Callable[[int], float]) -> bool:
    """Four times as much takes no more than a few times as long; quadratic would be sixteen times. It is measured three
    times, for other processes may slow one down.
    """
    enough = 8 * seconds(40_000) + 0.5
    return any(seconds(160_000) < enough for _ in range(3))


@pytest.mark.parametrize("word", WORST)
def test_texts_take_linear_time(word: str, tmp_path: Path) -> None:
    def seconds(size: int) -> float:
        path = tmp_path / f"{size}.txt"
        path.write_text("author: accuracy" + word * (size // len(word)) + "!", encoding="utf-8", newline="")
        started = time.process_time()
        metrics.read("x", path)
        metrics.by_task("x", path)
        predictions.read("x", path)
        people.author({"x.txt": path}, None)
        return time.process_time() - started

    assert takes_linear_time(seconds)


@pytest.mark.parametrize(
    "word", ["\\begin{tabular}{l}", "\\begin{tabular}", "a & ", "\\\\", "{{", "\\a{1}{", "%", "```{r}\n"]
)
def test_documents_take_linear_time(word: str, tmp_path: Path) -> None:
    def seconds(size: int) -> float:
        files = {f"x.{suffix}": tmp_path / f"{size}.{suffix}" for suffix in ("tex", "qmd")}
        for path in files.values():
            path.write_text("\\begin{tabular}{l}" + word * (size // len(word)), encoding="utf-8")
        started = time.process_time()
        converting.turn_into_text(Unpacked(False, tmp_path, files=files))
        source.lines("x.qmd", files["x.qmd"])
        return time.process_time() - started

    assert takes_linear_time(seconds)


@pytest.mark.parametrize(
    "word",
    ["<path ", '<path d="M 1 1 ', "<use>", '<g clip-path="url(#a)">', 'a="', "M 1 1 ", "1", "a", '<use x="1" y="1"/>'],
)
def test_drawings_take_linear_time(word: str) -> None:
    def seconds(size: int) -> float:
        started = time.process_time()
        vectors.read('<g clip-path="url(#a)"><path d="M ' + word * (size // len(word)))
        return time.process_time() - started

    assert takes_linear_time(seconds)


def test_an_interrupted_call_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """Killed after the first of three: its grade is there, nothing lies about, and the next call grades two."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    paths = [builder.zipped(tmp_path / f"assignment06_Doe{n}.zip", builder.clean()) for n in ("Ann", "Bea")]
    os.mkfifo(tmp_path / "assignment06_DoeCid.zip")
    paths.append(tmp_path / "assignment06_DoeCid.zip")
    call = [
        sys.executable,
        "-m",
        "assignment06.grading",
        "--no-models",
        "--brief",
        "--output",
        str(tmp_path / "out"),
        "--",
    ]
    environment = os.environ | {"PYTHONPATH": str(TESTS.parent / "workflow"), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen([*call, *map(str, paths)], stdout=subprocess.PIPE, text=True, env=environment)
    while "[2/3]" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    with open(tmp_path / "out/grades.csv", newline="", encoding="utf-8") as file:
        assert [row["verdict"] for row in csv.DictReader(file)] == ["not confirmed", "not confirmed"]
    for _ in range(300):
        if not list((tmp_path / "temporary").iterdir()):
            break
        time.sleep(0.1)
    assert list((tmp_path / "temporary").iterdir()) == []
    paths[2].unlink()
    builder.zipped(paths[2], builder.clean())
    asked = []
    examine_one = Workers.examine
    monkeypatch.setattr(Workers, "examine", lambda self, s, d: (asked.append(s.name), examine_one(self, s, d))[1])
    arguments = [*map(str, paths), "--no-models", "--brief", "--output", str(tmp_path / "out")]
    assert main(arguments) == 0
    assert asked == ["assignment06_DoeCid.zip"]
    assert main([*arguments, "--again"]) == 0
    assert len(asked) == 4
    assert "3 not confirmed" in capsys.readouterr().out


def test_the_output_is_looked_at_before_the_first_submission(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "out/grades.csv").mkdir(parents=True)
    given = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.clean())
    assert main(["--no-models", "--output", str(tmp_path / "out"), str(given)]) == 2
    captured = capsys.readouterr()
    assert "grades.csv is a folder there" in captured.err and "[1/1]" not in captured.out


@pytest.mark.parametrize("name", ["--output=x.zip", "-x.zip", "--help"])
def test_names_are_never_options(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    builder.zipped(tmp_path / name, builder.clean())
    assert main(["--no-models", "--brief", "--output", "out", "--", name]) == 1  # its name is not the assignment's
    assert (tmp_path / "out/grades.csv").read_text(encoding="utf-8").count("completeness.model 6.1: ") == 0


def test_two_submissions_of_one_name(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        builder.zipped(tmp_path / folder / "assignment06_DoeJane.zip", builder.clean())
    given = [str(tmp_path / folder / "assignment06_DoeJane.zip") for folder in ("one", "two")]
    assert main(["--no-models", "--brief", "--output", str(tmp_path / "out"), *given]) == 0
    page = (tmp_path / "out/grades.html").read_text(encoding="utf-8")
    printed = capsys.readouterr().out
    assert all(path in page and path in printed for path in given)


@pytest.mark.parametrize("text", ["=1+1", "a;=1+1", "a; =1+1", "a|@x", "\t-1", "+1", 'a";=1', "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    for separator in (",", ";", "|", "\t"):
        for cell in grades._cell(text).split(separator):
            assert cell.strip().strip('"').strip()[:1] not in ("=", "+", "-", "@", "＝")


def test_unreadable_folder_is_reported(tmp_path: Path, graded: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = builder.unzipped(tmp_path / "hers", builder.clean())
    closed = folder / "assignment06/results/metrics"
    scandir = os.scandir

    def refuse(path: object) -> object:
        if isinstance(path, str | os.PathLike) and Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(closed))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = examine(folder, [], None)
    assert result.verdict == "could not be read"
    assert "assignment06/results/metrics (Permission denied)" in result.results[0].sentence
