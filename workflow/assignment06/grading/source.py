"""The code of notebooks and scripts, read as text and never run."""

import io
import json
import keyword
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .tables import read_text

PYTHON = (".py", ".ipynb", ".qmd", ".rmd")  # what may have code in it that is read as Python
CODE = frozenset({*PYTHON, ".r", ".jl"})
_CHUNK = re.compile(r"\s{0,8}(`{3,9}|~{3,9})\s{0,4}\{\s{0,4}\.?(?:python|r|julia)\b", re.I)
_MAX_BYTES = 8 << 20


@dataclass(frozen=True)
class Line:
    """One line of code: where it stands, `file:cell:line` for notebooks and `file:line` for scripts, and its text."""

    place: str
    text: str


def lines(name: str, path: Path) -> list[Line]:
    """The lines of code of a script, of a notebook's code cells, or of the chunks of R Markdown or Quarto; empty where
    there are none.
    """
    suffix = PurePosixPath(name).suffix.lower()
    text = read_text(path, limit=_MAX_BYTES) if suffix in CODE else None
    if not text:
        return []
    if suffix != ".ipynb":
        found = [Line(f"{name}:{n}", line) for n, line in enumerate(text.splitlines(), 1)]
        return (_chunks(found) or found) if suffix in (".qmd", ".rmd") else found
    found = []
    for number, cell in enumerate(_cells(text), 1):
        if cell.get("cell_type") == "code":
            found += [Line(f"{name}:{number}:{n}", line) for n, line in enumerate(joined(cell).splitlines(), 1)]
    return found


def _chunks(lines: list[Line]) -> list[Line]:
    """The lines between those that open and close a chunk of code."""
    found: list[Line] = []
    fence = ""
    for line in lines:
        if fence:
            if line.text.strip().startswith(fence) and not line.text.strip().strip(fence[0]):
                fence = ""
            else:
                found.append(line)
        elif opens := _CHUNK.match(line.text):
            fence = opens[1]
    return found


def cells(path: Path) -> list[dict]:
    """The cells of a notebook; empty where it is none, or longer than any text that is read."""
    return _cells(read_text(path) or "")


def _cells(text: str) -> list[dict]:
    try:
        cells = json.loads(text).get("cells")
    except (ValueError, AttributeError, RecursionError):
        return []
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def joined(cell: dict) -> str:
    """What the author wrote into a cell."""
    value = cell.get("source", "")
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def text(name: str, path: Path) -> str:
    """A file's text; of a notebook what its author wrote, not what the machine answered."""
    content = read_text(path, limit=_MAX_BYTES) or ""
    if PurePosixPath(name).suffix.lower() == ".ipynb":
        written = _cells(content)
        return "\n".join(map(joined, written)) if written else content
    return content


def outputs(name: str, path: Path) -> str:
    """What the machine answered in a notebook, as text, or all that can be read on a page of HTML."""
    content = read_text(path, limit=_MAX_BYTES) or ""
    if PurePosixPath(name).suffix.lower() != ".ipynb":
        return _words(content)
    return "\n".join(map(answered, _cells(content)))


def below(cell: dict) -> list[dict]:
    """The outputs that stand below a cell."""
    outputs = cell.get("outputs")
    return [one for one in outputs if isinstance(one, dict)] if isinstance(outputs, list) else []


def answered(cell: dict) -> str:
    """What the machine answered below a cell, as text."""
    found: list[object] = []
    for output in below(cell):
        data = output.get("data")
        found += [output.get("text"), data.get("text/plain") if isinstance(data, dict) else None]
    return "\n".join("".join(map(str, text)) if isinstance(text, list) else str(text) for text in found if text)


def pieces(page: str) -> Iterator[tuple[str, str]]:
    """The name of each tag of a page of HTML, "/td" say, and the text behind it; in one pass, however it is made."""
    for piece in page.split("<"):
        tag, _, text = piece.partition(">")
        yield tag.split(maxsplit=1)[0].lower() if tag.strip() else "", text


def _words(page: str) -> str:
    """The words of a page of HTML, without tags, scripts and styles."""
    parts, hidden = [], False
    for name, text in pieces(page):
        if name in ("script", "style", "/script", "/style"):
            hidden = name[0] != "/"
        if not hidden:
            parts.append(text)
    return "".join(parts)


def tokens(line: str) -> list[str]:
    """A line as tokens in which names, texts and numbers no longer tell who wrote it; comments and spaces are gone."""
    found: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.type == tokenize.NAME:
                found.append(token.string if keyword.iskeyword(token.string) or token.string in _KEPT else "v")
            elif token.type == tokenize.STRING:
                found.append("s")
            elif token.type == tokenize.NUMBER:
                found.append("n")
            elif token.type == tokenize.OP:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass  # a line that goes on in the next one: what was read of it is enough
    return found


def plain(line: str) -> str:
    """A line without comment and spaces, "" where nothing that could be told apart is left."""
    code = re.sub(r"\s+", "", line.split("#", 1)[0])
    return code if len(code) >= 8 and not code.startswith(("import", "from")) else ""


# Calls that say what a program does, and are the same in everybody's.
_CALLS = """
    fit evaluate predict compile Conv2D Dense Dropout Flatten MaxPooling2D BatchNormalization Sequential load_data
    to_categorical reshape astype flow fit_generator ImageDataGenerator savefig save plot show to_csv ResNet50
    preprocess_input decode_predictions
"""
_KEPT = frozenset(_CALLS.split())
