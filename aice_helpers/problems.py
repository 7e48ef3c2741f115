"""What is wrong with a study file or a cohort, as a list a person can act on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One fault or remark: where it is, what was found, which rule, how to mend it.

    ``row`` counts as the user's spreadsheet does (the header is row 1); ``value`` is quoted only as far as it
    locates the fault.
    """

    file: str
    rule: str
    fix: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column!r}"
        found = "" if self.value is None else f" found {self.value!r};"
        return f"{place}:{found} {self.rule}. {self.fix}" + ("" if self.fix.endswith("?") else ".")


class StudyError(Exception):
    """The study file or its data cannot be used; ``problems`` holds every fault found, in reading order."""

    def __init__(self, problems):
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
