"""Run the book: execute its notebooks on a cohort, build the site, write the result tables, move all of it into place."""

from __future__ import annotations

import ast
import contextlib
import copy
import glob
import hashlib
import html
import importlib.metadata
import io
import json
import os
import platform
import re
import shutil
import tempfile
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
import yaml

from aice_helpers import kernels, survival
from aice_helpers.cohort import Cohort, load_cohort
from aice_helpers.course.exercise import ANSWER_TYPE
from aice_helpers.formats import spreadsheet_safe
from aice_helpers.study import DEFAULT_STUDY

ROOT = Path(__file__).resolve().parent.parent
PRODUCTS = ("html", "notebooks", "results", "run.json")
NEEDS = "needs:"
CACHED_NOTEBOOKS = 100


class BookError(Exception):
    """A notebook cell failed or a page drew a warning: the book itself is at fault, not the data."""


class UsageError(Exception):
    """The command was given something it cannot work with."""


def requirements_met(cohort: Cohort) -> set[str]:
    """Names of what a cohort offers; a cell tagged ``needs:NAME`` runs only when NAME is among them.

    The lessons have their own names, because a comparison with another program needs data on which that program can
    be relied. Comparisons by hand count patients themselves, so a book with masked counts has none.
    """
    study, plan = cohort.study, cohort.study.analysis
    offers = {
        "synthetic": study.synthetic,
        "published": bool(study.published),
        "response": study.response is not None,
        "change": study.response is not None and bool(study.response.change),
        "adverse-events": study.adverse_events is not None,
        "factors": bool(plan.prognostic_factors),
        "multivariable": bool(plan.multivariable),
        "groups": bool(survival.plan_groups(cohort)),
        "landmark-times": bool(plan.landmark_times),
        "rmst": bool(plan.rmst_horizon or plan.landmark_times),
        "cox-lesson": not cohort.mask_below and _cox_lesson_possible(cohort),
        "by-hand": not cohort.mask_below,
        "orr-lesson": not cohort.mask_below
        and study.synthetic
        and bool(study.published)
        and study.response is not None,
    }
    return {name for name, offered in offers.items() if offered}


def _cox_lesson_possible(cohort):
    """Whether lifelines can be expected to fit the first planned factor: ten events, and some in every level."""
    factors = cohort.study.analysis.prognostic_factors
    if not factors:
        return False
    values = cohort.covariate(factors[0]).dropna()
    event = cohort.survival(next(iter(cohort.study.endpoints)))["event"].loc[values.index]
    if event.sum() < 10 or values.nunique() < 2:
        return False
    return values.dtype != "category" or bool((event.groupby(values, observed=False).sum() > 0).all())


def pages(root=None):
    """Documents of the table of contents, in reading order, as paths relative to ``root`` (the book's own source)."""
    root = root or ROOT
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    names = [toc["root"], *re.findall(r"'file': '([^']+)'", repr({k: v for k, v in toc.items() if k != "root"}))]
    found = []
    for name in names:
        suffix = next((s for s in (".ipynb", ".md") if (root / f"{name}{s}").is_file()), None)
        if suffix is None:
            raise BookError(f"_toc.yml names {name}, but there is no such page")
        found.append(Path(f"{name}{suffix}"))
    return found


def notebook_parameters(notebook) -> set[str]:
    """Names assigned in a notebook's cell tagged ``parameters``."""
    names = set()
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            for statement in ast.parse(cell.source).body:
                names |= {t.id for t in getattr(statement, "targets", []) if isinstance(t, ast.Name)}
    return names


