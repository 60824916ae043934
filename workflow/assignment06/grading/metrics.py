"""What a submission states about itself: accuracies and losses in JSON, CSV or plain text."""

import contextlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from . import mappings, names, phrases, stated, tables

_TASKS = frozenset({*names.TASKS, "6.2"})
_NUMBERS = re.compile(r"epoch|step|iter|index", re.I)  # a column that numbers the rows
_DEEP = 4  # mappings within each other
_EVALUATED = re.compile(  # `model.metrics_names` over what `evaluate` gives
    r"\s*\[['\"]loss['\"], ?['\"]\w{0,20}acc\w{0,10}['\"]\]\s*\[ ?([\d.eE+-]{1,30}),? ?([\d.eE+-]{1,30})\]\s*"
)
_ENTRY = re.compile(r"(?P<net>.*[^\d.\s])[\s.:=|-]{1,40}(?P<value>\d{1,3}\.\d{1,16}|\d{1,3}(?= ?%))(?P<percent> ?%)?")
_SENTENCE = re.compile(r"(?:[^\W\d_]+[ _]+){1,5}\d{1,3}\.\d{1,20}(?: ?%| percent)?", re.I)
_LINE, _RULES = 200, " -=_*#|"  # characters of a line of a list, and those that lines below headings are made of
_EVALUATE = re.compile(r"(?:model_?)?(?:test_?)?(?:evaluat(?:e|ion)|eval|results?)|test|score", re.I)
_SKIP = re.compile(
    r"interval|per_class|confusion|settings|provenance|balanced|top_?[0-9]|error|threshold|best_epoch|std", re.I
)


def read(name: str, path: Path) -> list[stated.Figure]:
    """The accuracies and losses that a file states; empty if it states none or cannot be read as text.

    Figures of which the text does not say what images they are of are of the test images where the file's name says so.
    """
    figures = _read(name, path)
    if re.search(r"(?<![a-z])test(?![a-z])|eval", PurePosixPath(name).stem.replace("_", " "), re.I):
        return [replace(f, split="test") if not f.split else f for f in figures]
    return figures


def _read(name: str, path: Path) -> list[stated.Figure]:
    try:
        text = tables.read_text(path, limit=4 << 20)
        if not text:
            return []
        if path.suffix.lower() in mappings.SETTINGS and isinstance(data := mappings.parse(text, path.suffix), dict):
            return _from_json(name, data)
        if path.suffix.lower() == ".json" or (text.lstrip()[:1] in "{[" and not _EVALUATED.fullmatch(text)):
            for form in (text, _printed(text)):
                with contextlib.suppress(ValueError):
                    return _from_json(name, json.loads(form))
        if evaluated := _EVALUATED.fullmatch(text):
            return _from_json(name, [float(number) for number in evaluated.groups()])
        text = phrases.decimal_points(tables.printed_amid(text)[2])
        if _sentences(text) and (told := stated.from_text(name, text)):
            return told
        if path.suffix.lower() != ".json":
            found = _from_table(name, text)
            if found:
                return found
        return stated.from_text(name, text)
    except (OSError, RecursionError, ValueError, OverflowError):
        return []


def _printed(text: str) -> str:
    """A dictionary or list as Python prints it, in JSON's quotes and without NumPy's names of types."""
    return re.sub(r"\b(?:np\.)?float\d\d\(([^()]{1,40})\)", r"\1", text).replace("'", '"')


def by_task(name: str, path: Path, told: Callable[[str], str] = lambda word: "") -> dict[str, list[stated.Figure]]:
    """The figures of a file that speaks of several tasks: by JSON key, by row or column of a table, or by section of a
    text. `told` tells the task of words that name none.
    """
    text = tables.read_text(path, limit=1 << 20) or ""

    def place(word: str) -> str:
        return names.task(f"{word}.csv")[0] or told(f"{word}.csv")

    data = mappings.parse(text, path.suffix)
    if data is not None:
        found: dict[str, list[stated.Figure]] = {}
        if isinstance(data, list):  # a row a net
            data = {
                " ".join(v for v in row.values() if isinstance(v, str)): row for row in data if isinstance(row, dict)
            }
        for key, value in data.items():
            found.setdefault(place(str(key)), []).extend(_from_json(name, value))
        return _placed(found)
    table = tables.parse_table(text)
    rows = _by_row(name, table, place) if table is not None and table.width > 1 else {}
    return _placed(rows or _by_section(name, text, place))


