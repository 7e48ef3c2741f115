"""Cox models, landmark analysis, proportional hazards and model performance against R and by hand."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from cohorts import make_cohort_from, public_cohort, reference_table, times_cohort
from numpy.testing import assert_allclose

from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import pick
from aice_helpers.stats import concordance, models, partial_likelihood, performance
from aice_helpers.stats.cox import cox
from aice_helpers.stats.performance import model_performance
from aice_helpers.stats.proportional_hazards import ph_test
from aice_helpers.stats.response_landmark import landmark_cox

COHORTS = ("default", "lung", "lymph_node", "rossi", "larynx", "leukemia")
NUMBERS = {
    "coefficient": "coef",
    "std_error": "se",
    "estimate": "hr",
    "conf_low": "low",
    "conf_high": "high",
    "p_value": "p",
}


def quick_performance(cohort):
    return model_performance(cohort, resamples=10)


EVERYTHING = (cox, landmark_cox, ph_test, quick_performance)


@pytest.fixture(params=COHORTS)
def named(request, cohort):
    """Name and cohort, for each cohort with reference numbers."""
    return request.param, cohort if request.param == "default" else public_cohort(request.param)


def keyed(frame, *keys):
    return frame.set_index(list(keys)).sort_index()


def from_zero(name, table, **where):
    reference = reference_table(table, cohort=name, **where)
    return reference[reference["landmark"].isna() & (reference["model"] != "multivariable without response")]


class TestReference:
    def test_hazard_ratios(self, named):
        name, cohort = named
        keys = ("endpoint", "model", "term", "level")
        ours = cox(cohort)
        ours = keyed(ours[ours["kind"].isin(["level", "numeric"])], *keys)
        theirs = keyed(from_zero(name, "cox"), *keys)
        assert list(ours.index) == list(theirs.index)
        for mine, other in NUMBERS.items():
            assert_allclose(ours[mine], theirs[other], rtol=1e-8, atol=1e-9, err_msg=mine)

    def test_joint_tests(self, named):
        name, cohort = named
        keys = ("endpoint", "model", "term")
        ours = cox(cohort)
        ours = keyed(ours[ours["kind"] == "joint"], *keys)
        theirs = keyed(from_zero(name, "cox_joint"), *keys).loc[ours.index]
        assert_allclose(ours["statistic"], theirs["lr"], rtol=1e-9, atol=1e-10)
        assert ours["df"].tolist() == theirs["df"].tolist()
        assert_allclose(ours["p_value"], theirs["lr_p"], rtol=1e-8)

    def test_counts(self, named):
        name, cohort = named
        ours = cox(cohort)
        models = keyed(from_zero(name, "cox"), "endpoint", "model", "term")
        for row in ours[ours["kind"].isin(["joint", "numeric"])].itertuples():
            expected = models.loc[[(row.endpoint, row.model, row.term)]].iloc[0]
            assert (row.n, row.events, row.excluded) == (expected["n"], expected["events"], cohort.n - expected["n"])
        levels = ours[ours["kind"].isin(["level", "reference"])].groupby(["endpoint", "model", "term"])
        for key, counts in levels[["n", "events"]].sum().iterrows():
            expected = models.loc[[key]].iloc[0]
            assert (counts["n"], counts["events"]) == (expected["n"], expected["events"])

    def test_proportional_hazards(self, named):
        name, cohort = named
        keys = ("endpoint", "model", "term")
        theirs = from_zero(name, "ph_test", transform="km")
        theirs = keyed(theirs[(theirs["model"] == "multivariable") | (theirs["term"] != "GLOBAL")], *keys)
        ours = keyed(ph_test(cohort), *keys)
        assert list(ours.index) == list(theirs.index)
        assert_allclose(ours["statistic"], theirs["chisq"], rtol=1e-7)
        assert ours["df"].tolist() == theirs["df"].tolist()
        assert_allclose(ours["p_value"], theirs["p"], rtol=1e-7)

    def test_performance(self, named):
        name, cohort = named
        table = model_performance(cohort, resamples=2)
        for expected in from_zero(name, "cox_fit", model="multivariable").itertuples():
            rows = table[table["endpoint"] == expected.endpoint].set_index("term")
            for term, short in (("likelihood ratio", "lr"), ("Wald", "wald"), ("score", "score")):
                # R rounds its Wald statistic in the summary; the reference file holds the unrounded one.
                assert_allclose(rows["statistic"][term], getattr(expected, short), rtol=1e-8)
                assert_allclose(rows["p_value"][term], getattr(expected, f"{short}_p"), rtol=1e-6)
                assert rows["df"][term] == expected.df
            concordance = rows.loc["concordance"]
            assert_allclose(concordance["estimate"], expected.concordance, rtol=1e-10)
            margin = 1.959963984540054 * expected.concordance_se
            assert_allclose(concordance["conf_high"] - concordance["estimate"], margin, rtol=1e-8)
            assert_allclose(rows["estimate"]["events per variable"], expected.events / expected.df)
            assert (concordance["n"], concordance["events"]) == (expected.n, expected.events)

    @pytest.mark.parametrize("endpoint", ["PFS", "OS"])
    def test_landmarks(self, cohort, endpoint):
        table = landmark_cox(cohort)
        table = table[(table["endpoint"] == endpoint) & (table["level"] == "Response")]
        reference = reference_table("cox", cohort="default", endpoint=endpoint, term="response")
        for model, theirs in (
            ("naive", from_zero("default", "cox", endpoint=endpoint, term="response", model="univariable")),
            ("landmark", reference[reference["landmark"].notna() & (reference["model"] == "univariable")]),
            ("landmark, adjusted", reference[reference["landmark"].notna() & (reference["model"] == "multivariable")]),
        ):
            ours = table[table["model"] == model]
            assert ours["landmark"].dropna().tolist() == theirs["landmark"].dropna().tolist()
            for mine, other in NUMBERS.items():
                assert_allclose(ours[mine], theirs[other], rtol=1e-8, atol=1e-9, err_msg=mine)
            late = cohort.survival(endpoint)["time"]
            expected = [0] if model == "naive" else [(late <= landmark).sum() for landmark in theirs["landmark"]]
            assert ours["excluded"].tolist() == expected


class TestByHand:
    def test_hazard_ratio_of_three_patients(self):
        # Likelihood t / ((2 + t)(1 + t)) for the hazard ratio t of B against A: largest at sqrt(2).
        cohort = times_cohort(
            [1, 2, 3],
            [1, 1, 1],
            columns={"arm": ["A", "B", "A"]},
            variables={"arm": {"levels": ["A", "B"]}},
            analysis={"prognostic_factors": ("arm",), "confidence_level": 0.9},
        )
        table = cox(cohort)
        assert table["kind"].tolist() == ["reference", "level", "joint"]
        assert table["n"].tolist() == [2, 1, 3]
        assert table["events"].tolist() == [2, 1, 3]
        row = table.loc[1]
        root = math.sqrt(2)
        error = (2 * root / (2 + root) ** 2 + root / (1 + root) ** 2) ** -0.5
        assert_allclose(row["estimate"], root, rtol=1e-13)
        assert_allclose(row["conf_high"], root * math.exp(1.6448536269514722 * error), rtol=1e-12)
        assert row["conf_level"] == 0.9
        assert_allclose(table["statistic"][2], 2 * math.log(6 * root / ((2 + root) * (1 + root))), rtol=1e-12)
        assert table["df"][2] == 1
        assert table[["estimate", "conf_low", "p_value"]].loc[0].isna().all()

    def test_step_multiplies_the_coefficient(self):
        frame = {"time": [1, 2, 3, 4, 5], "event": [1, 1, 0, 1, 1], "age": [61, 40, 55, 70, 48]}
        one, ten = (
            cox(
                make_cohort_from(
                    pd.DataFrame(frame), variables={"age": {"step": step}}, analysis={"prognostic_factors": ("age",)}
                )
            ).iloc[0]
            for step in (1.0, 10.0)
        )
        assert_allclose(ten["estimate"], one["estimate"] ** 10, rtol=1e-12)
        assert_allclose(ten["conf_low"], one["conf_low"] ** 10, rtol=1e-12)
        assert_allclose(ten["coefficient"], math.log(ten["estimate"]), rtol=1e-12)
        assert ten["p_value"] == pytest.approx(one["p_value"], rel=1e-12)
        assert (ten["step"], ten["kind"]) == (10.0, "numeric")

    def test_landmark_groups(self):
        # At 3: patients 0 and 1 are gone (time <= 3), 2 has responded, 3 responds later, 4 never, 5 without a date.
        cohort = times_cohort(
            [2, 3, 5, 6, 7, 9],
            [1, 1, 1, 1, 1, 1],
            columns={"best": ["PR", "PD", "PR", "PR", "PD", "PR"], "month": [1, 1, 3, 4, 1, np.nan]},
            variables={"best": {"levels": ["PR", "PD"], "role": "outcome"}, "month": {"role": "outcome"}},
            response={"variable": "best", "responders": ("PR",), "controlled": ("PR",), "month": "month"},
            analysis={"response_landmarks": (3.0, 100.0), "multivariable": ("response",)},
        )
        table = landmark_cox(cohort)
        assert table["model"].tolist() == ["naive"] * 2 + ["landmark"] * 4
        rows = table[table["landmark"] == 3.0]
        assert rows["level"].tolist() == ["No response", "Response"]
        assert rows["n"].tolist() == [2, 1]
        assert rows["events"].tolist() == [2, 1]
        assert rows["excluded"].tolist() == [3, 3]
        # Patient 3 alone: patient 2 responded at the landmark itself.
        assert rows["later"].tolist() == [1, 1]
        assert set(rows["reasons"].map(lambda reasons: reasons[-1])) == {Reason("undated_left_out", count=1)}
        beyond = table[table["landmark"] == 100.0]
        assert beyond["n"].tolist() == [0, 0]
        assert beyond["estimate"].isna().all()
        assert beyond["reasons"].iloc[1] == (Reason("not_estimable", cause="no_value"),)

    def test_bootstrap_is_harrells(self, cohort):
        # Spelled out with the engine's own functions for a few resamples.
        table = model_performance(cohort, resamples=5, seed=11)
        row = pick(table, endpoint="OS", term="optimism-corrected concordance")
        names = cohort.study.analysis.multivariable
        outcome = cohort.survival("OS")
        time, event = outcome["time"].to_numpy(), outcome["event"].to_numpy()
        parts = []
        for name in names:
            values = cohort.covariate(name)
            if values.dtype == "category":
                parts += [(values == level).to_numpy(float) for level in values.cat.categories[1:]]
            else:
                parts.append(values.to_numpy())
        design = np.column_stack(parts)
        rng = np.random.default_rng([11, 0])
        optimism = []
        for _ in range(5):
            chosen = np.sort(rng.integers(0, cohort.n, cohort.n))
            fitted = partial_likelihood.fit(time[chosen], event[chosen], design[chosen])
            inside = concordance.concordance(time[chosen], event[chosen], fitted.linear_predictor(design[chosen]))
            outside = concordance.concordance(time, event, fitted.linear_predictor(design))
            optimism.append(inside[0] - outside[0])
        apparent = pick(table, endpoint="OS", term="concordance")["estimate"]
        assert_allclose(row["estimate"], apparent - np.mean(optimism), rtol=1e-12)
        assert "no selection step" in row["method"]

    def test_same_seed_same_number(self, cohort):
        first, second = (model_performance(cohort, resamples=10) for _ in range(2))
        pd.testing.assert_frame_equal(first, second)
        estimate = pick(first, endpoint="PFS", term="optimism-corrected concordance")["estimate"]
        assert estimate < pick(first, endpoint="PFS", term="concordance")["estimate"]


def factor_cohort(seed=1, n=80, **columns):
    """Four levels, a number, censoring; ``columns`` replaces or adds columns of the frame."""
    rng = np.random.default_rng(seed)
    frame = {
        "time": rng.exponential(10, n).round(1),
        "event": rng.random(n) < 0.7,
        "grade": np.array(["a", "b", "c", "d"], dtype=object)[rng.integers(0, 4, n)],
        "size": rng.normal(5, 2, n).round(1),
    } | columns
    return pd.DataFrame(frame)


PLAN = {"prognostic_factors": ("grade", "size"), "multivariable": ("grade", "size")}
VARIABLES = {"grade": {"levels": ["a", "b", "c", "d"]}, "size": {}}


class TestNotEstimable:
    def test_level_without_event(self):
        frame = factor_cohort()
        frame.loc[frame["grade"] == "c", "event"] = False
        cohort = make_cohort_from(frame, variables=VARIABLES, analysis=PLAN)
        table = cox(cohort)
        for model in ("univariable", "multivariable"):
            row = pick(table, model=model, term="grade", level="c")
            assert row["reasons"] == (Reason("not_estimable", cause="no_event_in_level"),)
            assert row[["estimate", "conf_low", "conf_high", "p_value", "coefficient"]].isna().all()
            assert (row["n"], row["events"]) == ((frame["grade"] == "c").sum(), 0)
            assert pick(table, model=model, term="grade", kind="joint")["reasons"] == (Reason("test_at_limit"),)
            assert pick(table, model=model, term="grade", kind="joint")["df"] == 3
        # The others are those of the patients outside that level.
        rest = cox(make_cohort_from(frame[frame["grade"] != "c"], variables=VARIABLES, analysis=PLAN))
        for where in ({"term": "grade", "level": "b"}, {"term": "grade", "level": "d"}, {"kind": "numeric"}):
            ours, theirs = (pick(t, model="multivariable", **where) for t in (table, rest))
            assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-9)
            assert_allclose(ours["conf_high"], theirs["conf_high"], rtol=1e-9)
        tests = ph_test(cohort).set_index(["model", "term"])
        assert tests["reasons"][("multivariable", "grade")] == (Reason("not_estimable", cause="no_event_in_level"),)
        assert math.isnan(tests.loc[("multivariable", "grade"), "statistic"])
        assert tests.loc[("multivariable", "size"), "df"] == 1
        assert tests.loc[("multivariable", "GLOBAL"), "df"] == 3
        assert tests["reasons"][("multivariable", "GLOBAL")] == (Reason("without_inestimable"),)
        wald = pick(model_performance(cohort, resamples=4), term="Wald")
        assert wald["reasons"] == (Reason("not_estimable", cause="coefficient_without_limit"),)

    def test_reference_without_event(self):
        frame = factor_cohort()
        frame.loc[frame["grade"] == "a", "event"] = False
        table = cox(make_cohort_from(frame, variables=VARIABLES, analysis=PLAN))
        levels = table[(table["term"] == "grade") & (table["kind"] == "level")]
        assert set(levels["reasons"]) == {(Reason("not_estimable", cause="no_event_in_reference"),)}
        assert levels["estimate"].isna().all()
        assert np.isfinite(pick(table, model="multivariable", kind="numeric")["estimate"])

    def test_empty_levels(self):
        frame = factor_cohort()
        frame = frame[frame["grade"].isin(["b", "d"])]
        table = cox(make_cohort_from(frame, variables=VARIABLES, analysis={"prognostic_factors": ("grade",)}))
        assert table["kind"].tolist() == ["reference", "level", "level", "level", "joint"]
        assert table["level"].tolist() == ["b", "a", "c", "d", ""]
        assert table["reasons"].tolist()[:4] == [
            (Reason("reference_moved", level="a"),),
            (Reason("not_estimable", cause="no_patient_in_level"),),
            (Reason("not_estimable", cause="no_patient_in_level"),),
            (),
        ]
        assert np.isfinite(table["estimate"][3])

    @pytest.mark.parametrize(
        ("columns", "cause"),
        [
            ({"size": 4.1}, "one_value"),
            ({"size": np.nan}, "no_value"),
        ],
    )
    def test_a_useless_factor_does_not_spoil_the_others(self, columns, cause):
        frame = factor_cohort(**columns)
        table = cox(make_cohort_from(frame, variables=VARIABLES, analysis=PLAN))
        for model in ("univariable", "multivariable"):
            for kind in ("numeric", "joint"):
                row = pick(table, model=model, term="size", kind=kind)
                assert row["reasons"] == (Reason("not_estimable", cause=cause),)
        alone = pick(table, model="univariable", term="grade", level="d")
        together = pick(table, model="multivariable", term="grade", level="d")
        assert_allclose(together["estimate"], alone["estimate"], rtol=1e-12)

    def test_single_level(self):
        cohort = make_cohort_from(factor_cohort(grade="b"), variables=VARIABLES, analysis=PLAN)
        table = cox(cohort)
        joint = pick(table, model="univariable", term="grade", kind="joint")
        assert joint["reasons"] == (Reason("not_estimable", cause="one_level"),)
        assert pick(table, model="univariable", level="b")["kind"] == "reference"
        tests = ph_test(cohort)
        assert pick(tests, model="multivariable", term="grade")["reasons"] == joint["reasons"]
        assert pick(tests, model="multivariable", term="GLOBAL")["df"] == 1

    def test_aliased_factor(self):
        frame = factor_cohort()
        frame["diameter"] = 10 * frame["size"] + 1
        variables = VARIABLES | {"diameter": {}}
        plan = {"multivariable": ("grade", "size", "diameter")}
        table = cox(make_cohort_from(frame, variables=variables, analysis=plan))
        for kind in ("numeric", "joint"):
            row = pick(table, term="diameter", kind=kind)
            assert row["reasons"] == (Reason("not_estimable", cause="determined_or_no_variation"),)
        without = cox(make_cohort_from(frame, variables=VARIABLES, analysis=PLAN))
        expected = pick(without, model="multivariable", kind="numeric")["estimate"]
        assert_allclose(pick(table, term="size", kind="numeric")["estimate"], expected, rtol=1e-9)

    def test_number_in_the_order_of_the_events(self):
        frame = factor_cohort().sort_values("time")
        frame["time"] = np.arange(len(frame)) + 1.0
        frame["size"] = -frame["time"]
        table = cox(make_cohort_from(frame, variables=VARIABLES, analysis=PLAN))
        row = pick(table, model="univariable", kind="numeric")
        assert row["reasons"] == (Reason("not_estimable", cause="separated"),)
        assert math.isnan(row["estimate"])

    def test_more_coefficients_than_events(self):
        frame = factor_cohort()
        frame["event"] = frame.index < 3
        cohort = make_cohort_from(frame, variables=VARIABLES, analysis=PLAN)
        table = cox(cohort)
        rows = table[(table["model"] == "multivariable") & (table["kind"] != "reference")]
        assert set(rows["reasons"]) == {(Reason("too_many_coefficients", coefficients=4, events=3),)}
        assert rows["estimate"].isna().all()
        performance = model_performance(cohort).set_index("term")
        assert performance["estimate"]["events per variable"] == 0.75
        assert math.isnan(performance["estimate"]["concordance"])
        assert set(ph_test(cohort).query("model == 'multivariable'")["reasons"]) == {rows["reasons"].iloc[0]}

    def test_no_events(self):
        cohort = make_cohort_from(factor_cohort(event=False), variables=VARIABLES, analysis=PLAN)
        table = cox(cohort)
        no_events = {(Reason("not_estimable", cause="no_events"),)}
        assert set(table["reasons"][table["kind"] != "reference"]) == no_events
        assert set(ph_test(cohort)["reasons"]) == no_events
        assert set(model_performance(cohort)["reasons"]) == no_events

    def test_missing_values_are_counted(self):
        frame = factor_cohort()
        frame.loc[:9, "size"] = np.nan
        frame.loc[5:14, "grade"] = None
        table = cox(make_cohort_from(frame, variables=VARIABLES, analysis=PLAN))
        assert pick(table, model="univariable", kind="numeric")["excluded"] == 10
        assert pick(table, model="univariable", term="grade", kind="joint")["excluded"] == 10
        row = pick(table, model="multivariable", kind="numeric")
        assert (row["n"], row["excluded"]) == (65, 15)

    def test_late_covariates_are_marked(self):
        frame = factor_cohort()
        variables = VARIABLES | {"size": {"role": "post-baseline"}}
        table = cox(make_cohort_from(frame, variables=variables, analysis=PLAN))
        for kind in ("numeric", "joint"):
            row = pick(table, model="univariable", term="size", kind=kind)
            assert Reason("biased_from_zero") in row["reasons"]
        assert pick(table, model="univariable", term="grade", level="b")["reasons"] == ()


class TestAnyCohort:
    @pytest.mark.parametrize("function", EVERYTHING)
    def test_no_plan(self, function):
        table = function(times_cohort([1, 2, 3], [1, 0, 1]))
        assert table.empty
        assert table.attrs["reason"].code in ("not_planned", "not_declared")

    @pytest.mark.parametrize(
        ("response", "plan", "reason"),
        [
            (None, {}, Reason("not_declared", what="dated_response")),
            ({}, {"response_landmarks": (3.0,)}, Reason("not_declared", what="response_date")),
            ({"month": "grade"}, {"response_landmarks": (3.0,)}, Reason("date_not_numeric")),
            ({"month": "size"}, {}, Reason("not_planned", what="landmarks")),
        ],
    )
    def test_reasons_for_no_landmark_analysis(self, response, plan, reason):
        if response is not None:
            response = {"variable": "grade", "responders": ("a",), "controlled": ("a",)} | response
        cohort = make_cohort_from(factor_cohort(), variables=VARIABLES, response=response, analysis=plan)
        assert landmark_cox(cohort).attrs["reason"] == reason

    @pytest.mark.parametrize("function", EVERYTHING)
    @pytest.mark.parametrize("n", [1, 2, 3, 4])
    @pytest.mark.parametrize("events", ["all", "none", "first"])
    @pytest.mark.parametrize("times", ["distinct", "equal", "zero"])
    def test_few_patients(self, function, n, events, times):
        frame = factor_cohort(seed=n, n=n)
        frame["event"] = {"all": True, "none": False, "first": frame.index == 0}[events]
        frame["time"] = {"distinct": np.arange(n) + 1.0, "equal": np.full(n, 4.0), "zero": np.zeros(n)}[times]
        cohort = make_cohort_from(
            frame,
            variables=VARIABLES,
            response={"variable": "grade", "responders": ("a", "b"), "controlled": ("a", "b"), "month": "size"},
            analysis={
                "prognostic_factors": ("grade", "size", "response"),
                "multivariable": ("size", "response"),
                "response_landmarks": (2.0,),
            },
        )
        table = function(cohort)
        # Whatever has no number says why.
        informative = [column for column in ("estimate", "statistic") if column in table]
        silent = table[informative].isna().all(axis=1) & ~table["reasons"].map(bool)
        if "kind" in table:
            silent &= table["kind"] != "reference"
        assert not silent.any()
        # A hazard ratio beyond a million would be a separation that went unnoticed.
        if "kind" in table:
            assert (table["estimate"].dropna() < 1e6).all()
            assert (table["estimate"].dropna() > 1e-6).all()

    def test_endpoints_and_factors_keep_their_order(self):
        frame = factor_cohort().assign(second=lambda f: f["time"] + 1)
        cohort = make_cohort_from(
            frame,
            endpoints={"Überleben": ("time", "event"), "A": ("second", "event")},
            variables={"grade": {"levels": {"b": "β", "a": "α", "c": "γ", "d": "δ"}, "reference": "γ"}, "size": {}},
            analysis={"prognostic_factors": ("size", "grade")},
        )
        table = cox(cohort)
        assert table["endpoint"].unique().tolist() == ["Überleben", "A"]
        assert table["term"].unique().tolist() == ["size", "grade"]
        assert table["kind"].tolist()[:3] == ["numeric", "joint", "reference"]
        assert table["level"].tolist()[:7] == ["", "", "γ", "β", "α", "δ", ""]
        # A shift of all times changes nothing in a Cox model.
        first, second = (table[table["endpoint"] == name]["estimate"].dropna() for name in ("Überleben", "A"))
        assert_allclose(first, second, rtol=1e-12)


class TestResamples:
    def model(self, **changes):
        frame = factor_cohort(**changes)
        # Whole numbers: many ties, of events with events and with the censored.
        frame["time"] = np.ceil(frame["time"] / 4)
        cohort = make_cohort_from(frame, variables=VARIABLES, analysis=PLAN)
        return models.model_of(cohort, "OS", ["grade", "size"])

    def drawn(self, model, number=20):
        rng = np.random.default_rng(5)
        return np.sort(rng.integers(0, model.n, (number, model.n)), axis=1)

    def test_fits_together_are_the_fits_one_by_one(self):
        model = self.model()
        drawn = self.drawn(model)
        for chosen, beta in zip(drawn, performance._newton_together(model, drawn), strict=True):
            alone = partial_likelihood.fit(model.time[chosen], model.event[chosen], model.design[chosen])
            assert_allclose(beta, alone.coefficients, rtol=1e-9, atol=1e-12)

    @pytest.mark.parametrize(
        ("n", "place", "resamples", "seed"),
        [(10, 3, 200, 1), (12, 2, 200, 2), (8, 6, 200, 1), (6, 4, 200, 1), (6, 4, 4, 0), (6, 4, 4, 4), (6, 4, 4, 2)],
    )
    def test_the_bootstrap_is_given_up_when_more_than_half_of_the_resamples_fail(self, n, place, resamples, seed):
        # One event: a resample without it, or with nobody who outlives it, has no pair to compare.
        tasks = [np.random.default_rng([seed, place]) for place in range(-(-resamples // performance.AT_ONCE))]
        drawn = [tasks[k // performance.AT_ONCE].integers(0, n, n) for k in range(resamples)]
        failed = sum(place not in chosen or chosen.max() <= place for chosen in drawn)
        cohort = times_cohort(
            np.arange(1.0, n + 1), np.arange(n) == place, columns={"x": np.arange(n) % 4 + np.arange(n) % 3},
            variables={"x": {}}, analysis={"multivariable": ("x",)},
        )  # fmt: skip
        row = pick(model_performance(cohort, resamples=resamples, seed=seed), term="optimism-corrected concordance")
        assert math.isnan(row["estimate"]) == (failed > resamples / 2)
        given_up = (Reason("not_estimable", cause="few_resamples"),)
        assert row["reasons"] == (given_up if failed > resamples / 2 else (Reason("resamples_left_out", count=failed),))

    def test_a_separated_resample_is_left_to_the_guarded_fit(self):
        model = self.model()
        event = model.event & ((model.design[:, 0] == 0) | (np.arange(model.n) == model.design[:, 0].argmax()))
        model = dataclasses.replace(model, event=event)
        drawn = self.drawn(model)
        seen = (model.event[drawn] & (model.design[drawn][:, :, 0] == 1)).any(axis=1)
        assert 0 < seen.sum() < len(drawn)
        for beta, there in zip(performance._newton_together(model, drawn), seen, strict=True):
            assert (beta is not None) == there

    def test_concordance_by_pairs_is_that_of_the_resampled_patients(self):
        model = self.model()
        risk = np.round(np.random.default_rng(2).normal(size=model.n), 1)
        for chosen in self.drawn(model, 3):
            inside, outside = performance._inside_and_outside(model, chosen, risk)
            expected = concordance.concordance(model.time[chosen], model.event[chosen], risk[chosen])[0]
            assert_allclose(inside, expected, rtol=1e-14)
            assert_allclose(outside, concordance.concordance(model.time, model.event, risk)[0], rtol=1e-14)