def build(study=None, out=None, *, parameters=None, mask_below=0, fresh=False, say=print):
    """Make the book of one study.

    Parameters
    ----------
    study : path-like, optional
        Study file; the book's own synthetic cohort if left out.
    out : path-like, optional
        Folder (``_build/book`` if left out) for the products: ``html/``, ``notebooks/``, ``results/`` and
        ``run.json``. Products of an earlier run are replaced at the very end; a run that fails leaves them as they
        were.
    parameters : dict, optional
        Further notebook parameters; a name that no notebook declares is an error.
    mask_below : int
        K of at least 2: the book tells no count of 1 to K - 1 patients, so that it can be shared; 0 masks nothing.
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
        Unknown parameter, a ``mask_below`` of 1 or below 0, or an ``out`` folder that holds something else.
    """
    started = time.perf_counter()
    kernels.start_server()
    study, out = Path(study or DEFAULT_STUDY).resolve(), Path(out or ROOT / "_build" / "book").resolve()
    _check_out(out)
    if mask_below < 0 or mask_below == 1:
        raise UsageError("counts are masked below a whole number of at least 2")
    cohort = load_cohort(study, mask_below=mask_below)
    parameters = _check_parameters(dict(parameters or {}))
    say(f"{cohort.n} patients read from {cohort.study.file}, no fault found")
    out.parent.mkdir(parents=True, exist_ok=True)
    _clear_what_a_killed_run_left(out)
    stage = Path(tempfile.mkdtemp(prefix=f".aice-{out.name}-{os.getpid()}-", dir=out.parent))
    tables = kernels.context().Process(target=_write_results, args=(study, stage / "results", mask_below), daemon=True)
    try:
        source = _stage_source(stage, study, cohort)
        tables.start()
        warm = threading.Thread(target=_import_site_builder, daemon=True)
        warm.start()
        _execute_all(source, cohort, parameters, fresh=fresh, say=say)
        warm.join()
        _remove_data(source)
        _build_site(source, stage, say=say)
        tables.join()
        if tables.exitcode:
            raise BookError("the result tables could not be written")
        _collect(stage, source, cohort)
        _move_into_place(stage, out)
    finally:
        if tables.is_alive():
            tables.kill()
            tables.join()
        shutil.rmtree(stage, ignore_errors=True)
    say(f"done in {time.perf_counter() - started:.1f} s")
    return out / "html" / "index.html"


def refresh(*, say=print):
    """Execute the committed notebooks on the default cohort and write them back, outputs included."""
    kernels.start_server()
    cohort = load_cohort(DEFAULT_STUDY)
    if not cohort.study.synthetic:
        raise UsageError("committed notebooks never hold outputs of real patients")
    with tempfile.TemporaryDirectory() as folder:
        source = _stage_source(Path(folder), DEFAULT_STUDY, cohort)
        _execute_all(source, cohort, {}, fresh=True, say=say, present=False)
        for page in pages():
            if page.suffix == ".ipynb":
                _check_nothing_lost(page, ROOT / page, source / page)
        for page in pages():
            if page.suffix == ".ipynb":
                shutil.copyfile(source / page, ROOT / page)


def _check_nothing_lost(page, committed, executed):
    """The default cohort must meet every need, or writing its notebooks back would drop cells."""
    before, after = (nbformat.read(path, as_version=4).cells for path in (committed, executed))
    if [cell.id for cell in before] != [cell.id for cell in after]:
        raise BookError(f"{page}: the default cohort does not meet what some cells need")


# ---------------------------------------------------------------------------------------------------------------------


def _check_out(out):
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out.name} is a file; name a folder")
    if out == ROOT or out in ROOT.parents:
        raise UsageError("the book cannot be written over its own source")
    found = {path.name for path in out.iterdir()} if out.is_dir() else set()
    if found - set(PRODUCTS) or (found and "run.json" not in found):
        raise UsageError(f"the folder {out.name} holds something that no run has written; name another")


def _check_parameters(parameters):
    known = set()
    for page in pages():
        if page.suffix == ".ipynb":
            known |= notebook_parameters(nbformat.read(ROOT / page, as_version=4))
    known -= {"study", "mask_below"}
    unknown = sorted(set(parameters) - known)
    if unknown:
        raise UsageError(f"unknown parameter {', '.join(unknown)}; known: {', '.join(sorted(known)) or 'none'}")
    return parameters


