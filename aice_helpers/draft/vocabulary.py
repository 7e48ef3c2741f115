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
    "from", "last", "free", "is", "or", "until", "total", "study", "any", "the", "overall", "all",
}  # fmt: skip

CHINESE_CLOCK = re.compile("时间|时长|期|月|天|周|年")

CHINESE_FLAG = re.compile("状态|结局|结果|事件|是否|删失|转归")

ENDPOINTS = {
    "PFS": (
        "Progression-free survival",
        "progression or death",
        r"\bpfs\b|\bprogression free\b|\b(progression|prog) (or|and) (death|dead|died)\b|无进展",
    ),
    "DMFS": (
        "Distant metastasis-free survival",
        "distant metastasis or death",
        r"\bdmfs\b|\bdistant metastasis free\b",
    ),
    "MFS": ("Metastasis-free survival", "metastasis or death", r"\bmfs\b|\bmetastasis free\b|无转移"),
    "LRFS": ("Local recurrence-free survival", "local recurrence or death", r"\blrfs\b|\blocal recurrence free\b"),
    "RFS": (
        "Recurrence-free survival",
        "recurrence or death",
        r"\brfs\b|\b(relapse|recurrence) free\b|\b(relapse|recurrence|recur) (or|and) (death|dead|died)\b|无复发",
    ),
    "DFS": ("Disease-free survival", "recurrence or death", r"\bdfs\b|\bdisease free\b|无病"),
    "EFS": ("Event-free survival", "event", r"\befs\b|\bevent free\b|无事件"),
    "TTP": ("Time to progression", "progression", r"\bttp\b|\btime to progression\b"),
    "TTF": ("Time to treatment failure", "treatment failure", r"\bttf\b|\btime to treatment failure\b"),
    "DSS": ("Disease-specific survival", "death of the disease", r"\b(dss|css)\b|\b(disease|cancer|cause) specific\b"),
    "OS": ("Overall survival", "death", r"\bos\b|\boverall survival\b|总生存|总体生存"),
}
"""Short name -> label, what the event is, and how headers write it."""

ALONE = {
    "PFS": ("TTP", "Time to progression", "progression"),
    "RFS": ("TTR", "Time to recurrence", "recurrence"),
    "DFS": ("TTR", "Time to recurrence", "recurrence"),
    "MFS": ("TTM", "Time to metastasis", "metastasis"),
    "DMFS": ("TTDM", "Time to distant metastasis", "distant metastasis"),
    "LRFS": ("TTLR", "Time to local recurrence", "local recurrence"),
}
"""What an endpoint is when its flag leaves out the deaths: short name, label and event."""

SCOPED = re.compile(
    r"\b(hosp|hospital|inhospital|inhosp|icu|within|early|discharge|admission|perioperative|postoperative|operative)\b"
    r"|\b\d+ ?(d|day|days|wk|week|weeks|m|mo|month|months|y|yr|yrs|year|years)?\b"
)
"""Words of a flag that counts events of a shorter span only, such as deaths in hospital or within 5 years."""

HINTS = {
    "OS": r"\b(death|dead|died|deceased|alive|vital|survival|surv|mortality|tod|verstorben)\b|死亡|生存|存活",
    "PFS": r"\b(progression|progressed|progress|prog|pd)\b|进展",
    "RFS": r"\b(relapsed?|recurrence|recurred|recur|rec)\b|复发",
}
"""Words that only hint at an endpoint; the column counts as one when nothing else is in its header."""

COMPOSITE = {
    "PFS": r"\b(progression|progressed|progress|pd|pod)\b(?=.*\b(death|dead|died|deceased)\b)|进展(?=.*死亡)|死亡(?=.*进展)",
    "RFS": r"\b(relapsed?|recurrence|recurred)\b(?=.*\b(death|dead|died|deceased)\b)|复发(?=.*死亡)|死亡(?=.*复发)",
}
"""Words for an event of either kind, which no word for one of them settles."""

EVENT_WORDS = {
    "dead", "died", "death", "deceased", "event", "yes", "y", "true", "progressed", "progression", "progressive disease",
    "relapse", "relapsed", "recurrence", "recurred", "tot", "verstorben", "ja", "oui", "décédé", "décès", "si", "sí", "failure", "failed", "uncensored",
    "muerto", "muerta", "muerte", "fallecido", "fallecida", "morto", "morta", "morte", "decesso", "deceduto", "óbito", "obito", "overleden",
    "décédée", "mort", "dcd", "zgon", "умер", "умерла", "смерть", "öldü", "exitus", "ex", "gestorben",
    "死亡", "是", "有", "进展", "复发", "事件",
}  # fmt: skip

