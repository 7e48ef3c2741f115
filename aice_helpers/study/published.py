"""The published numbers that a study names: quotes, values, and where each is to be found among the results."""

from dataclasses import dataclass

from aice_helpers.core.problems import Problem, StudyError
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

    ``convention`` changes the row looked up to what the field's software gives by default; ``counterpart`` to a second
    estimate that the explanation speaks of. ``explanation`` must hold whatever the data are.
    """

    id: str
    topic: str
    quote: str
    chapter: str
    explanation: str
    value: str = ""
    below: float | None = None
    decimals: str = "0"
    unit: str = ""
    find: Find | None = None
    convention: dict[str, str] | None = None
    counterpart: dict[str, str] | None = None


@dataclass(frozen=True)
class Published:
    """The published source and its items."""

    source: str
    items: tuple[Item, ...]


def read_published(path) -> Published:
    """Read the file of published numbers.

    Raises
    ------
    StudyError
        For an unknown key, a repeated id, or an item without an explanation.
    """
    published, reader = read_yaml(Published, path)
    if not reader.problems:
        seen = set()
        for item in published.items:
            if not item.explanation.strip():
                reader.problems.append(
                    Problem(
                        reader.file,
                        "the item has no explanation",
                        "Say in a sentence what agrees or differs, and why",
                        column=item.id,
                    )
                )
            if item.id in seen:
                reader.problems.append(Problem(reader.file, "two items have this id", "Rename one", column=item.id))
            seen.add(item.id)
    if reader.problems:
        raise StudyError(reader.problems)
    return published
