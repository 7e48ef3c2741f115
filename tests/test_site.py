"""The built site as a reader meets it: files first, then in a browser."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote

import pandas as pd
import pytest
from plays import press

from aice_helpers.analysis import Analysis
from aice_helpers.build import pages
from aice_helpers.build.making import digest

PAGES = [page.with_suffix(".html").as_posix() for page in pages.pages()]
OTHER_HOST = re.compile(r"^(https?:)?//")
CONTRAST = """(() => {
  const light = color => {
    const [r, g, b] = color.match(/[0-9.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backdrop = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (!/rgba\\(.*, 0\\)|transparent/.test(color)) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('SELECTOR')]
    .map(e => [light(getComputedStyle(e).color), light(backdrop(e))])
    .map(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
})()"""
TABLE_TEXT = "table.aice td, table.aice th, table.aice caption, .aice-notes p, .aice-notice"
COURSE_TEXT = (
    ".aice-exercise p, .aice-exercise summary, .aice-exercise strong, .aice-question p, .aice-question summary, "
    ".aice-play p, .aice-play label, .aice-play button, .aice-play figcaption, .aice-verdict"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """One full build of the default book, as `make book` does it."""
    out = tmp_path_factory.mktemp("run") / "book"
    command = [sys.executable, "-m", "aice_helpers.cli", "build", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


class Links(HTMLParser):
    """Collects what a page loads (scripts, styles, images) and where it points to."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.points, self.ids, self.images = [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if attributes.get("id"):
            self.ids.add(attributes["id"])
        if tag == "img":
            self.images.append(attributes)
        if tag in ("script", "img", "iframe", "source") and attributes.get("src"):
            self.loads.append(attributes["src"])
        if tag == "link" and attributes.get("href") and "canonical" not in attributes.get("rel", ""):
            self.loads.append(attributes["href"])
        if tag == "a" and attributes.get("href"):
            self.points.append(attributes["href"])


def read(built, page):
    return (built / "html" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_labelled_synthetic_and_loads_nothing_from_another_host(built, page):
    text = read(built, page)
    assert "Synthetic data." in text
    assert not [link for link in Links(text).loads if OTHER_HOST.match(link)]


def test_style_sheets_load_nothing_from_another_host(built):
    for sheet in (built / "html").rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8", errors="replace"), flags=re.DOTALL)
        assert not re.findall(r"(?:@import\s+|url\(\s*)[\"']?(?:https?:)?//", text), sheet.name


class Addresses(HTMLParser):
    """Collects whatever a page names as an address, in any element."""

    def __init__(self, text):
        super().__init__()
        self.named = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("href", "src", "action", "poster", "data", "xlink:href") and value:
                self.named.append(value)
            if name == "srcset" and value:
                self.named += [part.split()[0] for part in value.split(",")]


def missing_files(file, addresses):
    """Addresses of a file of the site that name another of its files which is not there."""
    local = [one for one in addresses if not re.match(r"([a-z][a-z0-9+.-]*:|//|#)", one, re.IGNORECASE)]
    return [one for one in local if not (file.parent / unquote(re.split("[?#]", one)[0])).resolve().is_file()]


def test_every_file_that_a_page_or_a_style_sheet_names_is_there(built):
    # The theme leaves templates of its own among the static files; they are no pages.
    pages = [page for page in sorted((built / "html").rglob("*.html")) if "_static" not in page.parts]
    assert {page.relative_to(built / "html").as_posix() for page in pages} >= {*PAGES, "index.html", "search.html"}
    for page in pages:
        addresses = Addresses(page.read_text(encoding="utf-8")).named
        assert addresses, page.name
        assert missing_files(page, addresses) == [], page.name
    for sheet in (built / "html").rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8", errors="replace"), flags=re.DOTALL)
        assert missing_files(sheet, re.findall(r"url\(\s*[\"']?([^\"')]+)", text)) == [], sheet.name


@pytest.mark.parametrize("page", PAGES)
def test_links_inside_the_site_lead_somewhere(built, page):
    here = built / "html" / page
    for link in Links(read(built, page)).points:
        if OTHER_HOST.match(link) or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (here.parent / path.split("?")[0]).resolve() if path else here
        assert target.is_file(), link
        if anchor and target.suffix == ".html":
            assert anchor in Links(target.read_text(encoding="utf-8")).ids, link


@pytest.mark.parametrize("page", PAGES)
def test_every_image_has_alt_text(built, page):
    for image in Links(read(built, page)).images:
        assert image.get("alt", "").strip(), image


def test_exported_tables_are_the_result_tables(built, cohort):
    for name, table in Analysis(cohort).results().items():
        written = pd.read_csv(built / "results" / f"{name}.csv", keep_default_na=False, na_values=[""])
        assert list(written.columns) == list(table.columns)
        assert len(written) == len(table)
        for column in table.select_dtypes("number"):
            expected = table[column].astype("float64")
            pd.testing.assert_series_equal(written[column].astype("float64"), expected, rtol=1e-12)


def test_nothing_written_holds_a_patient_or_a_path(built, cohort):
    identifiers = [re.compile(rf"\b{re.escape(patient)}\b") for patient in cohort.patients.index]
    folders = {str(pages.ROOT), str(built), str(built.parent)}
    for file in built.rglob("*"):
        if file.is_file() and file.suffix in {".html", ".ipynb", ".csv", ".json", ".js", ".txt", ".inv"}:
            text = re.sub(r'"image/png": "[^"]*"', "", file.read_text(encoding="utf-8", errors="replace"))
            assert not [folder for folder in folders if folder in text], file.name
            if "_static" not in file.parts:
                assert not [i.pattern for i in identifiers if i.search(text)], file.name


def test_the_record_of_the_run(built, cohort):
    record = json.loads((built / "run.json").read_text(encoding="utf-8"))
    assert record["results_sha256"] == digest(built / "results")
    assert cohort.fingerprint not in (built / "run.json").read_text(encoding="utf-8")
    assert record["synthetic"] is True
    assert record["versions"]["lifelines"] == "0.30.3"


@pytest.mark.browser
@pytest.mark.parametrize("page", PAGES)
def test_a_page_in_the_browser(built, browser, page):
    """No script error, no request beyond the folder, nothing wider than the screen, images drawn, at three settings."""
    url = (built / "html" / page).as_uri()
    for setting in ({"width": 1280}, {"width": 1280, "dark": True}, {"width": 390, "height": 844}):
        browser.open(url, **setting)
        assert browser.errors == []
        assert [r for r in browser.requests if not r.startswith(("file:", "data:", "blob:"))] == []
        assert browser.run("document.documentElement.scrollWidth <= window.innerWidth"), setting
        assert browser.run("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
        banner = browser.run("document.querySelector('.bd-header-announcement').getBoundingClientRect().height")
        assert banner > 20


@pytest.mark.browser
def test_text_is_readable_in_light_and_dark(built, browser):
    """Contrast of table text and page background is at least 4.5 (WCAG AA)."""
    for dark in (False, True):
        browser.open((built / "html" / "book/intro.html").as_uri(), dark=dark)
        ratios = browser.run(CONTRAST.replace("SELECTOR", TABLE_TEXT))
        assert len(ratios) > 20
        assert min(ratios) >= 4.5


@pytest.mark.browser
def test_the_first_file_leads_to_the_landing_page_and_search_works_from_the_folder(built, browser):
    first = 'url=book/intro.html"'
    assert first in (built / "html" / "index.html").read_text(encoding="utf-8")
    browser.open((built / "html" / "search.html").as_uri() + "?q=landmark")
    # Results come in one by one.
    links = "[...document.querySelectorAll('#search-results a')].map(a => a.getAttribute('href'))"
    assert browser.wait_for(f"{links}.some(link => link.includes('04_prognostic_factors'))")


LESSON_PAGES = [page for page in PAGES if "methods" in page]


@pytest.mark.browser
@pytest.mark.parametrize("page", LESSON_PAGES)
def test_a_lesson_with_scripts_and_by_keyboard(built, browser, page):
    """Interactive figures stand and speak; hints, solutions and questions open with Enter."""
    for setting in ({"dark": False}, {"dark": True}):
        browser.open((built / "html" / page).as_uri(), **setting)
        ratios = browser.run(CONTRAST.replace("SELECTOR", COURSE_TEXT))
        assert len(ratios) > 20
        assert min(ratios) >= 4.5
    figures = browser.run(
        "[...document.querySelectorAll('figure.aice-play')].map(f => [f.querySelector('.aice-still').hidden, "
        "f.querySelector('[role=status]').textContent.length, f.querySelectorAll('input, button, select').length])"
    )
    assert all(hidden and length > 20 and controls for hidden, length, controls in figures), figures
    for summary in (".aice-exercise summary", ".tag_solution summary", ".aice-question summary"):
        assert browser.run(f"document.querySelector('{summary}').parentElement.open") is False
        browser.run(f"document.querySelector('{summary}').focus()")
        press(browser, "Enter")
        assert browser.run(f"document.querySelector('{summary}').parentElement.open") is True
        assert browser.run(f"document.querySelector('{summary}').parentElement.innerText.length") > 20
    assert browser.run("document.querySelector('.tag_solution details[open]').innerText.includes('Right.')")
    # Another option of the same question closes the first.
    browser.run("document.querySelectorAll('.aice-question summary')[1].focus()")
    press(browser, "Enter")
    assert browser.run("document.querySelectorAll('.aice-question')[0].querySelectorAll('details[open]').length") == 1


@pytest.mark.browser
@pytest.mark.parametrize("page", LESSON_PAGES)
def test_a_lesson_without_scripts(built, browser, page):
    """Everything is there to read: the text of interactive figures, hints, solutions, comments."""
    browser.open((built / "html" / page).as_uri(), scripts=False)
    visible = "e => e.checkVisibility() && e.innerText.trim().length > 20"
    assert browser.run(f"[...document.querySelectorAll('.aice-still')].every({visible})")
    assert browser.run("document.querySelectorAll('.aice-stage *').length") == 0
    for summary in (".aice-exercise summary", ".tag_solution summary", ".aice-question summary"):
        browser.run(f"document.querySelector('{summary}').focus()")
        press(browser, "Enter")
        assert browser.run(f"document.querySelector('{summary}').parentElement.open") is True


def test_scripts_of_interactive_figures_load_only_where_such_figures_stand(built):
    for page in PAGES:
        text = read(built, page)
        kinds = set(re.findall(r'data-play="(\w+)"', text))
        loaded = set(re.findall(r"play/(\w+)\.js", text))
        expected = (kinds | {"core"} if kinds else set()) | ({"present"} if page in LESSON_PAGES else set())
        assert loaded == expected | ({"tips"} if 'role="tooltip"' in text else set()), page


def test_hidden_cells_are_announced_by_their_visible_text(built):
    for page in PAGES:
        assert "Toggle hidden content" not in read(built, page), page
    assert "<summary>" in read(built, LESSON_PAGES[0])


@pytest.mark.browser
def test_every_button_of_the_theme_shows_where_the_keyboard_is(built, browser):
    browser.open((built / "html" / LESSON_PAGES[0]).as_uri())
    browser.run("document.body.focus()")
    outlines = {}
    for _ in range(40):
        press(browser, "Tab")
        name, outline = browser.run(
            "[document.activeElement.className, parseFloat(getComputedStyle(document.activeElement).outlineWidth) * "
            "(getComputedStyle(document.activeElement).outlineStyle !== 'none')]"
        )
        outlines[name] = outline
    buttons = {
        name: width for name, width in outlines.items() if re.search("sidebar-toggle|theme-switch|search-button", name)
    }
    assert len(buttons) >= 3, outlines
    assert min(buttons.values()) >= 2, buttons


@pytest.mark.browser
def test_escape_hides_a_definition_until_the_keyboard_comes_again(built, browser):
    """WCAG 1.4.13; in the slide show the slides stay."""
    browser.open((built / "html" / LESSON_PAGES[0]).as_uri())
    shown = "[...document.querySelectorAll('.aice-tip')].filter(tip => tip.checkVisibility()).length"
    for presenting in (False, True):
        if presenting:
            browser.run("document.querySelector('.aice-present').click()")
        word = "[...document.querySelectorAll('.aice-term a')].find(word => word.checkVisibility())"
        for _ in range(2):
            browser.run(f"{word}.focus()")
            assert browser.run(shown) == 1
            press(browser, "Escape")
            assert browser.run(shown) == 0
            browser.run("document.activeElement.blur()")
    assert browser.run("document.documentElement.classList.contains('aice-presenting')")
    press(browser, "Escape")
    assert not browser.run("document.documentElement.classList.contains('aice-presenting')")


@pytest.mark.browser
def test_a_lesson_as_slides_by_keyboard(built, browser):
    browser.open((built / "html" / LESSON_PAGES[0]).as_uri())
    visible = "[...document.querySelectorAll('article h2')].filter(h => h.checkVisibility()).map(h => h.firstChild.textContent)"
    titles = browser.run(visible)
    browser.run("document.querySelector('.aice-present').focus()")
    press(browser, "Enter")
    assert browser.run(visible) == []
    assert browser.run("document.querySelector('article h1').checkVisibility()")
    assert browser.run("document.querySelector('.bd-header-announcement').checkVisibility()")
    count = int(browser.run("document.querySelector('.aice-slides [role=status]').textContent").split()[-1])
    seen = []
    for _ in range(count - 1):
        press(browser, "ArrowRight")
        seen += browser.run(visible)
        assert browser.run("document.querySelector('article').innerText.trim().length") > 20
        # Scrolled to its end, no slide has a line below the bar.
        assert browser.run(
            "window.scrollTo(0, document.documentElement.scrollHeight), "
            "document.querySelector('article').getBoundingClientRect().bottom "
            "< document.querySelector('.aice-slides').getBoundingClientRect().top - 10"
        )
    assert seen == titles
    press(browser, "Escape")
    assert browser.run(visible) == titles
