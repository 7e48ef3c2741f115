"""A large text without a quote, read column by column by Arrow instead of cell by cell.

The result is the one that the csv module gives; what could be read in another way is left to it.
"""

from __future__ import annotations

import numpy as np

from aice_helpers.data.files.cells import Cells
from aice_helpers.data.files.table import without_empty_rows

LARGE = 1_000_000
"""Characters from which on the detour pays."""


def plain_columns(text, delimiter, header_row, width):
    """Numbers and cells of the rows below the header that hold something, and the rows of another width (none).

    Returns None where the text is small, holds a quote or has a row of another width than the header: the module csv
    then reads it, and tells what is wrong.
    """
    if len(text) < LARGE or '"' in text:
        return None
    import pyarrow
    from pyarrow import csv

    names = [str(place) for place in range(width)]
    try:
        table = csv.read_csv(
            pyarrow.BufferReader(text.encode()),
            csv.ReadOptions(column_names=names, skip_rows=header_row, use_threads=False),
            # An empty line counts as a row, for it has a number; it has another width and leads back to the module csv.
            csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(
                column_types=dict.fromkeys(names, pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
                strings_can_be_null=False,
            ),
        )
    except (pyarrow.ArrowInvalid, UnicodeError):
        return None
    columns = [_cells(table.column(name)) for name in names]
    return *without_empty_rows(np.arange(header_row + 1, header_row + 1 + table.num_rows), columns), []


def _cells(column):
    column = column.unify_dictionaries()
    written = column.chunk(0).dictionary.to_numpy(zero_copy_only=False).tolist()
    texts = [text.strip() for text in written]
    codes = np.concatenate([part.indices.to_numpy() for part in column.chunks])
    # Arrow numbers the distinct texts in the order of their appearance, as `Cells` does.
    return Cells(tuple(texts), codes) if texts == written else Cells.coded(codes, texts)
