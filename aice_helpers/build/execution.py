"""Execution of the notebooks: which cells a cohort can fill, one kernel a core, and what is kept of the result."""

import copy
import hashlib
import json
import os
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed

import nbformat

from aice_helpers.build import cache, kernels, pages, processes, versions
from aice_helpers.core.media import ANSWER_TYPE
from aice_helpers.core.problems import BookError
from aice_helpers.stats import samples

NEEDS = "needs:"

COMMITTED = frozenset({"dates", "estimands"})
"""Needs whose cells the committed notebooks keep although their cohort does not meet them; the cells say what is not there."""


def requirements_met(analysis) -> set[str]:
    """Names of what a cohort offers; a cell tagged ``needs:NAME`` runs only when NAME is among them.

    The lessons have their own names, because a comparison with another program needs data on which that program can
    be relied. Comparisons by hand count patients themselves, so a book with masked counts has none.
    """
    cohort, masked = analysis.cohort, bool(analysis.mask_below)
    study, plan = cohort.study, cohort.study.analysis
    compared = set() if masked else _comparable(analysis)
    offers = {
        "default-cohort": study.is_default,
        "recist": study.response is not None and "RECIST" in study.response.scheme.upper(),
        "published": bool(study.published),
        "dates": cohort.derivation is not None,
        "estimands": cohort.derivation is not None and bool(cohort.derivation.analyses),
        "response": study.response is not None,
        "change": study.response is not None and bool(study.response.change),
        "adverse-events": study.adverse_events is not None,
        "factors": bool(study.endpoints and plan.prognostic_factors),
        "multivariable": bool(study.endpoints and plan.multivariable),
        "groups": bool(study.endpoints and samples.plan_groups(cohort)),
        "landmark": bool(study.endpoints) and study.response is not None,
        "endpoints": bool(study.endpoints),
        "rate-times": bool(study.endpoints and plan.rate_times),
        "rmst": bool(study.endpoints and (plan.rmst_horizon or plan.rate_times)),
        "cox-lesson": "hazard-ratio" in compared and _cox_lesson_possible(cohort),
        "by-hand": not masked,
        "orr-lesson": not masked and study.synthetic and bool(study.published) and study.response is not None,
    }
    return {name for name, offered in offers.items() if offered} | compared


def _cox_lesson_possible(cohort):
    """Whether lifelines can be expected to fit the first planned factor: ten events, and some in every level."""
    factors, endpoints = cohort.study.analysis.prognostic_factors, cohort.study.endpoints
    if not factors or not endpoints:
        return False
    followed = cohort.followed(next(iter(endpoints)))
    values = followed.covariate(factors[0]).dropna()
    event = followed.survival(next(iter(endpoints)))["event"].loc[values.index]
    if event.sum() < 10 or values.nunique() < 2:
        return False
    return values.dtype != "category" or bool((event.groupby(values, observed=False).sum() > 0).all())


def _comparable(analysis):
    """Which values of the first endpoint the book has, so that the chapters can compare them by hand.

    ``follow-up-median``: the reversed curve comes down to one half, later than at time 0. ``logrank-test``: there is a test
    for the plan's first grouping. ``hazard-ratio``: the plan's first factor, alone in its model, has a finite estimate.
    """
    if not analysis.study.endpoints:
        return set()
    endpoint, plan = next(iter(analysis.study.endpoints)), analysis.study.analysis

    def rows(name, **where):
        table = analysis.table(name)
        for column, value in where.items():
            table = table[table[column] == value]
        return table

    follow_up = rows("follow_up", endpoint=endpoint, term="median follow-up")["estimate"]
    values = {"follow-up-median": follow_up.where(follow_up > 0)}
    if analysis.groups[1:]:
        values["logrank-test"] = rows("logrank", endpoint=endpoint, group=analysis.groups[1], level="")["statistic"]
    if plan.prognostic_factors:
        alone = rows("cox", endpoint=endpoint, model="univariable", term=plan.prognostic_factors[0])
        values["hazard-ratio"] = alone.loc[alone["kind"].isin(["numeric", "level"]), "coefficient"]
    return {name for name, found in values.items() if len(found) and found.notna().all()}


def execute_all(source, analysis, parameters, *, handed=None, fresh, say, present=True):
    """Execute the notebooks of the table of contents into ``source``, one kernel a core.

    Parameters
    ----------
    source : Path
        Laid out by `pages.stage_source`.
    analysis : Analysis
    parameters : dict
        Notebook parameters beside the study and the mask.
    handed : Path, optional
        Folder in which `analysis.hand_over` has left the analysis for the kernels.
    fresh : bool
        Execute what the cache holds too.
    say : callable
    present : bool
        Make the executed notebooks ready for the site.

    Raises
    ------
    BookError
        With the notebook and the cell, when one fails.
    """
    notebooks = pages.notebooks()
    offers = requirements_met(analysis) | (frozenset() if present else COMMITTED)
    shared = _shared_key(analysis, parameters)
    manager = kernels.manager_class(source.parent / "kernels", handed)
    pool = ThreadPoolExecutor(max_workers=min(len(notebooks), os.cpu_count() or 1))
    jobs = {
        pool.submit(_execute, page, source, analysis, offers, parameters, shared, fresh, manager): page
        for page in notebooks
    }
    failures = []
    try:
        for done, job in enumerate(as_completed(jobs), 1):
            page = jobs[job]
            try:
                seconds = job.result()
            except BookError as error:
                failures.append(str(error))
                for other in jobs:
                    other.cancel()
                continue
            except CancelledError:
                continue
            say(f"[{done}/{len(jobs)}] {page.stem}: " + (f"{seconds:.1f} s" if seconds else "unchanged"))
    except BaseException:
        # The kernels end first, or the threads would go on waiting for them.
        processes.stop_all()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    cache.prune()
    if failures:
        raise BookError("\n".join(sorted(failures)))
    for page in notebooks:
        notebook = nbformat.read(source / page, as_version=4)
        nbformat.write(_presentable(notebook) if present else notebook, source / page)