def _by_row(name: str, table: tables.Table, place: Callable[[str], str]) -> dict[str, list[stated.Figure]]:
    """Those of a table with a row or a column a net, or several columns, `mnist_acc` and `mnist_loss`."""
    found: dict[str, list[stated.Figure]] = {}
    if not table.header or not table.rows:
        return found
    owners = [place(cell) for cell in table.header]
    if len({*owners} - {""}) > 1:
        if all(measure(cell) for cell, owner in zip(table.header, owners, strict=True) if owner):
            for owner in dict.fromkeys(owners):
                columns = [number for number, other in enumerate(owners) if other == owner]
                rows = [[row[number] for number in columns] for row in table.rows]
                found[owner] = _from_columns(name, [table.header[number] for number in columns], rows)
            return found
        columns = zip(*table.rows, strict=True)  # a column a net: turned, a row a net
        first, *nets = [[cell, *column] for cell, column in zip(table.header, columns, strict=True)]
        table = tables.Table(first, nets)
    numbering = [column for column in range(table.width) if _TASKS.issuperset(table.column(column))]
    for row in table.rows if any(map(measure, table.header or [])) else ():
        words = [cell for cell in row if cell and not tables.is_number(cell.rstrip("% "))]
        words += [row[column] for column in numbering] + [cell for cell in row[:1] if cell in ("6.1", "6.2")]
        tasks = [place(cell) for cell in words]
        open_one = "6.2" in tasks and "6.2" not in words  # which may be a loss
        task = next((task for task in tasks if task in names.NETS), "6.2" if open_one else "")
        found.setdefault(task, []).extend(_from_columns(name, table.header or [], [row]))
    return found


def _by_section(name: str, text: str, place: Callable[[str], str]) -> dict[str, list[stated.Figure]]:
    """Those of a text with a heading or a line for each net, or a list of nets below a line that says what it lists."""
    sections: dict[str, list[str]] = {}
    task = listed = ""
    for line in text.splitlines():
        entry = _ENTRY.fullmatch(line.strip()[:_LINE])
        if entry is None:
            speaks = phrases.ACCURACY.search(_spaced(line[:_LINE]))
            listed = line[:_LINE] if speaks else "" if line.strip(_RULES) else listed
        elif listed and not measure(entry["net"]) and (owner := place(entry["net"])) in names.NETS:
            said = stated.split_of(entry["net"]) or stated.split_of(listed)
            sections.setdefault(owner, []).append(f"{said} accuracy: {entry['value']}{entry['percent'] or ''}")
            continue
        heading = place(re.sub(r"[/:=].*", "", line)[:80].strip())
        if heading in names.NETS or (heading == "6.2" and task[:3] != "6.2"):
            task = heading
        sections.setdefault(task, []).append(line)
    return {task: stated.from_text(name, "\n".join(lines)) for task, lines in sections.items()}


def _placed(found: dict[str, list[stated.Figure]]) -> dict[str, list[stated.Figure]]:
    """What is of a net by its task, where "cifar10" beside "cifar10_augmented" is the one without."""
    free = [task for task in ("6.2a", "6.2b") if task not in found]
    if "6.2" in found and free:
        found = {free[0] if task == "6.2" else task: figures for task, figures in found.items()}
    return {task: figures for task, figures in found.items() if task in names.NETS and figures}


def series(path: Path) -> dict[str, list[float]]:
    """The columns of a history, an epoch a row, or the lists of the only one in JSON, YAML or TOML, by their names; {}
    where it is none.
    """
    text = tables.read_text(path, limit=1 << 20) or ""
    if (data := mappings.parse(text, path.suffix)) is not None:
        found = _histories(data, 0)
        return found[0] if len(found) == 1 else {}
    table = tables.parse_table(text)
    if table is None or not table.header:
        return {}
    if long := _long(table):
        return long
    rows = [row for row in table.rows if tables.is_number(row[0])] or table.rows  # without one for the test
    columns = ([row[number] for row in rows if row[number]] for number in range(table.width))  # Lightning leaves gaps
    found = {cell: tables.numbers(column) for cell, column in zip(table.header, columns, strict=False) if column}
    return {cell: values.tolist() for cell, values in found.items() if values is not None}


