"""Which pages a book has, and texts that lead to no other.

A notebook whose first cell needs what the cohort does not offer leaves the contents, and so does what is outside the part of
the book that was asked for. Links to a page that is not there go: out of lists, from "Next:" on to the next page that is,
and anywhere else the page is named in plain text.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from aice_helpers.build.lean import nbformat

NEEDS = "needs:"

PARTS = {"analysis": ("The analysis", ("book/data", "book/glossary", "book/bibliography"))}
"""Part of the book -> its caption in the contents, and the pages that it takes from other parts. The first page is in each."""

_LINK = r"\[([^\]]*)\]\(#?([\w-]+)\)"
_LIST = re.compile(rf"{_LINK}(?:(?:, and |, | and ){_LINK})*")
_ITEM = re.compile(r"(?m)^- .*(?:\n  .*)*(?:\n|\Z)")
_LEAD = re.compile(rf"(?:\*\*By hand:\*\* |In the analysis: |Next: )(?P<links>{_LIST.pattern})\.")


@dataclass(frozen=True)
class Contents:
    """The pages of one book.

    Attributes
    ----------
    pages : tuple of Path
        In reading order, relative to the book's source.
    labels : dict
        Label of a page of the whole book -> the page.
    titles : dict
        Page -> its title.
    """

    pages: tuple[Path, ...]
    labels: dict[str, Path] = field(default_factory=dict)
    titles: dict[Path, str] = field(default_factory=dict)

    def relinked(self, text, page) -> str:
        """A Markdown text of ``page`` without links to pages that are not there."""
        if all(target in self.pages for target in self.labels.values()):
            return text
        text = _ITEM.sub(self._item, text)
        text = _LEAD.sub(lambda found: self._lead(found, page), text)
        return _LIST.sub(self._listed, text)

    def _missing(self, label):
        return label in self.labels and self.labels[label] not in self.pages

    def _lead(self, found, page):
        """A sentence that only leads on: shorter, to another page, or nothing."""
        if found[0].startswith("Next: "):
            label = re.search(_LINK, found[0])[2]
            return found[0] if not self._missing(label) else self._next(page)
        kept = [link for link in re.finditer(_LINK, found[0]) if not self._missing(link[2])]
        lead = found[0].partition("[")[0]
        return f"{lead}{_joined([link[0] for link in kept], ', ' if 'By hand' in lead else None)}." if kept else ""

    def _next(self, page):
        own = {target: label for label, target in self.labels.items()}
        following = self.pages[self.pages.index(page) + 1 :] if page in self.pages else ()
        label = next((own[other] for other in following if other in own), "")
        return f"Next: [](#{label})." if label else ""

    def _item(self, found):
        """An item of a list, unless it only leads to pages that are not there."""
        labels = [link[2] for link in re.finditer(_LINK, found[0])]
        return "" if labels and all(self._missing(label) for label in labels) else found[0]

    def _listed(self, found):
        links = list(re.finditer(_LINK, found[0]))
        kept = [link[0] for link in links if not self._missing(link[2])]
        if len(kept) == len(links):
            return found[0]
        return _joined(kept) if kept else _joined([link[1] or self.titles[self.labels[link[2]]] for link in links])

    def written(self, source):
        """Lay the contents out in ``source``: `_toc.yml` without the other pages, which are removed, and no link to them."""
        toc = yaml.safe_load((source / "_toc.yml").read_text(encoding="utf-8"))
        names = {page.with_suffix("").as_posix() for page in self.pages}
        for part in toc.get("parts", [toc]):
            part["chapters"] = [chapter for chapter in part["chapters"] if chapter["file"] in names]
        if "parts" in toc:
            toc["parts"] = [part for part in toc["parts"] if part["chapters"]]
        (source / "_toc.yml").write_text(yaml.safe_dump(toc, allow_unicode=True, sort_keys=False), encoding="utf-8")
        for page in self.titles:
            if page.suffix == ".md" and page not in self.pages:
                (source / page).unlink()
            elif page.suffix == ".md":
                text = (source / page).read_text(encoding="utf-8")
                (source / page).write_text(self.relinked(text, page), encoding="utf-8")


def contents_of(root, pages, offers=None, part="") -> Contents:
    """The `Contents` of a book.

    Parameters
    ----------
    root : Path
        The book's own source.
    pages : sequence of Path
        All its pages, in reading order.
    offers : set of str, optional
        What the cohort offers (`offers.requirements_met`); every page is kept if left out.
    part : str
        One of `PARTS`, or "" for the whole book.
    """
    wanted, labels, titles = _of_part(root, pages, part), {}, {}
    kept = []
    for page in pages:
        text, needs = _first_cell(root / page)
        if label := re.match(r"\(([\w-]+)\)=", text):
            labels[label[1]] = page
        titles[page] = found[1] if (found := re.search(r"(?m)^# (.+)$", text)) else page.stem
        if page in wanted and (offers is None or needs <= set(offers)):
            kept.append(page)
    return Contents(tuple(kept), labels, titles)


def _of_part(root, pages, part):
    if not part:
        return set(pages)
    caption, others = PARTS[part]
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    names = {toc["root"], *others}
    names |= {
        chapter["file"] for one in toc.get("parts", ()) if one["caption"] == caption for chapter in one["chapters"]
    }
    return {page for page in pages if page.with_suffix("").as_posix() in names}


def _first_cell(path):
    """The text with which a page begins, and what a notebook as a whole needs."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text, set()
    first = nbformat.reads(text, as_version=4).cells[0]
    return first.source, {tag.removeprefix(NEEDS) for tag in first.metadata.get("tags", []) if tag.startswith(NEEDS)}


def _joined(links, mark=None):
    if mark is not None or len(links) < 2:
        return (mark or "").join(links)
    return f"{', '.join(links[:-1])} and {links[-1]}"
