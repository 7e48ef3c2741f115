"""The moving cut of the lesson on cut-points: what it shows is what Python computed, by keyboard in a real browser."""

import pytest
from plays import press, said, values, write_page
from studies import clinic, write_study

from aice_helpers.course.engine.lesson_data import lesson_data
from aice_helpers.course.lessons.cutpoint import play
from aice_helpers.data.load import load_cohort

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def figure(cohort):
    """The figure on the default cohort."""
    return play.mover(lesson_data(cohort))


def expected(figure, chosen, place):
    one = figure.data["sets"][chosen]
    return {
        "set": one["name"],
        "cut": one["cuts"][place],
        "atMost": one["n"] - one["more"][place],
        "more": one["more"][place],
        "chi": one["chi"][place],
        "p": one["p"][place],
        "adjusted": one["adjusted"][place],
    }


def test_the_slider_goes_through_every_cut_and_the_button_to_the_lowest(browser, tmp_path, figure):
    browser.open(write_page(figure, tmp_path))
    assert browser.errors == []
    press(browser, "Tab", 2)
    press(browser, "Home")
    assert len(figure.data["sets"][0]["cuts"]) == 58
    for place in range(58):
        assert values(browser) == expected(figure, 0, place)
        press(browser, "ArrowRight")
    press(browser, "Tab")
    press(browser, "Enter")
    lowest = figure.data["sets"][0]["p"]
    assert values(browser) == expected(figure, 0, lowest.index(min(lowest)))
    assert "for the search over 58 cuts" in said(browser)
    assert browser.errors == []


def test_a_shuffle_is_chosen_by_keyboard_and_the_curves_are_drawn(browser, tmp_path, figure):
    browser.open(write_page(figure, tmp_path))
    press(browser, "Tab")
    press(browser, "ArrowDown", 2)
    assert values(browser) == expected(figure, 2, 29)
    labels = browser.run("[...document.querySelectorAll('.aice-plot')].map(plot => plot.getAttribute('aria-label'))")
    assert labels[0].startswith("P value against the cut")
    assert labels[1].startswith("Kaplan-Meier curves of")
    paths = browser.run("[...document.querySelectorAll('.aice-plot .aice-line')].map(path => path.getAttribute('d'))")
    assert len(paths) == 6
    assert not [path for path in paths if "NaN" in path or "undefined" in path]
    assert browser.errors == []


def test_each_set_has_its_own_cuts_in_a_real_cohort(browser, tmp_path):
    figure = play.mover(lesson_data(load_cohort(write_study(tmp_path, *clinic(80, seed=4)))))
    sets = figure.data["sets"]
    assert len({tuple(one["cuts"]) for one in sets}) > 1
    browser.open(write_page(figure, tmp_path))
    for chosen, one in enumerate(sets):
        browser.run("document.querySelector('select').focus()")
        press(browser, "ArrowDown", int(chosen > 0))
        press(browser, "Tab")
        press(browser, "End")
        assert values(browser) == expected(figure, chosen, len(one["cuts"]) - 1)
        press(browser, "Tab")
        press(browser, "Enter")
        assert values(browser) == expected(figure, chosen, one["chi"].index(max(one["chi"])))
    assert browser.errors == []


def test_without_scripts_the_text_says_what_the_figure_shows(figure):
    assert "puts it right" in figure._repr_html_()
