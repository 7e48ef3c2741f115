"""Every chapter, cell by cell, on cohorts that lack something or have too much of it."""

import ast
import re
import warnings

import nbformat
import pytest
from studies import odd_clinics, write_study

from aice_helpers import book
from aice_helpers.cohort import load_cohort

ODD = odd_clinics()
NOTEBOOKS = [page for page in book.pages() if page.suffix == ".ipynb"]
UNREADABLE = re.compile(r"(?<![\w-])(nan|inf|NaN|None(?! of)|NaT|<NA>|-0\.0)(?![\w-])|\d{7,}\.\d|\de[-+]\d")


def run_cells(page, study):
    """Run a notebook's code cells in one namespace, as the book prepares them; return what they show."""
    cohort = load_cohort(study)
    notebook = nbformat.read(book.ROOT / page, as_version=4)
    space, shown = {}, []
    for cell in book._prepared(notebook, book.requirements_met(cohort)).cells:
        if cell.cell_type != "code":
            continue
        body = ast.parse(cell.source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), str(page), "exec"), space)
        if "parameters" in cell.metadata.get("tags", []):
            space["study"] = str(study)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), str(page), "eval"), space)
            if value is not None:
                shown.append((cell.source, value))
    return shown


@pytest.mark.parametrize("name", ODD)
def test_every_chapter_runs_and_shows_nothing_unreadable(name, tmp_path, capsys):
    study = write_study(tmp_path, *ODD[name])
    identifiers = [re.compile(rf"(?<!\d){re.escape(i)}(?!\d)") for i in ODD[name][0]["id"]]
    for page in NOTEBOOKS:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            shown = run_cells(page, study)
        for source, value in shown:
            text = repr(value)
            assert text.strip(), source
            assert not UNREADABLE.search(text), (page, source, UNREADABLE.search(text)[0], text)
            assert not [i.pattern for i in identifiers if i.search(text)], (page, source)
            if hasattr(value, "_repr_html_"):
                assert "<script>" not in value._repr_html_()
            if hasattr(value, "png"):
                assert value.png()[:4] == b"\x89PNG"
