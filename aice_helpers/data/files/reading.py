"""The one entry to every file format: `read_table`."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path

from aice_helpers.data.files.statistics import OLE, ZIP, read_parquet, read_records
from aice_helpers.data.files.table import ADVICE, FORMATS, MAX_FILE, NoTable, Table, file_name
from aice_helpers.data.files.text import read_text
from aice_helpers.data.files.workbook import check_archive, read_workbook


def read_table(source, findings, *, folder=Path(), digest=None, may_be_empty=False) -> Table | None:
    """Read one data file; None, with faults noted, when it is no table.

    Parameters
    ----------
    source : DataFile
        Name and format of the file; see `study.DataFile`. An absolute name is used as it is.
    findings : Findings
        Takes the faults and remarks.
    folder : path-like
        Where the file's name starts.
    digest : hash object, optional
        Is updated with the file's bytes.
    may_be_empty : bool
        Whether a table without rows is fine.
    """
    name = file_name(source.file)
    try:
        data = _content(Path(folder) / source.file)
        if digest is not None:
            digest.update(data)
        table = _reader(source, data)(source, name, data, findings)
        if table is not None and not table.n and not may_be_empty:
            raise NoTable("the table has a header but no rows", "Export the table again")
    except NoTable as error:
        findings.fault(name, error.rule, error.fix, row=error.row, column=error.column)
        return None
    return table


def _content(path):
    try:
        if path.exists() and not path.is_file():
            raise NoTable("this is a folder or a device, not a file", "Name the file inside")
        if path.stat().st_size > MAX_FILE:
            raise NoTable("the file is far too large for a table of patients", "Export only the columns needed")
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
    except ValueError:
        reason = "the name holds a character that no file name may hold"
    raise NoTable(f"the file cannot be read ({reason})", "Check the name in the study file")


def _reader(source, data):
    """The function that reads the format, after a look at whether the content can be of that format."""
    suffix = file_name(source.file).rpartition(".")[2].lower()
    if not source.format and suffix in ADVICE:
        if suffix == "zip" and zipfile.is_zipfile(io.BytesIO(data)):
            # Damaged or not, an archive is refused; one that could do harm is called so.
            with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
                check_archive(archive, len(data))
        raise NoTable(f"a .{suffix} file cannot be read", ADVICE[suffix])
    kind = source.format or FORMATS.get(suffix, "csv")
    if not data:
        raise NoTable("the file is empty", "Export the table again")
    starts = {"sav": (b"$FL2", b"$FL3"), "xpt": (b"HEADER RECORD*",), "parquet": (b"PAR1",), "xlsx": (ZIP,)}
    if kind == "xlsx" and data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise NoTable("the workbook is protected by a password", "Save a copy without a password")
        raise NoTable("the workbook is of the old Excel format (.xls)", ADVICE["xls"])
    if kind in starts and not data.startswith(starts[kind]):
        what = {"sav": "SPSS data file", "xpt": "SAS transport file", "parquet": "Parquet file", "xlsx": "workbook"}
        raise NoTable(f"the content is no {what[kind]}", "Export it again, or name its format in the study file")
    if kind == "csv" and data.startswith((ZIP, OLE)):
        raise NoTable("the content is a workbook or an archive, not text", "Give it its true suffix, for example .xlsx")
    return {
        "csv": read_text, "xlsx": read_workbook, "sav": read_records, "dta": read_records, "xpt": read_records,
        "parquet": read_parquet,
    }[kind]  # fmt: skip
