"""Figures: what is plotted against the frame, alt text, labels as text, and cohorts of every odd kind."""

import dataclasses
import functools
import re

import numpy as np
import pandas as pd
import pytest
from cohorts import make_cohort_from, times_cohort

from aice_helpers.analysis import REGISTRY, Analysis
from aice_helpers.core.ticks import time_ticks
from aice_helpers.show import figures, sentences
from aice_helpers.show.figures import forests, style
from aice_helpers.show.sentences import Sentence
from aice_helpers.stats import cox, performance, response, safety, survival
from aice_helpers.study.model import AdverseEvents, DataFile

NASTY = "<script>alert(1)</script> $x$ {{ y }} **b**"
LONG = "an exceedingly long label of a level that nobody would write but somebody will " * 2

PLAN = {
    "rate_times": (2.0, 50.0),
    "rmst_horizon": 3.0,
    "groups": ("c",),
    "prognostic_factors": ("x", "c", "response"),
    "multivariable": ("x", "c"),
    "response_landmarks": (1.0, 60.0),
}
HARMS = AdverseEvents(
    DataFile("ae.csv"), "patient", "term", "grade", "a scheme", {"1": "Mild", "3": "Severe " + NASTY}, "Severe " + NASTY
)


def full_cohort(time, event, **changes):
    """A cohort with two endpoints and everything else a study can declare, its labels full of markup."""
    n = len(time)
    frame = pd.DataFrame(
        {
            "time": time, "event": event, "sooner": np.array(time) / 2, "x": np.arange(n) % 7 + 0.5,
            "c": [str(place % 3) for place in range(n)], "r": [str(place % 2) for place in range(n)],
            "change": np.linspace(40, -60, n), "month": 0.5,
        }
    ).assign(**changes)  # fmt: skip
    harms = pd.DataFrame(
        {
            "patient": ["0", "0"],
            "term": [NASTY, NASTY],
            "grade": pd.Categorical(["Mild", None], list(HARMS.grades.values()), ordered=True),
        }
    )
    return make_cohort_from(
        frame,
        endpoints={"OS": ("time", "event"), "PFS " + NASTY: ("sooner", "event")},
        variables={
            "x": {"label": NASTY, "unit": "µg/dl"},
            "c": {"label": "肿瘤 " + LONG, "levels": {"0": LONG, "1": NASTY, "2": "Größe \u0416"}},
            "r": {"levels": {"0": "Stable " + NASTY, "1": "Response"}, "role": "outcome"},
            "change": {"role": "outcome", "label": NASTY},
            "month": {"role": "outcome"},
        },
        response={
            "variable": "r", "responders": ("Response",), "controlled": ("Response",), "change": "change",
            "month": "month", "scheme": "RECIST " + NASTY,
        },
        analysis=PLAN,
        adverse_events=harms,
        adverse_events_plan=HARMS,
    )  # fmt: skip


ODD_COHORTS = {
    "labels": lambda: full_cohort(np.arange(1.0, 41), [1, 1, 0, 1] * 10),
    "one patient": lambda: full_cohort([5.0], [1]),
    "one at time zero": lambda: full_cohort([0.0], [1]),
    "no events": lambda: full_cohort([1.0, 2, 3, 4, 5, 6], [0] * 6),
    "all at one time": lambda: full_cohort([3.0] * 6, [1] * 6),
    "all at time zero": lambda: full_cohort([0.0] * 6, [1, 0] * 3),
    "missing covariates": lambda: full_cohort(
        np.arange(1.0, 9), [1] * 8, x=np.nan, c=None, month=np.nan, change=np.nan
    ),
    "separation": lambda: full_cohort(np.arange(1.0, 13), [1, 1, 0] * 4),
    "tiny times": lambda: full_cohort(np.arange(1.0, 13) / 1000, [1, 0, 1] * 4),
    "many patients": lambda: full_cohort(np.linspace(0, 4000, 200), [1, 0] * 100),
    "nothing declared": lambda: times_cohort([1.0, 2, 3], [1, 0, 1]),
}


