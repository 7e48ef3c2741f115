"""Rates by hand; limits against R 4.2: binom.test (exact) and prop.test(correct = FALSE) (Wilson)."""

import numpy as np
import pandas as pd
import pytest
from cohorts import make_cohort_from

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import pick
from aice_helpers.stats.response import best_changes, response_by_subgroup, response_rates

LEVELS = ["CR", "PR", "SD", "PD", "NE"]
RULES = {
    "variable": "best",
    "responders": ("CR", "PR"),
    "controlled": ("CR", "PR", "SD"),
    "progressed": ("PD",),
    "not_evaluable": ("NE",),
}


def small(best, *, variables=None, analysis=None, rules=RULES, levels=LEVELS, **columns):
    frame = pd.DataFrame({"time": 1.0, "event": 1, "best": best} | columns)
    declared = {"best": {"role": "outcome", "levels": levels}} | (variables or {})
    return make_cohort_from(frame, variables=declared, response=rules, analysis=analysis)


FIVE = ["PR", "SD", "PD", "CR", None]


def test_default_cohort_agrees_with_r(cohort):
    table = response_rates(cohort)
    expected = {
        ("ORR", "Clopper-Pearson"): (42, 0.282631007980029, 0.467634796264945),
        ("ORR", "Wilson"): (42, 0.288174328345868, 0.463626100263093),
        ("DCR", "Clopper-Pearson"): (86, 0.671719395084604, 0.836254093706617),
        ("DCR", "Wilson"): (86, 0.674682097137951, 0.830275651554162),
    }
    for (term, method), (events, low, high) in expected.items():
        row = pick(table, term=term, method=method, population="all patients")
        assert (row["n"], row["events"], row["estimate"]) == (113, events, events / 113)
        assert (row["conf_low"], row["conf_high"]) == pytest.approx((low, high), abs=1e-12)
        assert pick(table, term=term, method=method, population="evaluable patients")["n"] == 110
    assert len(table) == 5 + 8
    assert set(table["endpoint"]) == {"response"}
    assert set(table["conf_level"]) == {0.95}


def test_categories_sum_to_all_patients():
    table = response_rates(small(FIVE)).iloc[:6]
    assert table["term"].tolist() == [*LEVELS, "Not recorded"]
    assert table["events"].tolist() == [1, 1, 1, 1, 0, 1]
    assert table["n"].tolist() == [5] * 6
    assert table["estimate"].sum() == pytest.approx(1)


def test_no_row_for_missing_responses_when_none_is_missing():
    assert "Not recorded" not in response_rates(small(["PR"]))["term"].tolist()


def test_a_category_called_not_recorded_takes_the_missing_ones():
    table = response_rates(small(["Not recorded", None, "CR"], levels=["CR", "PR", "SD", "PD", "NE", "Not recorded"]))
    assert pick(table, term="Not recorded")["events"] == 2


def test_missing_and_not_evaluable_count_against_response_in_all_patients_only():
    table = response_rates(small([*FIVE, "NE"]))
    every = pick(table, term="ORR", population="all patients", method="Wilson")
    assert (every["events"], every["n"]) == (2, 6)
    evaluable = pick(table, term="ORR", population="evaluable patients", method="Wilson")
    assert (evaluable["events"], evaluable["n"]) == (2, 4)
    assert pick(table, term="DCR", population="evaluable patients", method="Wilson")["events"] == 3


def test_confidence_level_of_the_plan():
    best = ["PR"] * 3 + ["PD"] * 7
    row = pick(
        response_rates(small(best, analysis={"confidence_level": 0.9})),
        term="ORR",
        population="all patients",
        method="Clopper-Pearson",
    )
    assert row["conf_level"] == 0.9
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((0.087264433914150, 0.606624216105413), abs=1e-12)


@pytest.mark.parametrize("best", [[None, None], ["NE", "NE"]])
def test_nobody_evaluable(best):
    table = response_rates(small(best))
    rows = table[table["population"] == "evaluable patients"]
    assert rows["n"].tolist() == [0] * 4
    assert rows["events"].tolist() == [0] * 4
    assert rows[["estimate", "conf_low", "conf_high"]].isna().all(axis=None)
    assert set(rows["reasons"]) == {(Reason("no_patient", among="evaluable patients"),)}
    every = pick(table, term="ORR", population="all patients", method="Clopper-Pearson")
    # 1 - 0.025 ** (1 / 2)
    assert (every["estimate"], every["conf_high"]) == (0, pytest.approx(0.841886116991581))


def test_all_respond():
    row = pick(response_rates(small(["CR"] * 10)), term="ORR", population="all patients", method="Clopper-Pearson")
    assert (row["estimate"], row["conf_high"]) == (1, 1)
    assert row["conf_low"] == pytest.approx(0.691502892181239, abs=1e-12)


