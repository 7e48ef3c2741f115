"""Cells as labels of declared levels."""

from __future__ import annotations

import difflib

import pandas as pd

from aice_helpers.core.problems import QUOTED, SHOWN, plain_form
from aice_helpers.data.columns import NOT_RECORDED, same_number, unclear, yaml_line


def meaning_of(cell, levels, column):
    """What a cell means as one of ``levels`` (code -> label): (label, whether it is a variant), or None if nothing."""
    if cell in levels:
        return levels[cell], False
    if column.is_missing(cell):
        return None, False
    own = column.table.labels.get(column.name, {}).get(cell)
    if column.table.typed:
        same = {label for code, label in levels.items() if same_number(cell, [code])}
        if len(same) == 1:
            return same.pop(), False
        if own in levels:
            return levels[own], False
        if own in levels.values():
            return own, False
    for text in (cell, own):
        for known in (levels, {label: label for label in levels.values()}) if text else ():
            alike = {label for code, label in known.items() if plain_form(code) == plain_form(text)}
            if len(alike) == 1:
                return alike.pop(), True
    return None


def judge_levels(column, levels, *, what="code"):
    """Cells as labels of declared levels; variants in spelling are mapped and said, other codes are faults."""
    meanings = {text: meaning_of(text, levels, column) for text in column.content.texts}
    unknown, variants = unclear(column, meanings)
    if unknown:
        _fault_unknown(column, levels, unknown, what)
    for cell, rows in variants.items():
        rule = f"another spelling is read as the level {meanings[cell][0]!r}"
        column.remark(rule, "Spell it alike if it is the same", value=cell, rows=rows)
    _remark_swapped(column, levels)
    labels = list(levels.values())
    place = {None: -1} | {label: place for place, label in enumerate(labels)}
    codes = [-1 if meaning is None else place[meaning[0]] for meaning in meanings.values()]
    return pd.Series(pd.Categorical.from_codes(column.spread(codes, int), categories=labels, ordered=True))


def _fault_unknown(column, levels, unknown, what):
    """One fault for each code that the study file does not declare, the first with the line to paste into it."""
    quotable = [code for code in unknown if column.findings.quotable(code) == code]
    paste = ""
    if what == "code" and len(quotable) == len(unknown) <= SHOWN:
        paste = f" To declare: levels: {yaml_line(levels | {code: code for code in unknown})}"
    elif what == "code":
        paste = f" The column holds {len(unknown)} other values; is it a category at all?"
    for code, rows in unknown.items():
        near = difflib.get_close_matches(code, levels, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}?" if near else f"Declared codes: {_short(levels)}"
        if plain_form(code) in NOT_RECORDED:
            hint = f"If it means not recorded, declare it: missing: [{yaml_line(code)}]"
        fix = hint + ("" if not paste or hint.endswith("?") else ".") + paste
        paste = ""
        column.fault(
            "the code is not declared in the study file",
            fix,
            rows[0],
            code,
            rows=rows,
        )


def _short(codes):
    text = ", ".join(codes)
    return text if len(text) <= 5 * QUOTED else text[: 5 * QUOTED] + " ..."


def _remark_swapped(column, levels):
    """Remark where the file's own value labels give a code the meaning that the study file gives to another."""
    for code, own in column.table.labels.get(column.name, {}).items():
        declared = next((label for known, label in levels.items() if same_number(code, [known]) or known == code), None)
        others = {plain_form(label) for label in levels.values() if label != declared}
        if declared is not None and plain_form(own) != plain_form(declared) and plain_form(own) in others:
            column.remark(
                f"the file itself calls the code {code!r} {own!r}, the study file {declared!r}", "Check which is right"
            )
