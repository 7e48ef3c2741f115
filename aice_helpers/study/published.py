"""The published numbers that a study names: as they are printed, and where each is to be found among the results."""

import dataclasses
from dataclasses import dataclass, field

from aice_helpers.core.problems import Problem, StudyError
from aice_helpers.study.abstract import Numbers, faults
from aice_helpers.study.reader import read_yaml

VERDICTS = ("match", "rounding", "convention", "cannot be reproduced", "by construction")


@dataclass(frozen=True)
class Find:
    """Where the counterpart of a published number stands: table, row (column: value) and column."""

    table: str
    where: dict[str, str]
    column: str


@dataclass(frozen=True)
class Item:
    """One published number (``value``), claim about a test (``below``: its limit) or statement (neither).

    ``number`` names a number of the part ``numbers`` as ``id.key``, so that its value is typed once. ``convention`` changes the row looked up to what the field's software gives by default; ``counterpart`` to a second
    estimate that the explanation speaks of. ``explanation`` must hold whatever the data are.
    """

    id: str
    topic: str
    quote: str
    chapter: str
    explanation: str
    value: str = ""
    number: str = ""
    below: float | None = None
    decimals: str = "0"
    unit: str = ""
    find: Find | None = None
    convention: dict[str, str] | None = None
    counterpart: dict[str, str] | None = None


@dataclass(frozen=True)
class Published:
    """The published source, its numbers as printed, and the items that the results are compared with."""

    source: str
    items: tuple[Item, ...] = ()
    numbers: Numbers = field(default_factory=Numbers)


def read_published(path) -> Published:
    """Read the file of published numbers.

    Raises
    ------
    StudyError
        For an unknown key, a repeated id, or an item without an explanation.
    """
    published, reader = read_yaml(Published, path)
    if not reader.problems:
        reader.problems += [
            Problem(reader.file, rule, fix, column=".".join(filter(None, (name, key))), value=value)
            for name, key, value, rule, fix in faults(published.numbers)
        ]
    if not reader.problems:
        reader.problems += _item_faults(published, reader.file)
    if reader.problems:
        raise StudyError(reader.problems)
    items = tuple(_with_value(item, published.numbers) for item in published.items)
    return dataclasses.replace(published, items=items)


def _item_faults(published, file):
    found, seen = [], set()
    for item in published.items:
        if not item.explanation.strip():
            fix = "Say in a sentence what agrees or differs, and why"
            found.append(Problem(file, "the item has no explanation", fix, column=item.id))
        if item.id in seen:
            found.append(Problem(file, "two items have this id", "Rename one", column=item.id))
        if item.number and not _named(item.number, published.numbers):
            fix = "Write it as id.key, as in os.low"
            found.append(Problem(file, "no number has this name", fix, column=item.id, value=item.number))
        seen.add(item.id)
    return found


def _named(number, numbers):
    """The printed number that is named ``id.key``, "" when there is none."""
    name, _, key = number.partition(".")
    value = getattr(numbers.all.get(name), key, "")
    return value if isinstance(value, str) else ""


def _with_value(item, numbers):
    """An item whose value and decimals are those of the number that it names."""
    if not item.number:
        return item
    value = _named(item.number, numbers)
    return dataclasses.replace(item, value=value, decimals=str(len(value.partition(".")[2])))
