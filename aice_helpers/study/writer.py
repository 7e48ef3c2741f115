"""The text of a study file: YAML with comments, every value safely quoted."""

import re

_PLAIN = re.compile(r"[^\W\d_]([\w .%/()+-]*[\w.%/()+])?")

_SPECIAL = {"null", "yes", "no", "true", "false", "on", "off", "y", "n"}
"""Words that one or another reader of YAML takes for something else than text."""


def quoted(value) -> str:
    """A text as a YAML scalar: plain where that is safe, else in double quotes.

    >>> quoted("Age at start"), quoted("01"), quoted("a: b"), quoted("年龄"), quoted("two\\nlines")
    ('Age at start', '"01"', '"a: b"', '年龄', '"two\\\\U0000000alines"')
    """
    text = str(value)
    if _PLAIN.fullmatch(text) and text.isprintable() and text.lower() not in _SPECIAL and "  " not in text:
        return text
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter):
    if letter in '"\\':
        return "\\" + letter
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


def listed(values) -> str:
    """Texts or numbers as a YAML list on one line."""
    return "[" + ", ".join(_item(value) for value in values) + "]"


def mapped(pairs) -> str:
    """Code -> label as a YAML mapping on one line."""
    return "{" + ", ".join(f"{_item(code)}: {_item(text)}" for code, text in pairs.items()) + "}"


def flow(value) -> str:
    """A text, a whole number, or lists and mappings of them, on one line.

    >>> flow("a: b"), flow(2), flow({"PARAMCD": ["OS", 1]}), flow([{"file": "b.csv", "by": "id"}])
    ('"a: b"', '2', '{PARAMCD: [OS, 1]}', '[{file: b.csv, by: id}]')
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return str(value) if isinstance(value, int) else quoted(value)


def _item(value):
    if isinstance(value, int | float):
        return f"{value:g}"
    return quoted(value)


def entry(key, value, indent=0, *, note="", off=False) -> str:
    """One line ``key: value``; ``note`` follows as a comment, ``off`` makes the whole line a comment."""
    text = f"{quoted(key)}: {value}".rstrip()
    return "  " * indent + ("# " if off else "") + text + (f"  # {note}" if note else "")
