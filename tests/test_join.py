"""What is written, joined, tells of nobody: curves by group, medians, numbers at risk, of masked books and of all others."""

import dataclasses
import itertools
from collections import defaultdict

import attack_join
import numpy as np
import pandas as pd
import pytest
from cohorts import STUDY_FILE, make_cohort_from, public_cohort
from numpy.testing import assert_array_equal
from studies import clinic, write_study

from aice_helpers.analysis import Analysis, open_analysis
from aice_helpers.build import book, pages
from aice_helpers.build.facts import facts_of
from aice_helpers.core.problems import UsageError
from aice_helpers.core.reasons import Reason
from aice_helpers.data.load import load_cohort
from aice_helpers.masking import coarse
from aice_helpers.masking.written import written_tables
from aice_helpers.show.promise import promise
from aice_helpers.stats import survival

K = 5
PUBLIC = ("lung", "lymph_node", "rossi", "larynx", "leukemia")


def changed(cohort, **study):
    """A cohort with other values in its study."""
    return dataclasses.replace(cohort, study=dataclasses.replace(cohort.study, **study))


def trial(n=137, seed=3):
    """A cohort like that of the Veterans' Administration lung cancer trial: few are censored, eight groupings."""
    rng = np.random.default_rng(seed)
    levels = {f"v{place}": size for place, size in enumerate((2, 2, 2, 3, 3, 3, 4, 4))}
    frame = pd.DataFrame({name: rng.integers(0, size, n) for name, size in levels.items()})
    frame["time"] = np.round(rng.exponential(130 + 60 * frame["v0"]) + 0.5, 1)
    frame["event"] = rng.random(n) < 0.93
    cohort = make_cohort_from(
        frame,
        variables={name: {"levels": [str(level) for level in range(size)]} for name, size in levels.items()},
        analysis={"rate_times": (90.0, 180.0), "rmst_horizon": 180.0, "groups": tuple(levels)},
        time_unit="days",
    )
    return changed(cohort, synthetic=False)


def survival_tables(cohort, *, mask_below=0):
    """The result tables that hold times."""
    opened = Analysis(cohort, mask_below=mask_below)
    return {
        key: pd.concat([opened.table(key, group=name) for name in opened.groups], ignore_index=True)
        for key in ("survival_curve", "survival_at", "survival_summary", "rmst")
    } | {name: opened.table(name) for name in ("follow_up", "group_contrasts")}


def patients(found):
    """Patient -> the groupings of which something is told."""
    groupings = defaultdict(set)
    for patient, _, group in found:
        groupings[patient].add(group)
    return groupings


def of_real_patients(name):
    return changed(trial() if name == "trial" else public_cohort(name), synthetic=False)


# -- books that are not masked -----------------------------------------------------------------------------------------


def test_exact_curves_give_most_patients_away_and_what_is_written_nobody():
    cohort = trial()
    exact = survival_tables(cohort)
    whole = [patient for patient, names in patients(attack_join.told(cohort, exact)).items() if len(names) == 8]
    assert len(whole) > 100
    written = written_tables(cohort, exact)
    assert attack_join.told(cohort, written).keys() == attack_join.margins_only(cohort, written).keys()


@pytest.mark.parametrize("name", PUBLIC)
def test_written_curves_tell_of_nobody_what_the_published_counts_do_not(name):
    cohort = of_real_patients(name)
    exact = survival_tables(cohort)
    written = written_tables(cohort, exact)
    allowed = attack_join.margins_only(cohort, written).keys()
    assert attack_join.by_unique_times(cohort, exact["survival_curve"]).keys() - allowed
    assert attack_join.told(cohort, written).keys() - allowed == set()


def test_only_curves_by_group_are_written_differently():
    cohort = trial()
    exact = survival_tables(cohort)
    written = written_tables(cohort, exact)
    assert {name for name in exact if written[name] is not exact[name]} == {"survival_curve"}
    curve, before = written["survival_curve"], exact["survival_curve"]
    pd.testing.assert_frame_equal(curve[curve["group"] == ""], before[before["group"] == ""])
    grouped = curve[curve["group"] != ""]
    assert grouped[["events", "censored"]].isna().all(axis=None)
    assert set(grouped[["group", "level"]].itertuples(index=False)) == set(
        before.loc[before["group"] != "", ["group", "level"]].itertuples(index=False)
    )
    assert set(grouped["reasons"]) == {(Reason("steps_joined", below=5),)}


def test_written_points_have_the_values_of_the_exact_curve():
    cohort = trial()
    exact = survival_tables(cohort)
    curve = written_tables(cohort, exact)["survival_curve"]
    points = curve[(curve["group"] != "") & curve["estimate"].notna() & (curve["time"] > 0)]
    assert len(points) > 30
    for row in points.itertuples():
        whole = exact["survival_curve"]
        rows = whole[(whole["group"] == row.group) & (whole["level"] == row.level) & (whole["time"] <= row.time)]
        assert row.estimate == round(rows["estimate"].iloc[-1], 2)


