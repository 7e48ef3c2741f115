"""The slider on the partial likelihood against the lesson's arithmetic, by keyboard in a real browser."""

import numpy as np
import pytest
from plays import press, said, values, write_page

from aice_helpers.course.engine import two_groups
from aice_helpers.course.lessons.cox import arithmetic as cox
from aice_helpers.course.lessons.cox import play
from aice_helpers.stats import partial_likelihood

pytestmark = pytest.mark.browser


def check_shown(page, patients):
    shown = values(page)
    table = two_groups.tables(patients["time"], patients["event"], patients["exposed"])
    expected = cox.likelihood(table, shown["beta"]).iloc[0]
    for name, column in (("height", "log_likelihood"), ("score", "score"), ("information", "information")):
        assert shown[name] == pytest.approx(expected[column], abs=1e-12)
    chances = cox.choices(patients, np.exp(shown["beta"]))["probability"]
    assert shown["probabilities"] == pytest.approx(chances.tolist(), abs=1e-12)
    return shown


def test_every_height_slope_and_probability_equals_the_arithmetic(browser, tmp_path):
    browser.open(write_page(play.slider(), tmp_path))
    assert browser.errors == []
    assert check_shown(browser, cox.SIX)["beta"] == 0
    press(browser, "Tab", 2)
    for key, times in (("ArrowRight", 7), ("End", 1), ("ArrowLeft", 3), ("Home", 1)):
        press(browser, key, times)
        check_shown(browser, cox.SIX)
    assert values(browser)["beta"] == -3
    assert "uphill to the right" in said(browser)


def test_newtons_steps_reach_the_books_estimate(browser, tmp_path):
    browser.open(write_page(play.slider(), tmp_path))
    press(browser, "Tab", 3)
    table = two_groups.tables(cox.SIX["time"], cox.SIX["event"], cox.SIX["exposed"])
    for beta in cox.newton_steps(table)["next_beta"]:
        press(browser, "Enter")
        assert check_shown(browser, cox.SIX)["beta"] == pytest.approx(beta, abs=1e-12)
    fitted = partial_likelihood.fit(cox.SIX["time"], cox.SIX["event"], cox.SIX["exposed"])
    assert values(browser)["beta"] == pytest.approx(fitted.coefficients[0], abs=1e-9)
    assert "this is the top" in said(browser)
    press(browser, "Tab")
    press(browser, "Enter")
    assert values(browser)["beta"] == 0


def test_without_a_finite_estimate_the_slope_stays_positive(browser, tmp_path):
    browser.open(write_page(play.slider(), tmp_path))
    press(browser, "Tab")
    press(browser, "ArrowDown")
    for key in ("Tab", "End"):
        press(browser, key)
    shown = check_shown(browser, cox.SEPARATED)
    assert shown["beta"] == 5
    assert shown["score"] > 0
    assert browser.errors == []


def test_without_scripts_the_text_says_what_the_figure_shows():
    assert "there is no top" in play.slider()._repr_html_()
