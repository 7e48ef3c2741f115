"""Link the first use of each glossary term on a page to the glossary, and show its definition there and then.

The pages themselves stay as they are: links are put into the document after all pages have been read. Headings, code,
tables, formulas, other links and the output of cells stay without. The definition is an element beside the link that
the style sheet shows while the pointer rests on the link or the keyboard has reached it; readers of the page
by ear get it as the link's description.
"""

import html
import re
from dataclasses import dataclass

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

_CLOSED = (
    nodes.title, nodes.rubric, nodes.reference, nodes.literal, nodes.literal_block, nodes.table, nodes.math, nodes.math_block,
    nodes.raw, nodes.citation, nodes.footnote, nodes.comment, nodes.caption, addnodes.glossary, addnodes.pending_xref,
)  # fmt: skip
"""What text stands in when it is left alone."""


@dataclass(frozen=True)
class Entry:
    """One definition: where it stands, its text, and the words that lead to it."""

    page: str
    anchor: str
    definition: str
    words: tuple[str, ...]


class TermLink(nodes.reference):
    """A word that leads to the glossary; ``definition`` and ``tip`` (an id) beside the attributes of a reference."""


def entries_of(glossary, page) -> list[Entry]:
    """The entries of one glossary node.

    Parameters
    ----------
    glossary : nodes.Element
        What holds the items: terms, then one definition.
    page : str
        Name of its document.
    """
    found = []
    for item in glossary.findall(nodes.definition_list_item):
        terms = [node for node in item.children if isinstance(node, nodes.term)]
        definition = next(node for node in item.children if isinstance(node, nodes.definition))
        text = " ".join(definition.astext().split())
        found.append(Entry(page, terms[0]["ids"][0], text, tuple(" ".join(term.astext().split()) for term in terms)))
    return found


def pattern_of(word) -> str:
    """Regular expression for a term: in the plural too, in any case unless it is an abbreviation, over line ends.

    >>> bool(re.fullmatch(pattern_of("hazard ratio"), "Hazard  ratios"))
    True
    >>> bool(re.fullmatch(pattern_of("OS"), "os"))
    False
    """
    parts = [re.escape(part).replace("'", "['\N{RIGHT SINGLE QUOTATION MARK}]") for part in word.split()]
    body = r"\s+".join(parts)
    if word.endswith("y") and word[-2] not in "aeiou":
        body = f"{body[:-1]}(?:y|ies)"
    elif re.search("(s|x|ch|sh)$", word):
        body += "(?:es)?"
    else:
        body += "s?"
    return body if word.isupper() else f"(?i:{body})"


def link_first_uses(document, entries, address) -> None:
    """Put links into a document, in place, at the first use of each entry.

    Parameters
    ----------
    document : nodes.Element
    entries : list of Entry
    address : callable
        Entry -> where the link leads.
    """
    if not entries:
        return
    # Of two terms that start together the longer one is meant.
    words = sorted(((word, entry) for entry in entries for word in entry.words), key=lambda pair: -len(pair[0]))
    owners = [entry for _, entry in words]
    any_term = re.compile(r"(?<![\w-])(?:" + "|".join(f"({pattern_of(word)})" for word, _ in words) + r")(?![\w-])")
    used = set()
    _join_lines(document)
    for text in list(document.findall(nodes.Text)):
        if not _is_running(text):
            continue
        pieces, end = [], 0
        for match in any_term.finditer(text.astext()):
            entry = owners[match.lastindex - 1]
            if entry.anchor in used:
                continue
            used.add(entry.anchor)
            pieces += [nodes.Text(text.astext()[end : match.start()]), _link(match[0], entry, address(entry))]
            end = match.end()
        if pieces:
            pieces.append(nodes.Text(text.astext()[end:]))
            _replace(text, [piece for piece in pieces if piece.astext()])


def _join_lines(document):
    """Make one text of neighboring ones: a line end stands alone, and a term may run over it."""
    for element in list(document.findall(nodes.TextElement)):
        joined = []
        for child in element.children:
            if joined and isinstance(child, nodes.Text) and isinstance(joined[-1], nodes.Text):
                joined[-1] = nodes.Text(joined[-1].astext() + child.astext())
            else:
                joined.append(child)
        element[:] = joined


def _replace(text, pieces):
    # Equal texts of one paragraph are equal to docutils, too; this one is meant.
    place = next(place for place, child in enumerate(text.parent.children) if child is text)
    text.parent[place : place + 1] = pieces


def _is_running(text):
    """Whether text stands in a paragraph, outside of everything that is left alone."""
    in_paragraph, node = False, text.parent
    while node is not None:
        if isinstance(node, _CLOSED) or (isinstance(node, nodes.container) and "cell" in node["classes"]):
            return False
        in_paragraph |= isinstance(node, nodes.paragraph)
        node = node.parent
    return in_paragraph


def _link(shown, entry, address):
    link = TermLink("", shown, refuri=address, internal=True)
    link["definition"], link["tip"] = entry.definition, f"tip-{entry.anchor}"
    return link


def visit_term_link(self, node) -> None:
    """Open the link."""
    address, tip = html.escape(node["refuri"]), html.escape(node["tip"])
    self.body.append(
        f'<span class="aice-term"><a class="reference internal" href="{address}" aria-describedby="{tip}">'
    )


def depart_term_link(self, node) -> None:
    """Close the link and write the definition beside it."""
    tip = html.escape(node["tip"])
    self.body.append(
        f'</a><span class="aice-tip" role="tooltip" id="{tip}">{html.escape(node["definition"])}</span></span>'
    )


def _entries(app):
    """Every entry of every glossary in the book, looked up once a build."""
    if not hasattr(app, "aice_terms"):
        objects = app.env.get_domain("std").get_objects()
        pages = sorted({page for _, _, kind, page, _, _ in objects if kind == "term"})
        app.aice_terms = [
            entry
            for page in pages
            for glossary in app.env.get_doctree(page).findall(addnodes.glossary)
            for entry in entries_of(glossary, page)
        ]
    return app.aice_terms


def _link_page(app: Sphinx, doctree, docname) -> None:
    entries = [entry for entry in _entries(app) if entry.page != docname]

    def address(entry):
        return f"{app.builder.get_relative_uri(docname, entry.page)}#{entry.anchor}"

    link_first_uses(doctree, entries, address)


def setup(app: Sphinx):
    """Link each page once its own links are known."""
    app.add_node(TermLink, html=(visit_term_link, depart_term_link))
    app.connect("doctree-resolved", _link_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
