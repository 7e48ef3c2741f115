"""The arithmetic of the lesson on the log-rank test against R, lifelines and numbers worked out by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_leukemia
from lifelines.statistics import logrank_test

from aice_helpers.course.engine import invented, two_groups
from aice_helpers.course.engine.lesson_data import lesson_data
from aice_helpers.course.lessons.logrank import arithmetic, pictures

REFERENCE = pd.read_csv(Path(__file__).parent / "reference" / "course_logrank.csv")
KINDS = {0: "log-rank", 1: "Fleming-Harrington (1, 0)"}
LIBRARY = {
    "log-rank": {},
    "Gehan-Wilcoxon": {"weightings": "wilcoxon"},
    "Fleming-Harrington (0, 1)": {"weightings": "fleming-harrington", "p": 0, "q": 1},
}


def patients(name):
    if name == "six":
        return arithmetic.SIX.assign(second=arithmetic.SIX["group"] == "B")[["time", "event", "second"]]
    raw = load_leukemia()
    return pd.DataFrame({"time": raw["t"].astype(float), "event": raw["status"] == 1, "second": raw["Rx"] == 1})


@pytest.mark.parametrize("row", list(REFERENCE.itertuples()), ids=lambda row: f"{row.cohort}, rho {row.rho}")
def test_sums_and_statistics_equal_those_of_r(row):
    table = two_groups.tables(**patients(row.cohort))
    test = arithmetic.weighted(table, KINDS[row.rho])
    assert test["difference"] == pytest.approx(row.observed - row.expected, abs=1e-9)
    assert test["variance"] == pytest.approx(row.variance, rel=1e-9)
    assert test["statistic"] == pytest.approx(row.chisq, rel=1e-9)


@pytest.mark.parametrize("kind", LIBRARY)
@pytest.mark.parametrize(
    "pair", [arithmetic.crossing(), arithmetic.late(), patients("leukemia")], ids=["crossing", "late", "ties"]
)
def test_weighted_tests_equal_those_of_lifelines(pair, kind):
    first, second = pair[~pair["second"]], pair[pair["second"]]
    test = logrank_test(first["time"], second["time"], first["event"], second["event"], **LIBRARY[kind])
    made = arithmetic.weighted(two_groups.tables(**pair), kind)
    # lifelines weights by the estimate from a table of its own, rounded differently in the last digits.
    assert made["statistic"] == pytest.approx(test.test_statistic, rel=1e-6)


def test_the_six_patients_give_what_the_text_works_out():
    six = arithmetic.SIX
    table = two_groups.tables(six["time"], six["event"], six["group"] == "A")
    assert table["time"].tolist() == [2, 4, 7]
    assert table["expected"].tolist() == pytest.approx([0.5, 0.8, 0])
    assert table["variance"].tolist() == pytest.approx([0.25, 0.36, 0])
    assert arithmetic.weighted(table)["statistic"] == pytest.approx(0.49 / 0.61)


def test_all_labels_are_handed_out_once_and_the_statistic_seen_is_among_them():
    ways = arithmetic.relabelled(arithmetic.SIX)
    assert len(ways) == 20
    assert (np.abs(ways - 0.49 / 0.61) < 1e-12).sum() == 4
    assert (ways >= 0.49 / 0.61 - 1e-9).sum() == 10


def test_invented_times_follow_their_hazard_exactly():
    constant = invented.piecewise([0.05], n=100, end=200)
    assert constant["event"].all()
    assert constant["time"].tolist() == pytest.approx(
        [-np.log(1 - (i + 0.5) / 100) / 0.05 for i in range(100)], abs=0.005
    )
    changing = invented.piecewise([0.125, 0.018], [6], n=1000, end=30)
    assert (changing["time"] > 6).mean() == pytest.approx(np.exp(-0.75), abs=0.001)
    assert (~changing["event"]).mean() == pytest.approx(np.exp(-0.75 - 24 * 0.018), abs=0.001)


def test_the_invented_pairs_show_what_the_text_says():
    pairs = arithmetic.compared().T
    assert pairs.loc["P, log-rank", "crossing"] > 0.5
    assert pairs.loc["P, Fleming-Harrington (0, 1)", "crossing"] < 0.05
    late = pairs["parting late"]
    assert late["median A"] == late["median B"]
    assert late["P, log-rank"] < 0.05 < late["P, Gehan-Wilcoxon"]
    longer = arithmetic.unequal_follow_up()
    assert arithmetic.weighted(two_groups.tables(**longer))["p_value"] > 0.99
    assert longer.groupby("second")["event"].mean().diff().iloc[-1] > 0.3


def test_the_cohorts_running_difference_ends_at_observed_minus_expected(cohort):
    data = lesson_data(cohort)
    table = two_groups.cohort_tables(data)
    book = arithmetic.book_rows(data)
    picture = pictures.running_difference(table, data)
    assert picture.data["difference"].iloc[-1] == pytest.approx(book["events"].iloc[1] - book["expected"].iloc[1])
    assert data.levels[1] in picture.alt
    assert "-" not in picture.alt.replace("Kaplan-Meier", "")


def test_each_group_steps_down_at_its_own_events():
    numbers = pictures.follow_up_and_curves(arithmetic.SIX).data
    assert numbers["share"].tolist() == pytest.approx([2 / 3, 1 / 3, 2 / 3, 1 / 3])
    assert numbers["time"].tolist() == [2, 4, 4, 7]
