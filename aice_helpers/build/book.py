"""Run the book: execute its notebooks on a cohort, build the site, write the result tables, move all of it into place."""

import hashlib
import shutil
import tempfile
import threading
import time
from pathlib import Path

import nbformat

from aice_helpers.analysis import Analysis, hand_over
from aice_helpers.build import execution, pages, processes, products, site, versions
from aice_helpers.core import seeds
from aice_helpers.core.problems import BookError, UsageError
from aice_helpers.core.results import written_out
from aice_helpers.core.spreadsheets import spreadsheet_safe
from aice_helpers.data.load import load_cohort
from aice_helpers.masking.written import written_tables
from aice_helpers.show.promise import promise


def build(study=None, out=None, *, parameters=None, mask_below=0, exact_curves=False, fresh=False, say=print):
    """Make the book of one study.

    Parameters
    ----------
    study : path-like, optional
        Study file; the book's own synthetic cohort if left out.
    out : path-like, optional
        Folder (``_build/book`` if left out) for the products: ``html/``, ``notebooks/``, ``results/`` and
        ``run.json``. Products of an earlier run are replaced at the very end; a run that fails leaves them as they
        were, and whatever else lies in the folder stays.
    parameters : dict, optional
        Further notebook parameters; a name that no notebook declares is an error.
    mask_below : int
        K of at least 2: the book tells no count of 1 to K - 1 patients, so that it can be shared; 0 masks nothing.
    exact_curves : bool
        Write curves by group with a step at every event into ``results/`` although real patients stand behind them.
    fresh : bool
        Execute every notebook even when nothing it depends on has changed since it was last executed.
    say : callable
        Receives one line of progress at a time.

    Returns
    -------
    Path
        The site's first page.

    Raises
    ------
    StudyError
        The study file or its data cannot be used.
    BookError
        A cell failed or the site drew a warning.
    UsageError
        Unknown parameter, a ``mask_below`` of 1 or below 0, exact curves of a masked book, or an ``out`` folder that
        holds something else.
    OSError
        Something cannot be read or written.
    """
    started = time.perf_counter()
    processes.start_server()
    study, out = Path(study or pages.DEFAULT_STUDY).resolve(), Path(out or pages.ROOT / "_build" / "book").resolve()
    _check_place(out)
    with products.Place(out, say=say) as place:
        products.refuse_changed(products.survey(out), out)
        if mask_below < 0 or mask_below == 1:
            raise UsageError("counts are masked below a whole number of at least 2")
        if mask_below and exact_curves:
            raise UsageError("a masked book has no exact curves; leave one of the two options out")
        analysis = Analysis(load_cohort(study), mask_below=mask_below)
        parameters = dict(parameters or {})
        pages.check_parameters(parameters)
        say(f"{analysis.cohort.n} patients read from {analysis.study.file}, no fault found")
        book = place.work / "book"
        book.mkdir()
        _fill(book, place.work, study, analysis, parameters, exact_curves=exact_curves, fresh=fresh, say=say)
        kept = place.replace(book)
    if kept:
        say(products.kept_words(kept))
    say(f"done in {time.perf_counter() - started:.1f} s")
    if promised := promise(analysis):
        say(promised)
    return out / "html" / "index.html"


def _fill(book, work, study, analysis, parameters, *, exact_curves, fresh, say):
    """Make the products of one run in the folder ``book``."""
    source = pages.stage_source(work, study, analysis)
    handed = work / "analysis"
    hand_over(analysis, handed)
    (book / "results").mkdir()
    tables = written_tables(
        analysis.cohort, analysis.results(), mask_below=analysis.mask_below, exact_curves=exact_curves
    )
    for name, table in tables.items():
        spreadsheet_safe(written_out(table)).to_csv(book / "results" / f"{name}.csv", index=False, lineterminator="\n")
    warm = threading.Thread(target=site.import_builder, daemon=True)
    warm.start()
    execution.execute_all(source, analysis, parameters, handed=handed, fresh=fresh, say=say)
    warm.join()
    pages.remove_data(source)
    say("building the site")
    # The builder puts files of its own beside the site.
    site.build_site(source, work / "site" / "html", work)
    (work / "site" / "html").rename(book / "html")
    _collect(book, source, analysis, exact_curves)


def _collect(book, source, analysis, exact_curves):
    """Gather the executed notebooks and write the record of the run."""
    (book / "notebooks").mkdir()
    for page in pages.notebooks(source):
        shutil.copyfile(source / page, book / "notebooks" / page.name)
    shutil.rmtree(book / "html" / "_sources", ignore_errors=True)
    cohort = analysis.cohort
    record = {
        "study": cohort.study.title,
        "synthetic": cohort.study.synthetic,
        "patients": cohort.n,
        # Not of the data: who lacks one cell of them could confirm a guess.
        "results_sha256": _digest(book / "results"),
        "promise": promise(analysis) or "Synthetic data: no patient stands behind any number.",
        "exact_curves": exact_curves,
        "seeds": seeds.ALL,
        "versions": versions.versions(),
    }
    if analysis.mask_below:
        record["mask_below"] = analysis.mask_below
    products.write_record(book, record)


def _digest(folder):
    """SHA-256 of the files of a folder, names included."""
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        digest.update(f"{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def refresh(*, say=print):
    """Execute the committed notebooks on the default cohort and write them back, outputs included."""
    processes.start_server()
    analysis = Analysis(load_cohort(pages.DEFAULT_STUDY))
    if not analysis.study.synthetic:
        raise UsageError("committed notebooks never hold outputs of real patients")
    before = {page: (pages.ROOT / page).read_bytes() for page in pages.notebooks()}
    with tempfile.TemporaryDirectory() as folder:
        source = pages.stage_source(Path(folder), pages.DEFAULT_STUDY, analysis)
        execution.execute_all(source, analysis, {}, fresh=True, say=say, present=False)
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


def clean():
    """Remove what was built at the usual places: executed notebooks, and the book without what is the user's in it.

    Returns
    -------
    tuple of str
        Files and folders of the user that were left in the folder of the book.
    """
    from aice_helpers.build import cache

    out = pages.ROOT / "_build" / "book"
    cache.clear()
    if not out.is_dir():
        return ()
    with products.Place(out, say=lambda line: None):
        found = products.remove(out)
    return (*found.changed, *found.foreign)


def _check_place(out):
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out.name} is a file; name a folder")
    if out == pages.ROOT or out in pages.ROOT.parents:
        raise UsageError("the book cannot be written over its own source")
    parent = next(folder for folder in out.parents if folder.exists())
    if not parent.is_dir():
        raise UsageError(f"{parent.name} is a file, so no folder can be made in it")
