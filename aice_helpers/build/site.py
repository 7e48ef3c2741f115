"""The site: a Jupyter Book made of the executed notebooks and the pages, any warning being an error."""

import contextlib
import io
import os
import re
import tempfile

from aice_helpers.build import pages
from aice_helpers.core.problems import BookError

ROOM = 2**20
"""Bytes that must still fit on the disk for a failed page to be the book's fault."""
REDIRECT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Go to the book</title>\
<meta http-equiv="refresh" content="0; url={first}"></head><body><a href="{first}">Go to the book</a></body></html>
"""


def import_builder():
    """Import what builds the site; takes a second or two, so it is done beside something else."""
    import jupyter_book.sphinx  # noqa: F401
    import myst_nb.sphinx_  # noqa: F401
    import sphinx.builders.html  # noqa: F401
    import sphinx_book_theme  # noqa: F401
    import sphinxcontrib.bibtex  # noqa: F401


def build_site(source, out, scratch):
    """Build the site of ``source`` into the new folder ``out``.

    Parameters
    ----------
    source : Path
        Laid out by `pages.stage_source`, notebooks executed.
    out : Path
        A folder beside which nothing lies; the builder puts files of its own there.
    scratch : Path
        Folder for what the builder keeps to itself.

    Raises
    ------
    BookError
        When a page draws a warning or an error.
    OSError
        When the disk is full.
    """
    from jupyter_book.sphinx import build_sphinx

    messages = io.StringIO()
    with contextlib.redirect_stderr(messages), contextlib.redirect_stdout(io.StringIO()), _temporary_files_in(scratch):
        code = build_sphinx(
            source,
            out,
            path_config=source / "_config.yml",
            noconfig=True,
            confoverrides={"latex_individualpages": False},
            doctreedir=scratch / "doctrees",
            warningiserror=True,
            keep_going=True,
            quiet=True,
        )
    if isinstance(code, KeyboardInterrupt | OSError):
        raise code
    if code:
        _refuse_full_disk(scratch)
        text = re.sub(r"\x1b\[[0-9;]*m", "", messages.getvalue()).replace(f"{source}{os.sep}", "").strip()
        raise BookError(f"the site drew warnings:\n{text or code}")
    first = pages.pages(source)[0].with_suffix(".html").as_posix()
    (out / "index.html").write_text(REDIRECT.format(first=first), encoding="utf-8")


@contextlib.contextmanager
def _temporary_files_in(folder):
    """The builder leaves the log of an error among the temporary files; here it goes with the rest of the run."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _refuse_full_disk(folder):
    """The builder turns a page that cannot be written into a warning; `OSError` says what is really the matter."""
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"\0" * ROOM)