@functools.cache
def odd_results(name):
    """An odd cohort and all its result tables, computed once for the tests of figures and of tables."""
    cohort = ODD_COHORTS[name]()
    few = functools.partial(performance.model_performance, resamples=5)
    with pytest.MonkeyPatch.context() as patch:
        entry = dataclasses.replace(REGISTRY["model_performance"], compute=lambda analysis: few(analysis.cohort))
        patch.setitem(REGISTRY, "model_performance", entry)
        return cohort, Analysis(cohort).results()


def pictures(cohort, tables):
    """Every figure of a cohort by name."""
    study = cohort.study
    return {
        "curves": figures.survival_curves(tables["survival_curve"], study),
        "grouped": figures.survival_curves(tables["survival_curve"], study, group="c", title=NASTY),
        "waterfall": figures.waterfall(response.best_changes(cohort), study),
        "harms": figures.adverse_event_bars(tables["adverse_events"], study),
        "hazard": figures.hazard_forest(tables["cox"], study),
        "landmark": figures.landmark_forest(tables["cox"], study),
        "response": figures.response_forest(tables["response"], tables["response"], study),
        "intervals": figures.interval_conventions(tables["survival_summary"], study),
    }


def texts(picture):
    return [text.get_text() for axes in picture.figure.axes for text in axes.texts] + [
        text.get_text() for text in picture.figure.texts
    ]


@pytest.mark.parametrize("name", ODD_COHORTS)
def test_odd_cohorts_draw_or_say_why_not(name):
    for picture in pictures(*odd_results(name)).values():
        said = repr(picture)
        assert len(said) > 20
        assert not re.search(r"\b(nan|inf|None|<NA>)\b", said), said
        if not isinstance(picture, Sentence):
            assert picture.png().startswith(b"\x89PNG")
            assert picture.figure.get_figwidth() <= 8
            assert len(picture.data)


def test_the_curve_comes_down_from_one_and_its_points_are_the_table():
    cohort = times_cohort([0.0, 2, 4, 4], [1, 1, 0, 1])
    curve = survival.survival_curve(cohort)
    picture = figures.survival_curves(curve, cohort.study)
    line, censored = picture.figure.axes[0].lines
    assert line.get_xdata().tolist() == [0, 0, 2, 2, 4, 4]
    assert line.get_ydata() == pytest.approx([1, 0.75, 0.75, 0.5, 0.5, 0.25])
    assert censored.get_xdata().tolist() == [4]
    assert picture.figure.axes[0].get_xlim()[0] == 0
    pd.testing.assert_frame_equal(picture.data, curve)
    assert picture.alt == (
        "Kaplan-Meier curve of OS with confidence band. 4 patients, 3 events, without event 75.0% at 1 month, 50.0% at 2 "
        "months, 50.0% at 3 months and 25.0% at 4 months, last observation at 4.0 months."
    )


def test_the_numbers_under_the_curve_count_those_with_at_least_that_time():
    cohort = times_cohort([6.0, 12, 12, 24], [1, 1, 0, 1])
    risk = figures.survival_curves(survival.survival_curve(cohort), cohort.study).figure.axes[1]
    shown = {text.get_position()[0]: text.get_text() for text in risk.texts if text.get_text().isdigit()}
    assert shown == {0: "4", 6: "4", 12: "3", 18: "1", 24: "1"}


def test_the_band_ends_where_the_curve_reaches_zero():
    cohort = times_cohort([1.0, 2, 3], [1, 1, 1])
    axes = figures.survival_curves(survival.survival_curve(cohort), cohort.study).figure.axes[0]
    corners = axes.collections[0].get_paths()[0].vertices
    assert (corners[:, 0].min(), corners[:, 0].max()) == (1.0, 3.0)


def test_a_panel_for_each_endpoint_and_a_style_for_each_group(cohort):
    picture = figures.survival_curves(
        survival.survival_curve(cohort, group="differentiation"), cohort.study, group="differentiation"
    )
    curves = [axes for axes in picture.figure.axes if axes.get_ylabel() == "Without event"]
    assert [axes.get_title(loc="left").replace("\n", " ") for axes in curves] == [
        "Progression-free survival by Pathological differentiation",
        "Overall survival by Pathological differentiation",
    ]
    assert curves[0].get_xlim() == curves[1].get_xlim()
    assert curves[0].get_xticks().tolist() == curves[1].get_xticks().tolist()
    styles = [(line.get_color(), line.get_linestyle()) for line in curves[0].lines if line.get_marker() != "|"]
    assert len({color for color, _ in styles}) == len({style for _, style in styles}) == 3
    assert "Pathological differentiation Poor: 45 patients, 43 events" in picture.alt


