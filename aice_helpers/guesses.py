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

from aice_helpers.judge import DATE, personal_content, personal_header
from aice_helpers.problems import plain_form
from aice_helpers.study import PLAIN_NUMBER

MOSTLY = 0.8
"""Share of cells that must be numbers for a column to be numeric; the others are left for the check to name."""
MOST_LEVELS = 30
FEW_CODES = 4
NOT_RECORDED = {"na", "n/a", "#n/a", "nan", "null", "nd", "n.d", "missing", "not recorded", "-", "--", "", "?", "不详"}
"""Plain forms of cells taken to mean "not recorded". "None" and "unknown" may be levels and are left alone."""

TIME_WORDS = {
    "days": {"day", "days", "d", "tage", "jours", "dias"},
    "weeks": {"week", "weeks", "wk", "wks"},
    "months": {"month", "months", "mo", "mos", "mth", "mths", "mon", "monate", "mois", "meses", "mesi"},
    "years": {"year", "years", "yr", "yrs", "y", "jahre", "ans", "anni"},
}
_CHINESE_TIME = {"days": ("天", "日"), "weeks": ("周",), "months": ("月",), "years": ("年",)}
_CLOCK = {"time", "t", "duration", "tte", "delay", "futime", "interval", *set().union(*TIME_WORDS.values())}
_FLAG = {
    "event", "events", "status", "stat", "state", "censor", "censored", "censoring", "cens", "flag", "ind", "indicator",
    "outcome", "code", "delta", "evt",
}  # fmt: skip
_FILLER = {
    "survival", "surv", "follow", "up", "followup", "fu", "obs", "observed", "observation", "in", "to", "of", "at",
    "from", "last", "free", "is", "or", "until", "total", "study", "any", "the",
}  # fmt: skip
_CHINESE_CLOCK = re.compile("时间|时长|期|月|天|周|年")
_CHINESE_FLAG = re.compile("状态|结局|结果|事件|是否|删失|转归")
_CHINESE_FILLER = re.compile("治疗|术后|患者|末次|随访|最终|疾病|生存|总|后|的|数|岁|[()（）]")

ENDPOINTS = {
    "PFS": ("Progression-free survival", "progression or death", r"\bpfs\b|\bprogression free\b|无进展"),
    "DMFS": (
        "Distant metastasis-free survival",
        "distant metastasis or death",
        r"\bdmfs\b|\bdistant metastasis free\b",
    ),
    "MFS": ("Metastasis-free survival", "metastasis or death", r"\bmfs\b|\bmetastasis free\b|无转移"),
    "LRFS": ("Local recurrence-free survival", "local recurrence or death", r"\blrfs\b|\blocal recurrence free\b"),
    "RFS": ("Recurrence-free survival", "recurrence or death", r"\brfs\b|\b(relapse|recurrence) free\b|无复发"),
    "DFS": ("Disease-free survival", "recurrence or death", r"\bdfs\b|\bdisease free\b|无病"),
    "EFS": ("Event-free survival", "event", r"\befs\b|\bevent free\b|无事件"),
    "TTP": ("Time to progression", "progression", r"\bttp\b|\btime to progression\b"),
    "TTF": ("Time to treatment failure", "treatment failure", r"\bttf\b|\btime to treatment failure\b"),
    "DSS": ("Disease-specific survival", "death of the disease", r"\b(dss|css)\b|\b(disease|cancer|cause) specific\b"),
    "OS": ("Overall survival", "death", r"\bos\b|\boverall survival\b|总生存|总体生存"),
}
"""Short name -> label, what the event is, and how headers write it."""
_HINTS = {
    "OS": r"\b(death|dead|died|deceased|alive|vital|survival|surv|mortality|tod|verstorben)\b|死亡|生存|存活",
    "PFS": r"\b(progression|progressed|progress|prog|pd)\b|进展",
    "RFS": r"\b(relapsed?|recurrence|recurred|recur|rec)\b|复发",
}
"""Words that only hint at an endpoint; the column counts as one when nothing else is in its header."""

