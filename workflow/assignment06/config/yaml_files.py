"""Read `config.yaml` as people write it: what is wrong with the text is said with its line and the right form."""

import re
from pathlib import Path

import yaml
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, ScalarNode

from assignment06.shared.errors import AssignmentError

NO_SPACE = re.compile(r"^(\s*(?:- )?)([A-Za-z_][\w.]*):(?=[^\s:/\\])(?P<value>.+)$")
QUOTES = re.compile(r"^(\s*(?:- )?[\w.]+:\s+)'(?P<text>[^']*'[^'\s,}\]#].*?)'?\s*$")
TWO_COLONS = re.compile(r"^\s*(?:- )?[\w.]+:\s+(?P<value>[^'\"\[{#&*!|>].*:(?:\s.*|))$")
TWO_WORDS = re.compile(r"^\s*([A-Za-z_]\w*)(?:\s*=\s*|\s+)(?P<value>[^:=\s][^:]*)$")
NO_BREAK = "\N{NO-BREAK SPACE}"
NO_COLON = re.compile(r"^\s*[A-Za-z_][\w.]*$")
KINDS = {"timestamp": "date", "int": "whole number", "float": "number", "bool": "truth value"}


def check_yaml(path: str | Path) -> None:
    """Check that a config file is a table of YAML in UTF-8, with values that can be read and no key that stands twice.

    Raises AssignmentError with one sentence that names the line, what is wrong with it, and the right form.
    """
    path = Path(path)
    if not path.is_file() or path.suffix == ".json":
        return  # Snakemake says that there is none
    text = _text(path)
    try:
        reader = _Reader(text)
        node = reader.get_single_node()
        if node is None:
            raise AssignmentError(f"{path} is empty: take the one that came with the project.")
        _check_keys(path, node)
        if not isinstance(reader.construct_document(node), dict):
            raise AssignmentError(_no_table(path, text, node.start_mark.line))
    except ConstructorError as error:
        raise AssignmentError(_unread(path, text, error)) from None
    except yaml.MarkedYAMLError as error:
        raise AssignmentError(_sentence(path, text, error)) from None
    except yaml.YAMLError as error:
        raise AssignmentError(f"{path} is no YAML ({' '.join(str(error).split())}): correct it.") from None


class _Reader(yaml.SafeLoader):
    """Read values as YAML does; the error of every one that cannot be read knows where it stands."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        try:
            return super().construct_object(node, deep)
        except (AttributeError, LookupError, OverflowError, ValueError):
            kind = node.tag.rpartition(":")[2]
            raise ConstructorError(None, None, f"read as a {KINDS.get(kind, kind)}", node.start_mark) from None


def _text(path: Path) -> str:
    data = path.read_bytes()
    for encoding, mark in (("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff")):
        if data.startswith(mark):
            raise AssignmentError(f"{path} is saved as {encoding.upper()}: save it as UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        shown = data.splitlines()[line - 1].decode("latin-1").strip()
        raise AssignmentError(
            f"{path}, line {line} (`{shown}`), is not in UTF-8 but in an old encoding such as Latin-1: save it as "
            "UTF-8."
        ) from None


def _check_keys(path: Path, node: yaml.Node | None) -> None:
    """Refuse a key that stands twice in one table: YAML would silently take the last."""
    waiting, seen = [node], set()
    while waiting:
        here = waiting.pop()
        if here is None or id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here, MappingNode):
            lines: dict[str, int] = {}
            for key, value in here.value:
                waiting.append(value)
                if not isinstance(key, ScalarNode):
                    continue  # it cannot be read
                line = key.start_mark.line + 1
                if key.value in lines and key.value != "<<":
                    raise AssignmentError(
                        f"{path}: `{key.value}` stands twice, in line {lines[key.value]} and in line {line}: rename or "
                        "remove one."
                    )
                lines[key.value] = line
        elif isinstance(here, yaml.SequenceNode):
            waiting += here.value


def _place(path: Path, text: str, number: int) -> str:
    """Return what a sentence begins with: the file, the line, and what stands there."""
    return f"{path}, line {number + 1} (`{text.splitlines()[number].strip()[:60]}`),"


def _no_table(path: Path, text: str, number: int) -> str:
    """Say of a text that is YAML, but no table, where it begins and how a table is written."""
    if found := TWO_WORDS.match(text.splitlines()[number]):
        return f"{_place(path, text, number)} has no colon: write `{found[1]}: {found['value'].strip()}`."
    return (
        f"{_place(path, text, number)} is no key with a value: write `key: value` in each line, as in the file that "
        "came with the project."
    )


def _unread(path: Path, text: str, error: ConstructorError) -> str:
    """Say of a text that is YAML which value of it cannot be read, and what to write."""
    mark, problem = error.problem_mark, error.problem or ""
    line, column = (mark.line, mark.column) if mark else (0, 0)
    where = _place(path, text, line)
    if problem.startswith("read as"):
        return f"{where} cannot be {problem}: correct it, or put it in quotes."
    if "unhashable" in problem:
        return f"{where} has brackets where a word belongs: put what stands in brackets in quotes."
    if "for merging" in problem:
        return f"{where} has `<<`, which takes in a table marked with `&name`: write `<<: *name`, or leave it out."
    word = next(iter(text.splitlines()[line][column:].split()), "this")
    return f"{where} has `{word}`, which means something else to YAML: put it in quotes."


def _sentence(path: Path, text: str, error: yaml.MarkedYAMLError) -> str:
    """Say what of a text is no YAML; the line that is to blame may come before the one where the parser stops."""
    mark = error.problem_mark or error.context_mark
    stopped = mark.line if mark else 0
    lines = text.splitlines()
    for number in (*range(min(stopped, len(lines) - 1), -1, -1), *range(stopped + 1, len(lines))):
        line = lines[number]
        where = f"{path}, line {number + 1}"
        if line[: len(line) - len(line.lstrip())].count("\t"):
            return f"{where}, is indented with a tab: indent with spaces, as the lines around it."
        if line.lstrip().startswith("#"):
            continue
        if found := QUOTES.match(line):
            right = found["text"].replace('"', '\\"')
            return f'{where} (`{line.strip()}`), has an apostrophe inside single quotes: write "{right}".'
        if found := NO_SPACE.match(line):
            key, value = found[2], found["value"].strip()
            return f"{where} (`{line.strip()}`), has no space after the colon: write `{key}: {value}`."
        if NO_BREAK in line:
            return f"{where}, has a no-break space, which looks like a space and is none: type it again as a space."
        if number == stopped and "escape" in (error.problem or ""):
            return f"{where} (`{line.strip()}`), has a backslash inside double quotes: use single quotes, or / for \\."
        if number == stopped and (found := TWO_COLONS.match(line)):
            return f'{where} (`{line.strip()}`), has a second colon: write "{found["value"].strip()}" in quotes.'
        if NO_COLON.match(line) and number < stopped:
            return f"{where} (`{line.strip()}`), has no colon: write `{line.strip()}:`."
        if number == stopped - 1 and (found := TWO_WORDS.match(line)):
            return f"{where} (`{line.strip()}`), has no colon: write `{found[1]}: {found['value'].strip()}`."
        if number < stopped - 1:
            break
    shown = lines[stopped].strip() if stopped < len(lines) else "its end"
    problem = " ".join((error.problem or "it cannot be read").split())
    return f"{path}, line {stopped + 1} (`{shown[:60]}`), is no YAML ({problem}): compare it with the lines around it."
