"""config.yaml as people write it: the line, what is wrong, and the right form."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, snakemake

from assignment06.config.yaml_files import check_yaml
from assignment06.shared.errors import AssignmentError

SHIPPED = (ROOT / "config.yaml").read_text(encoding="utf-8")


def said(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(AssignmentError) as caught:
        check_yaml(path)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  last_name: Lastname", "\tlast_name: Lastname", ", line 3, is indented with a tab"),
        ("    epochs: 3\n", "    epochs:3\n", "(`epochs:3`), has no space after the colon: write `epochs: 3`"),
        ("  last_name: Lastname", "  last_name Lastname", "write `last_name: Lastname`"),
        ("last_name: Lastname", "last_name: Smith: Jr", 'has a second colon: write "Smith: Jr" in quotes'),
        ("last_name: Lastname", "last_name:\u00a0Lastname", "no-break space"),
        ("photographs: data/raw/images", 'photographs: "C:\\Users\\me"', "use single quotes, or /"),
        ("data_source: auto", "data_source:auto", "write `data_source: auto`"),
        ("last_name: Lastname", "last_name: 'O'Brien'", 'write "O\'Brien"'),
        ("last_name: Lastname", "last_name: 'O'Brien", 'write "O\'Brien"'),
        ("  mnist:\n", "  mnist\n", "(`mnist`), has no colon: write `mnist:`"),
        ("  cifar10_plain:", "  mnist:", "`mnist` stands twice, in line 21 and in line 37"),
        ("data_source: auto", "data_source: auto\ndata_source: sample", "`data_source` stands twice"),
        ("assignment_dir: null", "assignment_dir: [1", "is no YAML"),
        ("last_name: Lastname", "last_name = Smith", "(`last_name = Smith`), has no colon: write `last_name: Smith`"),
        ("title: 6.1 MNIST", "title: 2026-13-45", ", line 22 (`title: 2026-13-45`), cannot be read as a date: correct"),
        ("Lastname\n", "2023-02-30\n", ", line 3 (`last_name: 2023-02-30`), cannot be read as a date"),
        ("epochs: 3\n", f"epochs: {'1' * 5000}\n", "1`), cannot be read as a whole number: correct it, or put it in q"),
        ("epochs: 3\n", "epochs: !!timestamp x\n", "cannot be read as a date"),
        ("title: 6.1 MNIST", "title: !wow", "has `!wow`, which means something else to YAML: put it in quotes"),
        ("Lastname\n", "!Kung\n", ", line 3 (`last_name: !Kung`), has `!Kung`"),
        ("Lastname\n", "!!binary xx\n", "has `!!binary`"),
        ("Lastname\n", "!!python/object:os.system x\n", "has `!!python/object:os.system`"),
        ("Lastname\n", "!!omap\n    -\n", ", line 4 (`-`), has `this`"),
        ("Lastname\n", "{{ name }}\n", "has brackets where a word belongs: put what stands in brackets in quotes"),
        ("data_source: auto", "{a: b}: c", ", line 7 (`{a: b}: c`), has brackets"),
        ("data_source: auto", "[a]: c", ", line 7 (`[a]: c`), has brackets"),
        ("data_source: auto", "<<: foo", ", line 7 (`<<: foo`), has `<<`, which takes in a table marked with `&name`"),
    ],
)
def test_the_line_and_the_right_form(tmp_path, old: str, new: str, words: str) -> None:
    assert old in SHIPPED
    assert words in said(tmp_path, SHIPPED.replace(old, new, 1))


@pytest.mark.parametrize("text", ["- a\n- b\n", "# a\nword\n", "~", "!!set {a}"])
def test_a_file_that_is_no_table(tmp_path, text: str) -> None:
    assert "), is no key with a value: write `key: value` in each line" in said(tmp_path, text)
    assert said(tmp_path, 'last_name = "x"') == ', line 1 (`last_name = "x"`), has no colon: write `last_name: "x"`.'


def test_other_encodings(tmp_path) -> None:
    named = SHIPPED.replace("last_name: Lastname", "last_name: Müller")
    assert ", line 3 (`last_name: Müller`), is not in UTF-8" in said(tmp_path, named.encode("latin-1"))
    assert "UTF-16" in said(tmp_path, named.encode("utf-16"))
    (tmp_path / "config.yaml").write_bytes(named.encode("utf-8-sig"))
    check_yaml(tmp_path / "config.yaml")


def test_what_is_right_is_let_through(tmp_path) -> None:
    for text in (SHIPPED, "a: 'O''Brien'\nb: http://x:80/y\nc: C:\\Users\n", "a: &x {b: 1}\nc: {<<: *x, <<: *x}\n"):
        (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
        check_yaml(tmp_path / "config.yaml")
    check_yaml(tmp_path / "not_there.yaml")
    (tmp_path / "config.yaml").write_text("# nothing\n")
    with pytest.raises(AssignmentError, match="is empty"):
        check_yaml(tmp_path / "config.yaml")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_broken_text_is_one_sentence_and_a_good_one_none(tmp_path_factory, data) -> None:
    place = data.draw(st.integers(0, len(SHIPPED)))
    text = SHIPPED[:place] + data.draw(st.text("\t:'\"[]{}-#&*!|>%@ \nx", max_size=3)) + SHIPPED[place:]
    path = tmp_path_factory.mktemp("yaml") / "config.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        good = isinstance(yaml.safe_load(text), dict)
    except (yaml.YAMLError, AttributeError, LookupError, TypeError, ValueError):
        good = False
    try:
        check_yaml(path)
    except AssignmentError as error:
        assert "\n" not in str(error)
        assert not good or "twice" in str(error)
    else:
        assert good


def test_snakemake_says_it_before_its_own_reader(tree) -> None:
    before = (tree / "config.yaml").read_text(encoding="utf-8")
    (tree / "config.yaml").write_text(before.replace("    epochs: 3\n", "    epochs:3\n"), encoding="utf-8")
    try:
        done = snakemake(tree, "-n")
    finally:
        (tree / "config.yaml").write_text(before, encoding="utf-8")
    assert done.returncode != 0
    assert "error: config.yaml, line 27 (`epochs:3`), has no space after the colon: write `epochs: 3`." in done.stderr
    assert "Traceback" not in done.stderr and "whitespace" not in done.stderr
