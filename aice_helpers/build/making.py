"""Making a book in a working folder: facts and tables of the cohort, executed notebooks, site."""

import hashlib
import json
import shutil
import threading
from dataclasses import replace

from aice_helpers.build import cache, execution, pages, processes, products, site, sites, versions
from aice_helpers.build import facts as cohort_facts
from aice_helpers.build.contents import contents_of
from aice_helpers.build.inputs import joined
from aice_helpers.build.offers import COMMITTED
from aice_helpers.core import seeds
from aice_helpers.core.problems import BookError
from aice_helpers.study.reader import read_study

FEW = 2
"""So many notebooks compute the tables they show themselves; for more of them the build does it once."""


def fill(book, work, wish, inputs, *, fresh, say):
    """Make the products of one run in the new folder ``book``; returns the `Facts` of the cohort.

    Parameters
    ----------
    book : Path
    work : Path
        Folder for what is needed on the way.
    wish : Wish
    inputs : Inputs
    fresh : bool
        Take nothing that is kept.
    say : callable

    Raises
    ------
    StudyError, BookError, OSError
        As for `book.build`.
    """
    pages.check_parameters(wish.parameters)
    book.mkdir()
    facts = prepare(work, wish, inputs, handed=work / "analysis", results=book / "results", fresh=fresh, say=say)
    say("building the site")
    with sites.kept(wish.site_key(), work, say=say) as folder:
        site.build(work / "source", folder, fresh=fresh)
        site.copy(folder, book / "html")
    _collect(book, work / "source", facts, wish)
    return facts


def prepare(work, wish, inputs, *, handed, results, fresh, say, present=True, keep=False):
    """Lay out the source of the site in ``work``/source, notebooks executed; returns the `Facts` of the cohort.

    ``results`` is a new folder for the tables. ``handed`` may hold what an earlier call has left for the kernels; with ``keep``
    it is filled for the calls to come.
    """
    cohort = _cohort_key(wish, inputs)
    facts, fetched = None if fresh else _kept_cohort(cohort, results), True
    if facts is None:
        facts, fetched = _gathered(cohort, wish, results, handed, say), False
    say(f"{facts.patients} patients read from {facts.file}, no fault found")
    if not present:
        facts = replace(facts, offers=(*facts.offers, *COMMITTED))
    source = pages.stage_source(work, wish.study, facts)
    # The committed notebooks are those of the whole book.
    contents = contents_of(pages.ROOT, pages.pages(), facts.offers if present else None, wish.part)
    contents.written(source)
    found = execution.orders(
        facts, wish.study, inputs, contents, parameters=wish.parameters, mask_below=wish.mask_below
    )
    todo = [order for order in found if fresh or not execution.is_kept(order)]
    if todo:
        processes.start_server()
        if fetched and (len(todo) > FEW or keep) and not handed.exists():
            _gathered(cohort, wish, work / "again", handed, say)
        pages.stage_data(source, read_study(wish.study))
    given = handed if handed.exists() else None
    execution.execute_all(found, source, handed=given, fresh=fresh, present=present, say=say)
    if todo:
        pages.remove_data(source)
    return facts


def _kept_cohort(key, results):
    """Facts and tables of a cohort from an earlier build, the tables written into ``results``; None when there are none."""
    content = cache.fetch("cohort", key)
    if content is None:
        return None
    kept = json.loads(content)
    results.mkdir()
    for name, text in kept["results"].items():
        (results / name).write_text(text, encoding="utf-8", newline="")
    return cohort_facts.from_text(kept["facts"])


def hand_over(work, wish, inputs, handed, say):
    """Leave the analysis of the cohort in ``handed`` for kernels to come, unless it is there; ``work`` is a new folder."""
    if not handed.exists():
        _gathered(_cohort_key(wish, inputs), wish, work, handed, say)


def _cohort_key(wish, inputs):
    return joined(inputs.program, inputs.study, inputs.lessons, wish.of_cohort())


def _gathered(key, wish, results, handed, say):
    """Facts and tables computed in a child, while this process imports what it will need."""
    processes.start_server()
    warm = threading.Thread(target=site.import_builder, daemon=True)
    warm.start()
    try:
        facts = processes.Task(
            cohort_facts.gather,
            wish.study,
            wish.mask_below,
            wish.exact_curves,
            results,
            handed,
            wish.stand_ins,
            say=say,
        ).result()
    except processes.ChildError:
        raise BookError("the process that computes the tables has ended without a word; is the memory full?") from None
    except BaseException:
        processes.stop_all()
        raise
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(results.iterdir())}
    cache.keep("cohort", key, json.dumps({"facts": facts.as_text(), "results": texts}).encode())
    warm.join()
    return facts


def _collect(book, source, facts, wish):
    """Gather the executed notebooks and write the record of the run."""
    (book / "notebooks").mkdir()
    for page in pages.notebooks(source):
        shutil.copyfile(source / page, book / "notebooks" / page.name)
    record = {
        "study": facts.title,
        "synthetic": facts.synthetic,
        "patients": facts.patients,
        # Not of the data: who lacks one cell of them could confirm a guess.
        "results_sha256": digest(book / "results"),
        "promise": facts.promise or "Synthetic data: no patient stands behind any number.",
        "exact_curves": wish.exact_curves,
        "seeds": seeds.ALL,
        "versions": versions.versions(),
    }
    if wish.mask_below:
        record["mask_below"] = wish.mask_below
    products.write_record(book, record)


def digest(folder):
    """SHA-256 of the files of a folder, names included."""
    found = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        found.update(f"{file.name}\n".encode() + file.read_bytes())
    return found.hexdigest()
