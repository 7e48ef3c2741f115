"""CDISC ADTTE, a row a parameter and subject: each parameter becomes an endpoint's columns, each subject one row.

CDISC (2012), The ADaM Basic Data Structure for Time-to-Event Analyses, version 1.0: AVAL is the time, CNSR 0 the event
and every positive CNSR a reason of censoring, which EVNTDESC or CNSDTDSC puts in words.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aice_helpers.data.columns import find_column
from aice_helpers.data.files.cells import Cells

COLUMNS = {"id": "USUBJID", "parameter": "PARAMCD", "time": "AVAL", "event": "CNSR"}
"""What a column is for -> its name in ADTTE."""

OF_RECORD = (
    "PARAM", "PARAMCD", "PARAMN", "PARCAT1", "PARCAT1N", "PARCAT2", "AVAL", "AVALC", "AVALU", "CNSR", "EVNTDESC", "CNSDTDSC",
    "STARTDT", "STARTDTM", "ADT", "ADTM", "ADY", "ADTF", "SRCDOM", "SRCVAR", "SRCSEQ", "ASEQ", "AVISIT", "AVISITN", "ANL01FL",
    "ANL02FL", "ANL03FL", "EVNTDESCN", "CNSREAS", "TTESEQ", "DTYPE", "PARAMTYP",
)  # fmt: skip
"""Columns that belong to a record, not to its subject."""

KEPT = ("EVNTDESC", "CNSDTDSC", "ADT", "STARTDT")
"""Columns of a record that are kept beside its time and its event."""

DESCRIPTIONS = ("EVNTDESC", "CNSDTDSC")


def wide_adtte(table, source, findings):
    """One row a subject, with columns such as OS_AVAL and OS_CNSR for each parameter.

    A subject without a record of a parameter has empty cells in its columns. Each cell keeps the number of its own row.

    Parameters
    ----------
    table : Table
    source : DataFile
        Its ``columns`` name the columns where they are called otherwise than in `COLUMNS`.
    findings : Findings

    Returns
    -------
    Table or None
        None, with faults noted, when the table is no ADTTE, has two records of one parameter and subject, or never two
        parameters of one subject.
    """
    names = COLUMNS | source.columns
    if "USUBJID" not in table.header and "id" not in source.columns and "SUBJID" in table.header:
        names["id"] = "SUBJID"
    if not all([find_column(table, names[what], findings, f"the {what} of ADTTE") for what in COLUMNS]):
        return None
    ids, codes = table.cells_of(names["id"]), table.cells_of(names["parameter"])
    if (
        _has_gaps(table, names, findings)
        or _is_repeated(table, names, findings)
        or _is_of_records(table, names, findings)
    ):
        return None
    # Distinct texts are numbered in the order of their first appearance, and so are the subjects.
    subjects, base = ids.codes, np.unique(ids.codes, return_index=True)[1]
    own, moving = _columns_of_subjects(table, subjects, names)
    result = table.take(base)
    keep = [result.header.index(name) for name in own]
    result = replace(result, header=tuple(own), cells=tuple(result.cells[place] for place in keep))
    doubled = {f"{one}_{names[what]}" for one in codes.texts for what in ("time", "event")} & set(own)
    if doubled:
        rule = "the column has the name that the endpoint's column would get"
        findings.fault(table.file, rule, "Rename it", column=min(doubled))
        return None
    for place, parameter in enumerate(codes.texts):
        result = _with_parameter(result, table, names, parameter, codes.codes == place, subjects)
    findings.remark(
        table.file,
        f"ADTTE: {table.n} rows of {len(codes.texts)} parameters became {result.n} subjects",
        "Nothing to do",
    )
    if moving:
        listed = ", ".join(map(repr, moving))
        rule = (
            f"the columns {listed} differ between the rows of a subject and belong to no parameter; they are left out"
        )
        findings.remark(table.file, rule, "Nothing to do if they are not needed")
    return result


def _has_gaps(table, names, findings):
    for what in ("id", "parameter"):
        empty = [row for row, cell in table.column(names[what]) if not cell]
        if empty:
            rule, fix = (
                f"the record names no {'subject' if what == 'id' else what}",
                "Fill it in, or skip the row (skip_rows)",
            )
            findings.fault(table.file, rule, fix, row=empty[0], column=names[what], rows=empty)
            return True
    return False


def _is_repeated(table, names, findings):
    seen = {}
    for (row, subject), (_, parameter) in zip(table.column(names["id"]), table.column(names["parameter"]), strict=True):
        seen.setdefault((subject, parameter), []).append(row)
    many = {key: rows for key, rows in seen.items() if len(rows) > 1}
    if many:
        parameter = next(iter(many))[1]
        findings.fault(
            table.file,
            f"subjects have several records of one parameter ({parameter})",
            "Choose the records of the analysis in the study file, for example: rows: {ANL01FL: Y}",
            rows=[row for rows in many.values() for row in rows],
        )
    return bool(many)


def _is_of_records(table, names, findings):
    """Whether the subject's column numbers the records, so that no subject has a second parameter."""
    if len(table.cells_of(names["parameter"]).texts) < 2 or table.cells_of(names["id"]).counts.max() > 1:
        return False
    rule = "no subject has records of two parameters, so this column seems to number the records"
    fix = "Name the column that numbers the subjects: patients: columns: {id: its name}"
    findings.fault(table.file, rule, fix, column=names["id"])
    return True


