"""A workbook for those who start from nothing: columns to fill in, allowed values, a dictionary and the study file.

`COLUMNS` is the one place where the template's columns are written down; the sheets and the study file are views of it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from aice_helpers.core.problems import UsageError
from aice_helpers.core.writing import ExistsError, write_new
from aice_helpers.study.writer import entry, listed, mapped, quoted

ROWS = 1000
"""Rows that are prepared for filling in."""


@dataclass(frozen=True)
class TemplateColumn:
    """A column of the template; ``role`` is "" for the columns of an endpoint."""

    name: str
    label: str
    type: str
    role: str
    meaning: str
    known: str
    unit: str = ""
    levels: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    required: bool = False


_BEFORE, _AFTER = "before the first treatment", "after the first treatment"

_YES_NO = ("no", "yes")

_RECIST = ("CR", "PR", "SD", "PD", "NE")

_RECIST_LABELS = ("Complete response", "Partial response", "Stable disease", "Progressive disease", "Not evaluable")

_GRADES = ("Mild", "Moderate", "Severe", "Life-threatening", "Death")

COLUMNS = (
    TemplateColumn("patient", "Patient", "text", "id", "A number of your own, never a name or a hospital number", _BEFORE,
                   required=True),
    TemplateColumn("age_years", "Age", "integer", "baseline", "Age at the first treatment", _BEFORE, "years",
                   range=(0, 110)),
    TemplateColumn("sex", "Sex", "category", "baseline", "Sex", _BEFORE, levels=("female", "male")),
    TemplateColumn("ecog", "ECOG performance status", "category", "baseline",
                   "Eastern Cooperative Oncology Group scale, 0 is fully active", _BEFORE,
                   levels=("0", "1", "2", "3", "4")),
    TemplateColumn("tumor_size_cm", "Tumor size", "number", "baseline", "Largest diameter of the largest lesion", _BEFORE,
                   "cm", range=(0.1, 50)),
    TemplateColumn("metastasis", "Metastasis", "category", "baseline", "Distant metastasis", _BEFORE, levels=_YES_NO),
    TemplateColumn("grade", "Pathological grade", "category", "baseline", "Grade of the tumor", _BEFORE,
                   levels=("low", "intermediate", "high")),
    TemplateColumn("nlr", "Neutrophil-to-lymphocyte ratio", "number", "baseline",
                   "Neutrophil count divided by lymphocyte count", _BEFORE, range=(0.1, 50)),
    TemplateColumn("sessions", "Treatment sessions", "integer", "post-baseline", "Number of sessions received",
                   "after the last session", range=(0, 50)),
    TemplateColumn("best_response", "Best response", "category", "outcome",
                   "Best overall response by RECIST 1.1; NE is not evaluable", _AFTER, levels=_RECIST),
    TemplateColumn("pfs_months", "Progression-free survival, time", "number", "",
                   "From the first treatment to progression, death or the last visit; never longer than os_months",
                   _AFTER, "months", required=True),
    TemplateColumn("pfs_event", "Progression-free survival, event", "category", "",
                   "yes: progressed or died; no: neither until the last visit", _AFTER, levels=_YES_NO, required=True),
    TemplateColumn("os_months", "Overall survival, time", "number", "",
                   "From the first treatment to death or the last visit", _AFTER, "months", required=True),
    TemplateColumn("os_event", "Overall survival, event", "category", "", "yes: died; no: alive at the last visit", _AFTER,
                   levels=_YES_NO, required=True),
)  # fmt: skip

EVENT_COLUMNS = (
    TemplateColumn("patient", "Patient", "text", "id", "The patient's number as on the sheet patients", _AFTER,
                   required=True),
    TemplateColumn("event", "Adverse event", "text", "", "Name of the event, always spelled alike", _AFTER, required=True),
    TemplateColumn("grade", "Grade", "category", "", "Worst grade by CTCAE 5.0; 5 is death", _AFTER,
                   levels=("1", "2", "3", "4", "5"), required=True),
)  # fmt: skip

SHEETS = {"patients": COLUMNS, "adverse_events": EVENT_COLUMNS}


def write_template(path) -> tuple[Path, Path]:
    """Write the empty workbook and, beside it, its ``study.yml``; return both paths.

    Raises
    ------
    ExistsError
        When one of the two files is there already; neither is written then.
    UsageError
        When the name is not one of an Excel workbook.
    """
    path = Path(path)
    study = path.parent / "study.yml"
    if path.suffix.lower() != ".xlsx":
        raise UsageError("the template is an Excel workbook; name it with the suffix .xlsx")
    for file in (path, study):
        if file.exists() or file.is_symlink():
            raise ExistsError(file)
    write_new(path, template_workbook())
    write_new(study, template_study(path.name))
    return path, study


def template_workbook() -> bytes:
    """The empty workbook as bytes: sheets "patients", "adverse_events" and "dictionary"."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, columns in SHEETS.items():
        _fill_sheet(book.create_sheet(title), columns)
    _fill_dictionary(book.create_sheet("dictionary"))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fill_sheet(sheet, columns):
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for place, column in enumerate(columns, 1):
        letter = get_column_letter(place)
        sheet.cell(1, place, column.name).font = Font(bold=True)
        sheet.column_dimensions[letter].width = max(12, len(column.name) + 2)
        # Text keeps the zeros that an id begins with; a format for the column also holds for cells not yet written.
        sheet.column_dimensions[letter].number_format = {"text": "@", "integer": "0"}.get(column.type, "General")
        rule = _validation(column, DataValidation)
        if rule is not None:
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{ROWS + 1}")
        if column.type == "text":
            for row in range(2, ROWS + 2):
                sheet.cell(row, place).number_format = "@"
    sheet.freeze_panes = "B2"


