"""Places where a run may not write, cannot write, or has no home; photographs that may not be read."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from small_project import COMMAND, LONG, environment, make_project
from support import ROOT, library_path

NOBODY = 65534


def as_nobody(folder: Path) -> list[str]:
    """Return what to put before a command to run it as a user who may write nowhere but in `folder`."""
    if os.getuid():
        return []  # the tests themselves are run by such a user
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    # This Python may lie where only root looks; that the user may read there gives nothing to write.
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    for prefix in (become, [*become, *reading]):
        if (
            shutil.which("setpriv")
            and not subprocess.run(
                [*prefix, sys.executable, "-c", f"import sys; sys.exit(sys.base_prefix != {sys.base_prefix!r})"],
                cwd=folder,
                capture_output=True,
            ).returncode
        ):
            return prefix
    pytest.skip("setpriv cannot make another user here who can start this Python")


@pytest.fixture(scope="module")
def theirs():
    """A project that belongs to another user, in a place that this user can reach."""
    folder = make_project(Path(tempfile.mkdtemp(prefix="faults-")).resolve() / "assignment06")
    folder.parent.chmod(0o755)
    if not os.getuid():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    yield folder
    shutil.rmtree(folder.parent)


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess:
    """Run Snakemake as that user, whose home is nowhere; as `make submission` does, the cache is kept here."""
    homeless = environment(
        HOME="/proc/nowhere", XDG_CACHE_HOME=str(folder / ".snakemake/cache"), PYTHONPATH=library_path(folder), **more
    )
    return subprocess.run(
        [*as_nobody(folder), *COMMAND, *arguments], cwd=folder, env=homeless, stdin=subprocess.DEVNULL,
        capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.slow
def test_a_user_without_a_home_gets_the_same_weights(theirs: Path, killed: dict) -> None:
    done = run(theirs, f"results/models/{LONG}.keras")
    assert done.returncode == 0, done.stderr
    facts = json.loads((theirs / f"results/training/{LONG}.json").read_text())
    assert facts["weights_sha256"] == killed["weights_sha256"], "undisturbed, the same as killed and stopped"
    owner = os.getuid() or NOBODY
    assert {path.lstat().st_uid for path in (theirs / "results").rglob("*")} == {owner}
    again = run(theirs, "-n", f"results/models/{LONG}.keras")
    assert "Nothing to be done" in again.stdout + again.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("results", "error: results may not be written by this user: allow it, as with chmod u+w 'results'.\n"),
        ("results/models", "error: results/models may not be written by this user: allow it, as with chmod u+w"),
        (".snakemake", "error: .snakemake/alive may not be used (Permission denied): correct its owner or"),
    ],
)
def test_a_folder_that_may_not_be_written_is_said_at_once(theirs: Path, place: str, words: str) -> None:
    (theirs / place).mkdir(exist_ok=True)
    (theirs / ".snakemake/alive").unlink(missing_ok=True)
    if not os.getuid():
        for path in (theirs / place, theirs / place.split("/")[0]):
            os.chown(path, NOBODY, NOBODY)
    (theirs / place).chmod(0o555)
    files = {path for path in theirs.rglob("*") if ".snakemake" not in path.parts}
    try:
        done = run(theirs, "results/models/stopped.keras")
    finally:
        (theirs / place).chmod(0o755)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert {path for path in theirs.rglob("*") if ".snakemake" not in path.parts} == files


def test_make_finds_a_cache_for_a_user_without_a_home(tmp_path: Path) -> None:
    for home, cache in (("/proc/nowhere", f"{ROOT}/.snakemake/cache"), (tmp_path, "")):
        variables = {key: value for key, value in os.environ.items() if key != "XDG_CACHE_HOME"} | {"HOME": str(home)}
        done = subprocess.run(
            ["make", "--eval=show: ; @echo $$XDG_CACHE_HOME", "show"], cwd=ROOT, env=variables, capture_output=True,
            text=True,
        )  # fmt: skip
        assert done.stdout == f"{cache}\n", done.stderr


UNREADABLE = """
import encodings.ascii, json, os, sys
from assignment06.data.image_files import UnreadableImage, find_photographs, read_image
from assignment06.photographs.manifest import fingerprint, list_photographs
import PIL.JpegImagePlugin
if not os.getuid():
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
folder = sys.argv[1]
fingerprint(folder)
list_photographs(folder, folder + "/.manifest")
reasons = {}
for line in open(folder + "/.manifest"):
    row = json.loads(line)
    try:
        read_image(row["path"], 32)
        reasons[row["name"]] = None
    except UnreadableImage as error:
        reasons[row["name"]] = str(error)
os.chmod(folder, 0)
try:
    find_photographs(folder)
except Exception as error:
    reasons["folder"] = repr(error)
print(json.dumps(reasons))
"""


def test_photographs_that_may_not_be_read_are_skipped_with_the_reason() -> None:
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve()
        for name in ("good.jpg", "locked.jpg", "unlisted/a.jpg", "closed/a.jpg"):
            (path / name).parent.mkdir(exist_ok=True)
            Image.new("RGB", (40, 40)).save(path / name)
        (path / "locked.jpg").chmod(0)
        (path / "unlisted").chmod(0o311)  # its files may be opened, but not found
        (path / "closed").chmod(0o644)  # its files are found, but may not be opened
        for one in (path, *path.iterdir()) if not os.getuid() else ():
            os.chown(one, NOBODY, NOBODY)
        done = subprocess.run(
            [sys.executable, "-c", UNREADABLE, folder], env=environment(PYTHONPATH=str(ROOT / "workflow")),
            capture_output=True, text=True,
        )  # fmt: skip
        for one in (path, path / "unlisted", path / "closed"):
            one.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "good.jpg": None,
        "locked.jpg": "cannot be read (Permission denied)",
        "unlisted": "a folder that cannot be opened, not an image",
        "closed/a.jpg": "cannot be read (Permission denied)",
        "folder": f"AssignmentError('The folder of photographs {folder} may not be read: correct its permissions.')",
    }
