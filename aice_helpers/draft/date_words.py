"""Words by which headers name the dates of a patient's course, and cells the vital status, in several languages."""

from __future__ import annotations

import re
import unicodedata

_LAST = r"last|latest|letzt|derni|ultim|laatst|sist|senast|viimei|ostatni|posledn|\bson\b|посл|末次|最后|最後|最終|마지막|ล่าสุด"

_ROLES = {
    "birth": r"birth|\bdob\b|geburt|naiss|nacim|nascita|nascim|fodel|fodsel|syntym|urodz|naroz|dogum|рожд|出生|生年月日|생년",
    "cutoff": r"cut ?off|data ?lock|datenschnitt|stichtag|截止",
    "last_assessment": (
        rf"(?:{_LAST}).*(?:scan|imag|assess|evalu|\bct\b|\bmri?t?\b|staging|bildgeb|radiolog|tumou?r|影像|评估|检查|評価|画像)|"
        r"\blast (?:ct|scan)"
    ),
    "last_contact": (
        rf"(?:{_LAST}).*(?:contact|seen|follow|\bfu\b|visit|news|info|known|alive|kontakt|vorstell|nouvelle|seguim|contatto|visita|"
        r"contato|随访|联系|来院|生存|kontrol|temas|gorus|контакт|наблюд|визит|wizyt|kontrol|연락|추적|ติดต่อ|ติดตาม)|follow ?up|"
        r"\bfu date|fu ?datum|\bdate fu\b|随访|追跡|\blkad\b|\blast date$|\bdate last$|\blast (?:dt|day)$|\b(?:dt|day) last$|censor"
    ),
    "new_therapy": (
        r"(?:next|new|subsequent|second|further|folge|nouveau|nouvelle|nuev|nuov|nova|sonraki|yeni|后续|二线|次の).*"
        r"(?:therap|treat|line|behandl|traitement|trat|tedavi|治疗|治療)"
    ),
    "progression": (
        r"progr|\bpd\b|\bpd date|进展|増悪|ilerleme|прогресс|진행"
    ),
    "relapse": r"relaps|recur|rezidiv|recid|recaid|retour|nuks|рецидив|wznow|terugval|aterfall|tilbakefall|复发|再発|재발",
    "death": (
        r"death|\bdied\b|\bdead\b|exitus|deceas|\btod|verstorb|sterbe|deces|\bmort|muerte|fallec|defunc|decess|obito|overlijd|"
        r"\bdod|\bdoed|kuol|zgon|umrt|\bolum|смерт|死亡|死|사망|เสียชีวิต|ตาย|\bdod\b"
    ),
    "start": (
        r"start|begin|\bfirst|baseline|regist|referr|consent|anmeld|uberweis|登记|登録|등록|регистр|treat|therap|random|surg|\bop\b|operat|resect|transplant|diagn|inclu|enrol|entry|admission|"
        r"index|cycle|session|\berst|behandl|aufnahme|einschluss|debut|chirurg|inicio|tratam|inizio|trattam|opname|leczen|rozpozn|"
        r"zahajen|lecb|tedavi|baslangic|\btani|ameliyat|лечен|диагн|операц|首次|首诊|开始|治疗|手术|确诊|诊断|入组|開始|手術|診断|治療|진단|치료|"
        r"수술|เริ่ม|รักษา|ผ่าตัด|วินิจฉัย"
    ),
}  # fmt: skip
"""What a date is -> how headers write it, without accents; the first that fits is taken."""

VITAL = re.compile(
    r"vital|status|\bos\b|\bevent\b|dead|alive|death|died|survival|outcome|\btod|lebt|verstorb|deces|estado|stato|overled|obito|durum|zgon|статус|"
    r"生存|状态|转归|结局|死亡|存活|생존|사망|สถานะ"
)

_DEAD = re.compile(
    r"dead|died|deceased|death|exitus|verstorben|\btot\b|gestorben|decede|deces|\bmort|muert|fallec|defunt|decedut|obito|falecid|"
    r"overleden|\bdod\b|\bdoc\b|kuollut|zmar|nie zyje|zgon|zemrel|mrtv|\bolu|oldu|vefat|\bex\b|умер|死|已故|사망|เสียชีวิต|ตาย"
)

_ALIVE = re.compile(
    r"alive|living|lebt|lebend|vivant|\bviv|levend|levande|\blever|\bleve|elossa|zyje|\bzyw|zije|\bsag|yasiyor|hayatta|\bned\b|"
    r"\bawd\b|lost|жив|存活|生存|健在|생존|มีชีวิต"
)


def folded(text) -> str:
    """A header or cell as these words are looked up: small, without accents, separators as spaces.

    >>> folded("Date_of-Décès"), folded("lastContact")
    ('date of deces', 'last contact')
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", text))
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in text if not "\u0300" <= letter <= "\u036f")
    text = unicodedata.normalize("NFC", text.replace("ı", "i").replace("ł", "l").replace("ø", "o"))
    return " ".join(re.split(r"[\s_.,;:/()\[\]-]+", text)).strip()


def date_role(header) -> str:
    """Which date of a patient's course a header names; "" if none that is known.

    >>> [date_role(one) for one in ("date_first_treatment", "Datum Progress", "fecha de muerte", "末次随访日期", "last scan")]
    ['start', 'progression', 'death', 'last_contact', 'last_assessment']
    """
    text = folded(header)
    return next((role for role, pattern in _ROLES.items() if re.search(pattern, text)), "")


def vital_meaning(cell) -> str:
    """ "dead", "alive" or "" for the text of a vital status.

    >>> [vital_meaning(one) for one in ("Dead of disease", "lebt", "décédé", "nie żyje", "2")]
    ['dead', 'alive', 'dead', 'dead', '']
    """
    text = folded(cell)
    return "dead" if _DEAD.search(text) else "alive" if _ALIVE.search(text) else ""
