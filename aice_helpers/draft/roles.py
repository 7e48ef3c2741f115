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
    NAMED_SCHEMES,
    NOT_YES_NO,
    ORDERS,
    OUTCOME,
    REFERENCES,
    REMARKS,
    RESPONSE_SCHEMES,
    SEXES,
    STAFF,
)

UNKNOWN_CODES = "what the codes mean is not known: write code: label"


def response_levels(column) -> tuple[str, dict[str, str], dict[str, tuple[str, ...]]]:
    """Scheme of the best response that a column holds, code -> category, and which categories count as what.

    All is empty unless every level is a word of one scheme and there are two of them at least. Where two schemes have
    the same words the header decides, and RECIST 1.1 if it is silent.
    """
    for scheme, (categories, responders, controlled, progressed) in RESPONSE_SCHEMES.items():
        found = {}
        for code in column.levels:
            texts = {plain_form(code), plain_form(column.labels.get(code, code))}
            found.update((code, name) for name, forms in categories.items() if texts & forms)
        whole = len(found) == len(column.levels) >= 2 and len(set(found.values())) == len(found)
        names, best = list(categories), next(iter(categories))
        if not whole or (best not in found.values() and names[1] not in found.values()):
            continue
        header = "".join(column.words)
        named = next((name for word, name in NAMED_SCHEMES.items() if word in header), scheme)
        groups = {
            "responders": names[:responders], "controlled": names[:controlled],
            "progressed": names[controlled:progressed], "not_evaluable": names[-1:],
        }  # fmt: skip
        present = set(found.values())
        groups = {key: tuple(name for name in group if name in present) for key, group in groups.items()}
        return named, {code: name for name in names for code, known in found.items() if known == name}, groups
    return "", {}, {}


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


_WITH_UNIT = re.compile(r"[-<>≤≥]?\s*\d+(?:[.,]\d+)?\s*(?:[a-zA-Zµμ%°]{1,6})(?:\s*/\s*[a-zA-Zµμ]{1,4})?")


def why_excluded(column, type_) -> str:
    """Why a column should stay out of the analysis; "" if it need not."""
    other = re.compile(r"-?\d+,\d+" if column.decimal == "." else r"-?\d+\.\d+")
    if type_ == "text" and sum(bool(other.fullmatch(cell)) for cell in column.present) >= 0.5 * len(column.present) > 0:
        return "seems to hold numbers with another decimal mark than the rest of the file; write them alike"
    if (
        type_ == "text"
        and sum(bool(_WITH_UNIT.fullmatch(cell)) for cell in column.present) >= 0.5 * len(column.present) > 0
    ):
        return "seems to hold numbers with their unit in the cell; write plain numbers and the unit into the header"
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
        return "seems to hold dates; declare it under dates if an endpoint follows from it"
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
    """Levels of a category, code -> label in display order, and where the labels come from ("" if nowhere).

    ``reference`` is the label that others are compared against by its name; "" leaves it to the first.
    """

    labels: dict[str, str]
    why: str
    reference: str = ""


def category_levels(column) -> Levels:
    """Levels found in a column: ordered where the order is known, labelled where the file or the header says how."""
    sexes = _sexes(column)
    codes = sorted(sexes, key=sexes.get) if sexes else sorted(column.levels, key=level_order(column))
    explained = dict(
        re.findall(r"(\d+)\s*[=:：]\s*([^\d,;，；、()（）/=]+)", unicodedata.normalize("NFKC", column.header))
    )
    explained = {code: meaning.strip() for code, meaning in explained.items()}
    if sexes:
        labels, why = {code: sexes[code] for code in codes}, "spellings of two sexes"
    elif column.labels and all(column.labels.get(code) for code in codes):
        labels, why = {code: column.labels[code] for code in codes}, "labels as in the file"
    elif explained and all(explained.get(code) for code in codes):
        labels, why = {code: explained[code] for code in codes}, "labels as in the header"
    elif set(codes) == {"0", "1"} and not set(column.words) & NOT_YES_NO:
        labels, why = {"0": "No", "1": "Yes"}, "0 is no and 1 is yes"
    elif all(re.fullmatch(r"\d+", code) for code in codes):
        labels, why = {code: code for code in codes}, UNKNOWN_CODES
    else:
        labels, why = {code: _level_label(code) for code in codes}, "labels made from the codes"
    if len({plain_form(text) for text in labels.values()}) < len(labels):
        labels, why = {code: code for code in codes}, "labels made from the codes"
    return Levels(labels, why, _reference(labels))


