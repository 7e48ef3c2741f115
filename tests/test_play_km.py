"""The stepper of the lesson on Kaplan-Meier against the book's own estimate, by keyboard in a real browser."""

import numpy as np
import pytest
from plays import press, said, values, write_page

from aice_helpers.course.lessons.km import arithmetic, play
from aice_helpers.stats import kaplan_meier

pytestmark = pytest.mark.browser


def curve(flags):
    time = arithmetic.TEN["time"].to_numpy()
    made = kaplan_meier.kaplan_meier(time, np.array(flags, dtype=bool))
    return dict(zip(made.time.tolist(), made.survival.tolist(), strict=True))


def check_all_steps(page, flags):
    expected = curve(flags)
    for passed in range(1, len(arithmetic.TEN) + 1):
        press(page, "Enter")
        shown = values(page)
        assert shown["seen"] == passed
        for time, share in shown["points"]:
            assert share == pytest.approx(expected[time], abs=1e-12)
    assert [time for time, _ in shown["points"]] == list(expected)


def test_every_step_equals_the_estimate_and_a_censored_patient_changes_the_later_ones(browser, tmp_path):
    browser.open(write_page(play.stepper(), tmp_path))
    assert browser.errors == []
    assert values(browser)["share"] == 1
    press(browser, "Tab", 3)
    flags = arithmetic.TEN["event"].tolist()
    check_all_steps(browser, flags)
    press(browser, "Tab")
    press(browser, "Space")
    flags[0] = 0
    assert values(browser)["points"][1][1] == 1
    browser.run("document.querySelector('figure.aice-play button').focus()")
    press(browser, "Enter")
    press(browser, "Tab", 2)
    check_all_steps(browser, flags)
    assert "censored" in said(browser)


def test_without_scripts_the_text_says_what_the_figure_shows():
    assert "every later step is larger" in play.stepper()._repr_html_()