CENSORED_WORDS = {
    "alive", "living", "lebt", "lebend", "nein", "non", "vivant", "vivante", "vivo", "viva", "levend", "sağ", "yaşıyor",
    "жив", "жива", "żyje", "censored", "censor", "no", "n", "false", "none", "no event", "event-free", "disease-free", "diseasefree", "relapse-free", "recurrence-free",
    "not progressed", "no progression", "progression-free", "lost to follow-up", "存活", "生存", "否", "无", "未进展", "无进展",
    "未复发", "无复发", "删失", "未死亡",
}  # fmt: skip

TRUE_WORDS = {
    "true", "yes", "y", "wahr", "ja", "j", "vrai", "oui", "o", "verdadero", "si", "sí", "s", "vero", "verdadeiro", "sim", "waar", "prawda", "tak",
    "истина", "да", "doğru", "evet", "e", "sant", "sand", "tosi", "kyllä", "pravda", "ano", "igaz", "igen", "真", "是", "有", "참", "はい",
}  # fmt: skip
"""TRUE and yes in the languages of spreadsheets."""

FALSE_WORDS = {
    "false", "no", "n", "falsch", "nein", "faux", "non", "falso", "não", "nao", "onwaar", "nee", "fałsz", "nie", "ложь", "нет", "yanlış", "yanliş", "hayır", "hayir", "h",
    "falskt", "falsk", "nej", "nei", "epätosi", "ei", "nepravda", "ne", "hamis", "nem", "假", "否", "无", "거짓", "いいえ",
}  # fmt: skip
"""FALSE and no in the languages of spreadsheets."""

NOT_EVALUABLE = ("Not evaluable", {
    "ne", "not evaluable", "not assessed", "inevaluable", "unevaluable", "nicht beurteilbar", "无法评价", "不可评价", "未评估",
})  # fmt: skip

_PROGRESSION = {"pd", "progressive disease", "progression", "progress", "疾病进展", "进展"}

RECIST = {
    "Complete response": {"cr", "complete response", "complete remission", "komplette remission", "完全缓解"},
    "Partial response": {"pr", "partial response", "partial remission", "partielle remission", "部分缓解"},
    "Stable disease": {"sd", "stable disease", "stable", "疾病稳定", "稳定", "no change", "nc"},
    "Progressive disease": _PROGRESSION,
    NOT_EVALUABLE[0]: NOT_EVALUABLE[1],
}

RESPONSE_SCHEMES = {
    "RECIST 1.1": (RECIST, 2, 3, 4),
    "Lugano 2014": (
        {
            "Complete metabolic response": {"cmr", "complete metabolic response"},
            "Partial metabolic response": {"pmr", "partial metabolic response"},
            "No metabolic response": {"nmr", "smd", "no metabolic response", "stable metabolic disease"},
            "Progressive metabolic disease": {"pmd", "progressive metabolic disease"},
            NOT_EVALUABLE[0]: NOT_EVALUABLE[1],
        },
        2, 3, 4,
    ),
    "iRECIST": (
        {
            "Complete response": {"icr"},
            "Partial response": {"ipr"},
            "Stable disease": {"isd"},
            "Unconfirmed progressive disease": {"iupd"},
            "Confirmed progressive disease": {"icpd"},
            NOT_EVALUABLE[0]: NOT_EVALUABLE[1] | {"ine"},
        },
        2, 3, 5,
    ),
    "complete response or none": (
        {
            "Complete response": {"cr", "complete response", "complete remission", "完全缓解"},
            "No complete response": {"no cr", "non-cr", "non cr", "not cr", "no complete response", "no complete remission", "incomplete response"},
            NOT_EVALUABLE[0]: NOT_EVALUABLE[1],
        },
        1, 1, 1,
    ),
    "response or none": (
        {
            "Response": {"responder", "responders", "response", "r", "or", "objective response"},
            "No response": {"non-responder", "nonresponder", "non responder", "no response", "nr", "non-response"},
            NOT_EVALUABLE[0]: NOT_EVALUABLE[1],
        },
        1, 1, 1,
    ),
}  # fmt: skip
"""Scheme -> its categories, best first, with their spellings; how many respond, are controlled, and where progression ends."""

