"""What a column of a clinic's table probably is: small guesses from its header and its cells.

Each function answers one question and says nothing about the study as a whole; `draft` puts the answers together.
The tables of words are the place to teach it another wording.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from aice_helpers.core.problems import plain_form
from aice_helpers.draft.vocabulary import ABBREVIATED, KNOWN_UNITS, NOT_RECORDED, SHORT_LABELS, SURVIVAL_WORDS, UNITS
from aice_helpers.study.model import PLAIN_NUMBER

MOSTLY = 0.8
"""Share of cells that must be numbers for a column to be numeric; the others are left for the check to name."""

MOST_LEVELS = 30

FEW_CODES = 4

CHINESE_FILLER = re.compile("治疗|术后|患者|末次|随访|最终|疾病|生存|总|后|的|数|岁|[()（）]")

LATER_CHINESE = re.compile("疗程|治疗次数|介入次数|治疗后")

OUTCOME_CHINESE = re.compile("疗效|缓解|死因|结局|转归|变化率")


@dataclass(frozen=True)
class Column:
    """A column of a table: its header and its cells as text.

    ``labels`` are the file's own value labels, ``title`` is what the file calls the column in words.
    """

    header: str
    cells: tuple[str, ...]
    decimal: str = "."
    labels: dict[str, str] = field(default_factory=dict)
    title: str = ""

    @cached_property
    def words(self):
        """Words of the header."""
        return header_words(self.header)

    @cached_property
    def missing(self):
        """Spellings in the cells that mean "not recorded", beside the empty cell."""
        return tuple(dict.fromkeys(cell for cell in self.cells if cell and plain_form(cell) in NOT_RECORDED))

    @cached_property
    def present(self):
        """The cells that hold something."""
        return tuple(cell for cell in self.cells if cell and cell not in self.missing)

    @cached_property
    def levels(self):
        """Different contents, the spellings of one level counted as one (the most frequent stands for it)."""
        forms = {}
        for cell, _ in Counter(self.present).most_common():
            forms.setdefault(plain_form(cell), cell)
        return tuple(forms.values())

    @cached_property
    def numbers(self):
        """The cells as numbers; None where a cell holds none."""
        return tuple(number_in(cell, self.decimal) for cell in self.cells)

    @cached_property
    def is_numeric(self):
        """Whether the column holds numbers, perhaps with a few slips."""
        found = sum(number is not None for number in self.numbers)
        return found > 0 and found >= MOSTLY * len(self.present)


def number_in(cell, decimal):
    text = cell.replace(decimal, ".") if decimal != "." and "." not in cell else cell
    return float(text) if PLAIN_NUMBER.fullmatch(text) else None


def header_words(header) -> tuple[str, ...]:
    """Words of a header, small and in order; run-together survival words are parted.

    >>> header_words("tumorSize_cm"), header_words("censdead"), header_words("OSMONTHS")
    (('tumor', 'size', 'cm'), ('cens', 'dead'), ('os', 'months'))
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _without_accents(header)).lower()
    result = []
    for word in re.findall(r"[a-z]+|\d+|[^\W\d_a-z]+", text):
        result += _parted(word)
    return tuple(result)


def _without_accents(text):
    """A text with its Latin letters plain, so that Größe and Groesse, sexe and séxe are found by one spelling."""
    text = unicodedata.normalize("NFKC", text).translate(str.maketrans({"ß": "ss", "ı": "i", "ł": "l", "ø": "o"}))
    return unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", text)))


def _parted(word):
    if word in SURVIVAL_WORDS or word in ABBREVIATED:
        return ABBREVIATED.get(word, [word])
    for place in range(2, len(word) - 1):
        if word[:place] in SURVIVAL_WORDS and word[place:] in SURVIVAL_WORDS:
            return [word[:place], word[place:]]
    return [word]


def decimal_mark(columns) -> str:
    """The decimal mark of a table: a comma when more cells read 12,5 than 12.5."""
    comma = sum(bool(re.fullmatch(r"[+-]?\d+,\d+", cell)) for cells in columns for cell in cells)
    point = sum(bool(re.fullmatch(r"[+-]?\d+\.\d+", cell)) for cells in columns for cell in cells)
    return "," if comma > point else "."


def variable_name(header) -> str:
    """A name for a column in the study file: letters, digits and underscores.

    >>> variable_name("Age (years)"), variable_name("ph.ecog"), variable_name("肿瘤大小(cm)")
    ('age_years', 'ph_ecog', '肿瘤大小_cm')
    """
    text = unicodedata.normalize("NFKC", header)
    name = re.sub(r"\W+", "_", text).strip("_")
    return (name if re.fullmatch(r"\w+", text) else name.lower()) or "column"


def unit(header) -> str:
    """Unit that a header names, or that its measure always has; "" if none.

    >>> unit("tumor_size_cm"), unit("Age (years)"), unit("Age"), unit("NLR"), unit("年龄（岁）")
    ('cm', 'years', 'years', '', 'years')
    """
    text = unicodedata.normalize("NFKC", header).strip()
    bracket = re.search(r"[(\[]([^()\[\]]{1,15})[)\]]\s*$", text)
    if bracket and not re.search(r"[=:]|\d/\d|yes|no\b", bracket[1], re.IGNORECASE):
        inner = bracket[1].strip()
        return UNITS.get(inner.lower(), inner)
    words = header_words(header)
    if len(words) > 1 and words[-1] in UNITS:
        return UNITS[words[-1]]
    if text.endswith("%"):
        return "per cent"
    return next((known for word, known in KNOWN_UNITS.items() if word in words), "")


def label(header) -> str:
    """A header as words for a reader, without its unit.

    >>> label("tumor_size_cm"), label("Age (years)"), label("NLR"), label("总生存期(月)"), label("horTh")
    ('Tumor size', 'Age', 'Neutrophil-to-lymphocyte ratio', '总生存期', 'HorTh')
    """
    text = unicodedata.normalize("NFKC", header).strip()
    text = re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*$", "", text) or text
    text = " ".join(re.split(r"[\s_.]+", text)).strip()
    words = text.split(" ")
    # "Month of response" is a measure, "months" in "OS months" is its unit.
    if len(words) > 1 and words[-1].lower() in UNITS and words[-1].lower() not in ("day", "week", "month", "year"):
        words = words[:-1]
    text = " ".join(words).rstrip(" %") or header
    if text.lower() in SHORT_LABELS:
        return SHORT_LABELS[text.lower()]
    return text[0].upper() + text[1:] if text else header