def _execute(page, source, analysis, offers, parameters, shared, fresh, manager):
    """Execute one notebook unless the cache holds its result; return the seconds it took, or None."""
    import papermill

    original = (pages.ROOT / page).read_bytes()
    target = source / page
    target.parent.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(shared + original).hexdigest()
    if not fresh and cache.fetch(key, target):
        return None
    started = time.perf_counter()
    notebook = prepared(nbformat.reads(original.decode("utf-8"), as_version=4), offers)
    nbformat.write(notebook, target)
    names = pages.notebook_parameters(notebook)
    if analysis.mask_below and "study" in names and "mask_below" not in names:
        raise BookError(f"{page}: it reads the cohort and has no parameter mask_below, so its counts cannot be masked")
    values = {name: value for name, value in parameters.items() if name in names}
    if "study" in names and analysis.study.folder.resolve() / analysis.study.file != pages.DEFAULT_STUDY:
        values["study"] = f"{'../' * (len(page.parts) - 1)}data/{analysis.study.file}"
    if analysis.mask_below and "mask_below" in names:
        values["mask_below"] = analysis.mask_below
    # The kernel's folder goes in by way of nbclient: papermill's own cwd would change that of the whole process, and
    # with it that of the notebooks executed at the same time.
    engine = {
        "resources": {"metadata": {"path": str(target.parent)}},
        "kernel_manager_class": manager,
    }
    try:
        papermill.execute_notebook(target, target, values, progress_bar=False, kernel_name="python3", **engine)
    except papermill.PapermillExecutionError as error:
        raise BookError(_where(page, original, nbformat.read(target, as_version=4), error)) from None
    nbformat.write(_tidied(nbformat.read(target, as_version=4)), target)
    cache.keep(key, target)
    return time.perf_counter() - started


def _where(page, original, failed, error):
    """Name the notebook and the cell, numbered as in the source notebook, in which an execution stopped."""
    source = nbformat.reads(original.decode("utf-8"), as_version=4)
    numbers = {cell.id: number for number, cell in enumerate(source.cells, 1)}
    broken = next((c for c in failed.cells if any(o.output_type == "error" for o in c.get("outputs", []))), None)
    number = numbers.get(broken.id, "injected parameters") if broken is not None else "unknown"
    lines = "" if broken is None else "\n".join(f"    {line}" for line in broken.source.splitlines()[:12])
    return f"{page}, cell {number}: {error.ename}: {error.evalue}\n{lines}"


def prepared(notebook, offers):
    """Leave out the cells whose ``needs:`` tags the cohort cannot meet, and all outputs."""
    notebook = copy.deepcopy(notebook)
    kept = []
    for cell in notebook.cells:
        needs = {tag.removeprefix(NEEDS) for tag in cell.metadata.get("tags", []) if tag.startswith(NEEDS)}
        if needs <= offers:
            kept.append(cell)
    notebook.cells = kept
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _tidied(notebook):
    """Drop what papermill and the kernel stamp into a notebook: times, paths, versions."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        for stamp in ("papermill", "execution"):
            cell.metadata.pop(stamp, None)
        if not cell.metadata.get("tags", True):
            cell.metadata.pop("tags")
        if cell.cell_type == "code":
            cell.outputs = _joined_streams(cell.outputs)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
            cell.metadata["tags"].append("remove-input")
            cell.source = "\n".join(line for line in cell.source.splitlines() if line != "# Parameters")
    return notebook


def _joined_streams(outputs):
    """Outputs with what is printed in one piece; in how many a kernel sends it depends on the moment."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.output_type == "stream" == last.get("output_type") and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _presentable(notebook):
    """Hand each figure's alt text, which the figure carries as output metadata, to the page; leave checked answers out."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(ANSWER_TYPE, None)
            alt = output.get("metadata", {}).get("image/png", {}).get("alt")
            if alt:
                cell.metadata.setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt
    return notebook


def _shared_key(analysis, parameters):
    """What every notebook's result depends on besides its own text."""
    digest = hashlib.sha256()
    for path in sorted((pages.ROOT / "aice_helpers").rglob("*.py")):
        digest.update(path.relative_to(pages.ROOT).as_posix().encode() + path.read_bytes())
    cohort = analysis.cohort
    folder = cohort.study.folder
    digest.update((folder / cohort.study.file).read_bytes())
    if cohort.study.published:
        digest.update((folder / cohort.study.published).read_bytes())
    digest.update(cohort.study.file.encode() + cohort.fingerprint.encode())
    described = [versions.versions(), parameters, analysis.mask_below]
    digest.update(json.dumps(described, sort_keys=True, default=str).encode())
    return digest.digest()
