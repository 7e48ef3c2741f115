"""What is wrong with a study file or a cohort, as a list a person can act on."""

import dataclasses
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

SHOWN = 20
"""How many faults of one kind and column are listed one by one; the rest are counted."""

QUOTED = 40
"""How many characters of a cell a message quotes at most."""

PERSONAL = {
    "e-mail addresses": re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}\.[^@\s]{2,}"),
    "ID-card numbers": re.compile(
        r"(?<!\d)\d{6}(18|19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dXx])", re.ASCII
    ),
    "phone numbers": re.compile(
        r"(?<![\d.])(\+\d{1,3}[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\(?0\d{2,4}\)?[ /-]\d{3,4}[ -]?\d{3,5}"
        r"|\d{3}-\d{3}-\d{4})(?![\d.])|\+\d{1,3}[ \d()-]{8,}\d",
        re.ASCII,
    ),
}
"""What no message may quote and no column of the analysis may hold: what it is -> how it is recognized in a cell."""


@dataclass(frozen=True)
class Problem:
    """One fault or remark: where it is, what was found, which rule, how to mend it.

    ``row`` counts as the user's spreadsheet does (the header is row 1); ``value`` is quoted only as far as it
    locates the fault. ``count`` is the number of rows it stands for, ``rows`` their numbers if it is more than one. ``more``
    marks the last entry of a long list, which counts the rows that are not listed. ``setting`` is what the reader of a file
    found out by itself, as the key of the study file's data file and its value.
    """

    file: str
    rule: str
    fix: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    count: int = 1
    more: bool = False
    setting: tuple[str, str] | None = None
    rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        place = self.file
        if self.rows:
            place += f", {row_words(self.rows)}"
        elif self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            # A place in the study file is a key.
            place += f", {'key' if self.file.endswith(('.yml', '.yaml')) else 'column'} {self.column!r}"
        found = "" if self.value is None else f" found {self.value!r};"
        if self.more:
            return f"{place}: and {self.count} more row{'s' if self.count > 1 else ''} like this: {self.rule}."
        many = "" if self.count == 1 or self.rows else f" ({self.count} rows)"
        return f"{place}:{found} {self.rule}{many}. {self.fix}" + ("" if self.fix.endswith("?") else ".")


class StudyError(Exception):
    """The study file or its data cannot be used; ``problems`` holds every fault found, in reading order."""

    def __init__(self, problems):
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self):
        # As it travels from one process to another.
        return type(self), (self.problems,)


class UsageError(Exception):
    """The command was given something it cannot work with."""


class BookError(Exception):
    """A notebook cell failed or a page drew a warning: the book itself is at fault, not the data."""


class Findings:
    """Collects faults (the data are refused) and remarks (the book goes on and shows them).

    ``secrets`` are texts that no message may quote, such as the patients' ids.
    """

    def __init__(self):
        self.secrets = frozenset()
        self._faults = _Noted()
        self._remarks = _Noted()

    def fault(self, file, rule, fix, *, row=None, column=None, value=None, rows=(), kind=""):
        """Note a fault. Faults of one file, column and ``kind`` (default: the rule) are counted together."""
        self._faults.note(
            (file, column, kind or rule),
            count := max(1, len(rows)),
            lambda: Problem(file, rule, fix, row, column, self.quotable(value), count, rows=tuple(rows)),
        )

    def remark(self, file, rule, fix, *, row=None, column=None, value=None, rows=(), count=1, setting=None):
        """Note a remark. Its rule and fix are shown on a public page: they hold no id and no row number."""
        count = max(count, len(rows))
        more = {"setting": setting, "rows": tuple(rows)}
        self._remarks.note(
            (file, column, rule),
            count,
            lambda: Problem(file, rule, fix, row, column, self.quotable(value), count, **more),
        )

    @property
    def faults(self):
        """Every fault, in order; of many like faults the first `SHOWN` and then their number."""
        return self._faults.shown()

    @property
    def remarks(self):
        """Every remark, in order; of many like remarks the first `SHOWN` and then their number."""
        return self._remarks.shown()

    def quotable(self, value):
        """A value as far as a message may quote it: not at all if it may point to a person, else its beginning."""
        if value is None:
            return None
        text = str(value)
        personal = any(pattern.search(text) for pattern in PERSONAL.values())
        # A short number may equal an id by chance and would then be missing where it is needed to find a fault.
        parts = {text, *re.findall(r"[\w-]+", text[:1000])} & self.secrets
        if personal or any(not part.isdigit() or len(part) > 3 for part in parts):
            return None
        return text[:QUOTED]


class _Noted:
    """Problems in the order in which they were noted; of many like ones the first `SHOWN`, and how many more there are.

    A wrong unit can make a problem of each of a million rows, so those beyond are counted and not kept.
    """

    def __init__(self):
        self._kept, self._places, self._left = [], Counter(), Counter()

    def note(self, key, count, problem):
        """Note a problem of ``count`` rows, made by a function; problems of one ``key`` are alike."""
        self._places[key] += 1
        if self._places[key] <= SHOWN + 1:
            self._kept.append((key, self._places[key] > SHOWN, problem()))
        if self._places[key] > SHOWN:
            self._left[key] += count

    def shown(self):
        return tuple(
            dataclasses.replace(problem, row=None, value=None, count=self._left[key], more=True, rows=())
            if more
            else problem
            for key, more, problem in self._kept
        )


def some(names, most=10) -> str:
    """Names for a message, each in quotes, the first ``most`` of them and how many there are more.

    >>> some(["a", "b"]), some("abcd", most=2)
    ("'a', 'b'", "'a', 'b' and 2 more")
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more


def row_words(rows) -> str:
    """Row numbers for the user's own terminal; neighbors are joined, and of many places only the first `SHOWN` are named.

    >>> row_words([7]), row_words([2, 3, 4, 9, 12])
    ('row 7', 'rows 2 to 4, 9, 12')
    """
    runs = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    named = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs[:SHOWN]]
    left = sum(map(len, runs[SHOWN:]))
    more = f" and {left} more" if left else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(named)}{more}"


def plain_form(text) -> str:
    """The form in which two spellings of one level agree: case, width, spaces and trailing dots set aside.

    >>> plain_form(" High  Grade. ")
    'high grade'
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", " ", text).strip().rstrip(".。").strip()
