"""Execution of the notebooks: one kernel a core, and what is kept of the result.

The outputs of a notebook depend on its code cells, not on the text between them: a notebook whose text alone has changed
takes the outputs that are kept.
"""

import copy
import json
import os
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from aice_helpers.build import cache, pages, processes
from aice_helpers.build.contents import NEEDS
from aice_helpers.build.inputs import joined
from aice_helpers.build.lean import nbformat
from aice_helpers.core.media import ANSWER_TYPE
from aice_helpers.core.problems import BookError

INJECTED = "injected-parameters"
FIRST = "notebooks/methods/"
"""Notebooks that begin so take longest and need no table, so they are executed first."""


STARTS = 3
"""How often a kernel is started that ends before it has answered."""


@dataclass(frozen=True)
class Order:
    """What it takes to execute one notebook.

    Attributes
    ----------
    page : Path
        The notebook, relative to the book's own source.
    notebook : NotebookNode
        Its cells that the cohort can fill, without outputs.
    values : dict
        Parameters to be put in.
    key : str
        Hash of everything that its outputs depend on.
    """

    page: Path
    notebook: object
    values: dict
    key: str


def orders(facts, study, inputs, contents, *, parameters=None, mask_below=0) -> list[Order]:
    """What is to be executed for one book, in reading order.

    Parameters
    ----------
    facts : Facts
    study : Path
        Study file.
    inputs : Inputs
    contents : Contents
    parameters : dict, optional
        Notebook parameters beside the study and the mask.
    mask_below : int

    Raises
    ------
    BookError
        When a notebook that reads the cohort cannot be told of the mask.
    """
    return [
        _order(page, facts, study, inputs, contents, parameters or {}, mask_below)
        for page in contents.pages
        if page.suffix == ".ipynb"
    ]


def _order(page, facts, study, inputs, contents, parameters, mask_below):
    original = nbformat.reads((pages.ROOT / page).read_text(encoding="utf-8"), as_version=4)
    is_lesson = page.as_posix().startswith(FIRST)
    notebook = prepared(original, set(facts.offers))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            linked = contents.relinked(cell.source, page)
            # A lesson teaches in general words.
            cell.source = linked if is_lesson else facts.wording.in_markdown(linked)
    names = pages.notebook_parameters(notebook)
    if mask_below and "study" in names and "mask_below" not in names:
        raise BookError(f"{page}: it reads the cohort and has no parameter mask_below, so its counts cannot be masked")
    values = {name: value for name, value in parameters.items() if name in names}
    told = dict(values)
    if "study" in names and study != pages.DEFAULT_STUDY:
        values["study"] = f"{'../' * (len(page.parts) - 1)}data/{facts.file}"
    if mask_below and "mask_below" in names:
        values["mask_below"] = mask_below
    instead = facts.stand_ins.get(page.name.split("_")[0]) if is_lesson else None
    # A lesson on the synthetic cohort is the same in every book in which that stands in for the same reason.
    cohort = ["instead", instead, inputs.lessons] if instead else [inputs.study, facts.file, mask_below]
    cells = [(cell.source, "parameters" in _tags(cell)) for cell in notebook.cells if cell.cell_type == "code"]
    key = joined(inputs.program, page.as_posix(), cells, cohort, json.dumps(told, sort_keys=True, default=str))
    return Order(page, notebook, values, key)


def _tags(cell):
    return cell.metadata.get("tags", [])


def execute_all(found, source, *, handed=None, fresh=False, present=True, say=print):
    """Write executed notebooks into ``source``, one kernel a core; what is kept is not executed again.

    Parameters
    ----------
    found : list of Order
    source : Path
        Laid out by `pages.stage_source`, with the data beside it.
    handed : Path, optional
        Folder in which `analysis.hand_over` has left the analysis for the kernels.
    fresh : bool
        Execute what is kept, too.
    present : bool
        Make the executed notebooks ready for the site.
    say : callable

    Raises
    ------
    BookError
        With the notebook and the cell, when one fails.
    """
    todo, executed = [], {}
    for order in found:
        content = None if fresh else cache.fetch("notebook", order.key)
        if content is None:
            todo.append(order)
        else:
            executed[order.page] = nbformat.from_dict(json.loads(content))
            say(f"[{len(executed)}/{len(found)}] {order.page.stem}: unchanged")
    if todo:
        known = len(executed)
        for done, (order, notebook, seconds) in enumerate(_executed(todo, source, handed), known + 1):
            executed[order.page] = notebook
            say(f"[{done}/{len(found)}] {order.page.stem}: {seconds:.1f} s")
        cache.prune()
    for order in found:
        notebook = _filled(order, executed[order.page])
        (source / order.page).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(_presentable(notebook) if present else notebook, source / order.page)