EVENT_WORDS = {
    "dead", "died", "death", "deceased", "event", "yes", "y", "true", "progressed", "progression", "progressive disease",
    "relapse", "relapsed", "recurrence", "recurred", "tot", "verstorben", "ja", "oui", "décédé", "décès", "si", "sí", "failure", "failed", "uncensored", "死亡", "是", "有", "进展", "复发", "事件",
}  # fmt: skip
CENSORED_WORDS = {
    "alive", "living", "lebt", "lebend", "nein", "non", "vivant", "censored", "censor", "no", "n", "false", "none", "no event", "event-free", "disease-free",
    "not progressed", "no progression", "progression-free", "lost to follow-up", "存活", "生存", "否", "无", "未进展", "无进展",
    "未复发", "无复发", "删失", "未死亡",
}  # fmt: skip

RECIST = {
    "Complete response": {"cr", "complete response", "complete remission", "完全缓解"},
    "Partial response": {"pr", "partial response", "partial remission", "部分缓解"},
    "Stable disease": {"sd", "stable disease", "stable", "疾病稳定", "稳定"},
    "Progressive disease": {"pd", "progressive disease", "progression", "疾病进展", "进展"},
    "Not evaluable": {"ne", "not evaluable", "not assessed", "inevaluable", "无法评价", "不可评价", "未评估"},
}

_UNITS = {
    "cm": "cm", "mm": "mm", "kg": "kg", "mg": "mg", "ml": "mL", "mgdl": "mg/dL", "gdl": "g/dL", "gl": "g/L", "mmol": "mmol/L",
    "umol": "µmol/L", "pct": "per cent", "percent": "per cent", "%": "per cent", "厘米": "cm", "毫米": "mm", "公斤": "kg",
    "岁": "years", "月": "months", "个月": "months", "天": "days", "周": "weeks", "年": "years",
    **{word: unit for unit, words in TIME_WORDS.items() for word in words if len(word) > 1},
}  # fmt: skip
_KNOWN_UNITS = {"age": "years", "bmi": "kg/m²", "年龄": "years", "weight": "kg", "height": "cm"}
_SHORT_LABELS = {
    "nlr": "Neutrophil-to-lymphocyte ratio", "plr": "Platelet-to-lymphocyte ratio", "bmi": "Body mass index",
    "lmr": "Lymphocyte-to-monocyte ratio", "ldh": "Lactate dehydrogenase", "crp": "C-reactive protein",
    "afp": "Alpha-fetoprotein", "cea": "Carcinoembryonic antigen", "kps": "Karnofsky performance status",
    "ecog": "ECOG performance status", "ps": "Performance status", "hb": "Hemoglobin", "alb": "Albumin",
}  # fmt: skip
RANGES = {"age": (0, 110), "年龄": (0, 110), "nlr": (0.1, 50), "bmi": (10, 70), "kps": (0, 100)}
"""Measures with limits beyond which a value is a slip; proposed, never switched on."""

