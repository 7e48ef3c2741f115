"""The band that is read sideways, against the book's own limits, by keyboard in a real browser."""

import pytest
from plays import press, said, values, write_page

from aice_helpers.course.lessons.median import arithmetic, play

pytestmark = pytest.mark.browser


def agrees(page):
    shown = values(page)
    rows = arithmetic.band(arithmetic.TEN["time"], arithmetic.TEN["event"], shown["scale"], shown["level"])
    row = rows[rows["time"] <= shown["time"]].iloc[-1]
    limits = arithmetic.conventions(arithmetic.TEN["time"], arithmetic.TEN["event"], shown["level"]).loc[shown["scale"]]
    for name, value in {**row[["share", "low", "high"]], **limits[["lower", "upper"]]}.items():
        assert shown[name] == (None if value != value else pytest.approx(value)), name
    inside = shown["low"] is not None and shown["low"] <= 0.5 < shown["high"]
    assert (shown["side"] == "possible") == inside
    return shown


def test_every_time_scale_and_level_says_what_the_limits_say(browser, tmp_path):
    browser.open(write_page(play.reader(), tmp_path))
    assert agrees(browser)["time"] == 4
    press(browser, "Tab")
    press(browser, "Home")
    assert agrees(browser)["side"] == "too short"
    sides = []
    for _ in range(24):
        press(browser, "ArrowRight")
        sides.append(agrees(browser)["side"])
    assert sides == ["too short"] + ["possible"] * 16 + ["too long"] * 7
    press(browser, "Tab")
    press(browser, "ArrowUp")
    shown = agrees(browser)
    assert (shown["scale"], shown["upper"], shown["side"]) == ("log", None, "possible")
    assert "7 to not reached" in said(browser)
    press(browser, "ArrowUp")
    assert agrees(browser)["scale"] == "plain"
    press(browser, "Tab")
    press(browser, "ArrowDown")
    assert agrees(browser)["level"] == 0.99
    press(browser, "Home")
    assert agrees(browser)["level"] == 0.8
    assert browser.errors == []


def test_without_scripts_the_text_says_what_the_figure_shows():
    assert "possible times make the interval" in play.reader()._repr_html_()
