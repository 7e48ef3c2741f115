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


def write_template(path) -> tuple[Path, Path]:
    """Write the empty workbook and, beside it, its ``study.yml``; return both paths.

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
        write_new(study, STUDY.read_text(encoding="utf-8").replace(NAME, quoted(path.name)))
    except BaseException:
        path.unlink()
        raise
    return path, study