_CODED = {
    "sex", "gender", "grade", "stage", "ecog", "ps", "class", "type", "group", "arm", "site", "rx", "treatment", "category",
    "inst", "institution", "center", "centre", "hospital", "race", "histology", "differentiation", "性别", "分级", "分期", "中心",
}  # fmt: skip
_COUNTED = {
    "number", "num", "count", "counts", "nodes", "regimens", "sessions", "cycles", "lines", "times", "age", "size", "weight",
    "score", "courses", "children", "lesions", "次数", "数目", "年龄", "大小",
}  # fmt: skip
_NOT_YES_NO = {"sex", "gender", "性别", "group", "arm", "分组", "rx", "race"}
_LATER = {"session", "sessions", "cycle", "cycles", "courses", "dose", "doses", "toxicity", "nadir", "posttreatment"}
_LATER_CHINESE = re.compile("疗程|治疗次数|介入次数|治疗后")
_OUTCOME = {"response", "change", "assessment", "recist", "cause", "outcome", "reduction", "shrinkage"}
_OUTCOME_CHINESE = re.compile("疗效|缓解|死因|结局|转归|变化率")
_STAFF = {"surgeon", "doctor", "physician", "investigator", "operator", "nurse"}
_REMARKS = {"comment", "comments", "remark", "remarks", "note", "notes", "备注", "说明"}
_LEVEL_LABELS = {"m": "Male", "f": "Female", "y": "Yes", "n": "No", "no": "No", "ja": "Ja"}
_ORDERS = (
    ("no", "yes"), ("negative", "positive"), ("low", "medium", "intermediate", "high"), ("well", "moderate", "poor"),
    ("mild", "moderate", "severe"), ("i", "ii", "iii", "iv", "v"), ("pre", "peri", "post"), ("absent", "present"),
    ("cr", "pr", "sd", "pd", "ne"), ("否", "是"), ("无", "有"), ("低", "中", "高"),
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a table: its header and its cells as text; ``labels`` are the file's own value labels."""

    header: str
    cells: tuple[str, ...]
    decimal: str = "."
    labels: dict[str, str] = field(default_factory=dict)

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
        return tuple(_number(cell, self.decimal) for cell in self.cells)

    @cached_property
    def is_numeric(self):
        """Whether the column holds numbers, perhaps with a few slips."""
        found = sum(number is not None for number in self.numbers)
        return found > 0 and found >= MOSTLY * len(self.present)


def _number(cell, decimal):
    text = cell.replace(decimal, ".") if decimal != "." and "." not in cell else cell
    return float(text) if PLAIN_NUMBER.fullmatch(text) else None


def header_words(header) -> tuple[str, ...]:
    """Words of a header, small and in order; run-together survival words are parted.

    >>> header_words("tumorSize_cm"), header_words("censdead"), header_words("OSMONTHS")
    (('tumor', 'size', 'cm'), ('cens', 'dead'), ('os', 'months'))
    """
    text = unicodedata.normalize("NFKC", header)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    result = []
    for word in re.findall(r"[a-z]+|\d+|[^\W\d_a-z]+", text):
        result += _parted(word)
    return tuple(result)


_SURVIVAL_WORDS = {
    *(name.lower() for name in ENDPOINTS), *_CLOCK, *_FLAG, "surv", "survival", "death", "dead", "rec", "recur", "fu", "obs",
    "relapse", "progression", "date", "diag",
}  # fmt: skip


_ABBREVIATED = {
    "rtime": ["rec", "time"], "dtime": ["death", "time"], "ptime": ["progression", "time"], "stime": ["surv", "time"],
    "pstat": ["progression", "stat"], "dstat": ["death", "stat"], "rstat": ["rec", "stat"],
}  # fmt: skip


def _parted(word):
    if word in _SURVIVAL_WORDS or word in _ABBREVIATED:
        return _ABBREVIATED.get(word, [word])
    for place in range(2, len(word) - 1):
        if word[:place] in _SURVIVAL_WORDS and word[place:] in _SURVIVAL_WORDS:
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
        return _UNITS.get(inner.lower(), inner)
    words = header_words(header)
    if len(words) > 1 and words[-1] in _UNITS:
        return _UNITS[words[-1]]
    if text.endswith("%"):
        return "per cent"
    return next((known for word, known in _KNOWN_UNITS.items() if word in words), "")


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
    if len(words) > 1 and words[-1].lower() in _UNITS and words[-1].lower() not in ("day", "week", "month", "year"):
        words = words[:-1]
    text = " ".join(words).rstrip(" %") or header
    if text.lower() in _SHORT_LABELS:
        return _SHORT_LABELS[text.lower()]
    return text[0].upper() + text[1:] if text else header


def time_unit(header) -> str:
    """Unit of time that a header names: "days", "weeks", "months", "years" or "".

    >>> time_unit("os_months"), time_unit("OS（天）"), time_unit("week"), time_unit("time")
    ('months', 'days', 'weeks', '')
    """
    words = header_words(header)
    for name, known in TIME_WORDS.items():
        if any(word in known for word in words if len(word) > 1):
            return name
    text = unicodedata.normalize("NFKC", header)
    if letter := re.search(r"\(([dwmy])\)|_([dwmy])$", text.lower()):
        return {"d": "days", "w": "weeks", "m": "months", "y": "years"}[letter[1] or letter[2]]
    return next((name for name, marks in _CHINESE_TIME.items() if any(mark in text for mark in marks)), "")


def time_unit_by_size(times) -> str:
    """Unit of time that fits the size of follow-up times: days when they would be very many months.

    >>> time_unit_by_size([100, 400, 900]), time_unit_by_size([3.5, 12, 40])
    ('days', 'months')
    """
    middle = sorted(times)[len(times) // 2] if times else 0
    return "days" if middle > 120 or max(times, default=0) > 600 else "months"


def endpoint_part(column) -> tuple[str, str]:
    """Endpoint and part of it that a column seems to hold.

    Returns
    -------
    endpoint : str
        Short name such as "OS"; "" when the header names none (``time``, ``status``).
    part : str
        "time", "event" or "" when the column is no part of an endpoint.
    """
    text = unicodedata.normalize("NFKC", column.header)
    joined = " ".join(column.words)
    endpoint, rest, named = "", joined, False
    for patterns in ({name: known[2] for name, known in ENDPOINTS.items()}, _HINTS):
        for name, pattern in patterns.items():
            if not endpoint and re.search(pattern, joined):
                endpoint, rest, named = name, re.sub(pattern, " ", joined), patterns is not _HINTS
    clock = bool(_CLOCK & set(rest.split())) or bool(_CHINESE_CLOCK.search(text))
    flag = bool(_FLAG & set(rest.split())) or bool(_CHINESE_FLAG.search(text))
    chinese = re.sub(r"[^\u4e00-\u9fff]", "", rest)
    for pattern in (_CHINESE_CLOCK, _CHINESE_FLAG, _CHINESE_FILLER):
        chinese = pattern.sub("", chinese)
    others = [word for word in rest.split() if word.isascii() and not word.isdigit()]
    others = [word for word in others if word not in _CLOCK | _FLAG | _FILLER] + [chinese] * bool(chinese)
    if "date" in others or "日期" in text or not column.present or (others and not named):
        return "", ""
    if flag and not re.search(r"\btime\b", rest):
        return (endpoint, "event") if len(column.levels) <= FEW_CODES else ("", "")
    known = [number for number in column.numbers if number is not None]
    calendar = bool(known) and all(1900 <= number <= 2100 and number % 1 == 0 for number in known)
    numeric = column.is_numeric and min(known) >= 0 and not calendar
    few = len(column.levels) <= 2 and _looks_coded(column)
    if few and endpoint and not clock:
        return endpoint, "event"
    if numeric and not few and (clock or endpoint):
        return endpoint, "time"
    return "", ""


def _looks_coded(column):
    """Whether the few contents of a column are codes or words rather than measurements."""
    return not column.is_numeric or set(column.levels) <= {"0", "1", "2"} or len(column.present) >= 5


@dataclass(frozen=True)
class EventCodes:
    """Which code of an event column is the event, which is censored, and why this was taken."""

    event: str
    censored: str
    why: str


def event_codes(column, times=()) -> EventCodes:
    """Codes of an event column, from its words, the file's labels, its header and, last, the times beside it."""
    codes = sorted(column.levels)
    meant = {code: _event_meaning(column.labels.get(code, code)) for code in codes}
    events = [code for code in codes if meant[code] == "event"]
    censored = [code for code in codes if meant[code] == "censored"]
    if len(events) == 1 or len(censored) == 1:
        event = events[0] if events else next((code for code in codes if code not in censored), "event")
        other = censored[0] if censored else next((code for code in codes if code != event), "censored")
        return EventCodes(event, other, "by the words")
    if len(codes) > 2:
        why = f"{len(codes)} codes were found, an endpoint has two; join them in the file"
        return EventCodes("1" if "1" in codes else codes[-1], codes[0], why)
    if len(codes) == 1:
        first = codes[0]
        if first in ("0", "1"):
            return EventCodes("1", "0", f"only {first} was found")
        return EventCodes(first, "0" if first != "0" else "1", "one code only was found")
    low, high = sorted(codes, key=lambda code: (_number(code, column.decimal) is None, code))
    share = _later(column, times, high)
    reversed_name = any(word.startswith("cens") or word == "alive" for word in column.words) or "删失" in column.header
    if reversed_name and share is not None and share < 0.5:
        why = (
            f"the name suggests that {high} is censored, but the times with {high} are the shorter ones, as events are"
        )
        return EventCodes(high, low, why)
    if reversed_name:
        return EventCodes(low, high, f"by the name {high} is censored; it may be the other way round")
    if share is not None and share > 0.75:
        why = f"usually {high} is the event, yet its times are the longer ones; the codes may be reversed"
        return EventCodes(high, low, why)
    return EventCodes(high, low, f"usually {high} is the event")


def _event_meaning(text):
    form = plain_form(re.sub(r"^\d\s*[:：=]\s*", "", text))
    if form in CENSORED_WORDS or form.startswith(("alive", "censor", "living", "no ", "未", "无")):
        return "censored"
    if form in EVENT_WORDS or form.startswith(("dead", "died", "deceased", "death", "progress", "recur", "relaps")):
        return "event"
    return ""


def _later(column, times, code):
    """Share of pairs in which a time with ``code`` is the longer one; None when there is too little to tell."""
    one = [time for cell, time in zip(column.cells, times, strict=False) if cell == code and time is not None]
    other = [time for cell, time in zip(column.cells, times, strict=False) if cell != code and time is not None]
    if min(len(one), len(other)) < 5:
        return None
    wins = sum((a > b) + (a == b) / 2 for a in one for b in other) if len(one) * len(other) <= 250_000 else None
    if wins is None:
        middle = sorted(other)[len(other) // 2]
        return sum(time > middle for time in one) / len(one)
    return wins / (len(one) * len(other))


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
        counted = bool(words & _COUNTED) or bool(unit(column.header))
        if whole and column.labels and set(levels) <= set(column.labels) and len(levels) <= MOST_LEVELS:
            return "category"
        if whole and not counted and (set(levels) <= {"0", "1"} or set(levels) == {"1", "2"}):
            return "category"
        if whole and not counted and words & _CODED and len(levels) <= MOST_LEVELS:
            return "category"
        if whole and not counted and len(levels) <= FEW_CODES and len(column.present) >= 5 * len(levels):
            return "category"
        return "integer" if whole else "number"
    repeats = len(levels) < len(column.present)
    few = len(levels) <= 2 or (len(levels) <= MOST_LEVELS and len(levels) <= max(5, 0.5 * len(column.present)))
    return "category" if column.present and few and (repeats or set(column.words) & _CODED) else "text"


def why_excluded(column, type_) -> str:
    """Why a column should stay out of the analysis; "" if it need not."""
    what = personal_header(column.header) or personal_header(variable_name(column.header))
    what = what or personal_content(column.header, list(column.present), type_=type_)
    if what:
        return f"seems to hold {what}"
    words = set(column.words)
    if words & _STAFF or re.search("医生|医师|术者", column.header):
        return "seems to name a person of the staff"
    if words & _REMARKS:
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
    if words & _OUTCOME or _OUTCOME_CHINESE.search(column.header):
        return "outcome"
    if words & _LATER or _LATER_CHINESE.search(column.header) or words >= {"after", "treatment"}:
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
    elif set(codes) == {"0", "1"} and not set(column.words) & _NOT_YES_NO:
        labels, why = {"0": "No", "1": "Yes"}, "0 is no and 1 is yes"
    elif all(re.fullmatch(r"\d+", code) for code in codes):
        labels, why = {code: code for code in codes}, "what the codes mean is not known: write code: label"
    else:
        labels, why = {code: _level_label(code) for code in codes}, "labels made from the codes"
    if len({plain_form(text) for text in labels.values()}) < len(labels):
        labels, why = {code: code for code in codes}, "labels made from the codes"
    return Levels(labels, why)


def _level_label(code):
    if code.lower() in _LEVEL_LABELS:
        return _LEVEL_LABELS[code.lower()]
    text = code.replace("_", " ").strip()
    return text[0].upper() + text[1:] if re.fullmatch(r"[a-z][a-z ]{2,}", text) else code


def _level_order(column):
    forms = {plain_form(code) for code in column.levels}
    for known in _ORDERS:
        if forms <= set(known):
            return lambda code: (known.index(plain_form(code)), 0, code)
    return lambda code: (_number(code, column.decimal) is None, _number(code, column.decimal) or 0, code)


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
