"""The positive list: measures that are usually taken before time zero, and the words by which headers name them.

Only a variable on this list, or one that the user names, is drafted as a factor. Whatever else a table holds waits
under ``known: ?`` until somebody says when it is known.
"""

from __future__ import annotations

import re
import unicodedata

from aice_helpers.draft.headers import header_words

MEASURES = {
    "age": (
        "age ages agegroup agegrp agecat alter altersgruppe edad anni eta idade leeftijd wiek yas yasi возраст ageyears "
        "ageyr agey agediag agedx ageatdx ageatdiagnosis"
    ),
    "sex": "sex sexe sexo sesso gender geschlecht genre genero genere geslacht plec cinsiyet пол male female",
    "race": "race ethnicity ethnic ethnie raza etnia hautfarbe ancestry",
    "body": (
        "height weight hgt wgt bmi bsa length groesse grosse gewicht poids taille peso talla altura estatura boy kilo agirlik "
        "gewichtsverlust obesity obese wt ht quetelet вес рост"
    ),
    "performance status": (
        "ecog kps karno karn karnofsky performance who zubrod ps asa frailty allgemeinzustand lansky fitness ecogps whops"
    ),
    "stage": "stage stages staging stadium stadio stade estadio estadiamento evre stadie ajcc figo tnm uicc dukes bclc "
    "annarbor pt pn pm cstage pstage ctnm ptnm tstage nstage mstage стадия rai binet iss durie",
    "grade": "grade grading gleason differ differentiation differenzierung differenciation diferenciacion grado gradus derece",
    "histology": (
        "histology histologie histologia histol histo hist histtype histological histologic pathology morphology subtype "
        "celltype cell lauren histopathology гистология"
    ),
    "tumor": (
        "tumor tumour tumoral lesion lesions size tumorsize tsize diameter durchmesser diametre tamano dimensione volume "
        "site sites localization localisation lokalisation location primary multifocal bulky invasion lvi "
        "perineural margin margins obstruct obstruction perfor perforation adhere adhesion extent tumorgroesse tumorgrosse "
        "breslow thickness ulcer ulceration clark mitoses mitotic ki67 depth side laterality nodularity"
    ),
    "nodes": (
        "nodes node nodal lymphnodes posnodes lymph lymphknoten ganglions nodi nodos npos node4 nodestatus pnodes"
    ),
    "laboratory value": (
        "hb hgb hemoglobin haemoglobin hamoglobin wbc leukocytes leucocytes leukozyten neutrophils neutro anc lymphocytes "
        "platelet platelets plt thrombocytes thrombozyten trombosit nlr plr lmr sii ldh crp esr albumin alb bili "
        "bilirubin ast alt got gpt sgot sgpt alp ap alk phos alkphos ggt creatinine creat crea kreatinin gfr egfr "
        "sodium potassium calcium serum protime inr pt ptt chol cholesterol trig triglycerides copper glucose hba1c "
        "fibrinogen dimer ferritin beta2 b2m mspike paraprotein psa afp cea ca125 ca199 ca153 ca19 ca15 hcg "
        "testosterone urea bun protein iga igg igm kappa lambda flc blast blasts marrow lactate troponin bnp probnp "
        "neut lymph mono monocytes eosinophils"
    ),
    "receptor or gene": (
        "er pr pgr her2 hr estrogen oestrogen progesterone receptor hormonereceptor flt3 npm1 kras nras braf egfr alk "
        "ros1 brca brca1 brca2 tp53 p53 idh idh1 mgmt msi mmr pdl1 cd20 karyotype cytogenetics cytogenetic genotype tmb "
        "mutation mutated tnbc hla abo blood bloodtype"
    ),
    "menopause": "meno menopause menopausal menostat menopausalstatus",
    "treatment arm": (
        "arm rx trt treat treatment group gruppe groupe grupo gruppo grup randomized randomised allocation allocated "
        "trtgrp treatmentarm hormon horth hormone hormonal tamoxifen neoadjuvant regimen behandlung "
        "traitement tratamiento trattamento tedavi лечение группа"
    ),
    "comorbidity": (
        "comorbidity comorbidities charlson cci diabetes diab hypertension hypertonie htn hypert smoking smoker smoke "
        "tobacco rauchen tabac alcohol copd cvd chf cad renal hepatitis hbv hcv hiv cirrhosis child pugh meld ascites "
        "hepato hepatomegaly spiders edema asthma "
        " hepatosplenomegaly varices sofa apache saps "
        "diet meal cal appetite wtloss weightloss"
    ),
    "blood pressure": "sbp dbp bp sysbp diasbp systolic diastolic pulse rr resp temp temperature meanbp hrt lvef ef ejection",
    "history": "prior previous pretreated pretreatment preoperative preop priors anamnese vorbehandlung inherit onset",
    "score": "score risk riskscore ipi ipss prognostic index mayo gcs nihss",
}  # fmt: skip
"""What is measured -> the words of a header that name it: English first, then other languages."""

