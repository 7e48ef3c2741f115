"""The figure of two curves whose hazard ratio changes: its formulas against Python's, by keyboard in a real browser."""

import numpy as np
import pytest
from plays import press, said, values, without_scripts, write_page

from aice_helpers.course.lessons.ph import arithmetic, play
from aice_helpers.stats import partial_likelihood

SHOWN = ("crossing", "rmst", "average", "reference", "other")


def check(page):
    """Compare what the page shows with Python's values for the same choice; return them."""
    shown = values(page)
    expected = arithmetic.crossing(shown["early"], shown["late"], shown["change"], shown["end"])
    for name in SHOWN:
        assert shown[name] == (None if expected[name] is None else pytest.approx(expected[name], abs=1e-8)), name
    return shown


@pytest.mark.browser
def test_every_number_equals_pythons_while_sliders_move(browser, tmp_path):
    browser.open(write_page(play.crossing_play(), tmp_path))
    start = check(browser)
    assert {key: start[key] for key in ("early", "late", "change", "end")} == play.crossing_play().data["start"]
    assert "cross at 13.5 months" in said(browser)
    press(browser, "Tab")
    for _ in range(5):
        press(browser, "ArrowRight")
        check(browser)
    assert "do not cross" in said(browser)
    press(browser, "Home")
    assert check(browser)["early"] == min(play.RATIOS)
    press(browser, "Tab")
    press(browser, "End")
    assert check(browser)["late"] == max(play.RATIOS)
    press(browser, "Tab", 2)
    press(browser, "Home")
    early = check(browser)
    assert early["average"] == early["early"]
    press(browser, "End")
    assert check(browser)["average"] > early["average"]
    press(browser, "Tab")
    assert browser.errors == []


def test_without_scripts_the_text_says_what_the_figure_shows():
    assert "moves with the end of follow-up" in without_scripts(play.crossing_play()._repr_html_())


@pytest.mark.parametrize("choice", [(0.5, 2.0, 9, 24), (0.3, 1.2, 6, 60), (2.5, 0.4, 20, 30), (2.0, 2.0, 5, 12)])
def test_the_formulas_hold_in_a_large_sample(choice):
    early, late, change, end = choice
    rate = np.log(2) / arithmetic.REFERENCE_MEDIAN
    # Times at evenly spaced quantiles stand for a sample without chance.
    need = -np.log(1 - (np.arange(20_000) + 0.5) / 20_000)
    before = rate * early * change
    other = np.where(need < before, need / (rate * early), change + (need - before) / (rate * late))
    time = np.concatenate([need / rate, other])
    second = np.repeat([0.0, 1.0], len(need))[:, None]
    fitted = partial_likelihood.fit(np.minimum(time, end), time <= end, second)
    found = arithmetic.crossing(*choice)
    assert np.exp(fitted.coefficients[0]) == pytest.approx(found["average"], abs=2e-3)
    assert np.minimum(other, end).mean() - np.minimum(need / rate, end).mean() == pytest.approx(found["rmst"], abs=2e-3)
    assert (other > end).mean() == pytest.approx(found["other"], abs=1e-4)
    if found["crossing"]:
        assert (other > found["crossing"]).mean() == pytest.approx((need / rate > found["crossing"]).mean(), abs=1e-4)
    # One hazard ratio throughout is the average itself.
    assert early != late or found["average"] == early
