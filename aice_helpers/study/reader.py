"""The only reader of ``study.yml``: strict YAML into the objects of `model`.

A key it does not know is an error that names the nearest known key, and every fault of the file is reported at once."""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import types
import typing
from pathlib import Path

import yaml

from aice_helpers.core.problems import Problem, StudyError
from aice_helpers.study.checks import check_references
from aice_helpers.study.model import PLAIN_NUMBER, Study

OLD_KEYS = {"analysis.landmark_times": "rate_times"}
"""Key that an earlier version knew -> its name now; it is still read, with a remark."""


def read_study(path) -> Study:
    """Read and check a study file.

    Parameters
    ----------
    path : path-like
        A YAML file.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        With every fault of the file, when there is one.
    """
    path = Path(path)
    study, reader = read_yaml(Study, path, given={"file": path.name, "folder": path.parent, "old_keys": ()})
    if not reader.problems:
        check_references(study, reader)
    if reader.problems:
        raise StudyError(reader.problems)
    return dataclasses.replace(study, old_keys=tuple(reader.old))


def read_yaml(cls, path, *, given=()):
    """Read a YAML file into the dataclass ``cls``; return it (None if unusable) and the reader with its problems.

    ``given`` holds fields that the file does not set. A file that is no YAML at all raises `StudyError`.
    """
    path = Path(path)
    reader = _Reader(path.name)
    try:
        raw = yaml.load(_quoted_mark(path.read_text(encoding="utf-8-sig")), Loader=_StrictLoader)
    except OSError as error:
        reader.fail("", None, f"the file cannot be read ({error.strerror})", "Check the path")
        raise StudyError(reader.problems) from None
    except UnicodeDecodeError:
        reader.fail("", None, "the file is not UTF-8 text", "Save it as UTF-8")
        raise StudyError(reader.problems) from None
    except (ValueError, TypeError, AttributeError, RecursionError):
        # A value with a tag of its own (!!int, !!timestamp) that does not fit raises Python's own errors.
        reader.fail("", None, "the file is not valid YAML", "Write plain keys and values, without !! tags")
        raise StudyError(reader.problems) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" at line {mark.line + 1}"
        what = getattr(error, "problem", None) or "bad syntax"
        reader.fail("", None, f"the file is not valid YAML{where}: {what}", "Correct that line")
        raise StudyError(reader.problems) from None
    return reader.build(cls, raw, "", given=given), reader


def _quoted_mark(text):
    """The text with ``known: ?`` as ``known: "?"``: a bare question mark begins a key in YAML."""
    return re.sub(r"(?m)^(\s*known:[ \t]*)\?(?=[ \t]*(#.*)?$)", r'\1"?"', text)


class _StrictLoader(yaml.SafeLoader):
    """YAML without duplicate keys, whose scalars stay as they are written: text, or None when there is none.

    The codes of a data file are text, so 01, 1.0, 1_000 and yes must not turn into numbers or truth values.
    """

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(None, None, "a key must be plain text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _as_list(value):
    return value if isinstance(value, list) else [value]


def _as_codes(value):
    if isinstance(value, dict):
        return {code: "" if meaning is None else meaning for code, meaning in value.items()}
    return {code if isinstance(code, str) else "": "" for code in _as_list(value)}


def _as_kinds(value):
    if isinstance(value, list):
        return {kind if isinstance(kind, str) else "": [] for kind in value}
    return {kind: _as_list(codes) for kind, codes in value.items()} if isinstance(value, dict) else value


_WRITTEN = {"one or more": _as_list, "codes": _as_codes, "kinds": _as_kinds}
"""Annotation of a key -> how its shorter ways to be written are read."""


class _Reader:
    """Turns plain YAML values into the dataclasses above and keeps a list of everything that does not fit."""

    def __init__(self, file):
        self.file = file
        self.problems = []
        self.old = []

    def fail(self, key, value, rule, fix):
        # A list may be endless through YAML's references, so only scalars are quoted.
        shown = str(value)[:60] if isinstance(value, str | int | float) else None
        self.problems.append(Problem(self.file, rule, fix, column=key or None, value=shown))

    def build(self, cls, raw, key, given=()):
        """The dataclass of a mapping; ``given`` holds fields that the mapping does not set."""
        given = dict(given)
        fields = {f.name: f for f in dataclasses.fields(cls)}
        allowed = [name for name in fields if name not in given]
        if not isinstance(raw, dict):
            self.fail(key, raw, "a mapping of keys to values is needed here", f"Give it the keys {', '.join(allowed)}")
            return None
        hints = typing.get_type_hints(cls, include_extras=True)
        values = dict(given)
        for name, value in raw.items():
            place = f"{key}.{name}" if key else str(name)
            if place in OLD_KEYS:
                name = OLD_KEYS[place]
                self.old.append((place, name))
                if name in raw:
                    self.fail(
                        place, None, f"this key is the old name of {name!r}, which is given too", "Keep one of them"
                    )
            if name not in allowed:
                near = difflib.get_close_matches(str(name), allowed, n=1, cutoff=0.5)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(allowed)}"
                self.fail(place, None, "this key is not known", hint)
                continue
            values[name] = self.convert(hints[name], value, place)
        for name, f in fields.items():
            required = f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
            if required and name not in values:
                self.fail(f"{key}.{name}" if key else name, None, "this key is missing", "Add it")
                values[name] = None
        before = len(self.problems)
        return None if before and any(v is None for v in values.values()) and cls is Study else cls(**values)

    def convert(self, hint, value, place):
        if typing.get_origin(hint) is typing.Annotated:
            hint, how = typing.get_args(hint)
            value = _WRITTEN[how](value)
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            inner = [a for a in args if a is not type(None)]
            return None if value is None else self.convert(inner[0], value, place)
        if dataclasses.is_dataclass(hint):
            return self.build(hint, value, place)
        if origin is dict:
            return self.convert_dict(args[1], value, place)
        if origin is tuple:
            if not isinstance(value, list):
                self.fail(place, value, "a list is needed here", "Write it as [first, second]")
                return ()
            return tuple(self.convert(args[0], v, f"{place}[{i}]") for i, v in enumerate(value, 1))
        return self.convert_scalar(hint, value, place)

    def convert_dict(self, hint, value, place):
        if not isinstance(value, dict):
            self.fail(place, value, "a mapping of keys to values is needed here", "Write it as key: value")
            return {}
        named = dataclasses.is_dataclass(hint) and "name" in {f.name for f in dataclasses.fields(hint)}
        result = {}
        for k, v in value.items():
            if named:
                result[k] = self.build(hint, v, f"{place}.{k}", given={"name": k})
            else:
                result[k] = self.convert(hint, v, f"{place}.{k}")
        return result

    def convert_scalar(self, hint, value, place):
        text = value if isinstance(value, str) else ""
        if hint is str:
            if not isinstance(value, str):
                self.fail(place, value, "text is needed here", "Write a word or a phrase, in quotes if in doubt")
            return text
        if hint is bool:
            if text.lower() not in ("true", "false"):
                self.fail(place, value, "true or false is needed here", "Write true or false, without quotes")
            return text.lower() == "true"
        if hint is int:
            if not (text.isascii() and text.isdigit() and len(text) < 7):
                self.fail(place, value, "a whole number is needed here", "Write digits only")
                return 0
            return int(text)
        number = float(text) if PLAIN_NUMBER.fullmatch(text) else math.inf
        if math.isinf(number):
            self.fail(place, value, "a number is needed here", "Write digits, with a point as decimal mark")
            return 0.0
        return number
