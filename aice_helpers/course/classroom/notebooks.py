"""The lessons as notebooks for students: without solutions, results and the site's cross-references."""

import copy
import re

import nbformat

_REFERENCE = re.compile(r"\[([^\]]*)\]\(#?([a-z-]+)\)")

_CITATION = re.compile(r"\{cite:p\}`([^`]+)`")


def student_notebook(notebook, titles, *, student):
    """A lesson as it is handed to a student: without solutions, results and the site's cross-references.

    Parameters
    ----------
    notebook : NotebookNode
        A committed lesson.
    titles : dict
        Label of a page -> its title, for cross-references.
    student : str
        The student's number, kept in the notebook's metadata for grading.

    Returns
    -------
    NotebookNode
        It expects ``study.yml`` beside it.
    """
    notebook = copy.deepcopy(notebook)
    notebook.cells = [cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = 'study = "study.yml"\nmask_below = 0'
        else:
            text = re.sub(r"^\([\w-]+\)=\n", "", cell.source)
            text = _REFERENCE.sub(lambda match: f"*{match[1] or titles.get(match[2], match[2])}*", text)
            cell.source = _CITATION.sub(
                lambda match: "(" + "; ".join(map(_author_year, match[1].split(","))) + ")", text
            )
    notebook.metadata["aice"] = {"student": student}
    return notebook


def _author_year(key):
    name, year = re.fullmatch(r"([a-z_-]+?)_?(\d{4}|aice)?[a-z]?", key.strip()).groups()
    return f"{name.replace('_', ' ').title()}{f' {year}' if year else ''}"


def titles_of(root, pages) -> dict[str, str]:
    """Label -> title of every page that begins with a label."""
    found = {}
    for page in pages:
        path = root / page
        text = (
            nbformat.read(path, as_version=4).cells[0].source
            if page.suffix == ".ipynb"
            else path.read_text(encoding="utf-8")
        )
        match = re.match(r"\(([\w-]+)\)=\n# (.+)", text)
        if match:
            found[match[1]] = match[2]
    return found
