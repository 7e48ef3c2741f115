"""The committed notebooks: executed on the default cohort, and written back with their outputs."""

import shutil
import tempfile
from pathlib import Path

from aice_helpers.build import making, pages
from aice_helpers.build.inputs import Wish, inputs_of
from aice_helpers.build.lean import nbformat
from aice_helpers.core.problems import BookError, UsageError
from aice_helpers.study.reader import read_study


def refresh(*, say=print):
    """Execute the committed notebooks on the default cohort and write them back, outputs included."""
    if not read_study(pages.DEFAULT_STUDY).synthetic:
        raise UsageError("committed notebooks never hold outputs of real patients")
    before = {page: (pages.ROOT / page).read_bytes() for page in pages.notebooks()}
    wish = Wish(pages.DEFAULT_STUDY)
    found = inputs_of(wish)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        making.prepare(
            work, wish, found, handed=work / "analysis", results=work / "results", fresh=True, present=False, say=say
        )
        source = work / "source"
        for page, content in before.items():
            _check_nothing_lost(page, content, source / page)
        for page, content in before.items():
            if (pages.ROOT / page).read_bytes() != content:
                raise UsageError(f"{page} was changed while it was executed; run this again")
            shutil.copyfile(source / page, pages.ROOT / page)


def _check_nothing_lost(page, committed, executed):
    """The default cohort must meet every need, or writing its notebooks back would drop cells."""
    before = nbformat.reads(committed.decode("utf-8"), as_version=4).cells
    after = nbformat.read(executed, as_version=4).cells
    if [cell.id for cell in before] != [cell.id for cell in after]:
        raise BookError(f"{page}: the default cohort does not meet what some cells need")
