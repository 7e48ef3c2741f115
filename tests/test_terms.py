"""Links to the glossary: which words get one, which do not, and what stands beside them."""

import importlib.util
import json
import re
import warnings

import pytest
from docutils import nodes

from aice_helpers.build import pages

SPEC = importlib.util.spec_from_file_location("terms", pages.ROOT / "book" / "_ext" / "terms.py")
terms = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(terms)

GLOSSARY = """# Words

```{glossary}
hazard
  The rate of **events**
  at a moment.

hazard ratio
HR
  One rate over another; less than "1" & more.

censoring
censored
  Not seen by then.

study
  What is done.

event
  What ends the time.

adverse event
  Something unwanted.
```
"""

PAGE = """# The hazard in a heading

Two hazard
ratios, an HR, a `hazard`, [a hazard](https://example.org), $hazard$ and hr. Then **Hazards** and the hazard, event-free and cost-hazard.

| hazard | censored |
|---|---|
| study | studies |

```
studies
```

- These studies know adverse events and events and one {term}`censoring`; patients are Censored.

:::{note}
The study again.
:::
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """HTML of a page in a book of two pages."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    folder = tmp_path_factory.mktemp("book")
    source = folder / "source"
    (source / "sub").mkdir(parents=True)
    (source / "index.md").write_text("# Start\n\n```{toctree}\nwords\nsub/page\n```\n", encoding="utf-8")
    (source / "words.md").write_text(GLOSSARY, encoding="utf-8")
    (source / "sub" / "page.md").write_text(PAGE, encoding="utf-8")
    confoverrides = {
        "extensions": ["myst_parser", "terms"],
        "myst_enable_extensions": ["dollarmath", "colon_fence"],
        "html_theme": "basic",
    }
    with warnings.catch_warnings(), docutils_namespace(), pytest.MonkeyPatch.context() as patch:
        # The builder's own deprecations are not this book's.
        warnings.simplefilter("ignore")
        patch.syspath_prepend(pages.ROOT / "book" / "_ext")
        places = (source, None, folder / "html", folder / "trees", "html")
        app = Sphinx(*places, confoverrides=confoverrides, status=None, warningiserror=True)
        app.build()
    return folder / "html"


def linked(text):
    return re.findall(r'<span class="aice-term"><a class="reference internal" href="([^"]+)"[^>]*>([^<]+)</a>', text)


def test_the_first_use_of_each_entry_is_linked_and_nothing_else(built):
    found = linked((built / "sub" / "page.html").read_text(encoding="utf-8"))
    assert [" ".join(word.split()) for _, word in found] == [
        "hazard ratios",
        "Hazards",
        "studies",
        "adverse events",
        "events",
        "Censored",
    ]
    assert {address.partition("#")[0] for address, _ in found} == {"../words.html"}


def test_every_link_leads_to_a_term_and_has_its_definition_beside_it(built):
    text = (built / "sub" / "page.html").read_text(encoding="utf-8")
    words = (built / "words.html").read_text(encoding="utf-8")
    for address, _ in linked(text):
        anchor = address.partition("#")[2]
        assert f'id="{anchor}"' in words
        assert text.count(f'aria-describedby="tip-{anchor}"') == text.count(f'role="tooltip" id="tip-{anchor}"') == 1
    assert 'id="tip-term-hazard">The rate of events at a moment.</span>' in text
    assert "less than “1” &amp; more." in text


def test_the_glossary_itself_has_no_such_links_and_definitions_do_not_enter_the_search(built):
    assert linked((built / "words.html").read_text(encoding="utf-8")) == []
    index = (built / "searchindex.js").read_text(encoding="utf-8")
    place = json.loads(re.search(r'"docnames":\s*(\[[^\]]*\])', index)[1]).index("words")
    assert re.search(rf'"unwant":\s*{place}\b', index)