NAMED_SCHEMES = {
    "mrecist": "mRECIST",
    "choi": "Choi criteria",
    "lugano": "Lugano 2014",
    "irecist": "iRECIST",
    "cheson": "Cheson criteria",
}
"""Words of a header that name another scheme with the same categories."""

SEXES = {
    "Female": {"f", "female", "w", "weiblich", "frau", "femme", "mujer", "femenino", "femminile", "feminino", "vrouw", "v", "k", "kadın", "kobieta", "ж", "женский", "女"},
    "Male": {"m", "male", "männlich", "maennlich", "mann", "homme", "hombre", "masculino", "maschile", "man", "erkek", "mężczyzna", "м", "мужской", "男"},
}  # fmt: skip

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

OUTCOME = {
    "response", "change", "assessment", "recist", "cause", "outcome", "reduction", "shrinkage", "death", "dead", "died", "deceased", "alive", "vital",
    "relapse", "relapsed", "recurrence", "recurred", "progression", "progressed", "transplant", "transplanted", "transplantation", "gvhd", "recovered",
    "recovery", "remission", "discharge", "discharged", "complication", "complications", "rejection", "reject", "mort", "mortality", "tod", "survival",
    "salvage", "readmission", "failure",
}  # fmt: skip

STAFF = {"surgeon", "doctor", "physician", "investigator", "operator", "nurse"}

REMARKS = {"comment", "comments", "remark", "remarks", "note", "notes", "备注", "说明"}

LEVEL_LABELS = {"m": "Male", "f": "Female", "y": "Yes", "n": "No", "no": "No", "ja": "Ja"}

ORDERS = (
    ("no", "yes"), ("nein", "ja"), ("non", "oui"), ("negative", "positive"), ("neg", "pos"), ("absent", "present"), ("no", "possible", "yes"),
    ("very low", "low", "low-intermediate", "low intermediate", "medium", "moderate", "intermediate", "high-intermediate", "high intermediate", "high", "very high"),
    ("well", "well differentiated", "moderate", "moderately", "moderately differentiated", "poor", "poorly", "poorly differentiated", "undifferentiated"),
    ("none", "no", "absent", "minimal", "slight", "mild", "moderate", "severe", "very severe", "life-threatening"),
    ("never", "former", "ex", "current"), ("normal", "elevated", "high"), ("small", "medium", "large"), ("underweight", "normal", "overweight", "obese"),
    ("pre", "peri", "post"), ("premenopausal", "perimenopausal", "postmenopausal"), ("localized", "regional", "distant"), ("local", "regional", "distant"),
    ("cr", "pr", "sd", "pd", "ne"), ("否", "是"), ("无", "有"), ("低", "中", "高"), ("轻", "中", "重"), ("leicht", "mittel", "schwer"), ("niedrig", "mittel", "hoch"),
    ("first", "second", "third", "fourth"), ("low grade", "intermediate grade", "high grade"),
)  # fmt: skip
"""Levels that have an order, lowest first."""

REFERENCES = (
    "observation", "obs", "placebo", "control", "controls", "standard", "standard of care", "usual care", "untreated", "no treatment", "none", "no",
    "never", "absent", "negative", "normal", "wild type", "wildtype", "wt", "beobachtung", "kontrolle", "keine", "aucun", "temoin", "ninguno", "nessuno",
)  # fmt: skip
"""Levels against which others are compared, by their names."""

SURVIVAL_WORDS = {
    *(name.lower() for name in ENDPOINTS), *CLOCK, *FLAG, "surv", "survival", "death", "dead", "rec", "recur", "fu", "obs",
    "relapse", "progression", "date", "diag",
}  # fmt: skip

ABBREVIATED = {
    "rtime": ["rec", "time"], "dtime": ["death", "time"], "ptime": ["progression", "time"], "stime": ["surv", "time"],
    "pstat": ["progression", "stat"], "rstat": ["rec", "stat"],
    "lenfol": ["follow", "time"], "fstat": ["follow", "stat"], "fustat": ["fu", "stat"], "futime": ["fu", "time"],
}  # fmt: skip