def _sexes(column):
    """Code -> Female or Male, when every level is a spelling of a sex; one code for each sex.

    The loader reads the code and the label of a level in any capitals, so that two spellings of a sex are read when one
    is the code and the other the label; with a third spelling the levels stay apart for the user to join.
    """
    found = {}
    for code in column.levels:
        label = next((label for label, forms in SEXES.items() if plain_form(code) in forms), "")
        found.setdefault(label, []).append(code)
    if "" in found or len(found) > 2:
        return {}
    result = {}
    for label, codes in found.items():
        shorter = [code for code in codes if plain_form(code) != plain_form(label)] or codes
        if len(shorter) > 1:
            return {}
        result[shorter[0]] = label
    return result


def _reference(labels):
    """The label against which others are compared by its name, when it is not the first anyway."""
    forms = {plain_form(label): label for label in labels.values()}
    found = next((forms[name] for name in REFERENCES if name in forms), "")
    return "" if not found or found == next(iter(labels.values())) else found


def _level_label(code):
    if code.lower() in LEVEL_LABELS:
        return LEVEL_LABELS[code.lower()]
    text = code.replace("_", " ").strip()
    return text[0].upper() + text[1:] if re.fullmatch(r"[a-z][a-z ]{2,}", text) else code


_ROMAN = ("i", "ii", "iii", "iv", "v", "vi")


def level_order(column):
    """Key by which the levels of a column are sorted: a known order, stages, limits and grades by size, numbers, letters."""
    forms = {plain_form(code) for code in column.levels}
    for known in ORDERS:
        if forms <= set(known):
            return lambda code: (known.index(plain_form(code)), 0, code)
    for rank in (_limit_rank, _stage_rank):
        if all(rank(form) is not None for form in forms):
            return lambda code, rank=rank: (0, rank(plain_form(code)), code)
    return lambda code: (number_in(code, column.decimal) is None, number_in(code, column.decimal) or 0, code)


def _limit_rank(form):
    """Place of a range of numbers such as <=20, 20-50 or >50: its lowest number, a lower limit after a range from it."""
    text = form.replace("≤", "<=").replace("≥", ">=").replace("–", "-").replace(",", ".")
    found = re.fullmatch(
        r"(<=?|>=?|under|below|over|above)? ?(\d+\.?\d*)( ?(?:-|to|bis|a|à) ?\d+\.?\d*)? ?\+?[ a-z/%]*", text
    )
    if not found:
        return None
    mark, number, upper = found[1] or "", float(found[2]), found[3]
    if not mark and not upper and not text.rstrip().endswith("+") and not re.fullmatch(r"\d+\.?\d*", text):
        return None
    below = mark.startswith("<") or mark in ("under", "below")
    above = mark.startswith(">") or mark in ("over", "above")
    return (number - 1e-6) if below else (number + 1e-6) if above else number


def _stage_rank(form):
    """Place of a stage or grade: II, IIIB, stage 2, pT3a, N2b, G1, grade 3."""
    found = re.fullmatch(
        r"(?:stage|stadium|grade|grad|group|class|ecog|figo|nyha|fab|child|cn|pn|ct|pt|[tngm])?[ -]*(0|i{1,3}|iv|vi?|\d)[ -]?([a-e]?)(\d?)(?: ?[xy+])?",
        form,
    )
    if not found:
        return None
    number = _ROMAN.index(found[1]) + 1 if found[1] in _ROMAN else int(found[1])
    return number + " abcde".index(found[2] or " ") / 10 + int(found[3] or 0) / 100


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