def _columns_of_subjects(table, subjects, names):
    """Columns with one content a subject, and those that differ between the records of one."""
    own, moving = [], []
    for name in table.header:
        if name in OF_RECORD or name in (names["parameter"], names["time"], names["event"]):
            continue
        codes = table.cells_of(name).codes
        pairs = len(np.unique(np.stack([subjects, codes]), axis=1).T)
        (own if pairs == len(np.unique(subjects)) else moving).append(name)
    return own, moving


def _with_parameter(result, table, names, parameter, chosen, subjects):
    """The table of subjects with the columns of one parameter."""
    at = np.full(result.n, table.n)
    at[subjects[chosen]] = np.flatnonzero(chosen)
    numbers = np.where(at < table.n, np.append(table.numbers, 0)[at], result.numbers)
    added, titles, labels, flaws = {}, {}, {}, {}
    title = _title(table, chosen)
    for column in (names["time"], names["event"], *(name for name in KEPT if name in table.header)):
        new = f"{parameter}_{column}"
        texts = [*table.cells_of(column), ""]
        added[new] = Cells.of([texts[place] for place in at])
        titles[new] = title if column == names["time"] else f"{title}: {table.titles.get(column, column)}"
        rows = set(numbers.tolist())
        found = [replace(flaw, column=new) for flaw in table.flaws.get(column, ()) if flaw.row in rows]
        if found:
            flaws[new] = found
    labels[f"{parameter}_{names['event']}"] = reasons(table, names["event"], chosen)
    return replace(
        result,
        header=(*result.header, *added),
        cells=(*result.cells, *added.values()),
        titles={**result.titles, **titles},
        labels={**result.labels, **labels},
        flaws={**result.flaws, **flaws},
        origins={**result.origins, **dict.fromkeys(added, (table.file, numbers))},
    )


def _title(table, chosen):
    """What PARAM calls a parameter."""
    if "PARAM" not in table.header:
        return ""
    cells = table.cells_of("PARAM").take(chosen)
    return cells.texts[0] if len(cells.texts) == 1 else ""


def reasons(table, event, chosen):
    """Code of CNSR -> what EVNTDESC and CNSDTDSC say of it, each text once."""
    said = {}
    for column in DESCRIPTIONS:
        if column not in table.header:
            continue
        codes, texts = (table.cells_of(name).take(chosen) for name in (event, column))
        for code, text in dict.fromkeys(zip(codes, texts, strict=True)):
            if text and text not in said.setdefault(code, []):
                said[code].append(text)
    return {code: "; ".join(texts) for code, texts in said.items() if code}