WHEN = re.compile(
    r"\b(baseline|prior|previous|preop|preoperative|pretreatment|before|history|initial|synchronous)\b"
    r"|\bat (diagnosis|diag|dx|entry|start|baseline|enrolment|enrollment|inclusion|randomi[sz]ation)\b"
)
"""Words of a header that say themselves that something was known at time zero."""

CHINESE = re.compile(
    "年龄|性别|身高|体重|体质|分期|分级|分化|病理|组织学|肿瘤大小|肿块|最大径|直径|部位|转移灶?$|远处转移|淋巴结|血红蛋白|白细胞|血小板"
    "|中性粒|白蛋白|胆红素|肌酐|甲胎|癌胚|吸烟|饮酒|糖尿病|高血压|肝硬化|乙肝|体能|评分|既往|术前|基线|民族|年齢|性別|病期|腫瘍径"
    "|연령|나이|성별|병기"
)
"""The same in Chinese, Japanese and Korean, where no space parts the words."""

BESIDE = frozenset(
    word
    for line in (
        "i ii iii iv v",
        "at of the in on by and or to a an is no number num nr code cat cats category group grp class level status stat",
        "type value total all years year yr yrs y months month mo cm mm kg g l dl ml mg u pct percent patient patients",
        "pat ph diagnosis diag dx entry start study enrolment enrollment inclusion randomization randomisation surgery",
        "admission baseline cont continuous log sqrt std mean max maximum maximal largest long 1 2 3 4 5 0 c t n m x new",
        "old bei de la le du der des die el di da del am im zum ao loss pre positive negative pos neg local regional",
        "distant liver lung bone brain primary disease cancer recode recoded derived pathologic pathologically lower",
        "upper left right high low median mainly any yes with without sub histological pathological clinical score scale",
        "index ratio rate count counts levels serum plasma blood absolute relative area surface body mass cell cells",
        "function therapy treatment",
    )
    for word in line.split()
)
"""Words that may stand beside the name of a measure and change nothing about when it is taken."""

LATER = frozenset(
    word
    for line in (
        "after post follow followup fu last final end exit death dead died die deceased dying relapse relapsed recurrence",
        "recurrent recur recurred progression progressed progress prog pd response respond responder responded remission",
        "cr orr change changes delta nadir worst best ever cumulative week visit day days weeks cycle cycles course",
        "courses dose doses session sessions toxicity gvhd outcome cause discharge discharged los stay hospital survival",
        "surv os pfs dfs efs rfs event events censor censored cens time times date dates duration interval until till",
        "rejection reject mismatch transplant transplanted transplantation recovery recovered complication complications",
        "second secondary subsequent salvage further next during completed completion compliance adherence discontinued",
        "stopped received given reached achieved failure failed switch crossover year calendar tod verstorben verlauf",
        "mort mortality surgery2 readmission within alive living vital lost status90 d30 d90 wk30 wk60 followed elapsed",
    )
    for word in line.split()
)
"""Words that say, or may say, that something is known only after time zero."""

CHINESE_LATER = re.compile(
    "术后|治疗后|随访|末次|死亡|复发|进展|疗效|缓解|结局|转归|时间|日期|疗程|次数|天$|生存|化疗后|并发症"
)

_WORD_OF = {word: measure for measure, words in MEASURES.items() for word in words.split()}


def measure(header) -> str:
    """The measure of the positive list that a header names; "" where it names none, or something that comes later.

    >>> measure("Age (years)"), measure("ph.ecog"), measure("tumorSize_cm"), measure("Geschlecht"), measure("年龄")
    ('age', 'performance status', 'tumor', 'sex', '年龄')
    >>> measure("age at death"), measure("year"), measure("transplant"), measure("wait.time"), measure("death_within_5y")
    ('', '', '', '', '')
    """
    text = unicodedata.normalize("NFKC", header)
    chinese = CHINESE.search(text)
    if re.search(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]", text):
        return chinese[0] if chinese and not CHINESE_LATER.search(text) else ""
    # An age is often given in months or days; any other measure with a word of time may be a duration.
    words = list(header_words(header))
    words = [part for word in words for part in _parted(word)]
    unit = {"years", "year", "months", "month", "days", "weeks", "yr", "yrs"}
    if _WORD_OF.get(words[0] if words else "") == "age" and words[-1] in unit:
        words = words[:-1]
    whole = _WORD_OF.get("".join(words), "")
    found = whole or next((_WORD_OF[word] for word in words if word in _WORD_OF), "")
    if set(words) & LATER and not whole:
        return ""
    if said := WHEN.search(" ".join(words)):
        return found or said[0]
    if found == "grade" and {"max", "maximum", "maximal"} & set(words):
        # The highest grade is one of adverse events.
        return ""
    known = [word for word in words if word in _WORD_OF or word in BESIDE or word.isdigit()]
    return found if whole or (found and len(known) == len(words)) else ""


def _parted(word):
    """A word run together from a measure and a word beside it, as in stagegrp, in its two parts."""
    if word not in _WORD_OF and word not in BESIDE and word not in LATER:
        for place in range(2, len(word) - 1):
            if word[:place] in _WORD_OF and word[place:] in BESIDE and len(word[place:]) > 1:
                return [word[:place], word[place:]]
    return [word]
