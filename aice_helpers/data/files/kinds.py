"""What a file is by its content, whatever its name says."""

from __future__ import annotations

import io
import re
import zipfile

from aice_helpers.data.files.packed import GZIP, ZIP, check_archive
from aice_helpers.data.files.table import NoTable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

NAMES = {
    "csv": "text", "xlsx": "an Excel workbook", "xlsb": "a binary Excel workbook", "xls": "a workbook of the old Excel format",
    "ods": "an OpenDocument spreadsheet", "sav": "an SPSS data file", "dta": "a Stata file", "xpt": "a SAS transport file",
    "sas7bdat": "a SAS data set", "parquet": "a Parquet file", "rds": "an R data file", "zip": "a zip archive",
    "gz": "a file packed by gzip",
}  # fmt: skip
"""Format -> what a message calls it."""

_STARTS = (
    ("sav", (b"$FL2", b"$FL3")),
    ("xpt", (b"HEADER RECORD*",)),
    ("parquet", (b"PAR1",)),
    ("dta", (b"<stata_dta>",)),
    ("sas7bdat", (bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011"),)),
    ("rds", (b"RDX2\nX\n", b"RDX3\nX\n", b"RDA2\nA\n", b"RDA3\nA\n", b"X\n\0\0\0", b"RDB2\nB\n", b"RDB3\nB\n")),
    ("gz", (GZIP,)),
)

_NO_TABLES = (
    (b"\x89PNG\r\n", "a picture (PNG)", "Export the table itself, as CSV or an Excel workbook"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "Export the table itself, as CSV or an Excel workbook"),
    (b"GIF8", "a picture (GIF)", "Export the table itself, as CSV or an Excel workbook"),
    (b"%PDF", "a PDF", "Export the table from the program that made it, as CSV or an Excel workbook"),
    (b"{\\rtf", "a text document (RTF)", "Copy the table into a spreadsheet and save it as an Excel workbook (.xlsx)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it and name the table inside"),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it and name the table inside"),
    (b"SQLite format 3\0", "a database (SQLite)", "Export one table of it as CSV"),
)

_IN_ZIP = (
    (r"xl/workbook\.xml$", "xlsx"),
    (r"xl/workbook\.bin$", "xlsb"),
)

_ZIPPED_DOCUMENTS = (
    (r"^Index/.*\.iwa$|^index\.apxl$|^Index\.zip$", "a document of Apple Numbers",
     "Open it in Numbers and export it: File, Export To, Excel or CSV"),
    (r"^word/document\.xml$", "a Word document",
     "Copy the table into a spreadsheet and save it as an Excel workbook (.xlsx)"),
)  # fmt: skip

JAMOVI = ("a jamovi file", "Open it in jamovi and export the data: the menu, Export, CSV (.csv) or SPSS (.sav)")
JASP = ("a JASP file", "Open it in JASP and export the data: the menu, Export Data, CSV (.csv)")


def kind_of(data) -> str:
    """Format of a file by its first bytes or the parts of its archive; "" when it may be plain text.

    Raises
    ------
    NoTable
        When the content is known to be no table; the fix names how its program exports one.
    """
    for start, what, fix in _NO_TABLES:
        if data.startswith(start):
            raise NoTable(f"the content is {what}, not a table", fix)
    if data.startswith(OLE):
        return _old_office(data)
    if data.startswith(ZIP):
        return _zipped(data)
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")) or re.match(rb"<(table|meta|head|style)\b", head):
        raise NoTable(
            "the content is a page of HTML, whatever the name says",
            "Open it in a spreadsheet and save it as an Excel workbook (.xlsx)",
        )
    if head.startswith(b"<?xml"):
        raise NoTable(
            "the content is XML, whatever the name says",
            "Open it in a spreadsheet and save it as an Excel workbook (.xlsx)",
        )
    found = next((kind for kind, starts in _STARTS if data.startswith(starts)), "")
    # The first letters of a Parquet file are those of a likely column; its last ones are the same.
    return "" if found == "parquet" and not data.endswith(b"PAR1") else found


def _old_office(data):
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise NoTable(
            "the workbook is protected by a password",
            "Open it with the password and save a copy without one",
        )
    if "WordDocument".encode("utf-16-le") in data:
        raise NoTable(
            "the content is a Word document, not a table",
            "Copy the table into a spreadsheet and save it as an Excel workbook (.xlsx)",
        )
    return "xls"


def _zipped(data):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_archive(archive, len(data))
            names = archive.namelist()
            first = archive.read("mimetype")[:100] if "mimetype" in names else b""
            manifest = archive.read("META-INF/MANIFEST.MF")[:2000] if "META-INF/MANIFEST.MF" in names else b""
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, KeyError) as error:
        raise NoTable("the archive or workbook is damaged", "Save it again") from error
    if first.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "ods"
    if b"jamovi" in manifest.lower() or {"xdata.json", "metadata.json"} <= set(names):
        raise NoTable(f"the content is {JAMOVI[0]}", JAMOVI[1])
    if "manifest.json" in names and ("internal.sqlite" in names or "analyses.json" in names):
        raise NoTable(f"the content is {JASP[0]}", JASP[1])
    for pattern, what, fix in _ZIPPED_DOCUMENTS:
        if any(re.search(pattern, name) for name in names):
            raise NoTable(f"the content is {what}", fix)
    return next((kind for pattern, kind in _IN_ZIP if any(re.search(pattern, name) for name in names)), "zip")