def test_without_response():
    cohort = make_cohort_from(pd.DataFrame({"time": [1.0], "event": [1]}))
    for table in (response_rates(cohort), response_rates(cohort, group="x"), response_by_subgroup(cohort)):
        assert len(table) == 0
        assert table.attrs["reason"] == Reason("not_declared", what="response")
    changes = best_changes(cohort)
    assert list(changes.columns) == ["change", "category"]
    assert changes.attrs["reason"] == Reason("not_declared", what="response")


def test_by_levels():
    variables = {"side": {"levels": ["links", "rechts", "Mitte"]}}
    cohort = small(FIVE, variables=variables, side=["links", "links", "rechts", None, None])
    table = response_rates(cohort, group="side")
    assert table[["term", "level", "events", "n"]].to_numpy().tolist() == [
        ["ORR", "links", 1, 2],
        ["ORR", "rechts", 0, 1],
        ["ORR", "Mitte", 0, 0],
        ["DCR", "links", 2, 2],
        ["DCR", "rechts", 0, 1],
        ["DCR", "Mitte", 0, 0],
    ]
    assert set(table["group"]) == {"side"}
    assert set(table["method"]) == {"Clopper-Pearson"}
    left_out = Reason("missing_left_out", count=2, variable="side")
    assert table["reasons"].tolist()[0] == (left_out,)
    assert table["reasons"].tolist()[2] == (Reason("no_patient", among="group"), left_out)
    assert np.isnan(table["estimate"][2])


def test_by_cut_points():
    cohort = small(
        FIVE,
        variables={"size": {"unit": "cm"}},
        analysis={"cut_points": {"size": [2]}},
        size=[1.0, 2.0, 2.1, 3.0, 4.0],
    )
    table = response_rates(cohort, group="size")
    assert table.loc[table["term"] == "ORR", ["level", "events", "n"]].to_numpy().tolist() == [
        ["≤ 2 cm", 1, 2],
        ["> 2 cm", 1, 3],
    ]
    assert set(table["reasons"]) == {()}


def test_groups_that_cannot_be_formed():
    cohort = small(FIVE, variables={"size": {}}, size=1.0)
    with pytest.raises(ValueError, match="'size' has neither levels nor cut-points"):
        response_rates(cohort, group="size")
    for name in ("weight", "response"):
        with pytest.raises(ValueError, match=f"'{name}' is no variable"):
            response_rates(cohort, group=name)


def test_subgroups_of_the_default_cohort(cohort):
    table = response_by_subgroup(cohort)
    assert list(dict.fromkeys(table["group"])) == [
        "distant_metastasis", "differentiation", "tumor_size_cm", "postoperative_regimens", "sex", "ecog",
        "primary_site",
    ]  # fmt: skip
    row = pick(table, term="ORR", group="distant_metastasis", level="Yes")
    assert (row["events"], row["n"]) == (21, 70)
    for (group, _), rows in table.groupby(["group", "term"]):
        assert rows["n"].sum() == cohort.groups(group).notna().sum()
    pd.testing.assert_frame_equal(
        table[table["group"] == "ecog"].reset_index(drop=True), response_rates(cohort, group="ecog")
    )


def test_subgroups_need_a_plan():
    table = response_by_subgroup(small(FIVE, analysis={"groups": ("response",), "prognostic_factors": ("response",)}))
    assert len(table) == 0
    assert table.attrs["reason"] == Reason("not_planned", what="response_groups")


def test_best_changes_largest_growth_first():
    cohort = small(
        ["PR", "PD", "SD", "CR", "SD", None],
        variables={"change": {"role": "outcome"}},
        rules=RULES | {"change": "change"},
        change=[-40.0, 25.0, 5.0, -100.0, np.nan, 5.0],
    )
    changes = best_changes(cohort)
    assert list(changes.columns) == ["change", "category"]
    assert changes["change"].tolist() == [25, 5, 5, -40, -100]
    assert changes["category"].astype(object).where(changes["category"].notna(), None).tolist() == [
        "PD", "SD", None, "PR", "CR",
    ]  # fmt: skip
    assert changes.index.tolist() == [0, 1, 2, 3, 4]


def test_best_changes_do_not_depend_on_the_order_of_the_file():
    def changes(order):
        best, change = np.array(["PD", "SD", "PR"]), np.array([0.0, 0.0, 0.0])
        return best_changes(
            small(
                best[order],
                variables={"change": {"role": "outcome"}},
                rules=RULES | {"change": "change"},
                change=change[order],
            )
        )

    pd.testing.assert_frame_equal(changes([0, 1, 2]), changes([2, 0, 1]))


def test_best_changes_that_are_not_there(cohort):
    assert len(best_changes(cohort)) == 110
    undeclared = best_changes(small(FIVE))
    assert undeclared.attrs["reason"] == Reason("not_declared", what="change")
    empty = best_changes(
        small(FIVE, variables={"change": {"role": "outcome"}}, rules=RULES | {"change": "change"}, change=np.nan)
    )
    assert len(empty) == 0
    assert empty.attrs["reason"] == Reason("no_change_recorded")