@pytest.mark.parametrize("how", ["synthetic", "public", "exact_curves", "masked"])
def test_what_needs_no_coarse_steps_stays_as_it_is(how):
    cohort = changed(trial(), synthetic=how == "synthetic", public=how == "public")
    mask_below = K if how == "masked" else 0
    given = {"survival_curve": survival.survival_curve(cohort, group="v0")}
    assert written_tables(cohort, given, mask_below=mask_below, exact_curves=how == "exact_curves") is given


def test_results_hold_coarse_curves_unless_exact_ones_are_wanted(tmp_path):
    study = write_study(tmp_path / "data", *clinic())
    opened = open_analysis(study)
    for exact in (False, True):
        written = written_tables(opened.cohort, opened.results(), exact_curves=exact)["survival_curve"]
        curve = opened.table("survival_curve", group="stage")
        rows = written[written["group"] == "stage"]
        assert (len(rows) == len(curve)) is exact
        assert rows["events"].notna().all() == exact


# -- masked books ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["default", *PUBLIC])
def test_a_masked_book_gives_nobody_away(name):
    cohort = load_cohort(STUDY_FILE) if name == "default" else public_cohort(name)
    exact, written = survival_tables(cohort), survival_tables(cohort, mask_below=K)
    allowed = attack_join.margins_only(cohort, written).keys()
    assert attack_join.by_unique_times(cohort, exact["survival_curve"]).keys() - allowed
    assert attack_join.told(cohort, written).keys() - allowed == set()
    # No median of a group is reached in the cohort of prisoners.
    assert bool(attack_join.told_by_medians(cohort, exact)) is (name != "rossi")
    assert attack_join.told_by_medians(cohort, written) == {}
    assert bool(attack_join.too_narrow(cohort, exact, K)) is (name != "rossi")
    assert attack_join.too_narrow(cohort, written, K) == []
    assert attack_join.joined_endpoints(cohort, written) == {}


def test_a_time_that_two_endpoints_share_is_blurred_in_both_and_no_other():
    cohort = load_cohort(STUDY_FILE)
    exact, masked = (Analysis(cohort, mask_below=k).table("survival_summary") for k in (0, K))
    assert attack_join.joined_endpoints(cohort, survival_tables(cohort))
    blurred = masked["reasons"].map(lambda reasons: any(each.code == "blurred" for each in reasons))
    assert masked.loc[blurred, ["endpoint", "method"]].to_numpy().tolist() == [["PFS", "log"], ["OS", "log-log"]]
    for column in ("estimate", "conf_low", "conf_high"):
        ours, theirs = masked.loc[~blurred, column], exact.loc[~blurred, column]
        assert_array_equal(ours, [float(f"{value:.4g}") for value in theirs])


def test_a_masked_curve_has_no_value_where_it_has_no_point():
    opened = open_analysis(STUDY_FILE, mask_below=K)
    curve = opened.table("survival_curve", group="distant_metastasis").query("endpoint == 'OS' and level == 'Yes'")
    shown = dict(zip(curve["time"], curve["estimate"], strict=True))
    points = opened.mask.level_points("OS", "distant_metastasis")["Yes"]
    assert {time for time, value in shown.items() if pd.notna(value)} == {0.0, *points}
    assert set(shown) > {0.0, *points}


def test_a_rate_of_a_group_is_shown_where_its_curve_has_a_point():
    opened = open_analysis(STUDY_FILE, mask_below=K)
    rows = opened.table("survival_at", group="differentiation").query("method == 'Kaplan-Meier, log'")
    seen = set()
    for row in rows.itertuples():
        points = opened.mask.level_points(row.endpoint, "differentiation").get(row.level, ())
        assert pd.notna(row.estimate) == (row.time in points)
        seen.add(row.time in points)
    assert seen == {True, False}


# -- coarse curves and times -------------------------------------------------------------------------------------------


def test_a_grid_is_that_of_the_plan_whatever_the_data_are():
    times = coarse.grid([12, 24], 30.0, "months")
    assert times[:6] == [12.0, 24.0, 48.0, 6.0, 18.0, 36.0]
    assert len(times) == len(set(times)) == 3 * 2**coarse.HALVINGS
    assert set(coarse.grid([12, 24], 47.9, "months")) == set(times) < set(coarse.grid([12, 24], 48.0, "months"))
    assert coarse.grid([], 5.0, "years")[:4] == [1.0, 2.0, 4.0, 8.0]


def drawn(seed, n=90):
    rng = np.random.default_rng(seed)
    time, event = np.round(rng.exponential(14, n), 1), rng.random(n) < 0.8
    labels = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    return time, event, {level: labels == level for level in "abc"}


def stretches(time, event, members, points):
    """Events of some patients in each stretch between points."""
    edges = [-np.inf, *points, np.inf]
    return [int((members & event & (time > low) & (time <= high)).sum()) for low, high in itertools.pairwise(edges)]


