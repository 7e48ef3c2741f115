"""Which pages a book has, and that no text leads to another."""

import re
from pathlib import Path

import nbformat
import pytest
import yaml

from aice_helpers.build import pages
from aice_helpers.build.contents import Contents, contents_of

WHOLE = pages.pages()
ALL = contents_of(pages.ROOT, WHOLE)
EFFICACY, SURVIVAL, SAFETY = (Path(f"notebooks/{name}.ipynb") for name in ("02_efficacy", "03_survival", "05_safety"))
FULL = {"response", "endpoints", "prognosis", "adverse-events", "published", "conventions"}


def offered(*without, part=""):
    return contents_of(pages.ROOT, WHOLE, FULL - set(without), part)


def texts(contents):
    """Page -> its Markdown as the book of these contents has it."""
    for page in contents.pages:
        text = (pages.ROOT / page).read_text(encoding="utf-8")
        cells = (
            [text]
            if page.suffix == ".md"
            else [c.source for c in nbformat.reads(text, 4).cells if c.cell_type == "markdown"]
        )
        yield page, "\n\n".join(contents.relinked(cell, page) for cell in cells)


def test_a_cohort_that_offers_all_has_every_page():
    assert offered().pages == tuple(WHOLE) == ALL.pages
    assert all(text == dict(texts(ALL))[page] for page, text in texts(offered()))


@pytest.mark.parametrize(
    ("need", "page"),
    [("response", EFFICACY), ("endpoints", SURVIVAL), ("adverse-events", SAFETY),
     ("prognosis", Path("notebooks/04_prognostic_factors.ipynb")), ("published", Path("notebooks/06_published_vs_computed.ipynb")),
     ("conventions", Path("notebooks/07_conventions.ipynb"))],
)  # fmt: skip
def test_a_chapter_that_cannot_be_filled_leaves(need, page):
    assert set(WHOLE) - set(offered(need).pages) == {page}


@pytest.mark.parametrize(
    "contents",
    [offered("response"), offered("response", "adverse-events", "published"), offered(*FULL), offered(part="analysis")],
)
def test_no_text_leads_to_a_page_that_is_not_there(contents):
    gone = {label for label, page in contents.labels.items() if page not in contents.pages}
    assert gone
    for page, text in texts(contents):
        assert not gone & set(re.findall(r"\]\(#?([\w-]+)\)", text)), page
        assert not re.search(r"In the analysis: ?\.|By hand:\*\* ?\.|Next: ?\.|\[\]\(#?\)| ,", text), page


def test_the_part_on_the_cohort_has_no_lesson():
    contents = offered(part="analysis")
    assert not [
        page for page in contents.pages if "methods" in page.parts or page.stem in ("course", "teaching", "run")
    ]
    assert {"intro", "data", "bibliography"} < {page.stem for page in contents.pages}


FEW = Contents(
    (Path("a.md"), Path("c.md")),
    {"one": Path("a.md"), "two": Path("b.md"), "three": Path("c.md"), "four": Path("d.md")},
    {Path("a.md"): "A", Path("b.md"): "The second", Path("c.md"): "C", Path("d.md"): "D"},
)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("**By hand:** [](two), [](three).", "**By hand:** [](three)."),
        ("Before. In the analysis: [](one), [](two) and [](three).", "Before. In the analysis: [](one) and [](three)."),
        ("Before. In the analysis: [](two).", "Before. "),
        ("Far. Next: [](two).", "Far. Next: [](#three)."),
        ("as [](two) says", "as The second says"),
        ("the [second](#two) way", "the second way"),
        ("| [](two), [](four) |", "| The second and D |"),
        ("- to [](two)\n  and on\n- to [](one) and [](two)\n", "- to [](one)\n"),
        ("[](one) [site](https://a.b) `[](x)`", "[](one) [site](https://a.b) `[](x)`"),
    ],
)
def test_texts_without_their_links(text, right):
    assert FEW.relinked(text, Path("a.md")) == right


def test_the_contents_are_written_and_what_is_outside_is_removed(tmp_path):
    contents = offered("response", part="analysis")
    (tmp_path / "book").mkdir()
    (tmp_path / "_toc.yml").write_text((pages.ROOT / "_toc.yml").read_text(encoding="utf-8"), encoding="utf-8")
    for page in WHOLE:
        if page.suffix == ".md":
            (tmp_path / page).write_text((pages.ROOT / page).read_text(encoding="utf-8"), encoding="utf-8")
    contents.written(tmp_path)
    toc = yaml.safe_load((tmp_path / "_toc.yml").read_text(encoding="utf-8"))
    named = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    assert named == [page.with_suffix("").as_posix() for page in contents.pages]
    assert not (tmp_path / "book" / "course.md").exists()
