"""Open a stranger's zip or folder without trusting it.

Nothing is ever written under a name that the submission chose: the content of each entry goes to a numbered file in
a temporary folder, and a table keeps the entry's name beside it. What is refused is written down, not raised, so that
the rest of the submission can still be read.
"""

import contextlib
import os
import re
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

MAX_FILES = 20_000
MAX_TOTAL_BYTES = 1 << 30
MAX_RATIO = 200  # uncompressed to compressed, judged only for entries above RATIO_FLOOR
RATIO_FLOOR = 20 << 20
MAX_NAME = 1000
MAX_WITHIN_BYTES, MAX_WITHIN_FILES = 256 << 20, 2_000  # of each zip that lies in the submission
ARCHIVE = re.compile(r"\.(?:zip|7z|rar|tar|tgz|tar\.gz)$", re.I)
_CHUNK = 1 << 20

# Folders that are never part of a submission's answers; they are named as droppings and not walked.
SKIPPED_FOLDERS = frozenset(
    {
        ".git",
        ".svn",
        ".venv",
        "venv",
        "site-packages",
        "dist-packages",
        "node_modules",
        "__pycache__",
        ".ipynb_checkpoints",
        "__MACOSX",
        ".snakemake",
        ".idea",
        ".vscode",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".cache",
    }
)
_DROPPINGS = re.compile(r"^(\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|~\$.*|.*~|.*\.(pyc|pyo|swp|tmp|bak|part))$", re.I)
_OTHER_KINDS = {
    b"Rar!\x1a\x07": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x1f\x8b": "a gzip archive (.tar.gz)",
    b"BZh": "a bzip2 archive (.tar.bz2)",
    b"\xfd7zXZ\0": "an xz archive (.tar.xz)",
    b"%PDF-": "a PDF",
}


@dataclass
class Unpacked:
    """What a submission holds: `files` maps each entry's posix name to the file that has its content.

    The files of a zip within stand under its name without the ending; `within` names these zips, and
    `drawn` workbooks with charts or pictures in them. The other lists name what was refused or is out of place;
    `unreadable` is the sentence that says why the submission, or a part of it, could not be read at all.
    """

    is_zip: bool
    folder: Path  # a temporary one, for what is unpacked or made of it
    files: dict[str, Path] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)
    encrypted: list[str] = field(default_factory=list)
    bomb: str = ""
    traversal: list[str] = field(default_factory=list)
    absolute: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    droppings: list[str] = field(default_factory=list)
    within: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)

    @property
    def unreadable(self) -> bool:
        return bool(self.corrupt or self.encrypted or self.bomb)


def is_dropping(name: str) -> bool:
    """Whether a path is one that editors, notebooks, version control or operating systems leave behind."""
    parts = PurePosixPath(name).parts
    return any(part in SKIPPED_FOLDERS for part in parts) or bool(parts and _DROPPINGS.match(parts[-1]))


@contextmanager
def unpack(source: Path) -> Generator[Unpacked]:
    """Yield what is in the zip or folder `source`; the temporary folder behind it is gone when the block ends.

    Never raises for what the submission contains; a source that does not exist counts as corrupt.
    """
    folder = Path(tempfile.mkdtemp(prefix="assignment06-grading-"))
    try:
        found = _read_folder(source, folder) if source.is_dir() else _read_zip(source, folder)
        _open_those_within(found)
        yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_folder(source: Path, folder: Path) -> Unpacked:
    found = Unpacked(False, folder)
    total = 0

    def unreadable(error: OSError) -> None:
        found.corrupt.append(f"{os.path.relpath(error.filename, source)} ({error.strerror})")

    for root, folders, files in os.walk(source, onerror=unreadable):
        relative = PurePosixPath(Path(root).relative_to(source).as_posix())
        for name in sorted(folders):
            path = Path(root, name)
            if path.is_symlink():
                found.links.append(str(relative / name))
            elif name in SKIPPED_FOLDERS:
                found.droppings.append(str(relative / name))
            else:
                found.folders.append(str(relative / name))
        folders[:] = sorted(n for n in folders if n not in SKIPPED_FOLDERS and not Path(root, n).is_symlink())
        for name in sorted(files):
            path, entry = Path(root, name), str(relative / name)
            try:
                status = path.lstat()
                if not stat.S_ISREG(status.st_mode):
                    found.links.append(entry)
                    continue
                with open(path, "rb"):
                    pass
            except OSError:
                found.corrupt.append(entry)
                continue
            total += status.st_size
            if len(found.files) >= MAX_FILES or total > MAX_TOTAL_BYTES:
                found.bomb = f"the folder has more than {MAX_FILES:,} files or {MAX_TOTAL_BYTES >> 20:,} MiB"
                return found
            _keep(found, entry, path)
    return found


def _keep(found: Unpacked, entry: str, path: Path) -> None:
    if is_dropping(entry):
        found.droppings.append(entry)
    else:
        found.files[entry] = path


def _read_zip(source: Path, folder: Path) -> Unpacked:
    found = Unpacked(True, folder)
    try:
        with zipfile.ZipFile(source) as archive:
            _extract(archive, folder, found)
    except Exception as error:  # noqa: BLE001  zipfile raises many kinds for a hostile archive
        found.corrupt.append(f"{source.name} ({_reason(source, error)})")
    return found


