"""The figure with a landmark that moves, against the book's own analysis, by keyboard in a real browser."""

import json

import pytest
from plays import press, said, values, without_scripts, write_page

from aice_helpers.course.engine.lesson_data import lesson_data
from aice_helpers.course.lessons.landmark import play
from aice_helpers.data.load import load_cohort
from aice_helpers.stats import response_landmark
from aice_helpers.study.model import DEFAULT_STUDY


@pytest.fixture(scope="module")
def data():
    return lesson_data(load_cohort(DEFAULT_STUDY))


@pytest.fixture(scope="module")
def figure(data):
    return play.landmark_play(data)


@pytest.mark.browser
def test_every_landmark_shows_its_row_and_the_plans_are_the_books(browser, tmp_path, data, figure):
    book = response_landmark.landmark_cox(data.cohort)
    book = book[(book["endpoint"] == data.endpoint) & (book["model"] == "landmark") & (book["kind"] == "level")]
    planned = {row.landmark: row for row in book.itertuples()}
    browser.open(write_page(figure, tmp_path))
    assert values(browser)["landmark"] == data.landmark
    press(browser, "Tab")
    press(browser, "Home")
    for row in figure.data["rows"]:
        shown = values(browser)
        assert shown == row
        text = said(browser)
        if row["estimate"] is None:
            assert "not estimable" in text
        else:
            assert f"{row['estimate']:.2f}" in text
        assert f"Left out: {row['events_before'] + row['censored_before']} patient" in text
        if row["landmark"] in planned:
            expected = planned.pop(row["landmark"])
            assert (shown["estimate"], shown["conf_low"]) == (expected.estimate, expected.conf_low)
            assert (shown["responders"], shown["later"]) == (expected.n, expected.later)
            assert shown["events_before"] + shown["censored_before"] == expected.excluded
        press(browser, "ArrowRight")
    assert not planned
    assert browser.errors == []


def test_the_rows_hold_counts_and_estimates_only_and_account_for_everyone(data, figure):
    assert 20 <= len(figure.data["rows"]) <= 40
    for row in figure.data["rows"]:
        parts = ("responders", "others", "events_before", "censored_before")
        assert sum(row[part] for part in parts) == data.cohort.n
        assert (row["estimate"] is None) == row["note"].startswith("not estimable")
    assert not set(data.cohort.patients.index) & set(json.dumps(figure.data).replace('"', " ").split())


def test_without_scripts_the_text_says_what_the_figure_shows(figure):
    assert "about thirty landmarks" in without_scripts(figure._repr_html_())