def _clear_what_a_killed_run_left(out):
    """Remove the working folders of runs that are no more; bring back a good book caught between two renames."""
    for folder in out.parent.glob(f".aice-{glob.escape(out.name)}-*"):
        number = folder.name.split("-")[-2]
        if number.isdigit() and not _is_running(int(number)):
            if not out.exists() and (folder / "old" / "run.json").is_file():
                (folder / "old").rename(out)
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(number):
    if os.name != "posix":
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _stage_source(stage, study, cohort):
    """Lay out a copy of the book's source beside the study, so that no path of this machine enters a notebook."""
    source = stage / "source"
    source.mkdir()
    shutil.copytree(ROOT / "book", source / "book", ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"))
    shutil.copyfile(ROOT / "_toc.yml", source / "_toc.yml")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    if study != DEFAULT_STUDY:
        config["title"] = html.escape(cohort.study.title, quote=False)  # the theme writes it as it is
        config["html"]["extra_footer"] = ""
        config["sphinx"]["config"]["html_theme_options"]["announcement"] = _announcement(cohort)
    (source / "_config.yml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    try:
        (source / "data").symlink_to(study.parent, target_is_directory=True)
    except OSError:
        shutil.copytree(study.parent, source / "data")
    return source


def _remove_data(source):
    """Take the study's folder away before the site is built, which would search it for pages."""
    data = source / "data"
    if data.is_symlink():
        data.unlink()
    else:
        shutil.rmtree(data)


def _announcement(cohort):
    title = html.escape(cohort.study.title)
    if cohort.study.synthetic:
        return f"<strong>Synthetic data.</strong> {title}: no patient stands behind any number here."
    return f"<strong>{title}.</strong> Computed from the records of {cohort.n} patients."


def _execute_all(source, cohort, parameters, *, fresh, say, present=True):
    """Execute the notebooks of the table of contents, one kernel a core, into ``source``."""
    notebooks = [page for page in pages() if page.suffix == ".ipynb"]
    offers = requirements_met(cohort)
    shared = _shared_key(cohort, parameters)
    with ThreadPoolExecutor(max_workers=min(len(notebooks), os.cpu_count() or 1)) as pool:
        jobs = {
            pool.submit(_execute, page, source, cohort, offers, parameters, shared, fresh): page for page in notebooks
        }
        failures = []
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
    if failures:
        raise BookError("\n".join(sorted(failures)))
    for page in notebooks:
        notebook = nbformat.read(source / page, as_version=4)
        nbformat.write(_presentable(notebook) if present else notebook, source / page)


def _execute(page, source, cohort, offers, parameters, shared, fresh):
    """Execute one notebook unless the cache holds its result; return the seconds it took, or None."""
    import papermill

    original = (ROOT / page).read_bytes()
    target = source / page
    target.parent.mkdir(parents=True, exist_ok=True)
    cached = ROOT / "_build" / "executed" / f"{hashlib.sha256(shared + original).hexdigest()}.ipynb"
    if cached.is_file() and not fresh:
        shutil.copyfile(cached, target)
        return None
    started = time.perf_counter()
    notebook = _prepared(nbformat.reads(original.decode("utf-8"), as_version=4), offers)
    nbformat.write(notebook, target)
    names = notebook_parameters(notebook)
    if cohort.mask_below and "study" in names and "mask_below" not in names:
        raise BookError(f"{page}: it reads the cohort and has no parameter mask_below, so its counts cannot be masked")
    values = {name: value for name, value in parameters.items() if name in names}
    if "study" in names and cohort.study.folder.resolve() / cohort.study.file != DEFAULT_STUDY:
        values["study"] = f"{'../' * (len(page.parts) - 1)}data/{cohort.study.file}"
    if cohort.mask_below and "mask_below" in names:
        values["mask_below"] = cohort.mask_below
    # The kernel's folder goes in by way of nbclient: papermill's own cwd would change that of the whole process, and
    # with it that of the notebooks executed at the same time.
    engine = {"resources": {"metadata": {"path": str(target.parent)}}}
    if kernels.CAN_FORK:
        engine["kernel_manager_class"] = kernels.ForkKernelManager
    try:
        papermill.execute_notebook(target, target, values, progress_bar=False, kernel_name="python3", **engine)
    except papermill.PapermillExecutionError as error:
        raise BookError(_where(page, original, nbformat.read(target, as_version=4), error)) from None
    nbformat.write(_tidied(nbformat.read(target, as_version=4)), target)
    _keep(target, cached)
    return time.perf_counter() - started


def _keep(target, cached):
    """Put an executed notebook into the cache, whole or not at all, and drop the oldest ones."""
    cached.parent.mkdir(parents=True, exist_ok=True)
    spare = cached.with_suffix(f".{os.getpid()}")
    shutil.copyfile(target, spare)
    spare.replace(cached)
    by_age = sorted(cached.parent.glob("*.ipynb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_age[CACHED_NOTEBOOKS:]:
        old.unlink(missing_ok=True)


def _where(page, original, failed, error):
    """Name the notebook and the cell, numbered as in the source notebook, in which an execution stopped."""
    source = nbformat.reads(original.decode("utf-8"), as_version=4)
    numbers = {cell.id: number for number, cell in enumerate(source.cells, 1)}
    broken = next((c for c in failed.cells if any(o.output_type == "error" for o in c.get("outputs", []))), None)
    number = numbers.get(broken.id, "injected parameters") if broken is not None else "unknown"
    lines = "" if broken is None else "\n".join(f"    {line}" for line in broken.source.splitlines()[:12])
    return f"{page}, cell {number}: {error.ename}: {error.evalue}\n{lines}"


def _prepared(notebook, offers):
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
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
            cell.metadata["tags"].append("remove-input")
            cell.source = "\n".join(line for line in cell.source.splitlines() if line != "# Parameters")
    return notebook


def _presentable(notebook):
    """Hand each figure's alt text, which the figure carries as output metadata, to the page; leave checked answers out."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(ANSWER_TYPE, None)
            alt = output.get("metadata", {}).get("image/png", {}).get("alt")
            if alt:
                cell.metadata.setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt
    return notebook


def _shared_key(cohort, parameters):
    """What every notebook's result depends on besides its own text."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "aice_helpers").rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    folder = cohort.study.folder
    digest.update((folder / cohort.study.file).read_bytes())
    if cohort.study.published:
        digest.update((folder / cohort.study.published).read_bytes())
    digest.update(cohort.study.file.encode() + cohort.fingerprint.encode())
    digest.update(json.dumps([_versions(), parameters, cohort.mask_below], sort_keys=True, default=str).encode())
    return digest.digest()


def _versions():
    names = ("jupyter-book", "lifelines", "matplotlib", "numpy", "pandas", "papermill", "scipy", "seaborn", "sphinx")
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in names}


def _import_site_builder():
    import jupyter_book.sphinx  # noqa: F401
    import myst_nb.sphinx_  # noqa: F401
    import sphinx.builders.html  # noqa: F401
    import sphinx_book_theme  # noqa: F401
    import sphinxcontrib.bibtex  # noqa: F401


def _build_site(source, stage, *, say):
    """Build the Jupyter Book; any warning is an error."""
    from jupyter_book.sphinx import build_sphinx

    say("building the site")
    messages, status = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(messages), contextlib.redirect_stdout(status):
        code = build_sphinx(
            source,
            stage / "html",
            path_config=source / "_config.yml",
            noconfig=True,
            confoverrides={"latex_individualpages": False},
            doctreedir=stage / "doctrees",
            warningiserror=True,
            keep_going=True,
            quiet=True,
        )
    if code:
        text = re.sub(r"\x1b\[[0-9;]*m", "", messages.getvalue()).replace(f"{source}{os.sep}", "").strip()
        raise BookError(f"the site drew warnings:\n{text or code}")
    first = pages(source)[0].with_suffix(".html").as_posix()
    (stage / "html" / "index.html").write_text(
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Go to the book</title>'
        f'<meta http-equiv="refresh" content="0; url={first}"></head><body><a href="{first}">Go to the book</a></body></html>\n',
        encoding="utf-8",
    )


def _write_results(study, folder, mask_below=0):
    """Write every result table as CSV (runs in a process of its own, beside the notebooks)."""
    from aice_helpers.analysis import result_tables
    from aice_helpers.results import written_out

    folder.mkdir()
    for name, table in result_tables(load_cohort(study, mask_below=mask_below)).items():
        spreadsheet_safe(written_out(table)).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def _collect(stage, source, cohort):
    """Gather what goes into place: executed notebooks and the record of the run."""
    (stage / "notebooks").mkdir()
    for page in pages(source):
        if page.suffix == ".ipynb":
            shutil.copyfile(source / page, stage / "notebooks" / page.name)
    shutil.rmtree(stage / "html" / "_sources", ignore_errors=True)
    record = {
        "study": cohort.study.title,
        "synthetic": cohort.study.synthetic,
        "patients": cohort.n,
        "data_sha256": cohort.fingerprint,
        "seeds": _seeds(),
        "versions": _versions(),
    }
    if cohort.mask_below:
        record["mask_below"] = cohort.mask_below
    (stage / "run.json").write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _seeds():
    from aice_helpers import prognosis
    from aice_helpers.course import cutpoint

    return {"bootstrap": prognosis.SEED, "shuffled cut-points": cutpoint.SEED}


def _move_into_place(stage, out):
    """Swap the finished products in; until then the last good book stays whole."""
    fresh, old = stage / "new", stage / "old"
    fresh.mkdir()
    for product in PRODUCTS:
        (stage / product).rename(fresh / product)
    if out.exists():
        out.rename(old)
    try:
        fresh.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
