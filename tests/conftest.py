"""Fixtures shared by all tests."""

import os

import pytest
from browser import CHROMIUM, open_browser
from cohorts import STUDY_FILE

from aice_helpers.data.load import load_cohort

collect_ignore = ["formats/make_xls.py"]
"""It needs a program that only whoever makes the committed files has."""

# Their assertions say what differs, as those of the tests do.
pytest.register_assert_rewrite("shown_figures", "shown_sentences")


@pytest.fixture(scope="session")
def cohort():
    """The default cohort."""
    return load_cohort(STUDY_FILE)


@pytest.fixture(scope="module")
def browser():
    """A browser tab; needed in continuous integration, elsewhere optional."""
    if CHROMIUM is None:
        if os.environ.get("AICE_REQUIRE_BROWSER"):
            pytest.fail("no Chromium found, though this machine must have one")
        pytest.skip("no Chromium found on this machine")
    with open_browser() as page:
        yield page
