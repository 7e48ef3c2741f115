"""The committed notebooks keep to the model: they call, show and explain, and hold no logic."""

import ast

import nbformat
import pytest

from aice_helpers.build import pages

NOTEBOOKS = [page for page in pages.pages() if page.suffix == ".ipynb"]
CHAPTERS = [page for page in NOTEBOOKS if page.parts[0] == "notebooks"]
LESSONS = [page for page in NOTEBOOKS if "methods" in page.parts]


@pytest.fixture(params=NOTEBOOKS, ids=str)
def page(request):
    return request.param


@pytest.fixture
def opened(page):
    return nbformat.read(pages.ROOT / page, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_cells_are_few_short_and_hold_no_logic(page, opened):
    # An exercise takes three cells: the question, the reader's answer, the solution.
    exercises = sum("exercise" in cell.metadata.get("tags", []) for cell in opened.cells)
    # A lesson also has its questions and a figure to play with, which stands still beside itself.
    assert len(opened.cells) - 3 * exercises <= (34 if page in LESSONS else 32)
    assert bool(exercises) == (page in LESSONS)
    for cell in code_cells(opened):
        assert len(cell.source.splitlines()) <= 13, cell.source
        kinds = {type(node) for node in ast.walk(ast.parse(cell.source))}
        assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.With, ast.Try}, cell.source


def test_every_notebook_starts_with_a_label_its_title_and_the_parameters(page, opened):
    first, second = opened.cells[:2]
    assert first.source.startswith("(")
    assert "\n# " in first.source
    assert second.metadata["tags"][0] == "parameters"
    assert second.source == f'study = "{"../" * (len(page.parts) - 1)}data/study.yml"\nmask_below = 0'
    assert "study, mask_below=mask_below)" in opened.cells[3].source


def test_every_notebook_shows_the_notice_before_any_result(opened):
    sources = [cell.source for cell in code_cells(opened)]
    assert sources[2].endswith(("notice(analysis)", "lesson.notice()"))
    notice = code_cells(opened)[2].outputs[0]["data"]
    assert "synthetic" in notice["text/html"].lower()
    assert "synthetic" in notice["text/plain"].lower()


def test_notebooks_are_committed_executed_in_order_and_without_stamps(opened):
    counts = [cell.execution_count for cell in code_cells(opened)]
    assert counts == list(range(1, len(counts) + 1))
    assert set(opened.metadata) <= {"kernelspec", "language_info"}
    for cell in opened.cells:
        assert not {"papermill", "execution"} & set(cell.metadata)
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.get("text")


@pytest.mark.parametrize("page", CHAPTERS, ids=str)
def test_every_chapter_checks_a_number_by_hand(page):
    cells = code_cells(nbformat.read(pages.ROOT / page, as_version=4))
    assert any(isinstance(node, ast.Assert) for cell in cells for node in ast.walk(ast.parse(cell.source)))


@pytest.mark.parametrize("page", CHAPTERS, ids=str)
def test_every_figure_carries_alt_text(page):
    outputs = [o for c in code_cells(nbformat.read(pages.ROOT / page, as_version=4)) for o in c.outputs]
    for output in outputs:
        if "image/png" in output.get("data", {}):
            assert len(output.metadata["image/png"]["alt"]) > 40