def _long(table: tables.Table) -> dict[str, list[float]]:
    """The columns that a long table stands for, as R and pandas' melt write a history: a row a figure, beside words
    that say which; {} where it is none such.
    """
    header = table.header or []
    words, values = [], []
    for number in range(min(table.width, len(header))):
        column = table.column(number)
        if tables.numbers(column) is None:
            words.append(number)
        elif not _NUMBERS.search(header[number]):
            values.append(number)
    found: dict[str, list[float]] = {}
    for row in table.rows if words and len(values) == 1 else ():
        said = [row[number] for number in words]
        kind = next(filter(None, map(measure, said)), "")
        prefix = "val_" if any(map(stated.VALIDATION.search, said)) else ""
        key = f"{prefix}{kind}" if kind else " ".join(said)
        found.setdefault(key, []).append(float(row[values[0]]))
    return found if found and len({*map(len, found.values())}) == 1 and len(found) < len(table.rows) else {}


def _histories(data: object, depth: int) -> list[dict[str, list[float]]]:
    """The mappings in some data that have lists of numbers, one of which is called accuracy or loss."""
    if isinstance(data, list) and data and all(isinstance(row, dict) for row in data):  # an epoch a row
        data = {key: [row.get(key) for row in data] for key in data[0]}
    if not isinstance(data, dict) or depth > _DEEP:
        return []
    lists = {str(key): [float(v) for v in values] for key, values in data.items() if _all_numbers(values)}
    own = [lists] if any(map(measure, lists)) else []
    return own or [found for value in data.values() for found in _histories(value, depth + 1)]


def _all_numbers(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, int | float) for value in values)


def _flatten(data: object, prefix: str = "", depth: int = 0) -> list[tuple[str, object]]:
    if depth > 8 or _SKIP.search(prefix.rpartition("/")[2]):
        return []
    if isinstance(data, dict):
        keys = list(data)
        if keys and all(str(k).isdigit() for k in keys):  # pandas' to_json: a column as {"0": ..., "1": ...}
            return _flatten(list(data.values()), prefix, depth)
        return [item for key in keys for item in _flatten(data[key], f"{prefix}/{key}", depth + 1)]
    return [(prefix, data)]


def _number(value: object) -> str | None:
    if isinstance(value, list):
        value = value[-1] if value and not isinstance(value[-1], list | dict) else None
    if isinstance(value, bool) or value is None:
        return None
    cell = str(value).strip().rstrip("%").strip()
    return cell if tables.is_number(cell) else None


def _from_json(name: str, data: object) -> list[stated.Figure]:
    if isinstance(data, list):
        if len(data) == 2 and all(isinstance(v, int | float) for v in data):  # what evaluate() gives
            pair = [stated.figure("loss", "", repr(data[0]), name), stated.figure("accuracy", "", repr(data[1]), name)]
            return [f for f in pair if f]
        data = {"": data[-1]} if data and isinstance(data[-1], dict) else {}
    items = _flatten(data)
    figures = []
    for key, value in items:
        leaf = key.rpartition("/")[2]
        parent = key.rpartition("/")[0]
        kind = measure(leaf)
        cell = _number(value)
        if not kind and _EVALUATE.fullmatch(leaf) and isinstance(value, list) and len(value) == 2:
            figures += [replace(f, split=stated.split_of(parent)) for f in _from_json(name, value)]
        if not kind or cell is None:
            continue
        split = stated.split_of(leaf) or stated.split_of(parent)
        history = isinstance(value, list | dict) or any(
            k.rpartition("/")[0] == parent and stated.VALIDATION.match(k.rpartition("/")[2]) for k, _ in items
        )
        split = split or ("training" if history else "")
        percent = isinstance(value, str) and value.strip().endswith("%")
        figures.append(stated.figure(kind, split, cell, name, percent))
    return [f for f in figures if f]