def twelve_levels():
    """A cohort of 240 patients in twelve groups, each with events and censored times; also its levels."""
    place = np.arange(240)
    levels = [f"Level {number}" for number in range(1, 13)]
    frame = pd.DataFrame({"time": 1 + place / 4, "event": place % 5 > 0, "g": [levels[one % 12] for one in place]})
    return make_cohort_from(frame, variables={"g": {"label": "Group", "levels": levels}}), levels


def strokes(lines, *, marks):
    """How each line looks: its color and dashes, or its color and mark."""
    if marks:
        return [(line.get_color(), line.get_marker()) for line in lines]
    return [(line.get_color(), str(line._unscaled_dash_pattern)) for line in lines]


def test_twelve_groups_are_told_apart_in_every_drawn_element_also_without_color():
    cohort, levels = twelve_levels()
    picture = figures.survival_curves(survival.survival_curve(cohort, group="g"), cohort.study, group="g")
    curves, risk = picture.figure.axes
    drawn = [line for line in curves.lines if line.get_linestyle() != "None"]
    ticks = [line for line in curves.lines if line.get_marker() in {"|", "+", "x"}]
    marks = [line for line in curves.lines if line.get_marker() == "o"]
    bands = [(tuple(band.get_facecolor()[0]), band.get_hatch()) for band in curves.collections]
    samples = [line for line in risk.lines if line.get_linestyle() != "None"]
    sample_marks = [line for line in risk.lines if line.get_marker() == "o"]
    for shown in (strokes(drawn, marks=False), strokes(ticks, marks=True), bands, strokes(samples, marks=False)):
        assert len(shown) == len(set(shown)) == len(levels)
    assert strokes(samples, marks=False) == strokes(drawn, marks=False)
    # Without color: dashes and marks together.
    assert strokes(marks, marks=True) == strokes(sample_marks, marks=True)
    dashes = [dash for _, dash in strokes(drawn, marks=False)]
    marked = [False] * (12 - len(marks)) + [True] * len(marks)
    assert len(set(zip(dashes, marked, strict=True))) == len(levels)
    for line, mark in zip(drawn[-len(marks) :], marks, strict=True):
        ends = dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
        for x, y in zip(mark.get_xdata(), mark.get_ydata(), strict=True):
            assert y == ends[max(end for end in ends if end <= x)]


def test_the_first_twelve_looks_differ_in_everything_but_color():
    looks = [figures.look(order) for order in range(12)]
    for parts in (("marker",), ("hatch",), ("line", "mark"), ("color", "line"), ("color", "censored")):
        assert len({tuple(str(getattr(one, part)) for part in parts) for one in looks}) == 12, parts
    assert {one.color for one in looks} <= set(figures.OKABE_ITO)
    assert [one.marked for one in looks[:7]] == [{}] * 7


def test_twelve_categories_and_grades_are_told_apart(cohort):
    levels = {str(code): f"Category {code}" for code in range(12)}
    frame = pd.DataFrame(
        {
            "time": np.arange(1.0, 25),
            "event": 1,
            "r": [str(k % 12) for k in range(24)],
            "change": np.linspace(40, -60, 24),
        }
    )
    harms = pd.DataFrame(
        {
            "patient": [str(place) for place in range(12)],
            "term": "pain",
            "grade": pd.Categorical(list(levels.values()), list(levels.values()), ordered=True),
        }
    )
    many = make_cohort_from(
        frame,
        variables={"r": {"levels": levels, "role": "outcome"}, "change": {"role": "outcome"}},
        response={"variable": "r", "responders": ("Category 0",), "controlled": ("Category 0",), "change": "change"},
        adverse_events=harms,
        adverse_events_plan=AdverseEvents(
            DataFile("ae.csv"), "patient", "term", "grade", "a scheme", levels, "Category 11"
        ),
    )
    for picture in (
        figures.waterfall(response.best_changes(many), many.study),
        figures.adverse_event_bars(safety.adverse_event_rates(many), many.study),
    ):
        bars = [(bar.get_facecolor(), bar.get_hatch()) for bar in picture.figure.axes[0].patches if bar.get_width()]
        assert len(set(bars)) == len({hatch for _, hatch in bars}) == 12


