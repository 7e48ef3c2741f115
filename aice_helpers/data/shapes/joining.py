"""Columns of a second table, brought beside the patients by a shared column."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aice_helpers.core.problems import Problem
from aice_helpers.data.columns import find_column
from aice_helpers.data.files.cells import Cells


def joined_table(table, other, by, findings):
    """The first table with the columns of the second one that it lacks, row by row where ``by`` agrees.

    A patient whom the second table lacks has empty cells in its columns. A column that both have is the first
    table's; where the two differ it has a flaw, which counts if the column is used.

    Parameters
    ----------
    table, other : Table
    by : str
        Column that both have; in the second table no content of it may stand twice.
    findings : Findings

    Returns
    -------
    Table or None
        None, with the fault noted, when the tables cannot be joined.
    """
    if not by:
        by = _shared_key(table, other, findings)
        if not by:
            return None
    if not all([find_column(one, by, findings, "joining the tables (by)") for one in (table, other)]):
        return None
    places, rows = {}, {}
    for place, (row, key) in enumerate(other.column(by)):
        rows.setdefault(key, []).append(row)
        places[key] = place
    many = {key: found for key, found in rows.items() if len(found) > 1 and key}
    if many:
        findings.fault(
            other.file,
            f"{'patients have' if len(many) > 1 else 'a patient has'} several rows, so it is not known which one counts",
            "Choose the rows in the study file, for example: rows: {SAMPLE_TYPE: Primary}",
            column=by,
            rows=[row for found in many.values() for row in found],
        )
        return None
    keys = [key for _, key in table.column(by)]
    at = np.array([places.get(key, other.n) if key else other.n for key in keys], dtype=int)
    _say_unmatched(table, other, by, at, findings)
    numbers = np.append(other.numbers, 0)[at]
    new = [name for name in other.header if name not in table.header]
    cells = [_spread(other.cells_of(name), at) for name in new]
    return replace(
        table,
        header=(*table.header, *new),
        cells=(*table.cells, *cells),
        labels=other.labels | table.labels,
        titles=other.titles | table.titles,
        flaws={**other.flaws, **table.flaws, **_differences(table, other, by, at)},
        notes={**other.notes, **table.notes},
        origins={**dict.fromkeys(new, (other.file, numbers)), **table.origins},
    )


def _shared_key(table, other, findings):
    """The first column of the second table that both have and that tells its rows apart."""
    for name in other.header:
        cells = other.cells_of(name)
        if name in table.header and len(cells.texts) == len(cells) and "" not in cells.texts:
            return name
    findings.fault(
        other.file,
        f"no column is shared with {table.file} and tells the rows apart, so the tables cannot be joined",
        "Name the column with the patients' ids in the study file (by: ...), which both tables must have",
    )
    return ""


def _spread(cells, at):
    texts = [*cells, ""]
    return Cells.of([texts[place] for place in at])


def _say_unmatched(table, other, by, at, findings):
    unmatched = table.numbers[at == other.n]
    if len(unmatched):
        rule = f"patients have no row in {other.file}; its columns are empty for them"
        findings.remark(table.file, rule, "Check whether that is so", column=by, rows=unmatched.tolist())
    left = other.n - len(set(at.tolist()) - {other.n})
    if left:
        rule = f"rows of {other.file} belong to no patient of {table.file} and are not read"
        findings.remark(other.file, rule, "Nothing to do if so", count=left)


def _differences(table, other, by, at):
    """Column -> flaws of the rows in which the two tables do not agree."""
    found = {}
    for name in table.header:
        if name == by or name not in other.header:
            continue
        theirs = list(_spread(other.cells_of(name), at))
        pairs = zip(table.column(name), theirs, at, strict=True)
        rows = [row for (row, mine), their, place in pairs if place != other.n and not _alike(mine, their)]
        if rows:
            rule = f"the column is in {other.file} too, with other contents"
            fix = "Correct one of the two, or rename one of the columns"
            found[name] = [Problem(table.file, rule, fix, rows[0], name, count=len(rows), rows=tuple(rows))]
    return found


def _alike(mine, their):
    if mine == their or not their:
        return True
    try:
        return float(mine) == float(their)
    except ValueError:
        return False
