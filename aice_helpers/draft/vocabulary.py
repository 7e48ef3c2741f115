"""Words by which headers and cells are recognized, in several languages."""

from __future__ import annotations

import re

NOT_RECORDED = {"na", "n/a", "#n/a", "nan", "null", "nd", "n.d", "missing", "not recorded", "-", "--", "", "?", "不详"}
"""Plain forms of cells taken to mean "not recorded". "None" and "unknown" may be levels and are left alone."""

TIME_WORDS = {
    "days": {"day", "days", "d", "tage", "jours", "dias"},
    "weeks": {"week", "weeks", "wk", "wks"},
    "months": {"month", "months", "mo", "mos", "mth", "mths", "mon", "monate", "mois", "meses", "mesi"},
    "years": {"year", "years", "yr", "yrs", "y", "jahre", "ans", "anni"},
}

CHINESE_TIME = {"days": ("天", "日"), "weeks": ("周",), "months": ("月",), "years": ("年",)}

CLOCK = {"time", "t", "duration", "tte", "delay", "futime", "interval", *set().union(*TIME_WORDS.values())}

FLAG = {
    "event", "events", "status", "stat", "state", "censor", "censored", "censoring", "cens", "flag", "ind", "indicator",
    "outcome", "code", "delta", "evt",
}  # fmt: skip

FILLER = {
    "survival", "surv", "follow", "up", "followup", "fu", "obs", "observed", "observation", "in", "to", "of", "at",
    "from", "last", "free", "is", "or", "until", "total", "study", "any", "the",
}  # fmt: skip

CHINESE_CLOCK = re.compile("时间|时长|期|月|天|周|年")

CHINESE_FLAG = re.compile("状态|结局|结果|事件|是否|删失|转归")

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

HINTS = {
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

UNITS = {
    "cm": "cm", "mm": "mm", "kg": "kg", "mg": "mg", "ml": "mL", "mgdl": "mg/dL", "gdl": "g/dL", "gl": "g/L", "mmol": "mmol/L",
    "umol": "µmol/L", "pct": "per cent", "percent": "per cent", "%": "per cent", "厘米": "cm", "毫米": "mm", "公斤": "kg",
    "岁": "years", "月": "months", "个月": "months", "天": "days", "周": "weeks", "年": "years",
    **{word: unit for unit, words in TIME_WORDS.items() for word in words if len(word) > 1},
}  # fmt: skip

KNOWN_UNITS = {"age": "years", "bmi": "kg/m²", "年龄": "years", "weight": "kg", "height": "cm"}

SHORT_LABELS = {
    "nlr": "Neutrophil-to-lymphocyte ratio", "plr": "Platelet-to-lymphocyte ratio", "bmi": "Body mass index",
    "lmr": "Lymphocyte-to-monocyte ratio", "ldh": "Lactate dehydrogenase", "crp": "C-reactive protein",
    "afp": "Alpha-fetoprotein", "cea": "Carcinoembryonic antigen", "kps": "Karnofsky performance status",
    "ecog": "ECOG performance status", "ps": "Performance status", "hb": "Hemoglobin", "alb": "Albumin",
}  # fmt: skip

RANGES = {"age": (0, 110), "年龄": (0, 110), "nlr": (0.1, 50), "bmi": (10, 70), "kps": (0, 100)}
"""Measures with limits beyond which a value is a slip; proposed, never switched on."""

CODED = {
    "sex", "gender", "grade", "stage", "ecog", "ps", "class", "type", "group", "arm", "site", "rx", "treatment", "category",
    "inst", "institution", "center", "centre", "hospital", "race", "histology", "differentiation", "性别", "分级", "分期", "中心",
}  # fmt: skip

COUNTED = {
    "number", "num", "count", "counts", "nodes", "regimens", "sessions", "cycles", "lines", "times", "age", "size", "weight",
    "score", "courses", "children", "lesions", "次数", "数目", "年龄", "大小",
}  # fmt: skip

NOT_YES_NO = {"sex", "gender", "性别", "group", "arm", "分组", "rx", "race"}

LATER = {"session", "sessions", "cycle", "cycles", "courses", "dose", "doses", "toxicity", "nadir", "posttreatment"}

OUTCOME = {"response", "change", "assessment", "recist", "cause", "outcome", "reduction", "shrinkage"}

STAFF = {"surgeon", "doctor", "physician", "investigator", "operator", "nurse"}

REMARKS = {"comment", "comments", "remark", "remarks", "note", "notes", "备注", "说明"}

LEVEL_LABELS = {"m": "Male", "f": "Female", "y": "Yes", "n": "No", "no": "No", "ja": "Ja"}

ORDERS = (
    ("no", "yes"), ("negative", "positive"), ("low", "medium", "intermediate", "high"), ("well", "moderate", "poor"),
    ("mild", "moderate", "severe"), ("i", "ii", "iii", "iv", "v"), ("pre", "peri", "post"), ("absent", "present"),
    ("cr", "pr", "sd", "pd", "ne"), ("否", "是"), ("无", "有"), ("低", "中", "高"),
)  # fmt: skip

SURVIVAL_WORDS = {
    *(name.lower() for name in ENDPOINTS), *CLOCK, *FLAG, "surv", "survival", "death", "dead", "rec", "recur", "fu", "obs",
    "relapse", "progression", "date", "diag",
}  # fmt: skip

ABBREVIATED = {
    "rtime": ["rec", "time"], "dtime": ["death", "time"], "ptime": ["progression", "time"], "stime": ["surv", "time"],
    "pstat": ["progression", "stat"], "dstat": ["death", "stat"], "rstat": ["rec", "stat"],
}  # fmt: skip