@pytest.mark.parametrize(
    ("longest", "unit", "expected"),
    [
        (66, "months", [0, 12, 24, 36, 48, 60]),
        (1000, "days", [0, 180, 360, 540, 720, 900]),
        (52, "weeks", [0, 8, 16, 24, 32, 40, 48]),
        (0.004, "years", [0, 0.001, 0.002, 0.003, 0.004]),
        (0, "months", [0]),
    ],
)
def test_ticks_suit_the_unit(longest, unit, expected):
    assert time_ticks(longest, unit) == pytest.approx(expected)


def test_labels_are_drawn_as_the_text_they_are():
    shown = pictures(*odd_results("labels"))
    plain = {name: "".join("".join(texts(picture)).split()) for name, picture in shown.items()}
    wanted = "".join(NASTY.split())
    for name in ("grouped", "hazard", "response"):
        assert wanted in plain[name].replace("\n", "")
    for picture in shown.values():
        assert NASTY in picture.alt


def test_the_bundle_carries_the_alt_text_and_the_same_bytes_each_time(cohort):
    curve = survival.survival_curve(cohort)
    first, second = (figures.survival_curves(curve, cohort.study) for _ in range(2))
    data, metadata = first._repr_mimebundle_()
    assert metadata == {"image/png": {"alt": first.alt}}
    assert data["text/plain"] == f"Figure: {first.alt}"
    assert data["image/png"] == second.png()
    assert "Synthetic data: no patient, no evidence" in texts(first)


def test_no_line_about_synthetic_data_on_real_ones():
    cohort = times_cohort([1.0, 2], [1, 1])
    object.__setattr__(cohort.study, "synthetic", False)
    shown = figures.survival_curves(survival.survival_curve(cohort), cohort.study)
    assert not any("ynthetic" in text for text in texts(shown))