@pytest.mark.parametrize("seed", range(6))
def test_every_step_joins_events_of_the_group_and_of_others(seed):
    time, event, groups = drawn(seed)
    candidates = coarse.grid([12, 24], time.max(), "months")
    points = coarse.level_points(groups, time, event, candidates, K, fixed=(12.0, 24.0))
    assert any(points.values())
    for level, kept in points.items():
        bounds = sorted({*kept, 12.0, 24.0})
        own, others = (stretches(time, event, members, bounds) for members in (groups[level], ~groups[level]))
        for place, point in enumerate(bounds):
            if point in kept:
                assert min(own[place], others[place]) >= K
                assert own[place + 1] >= K <= others[place + 1] or not sum(own[place + 1 :]) + sum(others[place + 1 :])


@pytest.mark.parametrize("seed", range(3))
def test_everyone_with_an_event_has_a_double_of_another_group(seed):
    """Two patients of different groups change places, and the same points and numbers of events would be written."""
    time, event, groups = drawn(seed)
    candidates = coarse.grid([12, 24], time.max(), "months")

    def written(groups):
        points = coarse.level_points(groups, time, event, candidates, K)
        return points, {level: stretches(time, event, groups[level], kept) for level, kept in points.items()}

    before = written(groups)
    for patient in np.flatnonzero(event):
        level = next(name for name in groups if groups[name][patient])
        near = sorted(np.flatnonzero(event & ~groups[level]), key=lambda other: abs(time[other] - time[patient]))

        def swapped(other, patient=patient):
            changed = {name: members.copy() for name, members in groups.items()}
            for members in changed.values():
                members[[patient, other]] = members[[other, patient]]
            return changed

        assert any(written(swapped(other)) == before for other in near), (patient, time[patient])


def test_what_is_left_of_everyones_events_is_not_few_when_that_counts():
    time = np.arange(1.0, 61.0)
    event = np.ones(60, dtype=bool)
    groups = {"a": np.arange(60) % 3 == 0, "b": np.arange(60) % 3 == 1}
    left = ~(groups["a"] | groups["b"])
    left[left] = np.arange(20) < 7
    event &= groups["a"] | groups["b"] | left
    candidates = coarse.grid([32], 60.0, "months")
    loose, strict = (coarse.level_points(groups, time, event, candidates, K, strict=each) for each in (False, True))
    assert min(stretches(time, event, left, loose["b"])) < K
    assert {count for count in stretches(time, event, left, strict["b"]) if count < K} <= {0}


def test_a_number_at_risk_that_would_say_who_was_censored_is_left_out():
    # 6 of each level have the event before 10, two of everyone are censored before then.
    time = np.array([*[5.0] * 6, *[4.0] * 6, 7.0, 8.0, *[40.0] * 60])
    event = np.array([*[True] * 12, False, False, *[False] * 60])
    members = np.zeros(74, dtype=bool)
    members[[*range(6), *range(14, 44)]] = True

    def numbers():
        groups = {"a": members, "b": ~members}
        sample = coarse.Sample(time, event, groups, {"a": (10.0,), "b": (10.0,)})
        return coarse.numbers_at_risk(sample, "a", [0.0, 10.0], K)

    # 36 in the level less 6 events are 30: 30 at risk would say that both censored are of the other level.
    assert numbers()[10.0] is pd.NA
    # With one of the two in the level, nobody can tell which.
    members[12] = True
    assert numbers() == {10.0: 30}


def test_a_time_is_blurred_to_the_narrowest_span_that_enough_share():
    held = np.array([1.0, 3.0, 26.1, 29.0, 29.4, 29.9, 31.5, 40.0])
    assert coarse.blurred(29.4, held, "months", 3) == (29.5, 0.5)
    assert coarse.blurred(29.4, held, "months", 4) == (30.0, 2.0)
    # The curve says that the time lies after 29.2, where two are left below 31 and three below 32.
    assert coarse.blurred(29.4, held, "months", 3, points=(29.2, 50.0)) == (pytest.approx(30.6), pytest.approx(1.4))
    assert coarse.blurred(29.4, held, "months", 9) is None
    # A span from 0 to 64 would be as wide as its middle is long.
    assert coarse.blurred(29.4, held, "months", 7) is None


# -- words -------------------------------------------------------------------------------------------------------------


def test_each_kind_of_book_promises_its_own():
    cohort = trial()
    kinds = {
        "Not masked: for the clinic's own use.": Analysis(cohort),
        "Not masked: the patients' records are published": Analysis(changed(cohort, public=True)),
        "Masked: may be shared. Counts of fewer than 7": Analysis(cohort, mask_below=7),
        "Masked: may be shared. Counts of fewer than 5": Analysis(changed(cohort, synthetic=True), mask_below=K),
    }
    for words, opened in kinds.items():
        assert promise(opened).startswith(words)
        assert promise(opened).replace("'", "&#x27;") in pages.announcement(facts_of(opened))
    assert promise(Analysis(changed(cohort, synthetic=True))) == ""


def test_exact_curves_of_a_masked_book_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no exact curves"):
        book.build(STUDY_FILE, tmp_path / "out", mask_below=K, exact_curves=True)
