"""OpenDocument spreadsheets (.ods): cells by their stored values, with what the sheet hides."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

from aice_helpers.data.files.packed import check_archive
from aice_helpers.data.files.sheets import Sheet
from aice_helpers.data.files.table import MAX_CELLS, NoTable

_DAMAGED = ("the spreadsheet is damaged", "Save it again from a spreadsheet program")

_TABLE, _OFFICE, _TEXT = (
    "{urn:oasis:names:tc:opendocument:xmlns:" + part + ":1.0}" for part in ("table", "office", "text")
)


def opendocument_sheets(data) -> list[Sheet]:
    """The sheets of a spreadsheet (bytes)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_archive(archive, len(data))
            if b"manifest:encryption-data" in archive.read("META-INF/manifest.xml"):
                raise NoTable("the spreadsheet is protected by a password", "Save a copy without a password")
            content = archive.read("content.xml")
    except KeyError:
        raise NoTable(*_DAMAGED) from None
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise NoTable(*_DAMAGED) from error
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise NoTable("the spreadsheet holds declarations that could do harm", "Ask where the file came from")
    try:
        root = ElementTree.fromstring(content)
        return [_sheet(table) for table in root.iter(f"{_TABLE}table")]
    except (ElementTree.ParseError, ValueError, OverflowError) as error:
        raise NoTable(*_DAMAGED) from error


def _sheet(table):
    cells, hidden, merged, formulas, number, count = {}, [], [], set(), 0, 0
    for row in table.iter(f"{_TABLE}table-row"):
        repeated = int(row.get(f"{_TABLE}number-rows-repeated", 1))
        found, spans, without = _row(row)
        if repeated > 1 and found:
            count += repeated * len(found)
        if count > MAX_CELLS:
            raise NoTable("the sheet is far too large for a table of patients", "Delete what lies outside the table")
        for at in range(number + 1, number + 1 + repeated) if found or without else ():
            cells |= {(at, column): value for column, value in found.items()}
            formulas |= {(at, column) for column in without}
            if row.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                hidden.append(at)
        merged += [(number + 1, column, text) for column, text in spans]
        number += repeated
    return Sheet(table.get(f"{_TABLE}name", ""), cells, hidden=hidden, merged=merged, formulas=formulas)


def _row(row):
    """Column -> value of a row's cells, its merged cells, and the columns of formulas without a value."""
    found, merged, without, column = {}, [], [], 1
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        repeated = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
        value = _value(cell)
        if value is not None:
            if repeated > 20_000:
                raise NoTable("the sheet is far too wide for a table of patients", "Delete what lies outside the table")
            found |= dict.fromkeys(range(column, column + repeated), value)
        elif cell.get(f"{_TABLE}formula"):
            without.append(column)
        spans = [int(cell.get(f"{_TABLE}number-{what}-spanned", 1)) for what in ("columns", "rows")]
        if max(spans) > 1:
            merged.append(
                (column, f"over {spans[1]} row{'s' * (spans[1] > 1)} and {spans[0]} column{'s' * (spans[0] > 1)}")
            )
        column += repeated
    return found, merged, without


def _value(cell):
    """The stored value of a cell, as text or number; None when it is empty."""
    kind = cell.get(f"{_OFFICE}value-type")
    if kind in ("float", "currency", "percentage"):
        return float(cell.get(f"{_OFFICE}value"))
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    if kind == "date":
        return re.sub(r"T00:00:00(\.0+)?$", "", cell.get(f"{_OFFICE}date-value", "")).replace("T", " ")
    if kind == "string" and cell.get(f"{_OFFICE}string-value") is not None:
        return cell.get(f"{_OFFICE}string-value")
    # A comment on a cell is no part of its content.
    paragraphs = ["".join(_letters(one)) for one in cell if one.tag == f"{_TEXT}p"]
    return "\n".join(paragraphs).strip() or None


def _letters(element):
    yield element.text or ""
    for part in element:
        if part.tag == f"{_TEXT}s":
            yield " " * min(int(part.get(f"{_TEXT}c", 1)), 100)
        elif part.tag != f"{_OFFICE}annotation":
            yield from _letters(part)
        yield part.tail or ""
