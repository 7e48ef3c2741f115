"""What a suspicious reviewer looks for in the chapters: words that are true of one study only, and words that are never true.

The fixed texts are read as they stand in the notebooks, the computed ones as the snapshots of nine books hold them
(tests/snapshots.py writes them, and test_snapshots.py holds the books to them).
"""

import re

import nbformat
import pytest
from cohorts import TESTS

from aice_helpers.build import pages

CHAPTERS = [page for page in pages.pages() if page.parts[0] == "notebooks" and "methods" not in page.parts]

SHOWN = {
    folder.name: "\n".join(
        file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.txt")) if not file.stem.startswith("methods")
    )
    for folder in sorted((TESTS / "snapshots").iterdir())
}
"""Book -> everything that its chapters, first page and data page show."""

OF_ONE_STUDY = re.compile(
    r"\b(tumou?rs?|sarcoma|AICE|lesions?|scans?|SIR|CTCAE|one arm|single[- ]arm|113|disease|months?|the abstract|men|women|blasts?)\b",
    re.IGNORECASE,
)
"""Words that no text may hold that stands in the book of every cohort."""

NEEDED = {
    "RECIST": "needs:recist",
    "respon": "needs:response",
    "adverse": "needs:adverse-events",
    "landmark": "needs:landmark",
}
"""Words of a fixed text -> what its cell must need, if its page does not."""

NEVER = [
    r"[Pp]-values?|\bp values?", r"\b1 (patients|events|women|men)\b(?! of)", r"about less than", r"flatter", r"with one arm", r"judged by people",
    r"a shrinking|tumor shrink", r"karnofsky", r"evidently", r"\bnan\b|\bNaT\b|<NA>", r"\bYes against No: hazard ratio", r"counts them\b.*\b1 patient was",
    r"\(of 1\)", r"lifelines' default", r"proves? that the (factor|treatment)", r"significant(ly)? (better|worse)",
]  # fmt: skip
"""What no book says, whatever the cohort."""

FORBIDDEN = {
    "rossi": r"patient(?!'s? records)|tumou?r|RECIST|respon(se|der)|adverse|\bdisease\b",
    "lymph_node": r"patient(?!'s? records)|RECIST|respon(se|der)|adverse",
    "larynx": r"patient(?!'s? records)|RECIST|respon(se|der)|adverse|tumou?r",
    "leukemia": r"RECIST|tumou?r|adverse",
    "lung": r"RECIST|tumou?r|adverse",
    "dates": r"\d{4}-\d\d-\d\d(?<!2019-12-31)",
}
"""Book -> words that are not true of its cohort."""


def cells(page):
    notebook = nbformat.read(pages.ROOT / page, as_version=4)
    whole = set(notebook.cells[0].metadata.get("tags", []))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield cell.source, {*whole, *cell.metadata.get("tags", [])}


@pytest.mark.parametrize("page", CHAPTERS, ids=str)
def test_a_text_that_stands_in_every_book_speaks_of_no_one_study(page):
    for text, needs in cells(page):
        words = re.sub(r"\{[\w:]+\}`[^`]*`|\]\([^)]*\)|`[^`]*`", "", text)
        if not needs & {"needs:default-cohort", "needs:estimands", "needs:recist"}:
            assert not OF_ONE_STUDY.search(words), (OF_ONE_STUDY.search(words)[0], text)


@pytest.mark.parametrize("page", [page for page in CHAPTERS if page.stem[:2] in ("01", "03", "07")], ids=str)
def test_chapters_of_every_cohort_ask_for_what_they_speak_of(page):
    for text, needs in cells(page):
        for word, need in NEEDED.items():
            if word in text and word not in ("respon", "landmark"):
                assert need in needs, (word, text)


@pytest.mark.parametrize("book", SHOWN)
def test_what_no_book_says(book):
    for pattern in NEVER:
        found = re.search(f".*(?:{pattern}).*", SHOWN[book])
        assert found is None, (pattern, found[0])


@pytest.mark.parametrize("book", FORBIDDEN)
def test_what_is_not_true_of_this_cohort(book):
    found = re.search(f".*(?:{FORBIDDEN[book]}).*", _without_absences(SHOWN[book]), re.IGNORECASE)
    assert found is None, found[0]


def _without_absences(text):
    """The text without the sentences that say what a study does not declare, and without chapters that such a study has not."""
    return re.sub(r"(?m)^.*\b(declares? (no|neither)|was not planned|plans no)\b.*$", "", text)


def test_nine_books_are_read():
    assert len(SHOWN) == 9
    assert all(len(text) > 5000 for text in SHOWN.values())