def test_text_stays_the_same_apart_from_the_links():
    paragraph = nodes.paragraph(
        "", "", nodes.Text("A hazard, "), nodes.strong("", "two hazards"), nodes.Text(" and so on.")
    )
    document = nodes.section("", nodes.title("", "hazard"), paragraph)
    before = document.astext()
    terms.link_first_uses(document, [terms.Entry("g", "term-hazard", "d", ("hazard",))], lambda entry: "g.html")
    assert document.astext() == before
    assert [link.astext() for link in document.findall(terms.TermLink)] == ["hazard"]


def test_equal_texts_of_a_paragraph_keep_their_places():
    parts = [
        nodes.strong("", "x"),
        nodes.Text("\n"),
        nodes.Text("hazard"),
        nodes.Text("\n"),
        nodes.Text("ratio"),
        nodes.strong("", "y"),
    ]
    more = [nodes.Text(" hazard "), nodes.strong("", "z"), nodes.Text(" hazard ")]
    document = nodes.section("", nodes.paragraph("", "", *parts, *more))
    before = document.astext()
    entries = [terms.Entry("g", name, "d", (name,)) for name in ("hazard", "hazard ratio")]
    terms.link_first_uses(document, entries, lambda entry: "g.html")
    assert document.astext() == before
    children = list(document.children[0].children)
    assert [child.astext() for child in children if isinstance(child, terms.TermLink)] == ["hazard\nratio", "hazard"]
    assert [child.astext() for child in children[-2:]] == ["z", " hazard "]


def test_what_a_cell_shows_is_left_alone():
    cell = nodes.container("", nodes.paragraph("", "a hazard"), classes=["cell"])
    document = nodes.section("", cell)
    terms.link_first_uses(document, [terms.Entry("g", "a", "d", ("hazard",))], lambda entry: "g.html")
    assert not list(document.findall(terms.TermLink))


@pytest.mark.parametrize(
    ("word", "text", "fits"),
    [
        ("Cox's model", "Cox’s  models", True),
        ("study", "Studies", True),
        ("log-rank", "log-ranks", True),
        ("OS", "OS", True),
        ("OS", "os", False),
        ("at risk", "at\nrisk", True),
        ("at risk", "atrisk", False),
        ("proportional hazards", "Proportional hazards", True),
        ("day", "days", True),
    ],
)
def test_forms_of_a_word(word, text, fits):
    assert bool(re.fullmatch(terms.pattern_of(word), text)) is fits


def test_every_definition_of_the_book_is_short_and_no_word_is_defined_twice():
    text = (pages.ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    body = text.partition(":sorted:")[2].partition("```")[0].strip()
    words = []
    for item in re.split(r"\n\s*\n", body):
        lines = item.splitlines()
        words += [line for line in lines if not line.startswith(" ")]
        definition = " ".join(line.strip() for line in lines if line.startswith(" "))
        assert definition.endswith("."), item
        assert len(definition) < 260, item
        assert 2 <= len(re.findall(r"[.;:](?:\s|$)", definition)) <= 4, item
    assert len(words) == len({word.lower() for word in words}) >= 60


@pytest.mark.browser
def test_the_definition_shows_while_the_keyboard_is_on_the_word(built, browser, tmp_path):
    page = tmp_path / "page.html"
    style = (pages.ROOT / "book" / "_static" / "aice.css").as_uri()
    text = (built / "sub" / "page.html").read_text(encoding="utf-8")
    page.write_text(text.replace("</head>", f'<link rel="stylesheet" href="{style}"></head>'), encoding="utf-8")
    browser.open(page.as_uri(), width=390)
    shown = "[...document.querySelectorAll('.aice-tip')].filter(tip => getComputedStyle(tip).display !== 'none').map(tip => tip.id)"
    focus = "[...document.querySelectorAll('.aice-term a')].at({}).focus()"
    assert browser.run(shown) == []
    for place, anchor in ((0, "hazard-ratio"), (-1, "censoring")):
        browser.run(focus.format(place))
        assert browser.run(shown) == [f"tip-term-{anchor}"]
        assert browser.run("document.documentElement.scrollWidth <= window.innerWidth")
    browser.run("document.activeElement.blur()")
    assert browser.run(shown) == []
