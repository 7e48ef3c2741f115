"""Patients that stand in several rows, also behind a running row number: found from the data, whoever wrote the study file.

Three signs: an id that another row has in other capitals or with other zeros, a column that is named like a patients' number and
repeats its values, and rows that agree where rows of different patients would not.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import combinations

import numpy as np

from aice_helpers.core.problems import row_words
from aice_helpers.data.columns import yaml_line
from aice_helpers.data.files.cells import Cells

PATIENT_WORDS = {
    "id", "ids", "pid", "uid", "patient", "patients", "patientid", "patid", "pat", "pt", "ptid", "pats", "subject", "subjects", "subjectid", "subjid",
    "subj", "usubjid", "mrn", "participant", "person", "individual", "recordid", "caseid", "patientnr", "patnr", "patientno", "studyid", "hastano",
}  # fmt: skip
"""Words of a header that say that it numbers the patients."""

BESIDE_PATIENT = {"no", "nr", "number", "num", "code", "record", "case", "study", "the", "of", "unique", "key"}

MOST_ROWS = 20
"""Rows a patient on average up to which a repeating column may number the patients."""

MOST_KINDS = 12
"""Contents of a column that may tell the rows of a patient apart."""

TWINS, BY_CHANCE = 0.5, 0.05
"""Share of rows with a twin that means repeated patients, and the share that chance may explain for it to mean that."""

NEARLY_EACH, MOST_ALIKE = 0.9, 0.9
"""Share of patients whose rows must agree in a characteristic, and the share of equal pairs beyond which agreement says nothing."""

NO_CHANCE = 1e-3
"""Expected number of pairs of equal rows below which a single pair is no chance."""

LARGE = 50_000


def numbers_patients(header) -> bool:
    """Whether a header says that its column numbers the patients.

    >>> [numbers_patients(name) for name in ("id", "patient_no", "USUBJID", "center id", "number", "case")]
    [True, True, True, False, False, False]
    """
    text = unicodedata.normalize("NFKC", header)
    if re.search("编号|病人号|患者号|住院号|病历号", text):
        return True
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower())
    return bool(set(words) & PATIENT_WORDS) and set(words) <= PATIENT_WORDS | BESIDE_PATIENT


def repeats_patients(header, cells, n) -> bool:
    """Whether a column numbers the patients and gives some of them several rows; ``cells`` are those that hold something."""
    distinct = len(set(cells))
    return numbers_patients(header) and 3 < distinct < len(cells) and distinct * MOST_ROWS >= n


def telling_columns(columns, ids):
    """Columns that tell the rows of one patient apart: (header, its contents by frequency), few contents first.

    Parameters
    ----------
    columns : iterable of (str, sequence of str)
        Header and cells of the other columns.
    ids : sequence of str
    """
    found = []
    for header, cells in columns:
        kinds = (
            {cell: list(cells).count(cell) for cell in dict.fromkeys(cells)} if len(set(cells)) <= MOST_KINDS else {}
        )
        pairs = set(zip(ids, cells, strict=True))
        if len(kinds) > 1 and len(pairs) == len(ids):
            found.append((header, sorted(kinds, key=lambda kind: (-kinds[kind], kind))))
    return sorted(found, key=lambda one: len(one[1]))


def judge_repeats(study, table, findings):
    """Fault the patients that stand in several rows.

    Parameters
    ----------
    study : Study
    table : Table
        As the study file declares it, its chosen rows only.
    findings : Findings
    """
    source = unicodedata.normalize("NFC", study.id_variable.source)
    others = [name for name in table.header if name != source]
    _judge_variants(table, source, findings)
    if _judge_other_ids(table, others, numbers_patients(source), findings):
        return
    # Synthetic patients may be drawn with replacement, as those of a class are.
    if not study.synthetic and not _judge_equal_rows(table, others, findings):
        times = {
            column
            for endpoint in study.endpoints.values()
            for column in (endpoint.time, endpoint.event, endpoint.entry)
        }
        sources = {study.variables[name].source for name in study.described} - times
        _judge_twins(table, [name for name in others if name in sources], findings)


def fix_for_rows(table, ids):
    """The way out of several rows a patient: rows chosen by a column that tells them apart, or else by hand."""
    columns = ((name, table.cells_of(name)) for name in table.header)
    telling = telling_columns(
        ((name, list(cells)) for name, cells in columns if len(cells.texts) <= MOST_KINDS), list(ids)
    )
    if telling:
        name, kinds = telling[0]
        lines = " or ".join(f"rows: {yaml_line({name: kind})}" for kind in kinds[:3])
        return f"Choose one row a patient under patients: {lines}"
    return "Keep one row a patient: that of time zero, with the endpoint's time and event"


def _judge_variants(table, source, findings):
    """Ids that differ only in capitals, spaces or leading zeros are one patient's."""
    texts = table.cells_of(source).texts
    forms = {}
    for text in texts:
        form = re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold())
        forms.setdefault(form, []).append(text)
    again = {text for form, same in forms.items() if form and len(same) > 1 for text in same}
    if not again:
        return
    content = table.cells_of(source)
    rows = table.numbers_of(source)[content.at([place for place, text in enumerate(texts) if text in again])]
    findings.fault(
        table.file_of(source),
        "these ids differ from one another only in capitals, spaces or leading zeros; they may be one patient's",
        "Write one patient's id alike and keep one row a patient, or give different patients different ids",
        column=source,
        rows=rows.tolist(),
    )


