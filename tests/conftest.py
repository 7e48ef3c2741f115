"""Fixtures shared by all tests."""

import pytest
from cohorts import STUDY_FILE

from aice_helpers.cohort import load_cohort


@pytest.fixture(scope="session")
def cohort():
    """The default cohort."""
    return load_cohort(STUDY_FILE)