def _reason(source: Path, error: Exception) -> str:
    if not source.exists():
        return "there is no such file or folder"
    if source.stat().st_size == 0:
        return "the file is empty"
    if isinstance(error, zipfile.BadZipFile) and (kind := _other_kind(source)):
        return f"{kind}, not a zip: make a zip of the folder"
    return f"not a whole zip: {type(error).__name__}"


def _other_kind(source: Path) -> str:
    """What a file is by its first bytes, where it is something that is handed in in place of a zip; else ""."""
    with open(source, "rb") as file:
        head = file.read(1024)
    if head[257:262] == b"ustar":
        return "a tar archive"
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype\s+html|html|head)\b", head, re.I):
        return "a web page"
    return next((kind for start, kind in _OTHER_KINDS.items() if head.startswith(start)), "")


def _extract(archive: zipfile.ZipFile, folder: Path, found: Unpacked) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        found.bomb = f"the zip has {len(entries):,} entries; at most {MAX_FILES:,} are read"
        return
    seen: set[str] = set()
    left = MAX_TOTAL_BYTES
    for number, info in enumerate(entries):
        name = info.filename.replace("\\", "/")
        if not _acceptable(name, info, found):
            continue
        entry = str(PurePosixPath(re.sub(r"^([A-Za-z]:)?/*", "", name)))
        if info.is_dir() or name.endswith("/"):
            (found.droppings if is_dropping(entry) else found.folders).append(entry)
            continue
        if entry.casefold() in seen:
            found.duplicates.append(entry)
            continue
        seen.add(entry.casefold())
        if is_dropping(entry):
            found.droppings.append(entry)
            continue
        if info.file_size > RATIO_FLOOR and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            found.bomb = f"{entry} swells {info.file_size // max(info.compress_size, 1):,} times when unpacked"
            return
        target = folder / f"{number:06d}{_suffix(entry)}"
        left = _write(archive, info, target, left, entry, found)
        if found.bomb:
            return


def _acceptable(name: str, info: zipfile.ZipInfo, found: Unpacked) -> bool:
    """Whether an entry may be unpacked; one that may not is written to its list in `found`."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if ".." in PurePosixPath(name).parts:
        found.traversal.append(name)
    elif info.create_system == 3 and kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        found.links.append(name)
    elif info.flag_bits & 0x1 or info.compress_type == 99:
        found.encrypted.append(name)
    elif not name.strip("/. ") or len(name) > MAX_NAME or "\0" in name:
        found.corrupt.append(name[:80])
    elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        found.corrupt.append(f"{name} (packed by method {info.compress_type})")
    else:
        if name.startswith("/") or re.match(r"[A-Za-z]:/", name):
            found.absolute.append(name)  # read all the same: no entry's name is ever used on the disk
        return True
    return False


def _suffix(entry: str) -> str:
    suffix = PurePosixPath(entry).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""


def _open_those_within(found: Unpacked) -> None:
    """Put the files of whole and harmless zips in the place of these; any other, and one in one, stays a file."""
    left, room = MAX_TOTAL_BYTES, MAX_FILES - len(found.files)
    with contextlib.suppress(OSError):
        left -= sum(path.stat().st_size for path in found.files.values())
    for number, (name, path) in enumerate(sorted(found.files.items())):
        if not name.lower().endswith(".zip"):
            continue
        inner = Unpacked(True, found.folder / f"within-{number}")
        with contextlib.suppress(Exception), zipfile.ZipFile(path) as archive:  # zipfile raises many kinds, as above
            infos = archive.infolist()
            size = sum(info.file_size for info in infos)
            if size <= min(left, MAX_WITHIN_BYTES) and len(infos) <= min(room, MAX_WITHIN_FILES):
                inner.folder.mkdir()
                _extract(archive, inner.folder, inner)
                left, room = left - size, room - len(infos)
        if not inner.files or inner.unreadable or inner.traversal or inner.absolute or inner.links:
            continue
        place = PurePosixPath(name).with_suffix("")
        if all(PurePosixPath(entry).parts[0] == place.name for entry in inner.files):
            place = place.parent  # `images.zip` of a folder `images`
        del found.files[name]
        found.within.append(name)
        for entry, content in inner.files.items():
            found.files.setdefault(str(place / entry), content)


def _write(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, left: int, entry: str, found: Unpacked
) -> int:
    """Unpack one entry to `target`, counting real bytes, not declared ones; return how many are still allowed."""
    try:
        with archive.open(info) as packed, open(target, "xb") as file:
            while block := packed.read(_CHUNK):
                left -= len(block)
                if left < 0:
                    found.bomb = f"the zip unpacks to more than {MAX_TOTAL_BYTES >> 20:,} MiB"
                    break
                file.write(block)
    except Exception:  # noqa: BLE001  as above: a bad checksum, an overlap, a broken stream, a full disk
        target.unlink(missing_ok=True)
        found.corrupt.append(entry)
        return left
    if found.bomb:
        target.unlink(missing_ok=True)
    else:
        found.files[entry] = target
    return left