def is_kept(order) -> bool:
    """Whether the outputs of a notebook are kept from an earlier build."""
    return cache.fetch("notebook", order.key) is not None


def _executed(todo, source, handed):
    """Execute notebooks and yield (order, notebook, seconds) as they are done; `BookError` at the end when some failed."""
    from aice_helpers.build import kernels

    manager = kernels.manager_class(source.parent / "kernels", handed)
    pool = ThreadPoolExecutor(max_workers=min(len(todo), os.cpu_count() or 1))
    # The lessons at the end of the book take longest; whoever begins with them ends with all cores at work.
    jobs = {pool.submit(_execute, order, source, manager): order for order in reversed(todo)}
    failures = []
    try:
        for job in as_completed(jobs):
            try:
                notebook, seconds = job.result()
            except BookError as error:
                failures.append(str(error))
                for other in jobs:
                    other.cancel()
            except CancelledError:
                pass
            else:
                yield jobs[job], notebook, seconds
    except BaseException:
        # The kernels end first, or the threads would go on waiting for them.
        processes.stop_all()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    if failures:
        raise BookError("\n".join(sorted(failures)))


def _execute(order, source, manager):
    """Execute one notebook and keep it; returns it with the seconds it took."""
    import papermill

    started = time.perf_counter()
    target = source / order.page
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(order.notebook, target)
    # The kernel's folder goes in by way of nbclient: papermill's own cwd would change that of the whole process, and
    # with it that of the notebooks executed at the same time.
    engine = {"resources": {"metadata": {"path": str(target.parent)}}, "kernel_manager_class": manager}
    for attempt in range(1, STARTS + 1):
        try:
            papermill.execute_notebook(
                target, target, order.values, progress_bar=False, kernel_name="python3", **engine
            )
            break
        except papermill.PapermillExecutionError as error:
            raise BookError(_where(order.page, nbformat.read(target, as_version=4), error)) from None
        except RuntimeError as error:
            # Another program may take a port between its choice and its use; then the kernel ends before it has begun.
            if "Kernel died" not in str(error):
                raise
            if "before replying" not in str(error) or attempt == STARTS:
                rule = "its kernel ended without a word; is the memory full?"
                raise BookError(f"{order.page}: {rule}") from None
            nbformat.write(order.notebook, target)
    notebook = _tidied(nbformat.read(target, as_version=4))
    cache.keep("notebook", order.key, json.dumps(notebook).encode())
    return notebook, time.perf_counter() - started


def _filled(order, executed):
    """The notebook of an `Order` with the outputs of one that had the same code cells."""
    outputs = iter([cell for cell in executed.cells if cell.cell_type == "code"])
    cells, following = [], next(outputs, None)
    for cell in order.notebook.cells:
        cells.append(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = following.outputs, following.execution_count
            following = next(outputs, None)
            if following is not None and INJECTED in _tags(following):
                # It may be kept from the book of another study, in whose place the same cohort stands in.
                following.source = _parameters_source(order.values)
                cells.append(following)
                following = next(outputs, None)
    notebook = copy.copy(order.notebook)
    notebook.cells = cells
    notebook.metadata = executed.metadata
    return notebook


def _parameters_source(values):
    from papermill.translators import PythonTranslator

    return "\n".join(line for line in PythonTranslator.codify(values).splitlines() if line != "# Parameters")


def _where(page, failed, error):
    """Name the notebook and the cell, numbered as in the source notebook, in which an execution stopped."""
    source = nbformat.read(pages.ROOT / page, as_version=4)
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
        if INJECTED in _tags(cell):
            cell.id = INJECTED
            cell.metadata["tags"].append("remove-input")
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
