"""What may point to a person: headers and contents of columns."""

import re
import unicodedata
from collections import Counter

from aice_helpers.core.problems import PERSONAL
from aice_helpers.data.quality import ENOUGH, NEARLY_ALL

DATE = re.compile(
    r"\d{4}[-/.年]\s?\d{1,2}([-/.月]\s?\d{1,2}日?)?月?([ T]\d{1,2}:[\d:.]+.*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})( .*)?"
    r"|\d{1,2}[- ]?[A-Za-z]{3,9}[- ,]*(\d{4}|\d{2})|[A-Za-z]{3,9} \d{1,2},? \d{4}",
    re.ASCII,
)

_TOKENS = {
    "a name": {"surname", "lastname", "firstname", "forename", "fullname", "patientname", "nachname", "vorname"},
    "a record number": {
        "mrn", "ssn", "patientid", "patid", "subjectid", "hospitalid", "passport", "recordnumber", "admissionno",
    },
    "a birth date": {"dob", "birthdate", "birthday", "dateofbirth", "geburtsdatum"},
    "a phone number": {"phone", "telephone", "tel", "mobile", "cellphone", "phonenumber", "fax", "telefon"},
    "an e-mail address": {"email", "mail"},
    "an address": {"address", "addr", "street", "postcode", "zipcode", "adresse"},
}  # fmt: skip

_PHRASES = {
    "a name": {
        "name", "patient name", "name of patient", "first name", "last name", "family name", "given name",
        "middle name", "full name", "pt name", "patients name", "patient s name",
    },
    "a record number": {
        "id", "pid", "uid", "patient id", "subject id", "case id", "case no", "case number", "record id", "record no",
        "record number", "medical record number", "medical record no", "medical record", "hospital no",
        "hospital number", "hospital id", "chart no", "chart number", "admission no", "admission number",
        "patient no", "patient number", "national id", "id card", "id number", "id no", "identity card",
        "insurance number", "insurance no", "social security number", "nhs number",
    },
    "a birth date": {"birth date", "date of birth", "birth day", "born", "birth", "birth dt"},
    "an e-mail address": {"e mail", "e mail address"},
    "an address": {"zip", "zip code", "post code", "postal code", "home address"},
}  # fmt: skip

_CHINESE = {
    "a name": ("姓名", "患者名", "病人名", "名字"),
    "a record number": (
        "住院号", "病历号", "病案号", "门诊号", "登记号", "病人号", "患者号", "患者编号", "病人编号", "身份证", "证件号", "医保号",
        "社保号", "就诊号", "住院編號", "病歷號", "身分證", "影像号", "检查号", "病理号",
    ),
    "a birth date": ("出生", "生日"),
    "a phone number": ("电话", "手机", "联系方式", "電話", "手機"),
    "an e-mail address": ("邮箱", "电子邮件", "郵箱"),
    "an address": ("地址", "住址", "邮编"),
}  # fmt: skip


def personal_header(header) -> str:
    """What a column seems to hold by its name, if that points to a person; "" if it does not.

    >>> [personal_header(name) for name in ("Patient_Name", "drug_name", "dateOfBirth", "住院号", "birth_weight")]
    ['a name', '', 'a birth date', 'a record number', '']
    """
    text = unicodedata.normalize("NFKC", header)
    for what, words in _CHINESE.items():
        if any(word in text for word in words):
            return what
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower())
    joined = " ".join(words)
    for what, phrases in _PHRASES.items():
        if joined in phrases:
            return what
    for what, tokens in _TOKENS.items():
        # Two words may be one here and apart there: "lastname", "last name".
        if tokens & {*words, "".join(words)}:
            return what
    return ""


def personal_content(header, cells, *, type_) -> str:
    """What the cells of a column seem to hold, if that points to a person; "" if they do not.

    Parameters
    ----------
    header : str
    cells : iterable of str, or dict
        The cells that are not missing, or each distinct one with how often it stands.
    type_ : str
        Type of the variable: "text", "category", "number" or "integer".
    """
    what = personal_header(header)
    counts = Counter(cells)
    total = counts.total()
    if what or not total:
        return what
    numeric = type_ in ("number", "integer")
    for what, pattern in PERSONAL.items():
        if numeric and what != "ID-card numbers":
            continue
        hits = sum(count for cell, count in counts.items() if pattern.search(cell))
        # One e-mail address or ID-card number is one too many; digits that look like a phone number may be chance.
        if hits and (what != "phone numbers" or hits >= 0.5 * total):
            return what
    different = len(counts)
    if numeric:
        return _numbering(counts) if total >= 2 * ENOUGH and different == total else ""
    # Levels may be periods, such as 2015-18, which are few.
    dates = sum(count for cell, count in counts.items() if DATE.fullmatch(cell))
    if dates >= 0.5 * total and (type_ == "text" or different > ENOUGH):
        return "dates"
    if total >= ENOUGH and different >= NEARLY_ALL * total:
        return "a different text for nearly every patient"
    if type_ == "text" and _is_prose(counts):
        return "free text"
    return ""


def _is_prose(counts):
    longest = max(len(cell) for cell in counts)
    words = max(len(cell.split()) for cell in counts)
    hanzi = max(len(re.findall(r"[\u4e00-\u9fff]", cell)) for cell in counts)
    return (longest > 60 or words > 6 or hanzi > 20) and len(counts) > min(2, counts.total() - 1)


def _numbering(cells):
    """Whether different whole numbers count the patients or are long enough to be record or phone numbers."""
    if not all(cell.isascii() and cell.isdigit() and len(cell) <= 30 for cell in cells):
        return ""
    numbers = sorted(map(int, cells))
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return "a running number"
    lengths = {len(cell) for cell in cells}
    return "record or phone numbers" if len(lengths) == 1 and min(lengths) >= 7 else ""