def _spaced(name: str) -> str:
    """`testAccuracy` and `val_acc` with their words apart, so that whole words can be matched."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").replace("categorical ", "")


def _from_table(name: str, text: str) -> list[stated.Figure]:
    """A history (a column a figure), a pair of columns (what, value), or one row of figures."""
    table = tables.parse_table(text)
    if table is None:
        return _with_a_test_line(name, text)
    if not table.rows:
        return []
    header = table.header
    if header is None and table.width == 2 and not tables.is_number(table.rows[0][0]):
        header, rows = None, table.rows
    elif header is not None and table.width == 2 and not any(measure(cell) for cell in header):
        rows = table.rows
    elif header is not None and any(measure(cell) for cell in header):
        return _from_columns(name, header, table.rows)
    elif header is not None and table.width > 2 and all(measure(row[0]) for row in table.rows):
        return _from_rows(name, header, table.rows)
    elif header is None and _is_bare_history(table):
        return _from_columns(name, ["loss", "accuracy", "val_loss", "val_accuracy"][: table.width], table.rows)
    else:
        return []
    figures = [
        stated.figure(measure(what), stated.split_of(what), value.rstrip("% "), name, value.endswith("%"))
        for what, value in rows
        if measure(what)
    ]
    return [f for f in figures if f]


def _sentences(text: str) -> bool:
    """Whether each line of a text is words and one number, `accuracy 66.7 percent`, and no row of a table."""
    lines = [line for line in text.splitlines() if line.strip()]
    return all(_SENTENCE.fullmatch(line.strip()[:_LINE]) for line in lines)


def _with_a_test_line(name: str, text: str) -> list[stated.Figure]:
    """A history with a shorter line below it, `test,0.98,0.07`, which does not say which of them is the accuracy."""
    lines = [line for line in text.splitlines() if line.strip()]
    said, *cells = re.split(r"[,;\t]", lines[-1]) if lines else [""]
    history = tables.parse_table("\n".join(lines[:-1])) if stated.TEST.search(said) else None
    if history is None or history.header is None:
        return []
    written = [(cell.strip().rstrip("% "), cell.strip().endswith("%")) for cell in cells]
    tested = [f for cell in written if (f := stated.figure("accuracy", "test", cell[0], name, cell[1]))]
    figures = [replace(figure, among=len(tested)) for figure in tested]
    return [*_from_columns(name, history.header, history.rows), *figures]


def _from_rows(name: str, header: list[str], rows: list[list[str]]) -> list[stated.Figure]:
    """A row a figure: a column a set of images (train, test), or a column an epoch, of which the last counts."""
    columns = [number for number, cell in enumerate(header) if number and stated.split_of(cell)]
    figures = []
    for row in rows:
        for number in columns or [len(row) - 1]:
            named = stated.split_of(row[0]) or stated.split_of(header[number]) or ("" if columns else "training")
            cell = row[number]
            figures.append(stated.figure(measure(row[0]), named, cell.rstrip("% "), name, cell.endswith("%")))
    return [f for f in figures if f]


def _is_bare_history(table: tables.Table) -> bool:
    """Whether nameless columns can be Keras' history (loss, accuracy, and both for validation), an epoch a row."""
    if table.width not in (2, 4) or not 2 <= len(table.rows) <= 500:
        return False
    given = [tables.numbers(table.column(number)) for number in range(table.width)]
    columns = [column for column in given if column is not None and ((column >= 0) & (column < 1e6)).all()]
    if len(columns) < table.width:
        return False
    accuracies = columns[1::2]
    return all((column <= 1).all() and not (column == column.round()).all() for column in accuracies)


def measure(name: str) -> str:
    """What a column or key is called after: "loss", "accuracy", or "" if neither."""
    spaced = _spaced(name)
    return "loss" if phrases.LOSS.search(spaced) else "accuracy" if phrases.ACCURACY.search(spaced) else ""


def _from_columns(name: str, header: list[str], rows: list[list[str]]) -> list[stated.Figure]:
    history = any(stated.VALIDATION.search(cell) and measure(cell) for cell in header) or len(rows) > 3
    figures = []
    for column, cell in enumerate(header):
        kind = measure(cell)
        values = [row[column] for row in rows if row[column]]
        if kind and values and not _SKIP.search(cell):
            split = stated.split_of(cell) or ("training" if history else "")
            named = split or stated.split_of(" ".join(rows[-1]))
            value = values[-1]
            figures.append(stated.figure(kind, named, value.rstrip("% "), name, value.endswith("%")))
    return [f for f in figures if f]
