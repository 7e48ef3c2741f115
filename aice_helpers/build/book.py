"""Run the book: execute its notebooks on a cohort, build the site, write the result tables, move all of it into place."""

import json
import time
from pathlib import Path

from aice_helpers.build import cache, pages, products
from aice_helpers.build.inputs import Wish, inputs_of, joined
from aice_helpers.core.problems import UsageError

UNCHANGED = "nothing has changed since this book was made; it stands as it is"


def build(
    study=None,
    out=None,
    *,
    parameters=None,
    mask_below=0,
    exact_curves=False,
    part="",
    fresh=False,
    stand_ins=None,
    say=print,
):
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
    part : str
        "analysis" for the chapters on the cohort alone, "" for the whole book.
    fresh : bool
        Execute every notebook and make every page, even what has not changed since it was last made.
    stand_ins : callable, optional
        Takes an `Analysis` and returns the number of each lesson that works on the synthetic cohort in its place -> why;
        such a lesson is executed once for all books.
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
    study, out = Path(study or pages.DEFAULT_STUDY).resolve(), Path(out or pages.ROOT / "_build" / "book").resolve()
    _check_place(out)
    with products.Place(out, say=say) as place:
        there = products.survey(out)
        products.refuse_changed(there, out)
        if mask_below < 0 or mask_below == 1:
            raise UsageError("counts are masked below a whole number of at least 2")
        if mask_below and exact_curves:
            raise UsageError("a masked book has no exact curves; leave one of the two options out")
        wish = Wish(study, dict(parameters or {}), mask_below, exact_curves, part, stand_ins)
        found = inputs_of(wish)
        promised = _standing(out, found) if there.whole and not fresh else None
        if promised is None:
            promised, kept = _made(place, wish, found, fresh=fresh, say=say)
        else:
            say(UNCHANGED)
            kept = there.foreign
    if kept:
        say(products.kept_words(kept))
    say(f"done in {time.perf_counter() - started:.1f} s")
    if promised:
        say(promised)
    return out / "html" / "index.html"


def _standing(out, found):
    """The promise of the book in ``out`` when it was made from equal inputs, None otherwise."""
    content = cache.fetch("book", joined(str(out)))
    if content is None:
        return None
    made = json.loads(content)
    if made["inputs"] != found.whole() or made["record"] != products.own_hash(out):
        return None
    return made["promise"]


def _made(place, wish, found, *, fresh, say):
    """Make the book and put it into place; returns its promise and what is the user's in the folder."""
    from aice_helpers.build import making

    facts = making.fill(place.work / "book", place.work, wish, found, fresh=fresh, say=say)
    kept = place.replace(place.work / "book")
    made = {"inputs": found.whole(), "record": products.own_hash(place.out), "promise": facts.promise}
    cache.keep("book", joined(str(place.out)), json.dumps(made).encode())
    return facts.promise, kept


def clean():
    """Remove what was built at the usual places: executed notebooks, and the book without what is the user's in it.

    Returns
    -------
    tuple of str
        Files and folders of the user that were left in the folder of the book.
    """
    from aice_helpers.build import sites

    sites.prune(keep=0)
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