def _validation(column, kind):
    """The rule by which a spreadsheet refuses other entries, or None."""
    if column.levels:
        rule = kind(type="list", formula1=f'"{",".join(column.levels)}"', allow_blank=not column.required)
        rule.error = f"Choose one of: {', '.join(column.levels)}"
    elif column.type in ("number", "integer"):
        low, high = column.range or (0, 100_000)
        whole = "whole" if column.type == "integer" else "decimal"
        rule = kind(type=whole, operator="between", formula1=str(low), formula2=str(high), allow_blank=True)
        rule.error = f"Enter a {'whole ' if column.type == 'integer' else ''}number from {low} to {high}"
    else:
        return None
    rule.errorTitle, rule.showErrorMessage = column.label[:30], True
    rule.promptTitle, rule.prompt, rule.showInputMessage = column.label[:30], column.meaning[:200], True
    return rule


def _fill_dictionary(sheet):
    from openpyxl.styles import Alignment, Font

    rows = [("sheet", "column", "meaning", "unit", "allowed values", "when known", "required")]
    for title, columns in SHEETS.items():
        for column in columns:
            rows.append((title, column.name, column.meaning, column.unit, _allowed(column), column.known,
                         "yes" if column.required else "no"))  # fmt: skip
    for number, row in enumerate(rows, 1):
        for place, text in enumerate(row, 1):
            cell = sheet.cell(number, place, text or None)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for letter, width in zip("ABCDEFG", (16, 18, 60, 10, 32, 26, 10), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"


def _allowed(column):
    if column.levels:
        return ", ".join(column.levels)
    if column.range:
        return f"{column.range[0]:g} to {column.range[1]:g}"
    return {"text": "text", "integer": "whole number, 0 or more", "number": "number, 0 or more"}[column.type]


def template_study(file) -> str:
    """Text of the study file that belongs to the workbook ``file``."""
    lines = [
        "# The study file of the template. Change the title and what else differs in your cohort; a column that you",
        "# delete from the workbook must be deleted here as well, a column that you add is declared under variables.",
        "title: My cohort",
        "synthetic: false",
        "population: patients",
        "time_unit: months",
        "time_zero: the first treatment",
        "",
        "patients:",
        entry("file", quoted(file), 1),
        entry("sheet", "patients", 1),
        "",
        "variables:",
    ]
    for column in COLUMNS:
        if column.role:
            lines += _variable_lines(column)
    lines += ["", "endpoints:"]
    for name, label, event_label in (
        ("PFS", "Progression-free survival", "progression or death"),
        ("OS", "Overall survival", "death"),
    ):
        lines += [
            entry(name, "", 1),
            entry("label", label, 2),
            entry("time", f"{name.lower()}_months", 2),
            entry("event", f"{name.lower()}_event", 2),
            entry("event_value", quoted("yes"), 2),
            entry("censored_value", quoted("no"), 2),
            entry("event_label", event_label, 2),
        ]
    lines += [
        "",
        "response:",
        entry("variable", "best_response", 1),
        entry("label", "Best response", 1),
        entry("scheme", "RECIST 1.1", 1),
        entry("responders", listed(_RECIST_LABELS[:2]), 1),
        entry("controlled", listed(_RECIST_LABELS[:3]), 1),
        entry("progressed", listed(_RECIST_LABELS[3:4]), 1),
        entry("not_evaluable", listed(_RECIST_LABELS[4:]), 1),
        "",
        "adverse_events:",
        entry("data", "", 1),
        entry("file", quoted(file), 2),
        entry("sheet", "adverse_events", 2),
        entry("patient", "patient", 1),
        entry("term", "event", 1),
        entry("grade", "grade", 1),
        entry("scheme", "CTCAE 5.0", 1),
        entry("grades", mapped(dict(zip("12345", _GRADES, strict=True))), 1),
        entry("severe_from", "Severe", 1),
        "",
        "analysis:",
        entry("confidence_level", "0.95", 1),
        entry("landmark_times", listed([12, 24]), 1),
        entry("rmst_horizon", "24", 1),
        entry("groups", listed(["metastasis", "grade"]), 1),
        entry("prognostic_factors", listed(c.name for c in COLUMNS if c.role == "baseline"), 1),
        entry("multivariable", listed(["tumor_size_cm", "metastasis", "grade", "nlr"]), 1,
              note="about one factor for every ten events"),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _variable_lines(column):
    lines = [entry(column.name, "", 1), entry("label", quoted(column.label), 2)]
    if column.unit:
        lines.append(entry("unit", quoted(column.unit), 2))
    lines += [entry("role", column.role, 2), entry("type", column.type, 2)]
    if column.levels:
        lines.append(entry("levels", mapped(_level_labels(column)), 2))
    if column.range:
        lines.append(entry("range", listed(column.range), 2))
    return [*lines, entry("definition", quoted(column.meaning), 2), entry("known", quoted(column.known), 2)]


def _level_labels(column):
    if column.levels == _RECIST:
        return dict(zip(_RECIST, _RECIST_LABELS, strict=True))
    return {code: code.capitalize() for code in column.levels}
