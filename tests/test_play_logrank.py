"""The event-by-event log-rank test against the lesson's arithmetic, by keyboard in a real browser."""

import pytest
from plays import press, said, values, write_page

from aice_helpers.course.engine import two_groups
from aice_helpers.course.lessons.logrank import arithmetic, play

pytestmark = pytest.mark.browser


def check_all_steps(page, in_b):
    times, events = arithmetic.TWELVE["time"].to_numpy(), arithmetic.TWELVE["event"].to_numpy()
    table = two_groups.tables(times, events, in_b)
    for passed in range(1, len(table) + 1):
        press(page, "Enter")
        shown, until = values(page), table.head(passed)
        assert shown["passed"] == passed
        assert shown["observed"] == until["events_second"].sum()
        assert shown["expected"] == pytest.approx(until["expected"].sum(), abs=1e-12)
        assert shown["variance"] == pytest.approx(until["variance"].sum(), abs=1e-12)
        if until["variance"].sum() > 0:
            assert shown["chi"] == pytest.approx(arithmetic.weighted(until)["statistic"], abs=1e-12)


def test_every_step_equals_the_arithmetic_and_a_patient_can_change_groups(browser, tmp_path):
    browser.open(write_page(play.stepper(), tmp_path))
    assert browser.errors == []
    assert values(browser)["chi"] is None
    press(browser, "Tab", 3)
    in_b = (arithmetic.TWELVE["group"] == "B").to_numpy()
    check_all_steps(browser, in_b)
    press(browser, "Tab")
    press(browser, "Space")
    in_b[0] = True
    browser.run("document.querySelector('figure.aice-play button').focus()")
    press(browser, "Enter")
    press(browser, "Tab", 2)
    check_all_steps(browser, in_b)
    assert "Expected in B" in said(browser)
    assert browser.errors == []


def test_with_everyone_in_one_group_there_is_no_test(browser, tmp_path):
    browser.open(write_page(play.stepper(), tmp_path))
    browser.run("document.querySelectorAll('figure.aice-play input').forEach((box) => box.checked || box.click())")
    browser.run("[...document.querySelectorAll('figure.aice-play button')].at(-1).click()")
    shown = values(browser)
    assert shown["chi"] is None
    assert shown["observed"] == shown["expected"] == 1
    assert "chi-square not defined" in said(browser)


def test_without_scripts_the_text_says_what_the_figure_shows():
    assert "a surplus early and a deficit later cancel" in play.stepper()._repr_html_()
