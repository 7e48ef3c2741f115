"""What a column is: its type, its role, its levels."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from aice_helpers.core.problems import plain_form
from aice_helpers.data.privacy import DATE, personal_content, personal_header
from aice_helpers.draft.headers import (
    FEW_CODES,
    LATER_CHINESE,
    MOST_LEVELS,
    OUTCOME_CHINESE,
    number_in,
    unit,
    variable_name,
)
from aice_helpers.draft.timing import endpoint_part
from aice_helpers.draft.vocabulary import (
    CODED,
    COUNTED,
    LATER,
    LEVEL_LABELS,
    NOT_YES_NO,
    ORDERS,
    OUTCOME,
    RECIST,
    REMARKS,
    STAFF,
)


def recist_levels(column) -> dict[str, str]:
    """Code -> response category, when every level is a RECIST word and there are two of them at least; else empty."""
    found = {}
    for code in column.levels:
        texts = {plain_form(code), plain_form(column.labels.get(code, code))}
        for name, forms in RECIST.items():
            if texts & forms:
                found[code] = name
    whole = len(found) == len(column.levels) >= 2 and len(set(found.values())) == len(found)
    return {code: name for name in RECIST for code, known in found.items() if known == name} if whole else {}


def variable_type(column) -> str:
    """Type of a covariate: "number", "integer", "category" or "text"."""
    levels = column.levels
    if column.is_numeric:
        whole = all(number is None or number == int(number) for number in column.numbers)
        words = set(column.words)
        counted = bool(words & COUNTED) or bool(unit(column.header))
        if whole and column.labels and set(levels) <= set(column.labels) and len(levels) <= MOST_LEVELS:
            return "category"
        if whole and not counted and (set(levels) <= {"0", "1"} or set(levels) == {"1", "2"}):
            return "category"
        if whole and not counted and words & CODED and len(levels) <= MOST_LEVELS:
            return "category"
        if whole and not counted and len(levels) <= FEW_CODES and len(column.present) >= 5 * len(levels):
            return "category"
        return "integer" if whole else "number"
    repeats = len(levels) < len(column.present)
    few = len(levels) <= 2 or (len(levels) <= MOST_LEVELS and len(levels) <= max(5, 0.5 * len(column.present)))
    return "category" if column.present and few and (repeats or set(column.words) & CODED) else "text"


def why_excluded(column, type_) -> str:
    """Why a column should stay out of the analysis; "" if it need not."""
    what = personal_header(column.header) or personal_header(variable_name(column.header))
    what = what or personal_content(column.header, list(column.present), type_=type_)
    if what:
        return f"seems to hold {what}"
    words = set(column.words)
    if words & STAFF or re.search("医生|医师|术者", column.header):
        return "seems to name a person of the staff"
    if words & REMARKS:
        return "seems to hold remarks"
    dates = sum(bool(DATE.fullmatch(cell)) for cell in column.present)
    if "date" in words or "日期" in column.header or (column.present and dates >= 0.5 * len(column.present)):
        return "seems to hold dates; only times computed from them are analysed"
    if type_ == "text":
        return "holds free text or very many different texts" if column.present else ""
    return ""


def role(column) -> str:
    """Role of a covariate: "baseline" unless its header says that it is known only later."""
    words = set(column.words)
    if words & OUTCOME or OUTCOME_CHINESE.search(column.header):
        return "outcome"
    if words & LATER or LATER_CHINESE.search(column.header) or words >= {"after", "treatment"}:
        return "post-baseline"
    endpoint, part = endpoint_part(column)
    if column.words and column.words[-1].endswith("time") and not part and not words & {"diag", "since"}:
        # Such as the time to a transplant: whoever has one lived that long.
        return "outcome"
    return "outcome" if part == "event" or (part == "time" and endpoint) else "baseline"


@dataclass(frozen=True)
class Levels:
    """Levels of a category, code -> label in display order, and where the labels come from ("" if nowhere)."""

    labels: dict[str, str]
    why: str


def category_levels(column) -> Levels:
    """Levels found in a column: ordered where the order is known, labelled where the file or the header says how."""
    codes = sorted(column.levels, key=_level_order(column))
    explained = dict(
        re.findall(r"(\d+)\s*[=:：]\s*([^\d,;，；、()（）/=]+)", unicodedata.normalize("NFKC", column.header))
    )
    explained = {code: meaning.strip() for code, meaning in explained.items()}
    if column.labels and all(column.labels.get(code) for code in codes):
        labels, why = {code: column.labels[code] for code in codes}, "labels as in the file"
    elif explained and all(explained.get(code) for code in codes):
        labels, why = {code: explained[code] for code in codes}, "labels as in the header"
    elif set(codes) == {"0", "1"} and not set(column.words) & NOT_YES_NO:
        labels, why = {"0": "No", "1": "Yes"}, "0 is no and 1 is yes"
    elif all(re.fullmatch(r"\d+", code) for code in codes):
        labels, why = {code: code for code in codes}, "what the codes mean is not known: write code: label"
    else:
        labels, why = {code: _level_label(code) for code in codes}, "labels made from the codes"
    if len({plain_form(text) for text in labels.values()}) < len(labels):
        labels, why = {code: code for code in codes}, "labels made from the codes"
    return Levels(labels, why)


def _level_label(code):
    if code.lower() in LEVEL_LABELS:
        return LEVEL_LABELS[code.lower()]
    text = code.replace("_", " ").strip()
    return text[0].upper() + text[1:] if re.fullmatch(r"[a-z][a-z ]{2,}", text) else code


def _level_order(column):
    forms = {plain_form(code) for code in column.levels}
    for known in ORDERS:
        if forms <= set(known):
            return lambda code: (known.index(plain_form(code)), 0, code)
    return lambda code: (number_in(code, column.decimal) is None, number_in(code, column.decimal) or 0, code)


def id_score(column) -> int:
    """How well a column would serve as the patients' id: 0 not at all, 3 by name and content."""
    cells = [cell for cell in column.cells if cell]
    if not cells or len(set(cells)) < 0.9 * len(column.cells):
        return 0
    what = personal_header(column.header)
    words = set(column.words)
    if what and what != "a record number":
        return 0
    if what or words & {"id", "pid", "编号", "序号", "code"} or re.search("编号|序号", column.header):
        return 3 if len(words) <= 2 else 2
    if words and words <= {
        "patient",
        "patients",
        "pat",
        "pt",
        "subject",
        "case",
        "no",
        "nr",
        "number",
        "record",
        "row",
    }:
        return 3
    unique = len(set(cells)) == len(column.cells)
    whole = all(cell.isascii() and cell.isdigit() for cell in cells)
    running = whole and max(map(int, cells)) - min(map(int, cells)) == len(cells) - 1
    numbered = all(re.fullmatch(r"[A-Za-z]{1,5}[-_ ]?\d{1,8}", cell) for cell in cells)
    return 1 if unique and len(cells) > 2 and (running or numbered) else 0
