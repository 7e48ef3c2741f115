"""Text of study files: quoting, and writing without overwriting."""

import pytest
import yaml

from aice_helpers.core.writing import ExistsError, write_new
from aice_helpers.study.writer import entry, listed, mapped, quoted

HOSTILE = [
    "a: b", "# no", "- x", "{{ y }}", "[z]", "'", '"', "\\", "tab\there", "line\nbreak", "\x7f\u2028\ufeff", "", " ",
    "null", "~", "yes", "No", "01", "1e3", "&a", "*a", "!!int 3", "|", "年龄（岁）", "😀", "%x", "@y", "`z`", "a  b", "x,y", "?",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_quoted_text_is_read_back_as_the_same_text(text):
    line = f"{entry('key', quoted(text))}\n{entry(text, listed([text, 1.5]))}\nmap: {mapped({text: text})}"
    assert yaml.safe_load(line) == {"key": text, text: [text, 1.5], "map": {text: text}}


def test_a_commented_entry_is_not_read():
    assert yaml.safe_load("a: 1\n" + entry("b", "2", 1, off=True)) == {"a": 1}


def test_an_existing_file_is_never_overwritten(tmp_path):
    file = tmp_path / "study.yml"
    write_new(file, "one\n")
    with pytest.raises(ExistsError, match=r"study\.yml is already there"):
        write_new(file, "two\n")
    assert file.read_text() == "one\n"
    assert [one.name for one in tmp_path.iterdir()] == ["study.yml"]


def test_a_failed_write_leaves_nothing(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        write_new(tmp_path / "study.yml", "\ud800")
    assert list(tmp_path.iterdir()) == []
