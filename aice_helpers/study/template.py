"""The template for those who start from nothing: an empty workbook with a dictionary, and the study file that reads it.

Both lie beside this module as files, to be edited as such; a test holds the one to the other.
"""

from pathlib import Path

from aice_helpers.core.problems import UsageError
from aice_helpers.core.writing import ExistsError, write_new
from aice_helpers.study.writer import quoted

WORKBOOK = Path(__file__).with_name("template.xlsx")
STUDY = Path(__file__).with_name("template.yml")
NAME = "cohort.xlsx"
"""Name of the workbook in the template's study file."""


DATES = Path(__file__).with_name("template_dates.yml")
"""What stands in the place of the endpoints where these follow from the sheet of dates."""

SHEET = "    joined: [{file: cohort.xlsx, sheet: dates, by: patient}]"


def study_text(*, dates=False) -> str:
    """The study file of the template, with endpoints by times or by ``dates``."""
    text = STUDY.read_text(encoding="utf-8")
    if not dates:
        return text
    before, _, rest = text.partition("endpoints:\n")
    after = rest[rest.index("\nresponse:") :]
    declared = DATES.read_text(encoding="utf-8")
    variables, _, plan = declared.partition("dates:\n")
    before = before.replace("  sheet: patients\n", f"  sheet: patients\n{SHEET[2:]}\n")
    return before.rstrip() + "\n" + variables.rstrip() + "\n\ndates:\n" + plan.rstrip() + "\n" + after


def write_template(path, *, dates=False) -> tuple[Path, Path]:
    """Write the empty workbook and, beside it, its ``study.yml``; return both paths.

    The workbook has times in its first sheet and the dates from which they may be computed in another; with ``dates`` the
    study file reads the latter.

    Raises
    ------
    ExistsError
        When one of the two files is there already; neither is written then.
    UsageError
        When the name is not one of an Excel workbook.
    """
    path = Path(path)
    study = path.parent / "study.yml"
    if path.suffix.lower() != ".xlsx":
        raise UsageError("the template is an Excel workbook; name it with the suffix .xlsx")
    for file in (path, study):
        if file.exists() or file.is_symlink():
            raise ExistsError(file)
    write_new(path, WORKBOOK.read_bytes())
    try:
        write_new(study, study_text(dates=dates).replace(NAME, quoted(path.name)))
    except BaseException:
        path.unlink()
        raise
    return path, study
