"""The band that is read sideways, against the book's own limits, by keyboard in a real browser."""

import pytest
from plays import press, said, values, write_page

from aice_helpers.course import median

pytestmark = pytest.mark.browser


def agrees(page):
    shown = values(page)
    rows = median.band(median.TEN["time"], median.TEN["event"], shown["scale"], shown["level"])
    row = rows[rows["time"] <= shown["time"]].iloc[-1]
    limits = median.conventions(median.TEN["time"], median.TEN["event"], shown["level"]).loc[shown["scale"]]
    for name, value in {**row[["share", "low", "high"]], **limits[["lower", "upper"]]}.items():
        assert shown[name] == (None if value != value else pytest.approx(value)), name
    inside = shown["low"] is not None and shown["low"] <= 0.5 < shown["high"]
    assert (shown["side"] == "possible") == inside
    return shown


def test_every_time_scale_and_level_says_what_the_limits_say(browser, tmp_path):
    browser.open(write_page(median.reader(), tmp_path))
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
    assert "possible times make the interval" in median.reader()._repr_html_()