def test_the_waterfall_draws_each_patient_once_in_order(cohort):
    changes = response.best_changes(cohort)
    picture = figures.waterfall(changes, cohort.study)
    axes = picture.figure.axes[0]
    bars = sorted((bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in axes.patches)
    assert [height for _, height in bars] == changes["change"].tolist()
    levels = {line.get_ydata()[0] for line in axes.lines}
    assert levels == {0, -30, 20}
    hatches = {(bar.get_facecolor(), bar.get_hatch()) for bar in axes.patches}
    assert len(hatches) == changes["category"].nunique()
    assert picture.alt.startswith("Waterfall of the best change in 110 patients, from +74.7% to −100.0%")
    assert "42 at or below −30%, 24 at or above +20%." in picture.alt
    assert {"−30% (partial response)", "+20%"} <= set(texts(picture))


def test_the_bars_of_adverse_events_add_up_to_any_grade(cohort):
    picture = figures.adverse_event_bars(safety.adverse_event_rates(cohort), cohort.study)
    ends = [bar.get_x() + bar.get_width() for bar in picture.figure.axes[0].patches]
    assert max(ends) == 45
    assert picture.data.loc["Pain"].tolist() == [15, 11, 0, 0, 0]
    assert "Pain 26 (23.0%; Mild 15, Moderate 11)" in picture.alt
    assert "26 (23.0%)" in texts(picture)
    assert picture.figure.axes[0].get_xlabel() == "Patients (of 113) with an adverse event, by worst grade"


def test_the_forest_draws_each_estimate_on_a_log_scale(cohort):
    models = cox.cox(cohort)
    picture = figures.hazard_forest(models, cohort.study, endpoint="OS")
    rows = models.query("endpoint == 'OS' and model == 'multivariable' and kind in ['reference', 'level', 'numeric']")
    axes = picture.figure.axes[0]
    assert axes.get_xscale() == "log"
    points = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert points == rows["estimate"].fillna(1.0).tolist()
    spans = [
        tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linestyle() == "-"
    ]
    known = rows.dropna(subset="conf_low")
    assert spans == list(zip(known["conf_low"], known["conf_high"], strict=True))
    assert "Tumor size (per cm) 1.09 (1.03 to 1.15)" in picture.alt


def test_an_interval_beyond_the_scale_ends_in_an_arrow():
    lines = [forests.Line("a", "w", 5.0, 0.5, 4000.0), forests.Line("b", "w", 1.0, 0.9, open_ended=True)]
    axes = forests.forest_picture([("t", lines)], times_cohort([1.0], [1]).study, "h", "a", log=True, mark=1.0).axes[0]
    assert axes.get_xlim()[1] == 50
    assert [line.get_marker() for line in axes.lines if line.get_marker() in "<>"] == [">", ">"]


def test_the_line_of_the_subgroup_forest_is_the_overall_rate(cohort):
    overall = response.response_rates(cohort)
    picture = figures.response_forest(response.response_by_subgroup(cohort), overall, cohort.study)
    marks = [line.get_xdata()[0] for line in picture.figure.axes[0].lines if line.get_linestyle() == "--"]
    assert marks == [42 / 113]
    assert "all patients 42/113 (37.2%); Distant metastasis No 21/43 (48.8%)" in picture.alt
    assert "Tumor size: groups at 10 cm (a limit of the" in picture.alt


def test_groups_by_cut_points_name_them_with_their_source(cohort):
    source = cohort.study.analysis.cut_points["tumor_size_cm"].source
    for group, told in (("tumor_size_cm", True), ("differentiation", False)):
        curve = survival.survival_curve(cohort, group=group)
        alt = figures.survival_curves(curve, cohort.study, group=group).alt
        assert alt.endswith(f" Tumor size: groups at 10 cm ({source}).") is told


def test_an_interval_without_an_upper_limit_is_open(cohort):
    small = times_cohort(np.arange(1.0, 9), [1, 1, 1, 1, 1, 0, 0, 0])
    summary = survival.survival_summary(small)
    picture = figures.interval_conventions(summary, small.study)
    axes = picture.figure.axes[0]
    unreached = summary["conf_high"].isna() & summary["conf_low"].notna()
    assert unreached.sum() == sum(line.get_marker() == ">" for line in axes.lines) > 0
    assert "log-log" in picture.alt
    assert "to not reached" in picture.alt


def test_without_rows_there_is_a_sentence():
    cohort = times_cohort([1.0], [1])
    said = figures.hazard_forest(cox.cox(cohort), cohort.study)
    assert isinstance(said, sentences.Sentence)
    assert str(said) == "The analysis plan names no prognostic factors."
    assert "declares no response" in str(figures.waterfall(response.best_changes(cohort), cohort.study))


def test_long_words_are_cut_and_wide_characters_take_two_columns():
    assert figures.wrapped_lines("肿瘤大小 x", 4) == "肿瘤\n大小\nx"
    assert figures.wrapped_lines("abcdef", 4) == "abcd\nef"
    assert figures.wrapped_lines("", 4) == ""


def test_distributions_show_every_numeric_baseline_variable_and_its_counts(cohort):
    picture = figures.distributions(Analysis(cohort))
    numeric = ["age_years", "tumor_size_cm", "postoperative_regimens", "nlr"]
    assert list(picture.data.columns) == numeric
    drawn = [sum(bar.get_height() for bar in axes.patches) for axes in picture.figure.axes]
    assert drawn == [113.0] * 4
    assert "Age (113 patients, median 51.0)" in picture.alt
    no_numbers = dataclasses.replace(cohort.study, variables={"patient": cohort.study.variables["patient"]})
    assert "No numeric baseline variable" in repr(
        figures.distributions(Analysis(dataclasses.replace(cohort, study=no_numbers)))
    )


def test_chinese_and_accented_labels_have_glyphs_on_any_machine():
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    files = [font_manager.findfont(name) for name in style._fonts()]
    known = {character for file in files for character in FT2Font(file).get_charmap()}
    assert {ord(character) for character in "临床分期二三四级年龄肿瘤é≤Ωő"} <= known
