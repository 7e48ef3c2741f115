"""Files of statistics programs (SPSS, Stata, SAS) and Parquet."""

from __future__ import annotations

import io
import warnings

import numpy as np

from aice_helpers.core.problems import Problem
from aice_helpers.data.files.cells import Cells
from aice_helpers.data.files.table import MAX_CELLS, NoTable, cell_text, plain_value, typed_table

KINDS = {
    "sav": "SPSS data file", "dta": "Stata file", "xpt": "SAS transport file", "sas7bdat": "SAS data set",
}  # fmt: skip


def remark_encoding(name, encoding, fix, findings):
    # What is called Latin-1 here is read as Windows reads it.
    setting = ("encoding", "cp1252" if encoding == "Latin-1" else encoding)
    findings.remark(name, f"the text was read as {encoding} (detected)", fix, setting=setting)


def read_records(source, name, data, findings, kind):
    """The `Table` of a file (bytes) of SPSS, Stata or SAS; ``kind`` is one of `KINDS`."""
    columns, meta, encoding = _statistics_file(source, kind, data)
    if encoding:
        remark_encoding(name, encoding, "Check that the letters look right", findings)
    kinds = meta.readstat_variable_types
    labels = {
        column: {cell_text(plain_value(code)): str(label).strip() for code, label in known.items()}
        for column, known in meta.variable_value_labels.items()
    }
    notes, cells = {}, []
    for column, values in columns.items():
        is_missing = _user_missing(meta, column, kinds.get(column) == "string")
        codes, distinct = _factorized(values)
        texts = [cell_text(plain_value(value)) for value in distinct]
        absent = [is_missing(value) for value in distinct]
        for code, text in enumerate(texts):
            if absent[code]:
                meant = labels.get(column, {}).get(text)
                rule = f"the code {text!r}{f' ({meant})' if meant else ''} is declared missing in the file"
                rows = tuple((np.flatnonzero(codes == code) + 2).tolist())
                note = Problem(name, rule, "Nothing to do if so", column=column, count=len(rows), rows=rows)
                notes.setdefault(column, []).append(note)
        cells.append(Cells.coded(codes, ["" if gone else text for gone, text in zip(absent, texts, strict=True)]))
    header = [str(column).strip() for column in columns]
    if not header:
        raise NoTable("the file is empty", "Export the table again")
    titles = {
        str(column).strip(): label.strip()
        for column, label in meta.column_names_to_labels.items()
        if label and label.strip()
    }
    numbers = np.arange(2, len(cells[0]) + 2)
    return typed_table(
        name, source, header, numbers, cells, findings, labels=labels, notes=notes, titles=titles, serials=kind
    )


def _factorized(values):
    """Codes of the rows and the distinct values, in the order of first appearance; an empty cell is None."""
    import pandas as pd

    if not isinstance(values, np.ndarray):
        values = np.array([*values, None], dtype=object)[:-1]
    codes, distinct = pd.factorize(values)
    return np.where(codes < 0, len(distinct), codes), [*distinct, None]


def _statistics_file(source, kind, data):
    import pyreadstat

    read = {
        "sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta, "xpt": pyreadstat.read_xport,
        "sas7bdat": pyreadstat.read_sas7bdat,
    }[kind]  # fmt: skip
    options = {"user_missing": True} if kind in ("sav", "dta", "sas7bdat") else {}
    what = KINDS[kind]
    # Files of older programs do not name the encoding of their text.
    tries = [(source.encoding, "")] if source.encoding else [(None, ""), ("GB18030", "GB18030"), ("CP1252", "Latin-1")]
    for encoding, reported in tries:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                columns, meta = read(io.BytesIO(data), encoding=encoding, output_format="dict", **options)
                return columns, meta, reported
            except UnicodeError:
                continue
            except Exception as error:
                # The library has one exception for all faults of a file, and lets others of Python through.
                if "convert" in str(error) and "encoding" in str(error):
                    continue
                raise NoTable(
                    f"the content is no {what}, or it is damaged", "Save it again, or export it as CSV"
                ) from error
    raise NoTable("the encoding of the text is not known", "Name it in the study file, or export the file as CSV")


def _user_missing(meta, column, is_text):
    """Whether a value of a column is one of the codes that the file itself declares missing."""
    ranges = meta.missing_ranges.get(column, [])
    letters = set(meta.missing_user_values.get(column, []))

    def is_missing(value):
        if isinstance(value, str):
            # In a numeric column of Stata a letter stands for one of the extended missing values .a to .z.
            return (
                value in letters or (not is_text) or any(value == one["lo"] == one["hi"] for one in ranges if is_text)
            )
        if not isinstance(value, int | float):
            return False
        return any(
            one["lo"] <= value <= one["hi"]
            for one in ranges
            if isinstance(one["lo"], int | float) and isinstance(one["hi"], int | float)
        )

    return is_missing


def read_parquet(source, name, data, findings):
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        if file.metadata.num_rows * max(1, file.metadata.num_columns) > MAX_CELLS:
            raise NoTable("the file is far too large for a table of patients", "Export only the columns needed")
        nested = [one.name for one in file.schema_arrow if pyarrow.types.is_nested(one.type)]
        if nested:
            raise NoTable("the column holds lists or records", "Export one value a cell", column=nested[0])
        table = file.read()
        header = [str(column).strip() for column in table.column_names]
        cells = [_dictionary_cells(column) for column in table.columns]
    except NoTable:
        raise
    except Exception as error:
        # Damaged parts raise the library's errors, but also those of Python.
        raise NoTable("the content is no Parquet file, or it is damaged", "Export it again") from error
    if not header:
        raise NoTable("the file is empty", "Export the table again")
    return typed_table(name, source, header, np.arange(2, table.num_rows + 2), cells, findings)


def _dictionary_cells(column):
    """The `Cells` of a column of Arrow's."""
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    coded = column.dictionary_encode().combine_chunks()
    texts = [cell_text(value) for value in coded.dictionary.to_pylist()]
    return Cells.coded(coded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False), [*texts, ""])
