"""Comparisons by hand: only with a value that the book has, on every odd cohort."""

import itertools
import math

import nbformat
import pytest
from studies import clinic, odd_clinics, write_study

from aice_helpers.analysis import open_analysis
from aice_helpers.build import execution, pages
from aice_helpers.build.offers import requirements_met
from aice_helpers.core.checks import agree

ODD = odd_clinics()
NAMES = {"follow-up-median", "logrank-test", "hazard-ratio"}
LACKING = {
    "no events": {"logrank-test", "hazard-ratio"},
    "all events at one time": {"follow-up-median", "logrank-test"},
    "everyone at time zero": {"follow-up-median"},
    "1 patients": {"logrank-test", "hazard-ratio"},
    "3 patients": {"logrank-test", "hazard-ratio"},
    "survival only": {"logrank-test", "hazard-ratio"},
    "single group": {"logrank-test"},
    "response only": NAMES,
}
"""Odd cohorts -> what is not there to be compared; everything is in the others."""


@pytest.mark.parametrize(
    ("own", "known", "same"),
    [
        (0.5, 0.5 + 4e-7, True),
        (0.5, 0.5 + 2e-6, False),
        (5e7, 5e7 + 20, True),
        (0.5, math.nan, False),
        (math.nan, 0.5, False),
        (math.nan, math.nan, False),
        (0.5, None, False),
    ],
)
def test_a_missing_value_agrees_with_nothing(own, known, same):
    assert agree(own, known) is same


@pytest.mark.parametrize("name", ODD)
def test_what_can_be_compared(name, tmp_path):
    opened = open_analysis(write_study(tmp_path, *ODD[name]))
    offers = requirements_met(opened)
    assert NAMES & offers == NAMES - LACKING.get(name, set())
    follow_up = opened.table("follow_up").query("term == 'median follow-up'")["estimate"]
    assert ("follow-up-median" in offers) == (len(follow_up) > 0 and follow_up.iloc[0] > 0)


def test_a_masked_book_compares_nothing_by_hand(tmp_path):
    opened = open_analysis(write_study(tmp_path, *ODD["plain"]), mask_below=5)
    assert not (NAMES | {"by-hand", "cox-lesson"}) & requirements_met(opened)


def test_a_ratio_without_a_finite_estimate_is_not_compared(tmp_path):
    patients, events, study = clinic()
    oldest_first = patients.assign(age=20 + patients["pfs"].rank(method="dense", ascending=False), pfs_event=1)
    opened = open_analysis(write_study(tmp_path, oldest_first, events, study))
    assert "hazard-ratio" not in requirements_met(opened)
    assert "cox-lesson" not in requirements_met(opened)


def test_a_median_follow_up_at_time_zero_is_not_compared(tmp_path):
    patients, events, study = clinic()
    known = patients.index < 20
    zero = patients.assign(**{name: patients[name].where(known, 0) for name in ("os", "pfs", "os_event", "pfs_event")})
    opened = open_analysis(write_study(tmp_path, zero.assign(seen=0.0), events, study))
    assert opened.table("follow_up")["estimate"].iloc[0] == 0
    assert "follow-up-median" not in requirements_met(opened)


def test_a_comparison_goes_with_the_text_above_it():
    found = set()
    for page in pages.pages():
        if page.suffix != ".ipynb":
            continue
        cells = nbformat.read(pages.ROOT / page, as_version=4).cells
        for above, cell in itertools.pairwise(cells):
            tags = [name for name in cell.metadata.get("tags", []) if name.removeprefix(execution.NEEDS) in NAMES]
            if tags and cell.cell_type == "code":
                assert above.cell_type == "markdown"
                assert above.metadata["tags"] == cell.metadata["tags"]
                found |= {name.removeprefix(execution.NEEDS) for name in tags}
    assert found == {"follow-up-median", "logrank-test"}