def _judge_other_ids(table, names, is_numbered, findings):
    """Whether a column that numbers the patients repeats behind the id that is declared; if so it is faulted.

    Where the declared id has a patients' name itself (``is_numbered``), the other may number something else, such as
    the case of a matched set: it is believed unless two characteristics are those of one person.
    """
    for name in names:
        content = table.cells_of(name)
        present = np.array([text not in table.missing for text in content.texts])[content.codes]
        cells = np.array(list(content), dtype=object)[present]
        if not repeats_patients(name, cells, table.n) or (is_numbered and not _one_person(table, content)):
            continue
        rows = table.numbers[(content.counts[content.codes] > 1) & present]
        findings.fault(
            table.file,
            f"this column numbers the patients and repeats: {len(set(cells))} patients in {len(cells)} rows",
            fix_for_rows(table, content) + "; if it numbers something else, give it a name that says so",
            column=name,
            rows=rows.tolist(),
        )
        return True
    return False


def _one_person(table, groups):
    """Whether the rows of each group agree in two characteristics at least, as those of one person do."""
    several, constant = groups.counts > 1, 0
    for content in table.cells:
        if content is groups or len(content.texts) < 2 or _chance(content) > MOST_ALIKE:
            continue
        pairs = np.unique(np.column_stack([groups.codes, content.codes]), axis=0)
        kinds = np.bincount(pairs[:, 0], minlength=len(groups.texts))
        constant += bool((kinds[several] == 1).mean() >= NEARLY_EACH)
    return constant >= 2


def _chance(content):
    """Probability that two rows have the same text in a column."""
    shares = np.bincount(content.codes) / len(content)
    return float((shares**2).sum())


def _keys(table, names):
    """For each row a number that is shared by the rows with the same content in all of these columns."""
    key = np.zeros(table.n, dtype=np.int64)
    for name in names:
        content = table.cells_of(name)
        key = np.unique(key * len(content.texts) + content.codes, return_inverse=True)[1]
    return key


def _judge_equal_rows(table, names, findings):
    """Whether rows that differ in nothing but their number are too alike for chance; if so they are faulted."""
    names = [name for name in names if len(table.cells_of(name).texts) > 1]
    running = [name for name in names if len(table.cells_of(name).texts) == table.n and _is_counter(table, name)]
    names = [name for name in names if name not in running]
    if len(names) < 4:
        return False
    key = _keys(table, names)
    again = np.bincount(key)[key] > 1
    pairs = table.n * (table.n - 1) / 2
    for one in np.unique(key[again]).tolist():
        # What is missing in one column often is in others, so that only cells with content count as agreement.
        place = int(np.flatnonzero(key == one)[0])
        contents = [table.cells_of(name) for name in names]
        filled = [_chance(cells) for cells in contents if cells.texts[cells.codes[place]] not in table.missing]
        # The most telling one is set aside: in matched sets the set itself makes others agree.
        if len(filled) < 4 or pairs * np.prod(sorted(filled)[1:]) > NO_CHANCE:
            again &= key != one
    if not again.any():
        return False
    first = table.numbers[np.flatnonzero(key == key[again][0])].tolist()
    findings.fault(
        table.file,
        f"rows agree in every column but their number, as {row_words(first)}: one patient stands in several rows",
        "Keep one row a patient; a number of its own makes no patient of a row",
        rows=table.numbers[again].tolist(),
    )
    return True


def _is_counter(table, name):
    texts = table.cells_of(name).texts
    return all(text.isascii() and text.isdigit() and len(text) < 10 for text in texts)


def _judge_twins(table, names, findings):
    """Fault a table most of whose rows have a twin among the characteristics, where chance would give hardly any."""
    names = [name for name in names if len(table.cells_of(name).texts) > 1]
    for left_out in [(), *combinations([name for name in names if len(table.cells_of(name).texts) <= MOST_KINDS], 1)]:
        used = [name for name in names if name not in left_out]
        if not used or (left_out and table.n > LARGE):
            continue
        chance = np.prod([_chance(table.cells_of(name)) for name in used])
        if chance * (table.n - 1) > BY_CHANCE:
            continue
        key = _keys(table, used)
        twins = np.bincount(key)[key] > 1
        if twins.mean() < TWINS:
            continue
        findings.fault(
            table.file,
            f"most rows have a twin with the same {', '.join(used[:4])}; the patients seem to stand in several rows each",
            fix_for_rows(table, Cells.of([str(one) for one in key])),
            rows=table.numbers[twins].tolist(),
        )
        return
