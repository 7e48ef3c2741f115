"""The coverage figure against the lesson's own functions, by keyboard in a real browser."""

import numpy as np
import pytest
from plays import press, said, values, write_page
from scipy.stats import binom

from aice_helpers.course.lessons.exact import arithmetic, play

pytestmark = pytest.mark.browser
GRID = np.arange(2, 199) / 200


def agrees(page):
    shown = values(page)
    n, rate, level = shown["n"], shown["rate"], shown["level"]
    for method in arithmetic.METHODS:
        assert shown["coverage"][method] == pytest.approx(arithmetic.coverage(method, n, rate, level), abs=1e-9)
        low, high = arithmetic.limits(method, n, level).T
        mean_width = binom.pmf(np.arange(n + 1), n, rate) @ (high - low)
        assert shown["width"][method] == pytest.approx(mean_width, abs=1e-9)
        assert shown["lowest"][method] == pytest.approx(arithmetic.coverage(method, n, GRID, level).min(), abs=1e-9)
    return n, rate, level


def test_every_number_equals_python_whatever_is_chosen(browser, tmp_path):
    browser.open(write_page(play.explorer(), tmp_path))
    assert browser.errors == []
    assert agrees(browser) == (20, 0.3, 0.95)
    press(browser, "Tab")
    press(browser, "ArrowRight", 3)
    assert agrees(browser)[0] == 23
    press(browser, "Home")
    assert agrees(browser)[0] == 5
    press(browser, "Tab")
    press(browser, "ArrowLeft", 25)
    assert agrees(browser)[:2] == (5, 0.05)
    press(browser, "Tab")
    press(browser, "ArrowDown")
    assert agrees(browser) == (5, 0.05, 0.99)
    browser.run("document.querySelector('figure.aice-play input').focus()")
    press(browser, "End")
    assert agrees(browser) == (200, 0.05, 0.99)
    press(browser, "Tab")
    press(browser, "Home")
    assert agrees(browser)[1] == 0.01
    press(browser, "End")
    assert agrees(browser)[1] == 0.99
    words = said(browser)
    assert "200 patients, true rate 99%, level 99%" in words
    assert f"Exact {100 * values(browser)['coverage']['exact']:.1f}%" in words
    assert browser.errors == []


def test_a_move_of_the_largest_study_takes_no_time(browser, tmp_path):
    browser.open(write_page(play.explorer(), tmp_path))
    spent = browser.run(
        """(() => {
          const slider = document.querySelector('figure.aice-play input');
          slider.value = 200;
          const start = performance.now();
          for (let move = 0; move < 5; move++) slider.dispatchEvent(new Event('input'));
          return (performance.now() - start) / 5;
        })()"""
    )
    assert spent < 400


def test_without_scripts_the_text_says_what_the_figure_shows():
    assert "never falls below its level" in play.explorer()._repr_html_()
