"""Data frames of R, from .rds and .RData files: R's serialization is read, and never run.

The layout is that of "R Internals", section 1.8 (serialization formats), versions 2 and 3 in XDR form. Only what a data
frame is made of is understood; everything else is skipped where it can be, and refused in words where it cannot.
"""

from __future__ import annotations

import datetime
import struct
from dataclasses import dataclass, field

import numpy as np

from aice_helpers.data.files.cells import Cells
from aice_helpers.data.files.packed import unpack
from aice_helpers.data.files.table import MAX_CELLS, ROW_NAMES, NoTable, cell_text, typed_table

_DAMAGED = ("the R data file is damaged", 'Save it again in R: saveRDS(table, "table.rds")')

_SINGLE = {254, 253, 252, 251, 250, 242, 241}
"""Items that are one word: NULL, the global and base environments, missing arguments."""

_PAIRS = {2, 3, 5, 6, 239, 240}

_NA_INTEGER = -(2**31)


@dataclass
class _Object:
    """A value of R: its kind, its content and its attributes."""

    kind: int
    value: object = None
    attributes: dict = field(default_factory=dict)

    @property
    def classes(self):
        found = self.attributes.get("class")
        return tuple(found.value) if found is not None and found.kind == 16 else ()

    @property
    def names(self):
        found = self.attributes.get("names")
        return list(found.value) if found is not None and found.kind == 16 else []


_NULL = _Object(254)


def read_r(source, name, data, findings):
    """The `Table` of a data frame of R (bytes); `DataFile.sheet` names it where a file holds several."""
    data = unpack(data)
    try:
        frame = _data_frame(source, _objects(data), findings, name)
        header, columns, labels, titles = _columns(frame, name, findings)
    except (struct.error, LookupError, ValueError, OverflowError, RecursionError, TypeError, AttributeError) as error:
        raise NoTable(*_DAMAGED) from error
    if not header:
        raise NoTable("the data frame has no columns", "Save the right table")
    numbers = np.arange(2, len(columns[0]) + 2)
    return typed_table(
        name, source, header, numbers, list(map(Cells.of, columns)), findings, labels=labels, titles=titles
    )


def _objects(data):
    """Name -> object of everything a file holds; an .rds file holds one without a name."""
    packed = data.startswith((b"RDX2\n", b"RDX3\n"))
    if packed:
        data = data[5:]
    if not data.startswith(b"X\n"):
        raise NoTable(
            "the R data file is not in R's usual binary form", 'Save it again in R: saveRDS(table, "table.rds")'
        )
    reader = _Reader(data)
    item = reader.item()
    if not packed:
        return {"": item}
    return {tag: value for tag, value in item.value if tag} if item.kind == 2 else {}


def _data_frame(source, objects, findings, name):
    frames = {key: one for key, one in objects.items() if "data.frame" in one.classes and one.kind == 19}
    if source.sheet:
        if source.sheet not in frames:
            listed = ", ".join(map(repr, frames)) or "none"
            raise NoTable(f"the file holds no data frame {source.sheet!r}", f"Data frames: {listed}")
        return frames[source.sheet]
    if len(frames) > 1:
        listed = ", ".join(map(repr, frames))
        raise NoTable(
            f"the file holds {len(frames)} data frames: {listed}",
            f"Name the one with the patients in the study file (sheet: {next(iter(frames))})",
        )
    if not frames:
        what = ", ".join(filter(None, (" ".join((key, *one.classes)).strip() for key, one in objects.items())))
        raise NoTable(
            f"the file holds no data frame{f' (but: {what[:80]})' if what else ''}",
            'Save the table itself in R: saveRDS(as.data.frame(table), "table.rds")',
        )
    others = [key for key in objects if key not in frames]
    if others:
        findings.remark(name, "the file holds other objects beside the data frame; they are not read", "Nothing to do")
    return next(iter(frames.values()))


def _columns(frame, name, findings):
    """Header, cells column by column, value labels and variable labels of a data frame."""
    header, columns, labels, titles, left_out = [], [], {}, {}, []
    names = frame.names
    if len(names) != len(frame.value):
        raise ValueError
    for column, values in zip(names, frame.value, strict=True):
        if "dim" in values.attributes and values.kind in (10, 13, 14, 16):
            for part, vector in _parts(column, values):
                header.append(part)
                columns.append(vector)
            continue
        cells = _cells(values)
        if cells is None:
            left_out.append(column)
            continue
        header.append(column.strip())
        columns.append(cells)
        own = _value_labels(values)
        if own:
            labels[header[-1]] = own
        title = values.attributes.get("label")
        if title is not None and title.kind == 16 and title.value and title.value[0].strip():
            titles[header[-1]] = title.value[0].strip()
    if left_out:
        listed = ", ".join(map(repr, left_out[:10]))
        rule = f"the columns {listed} hold lists or tables, not one value a row; they are left out"
        findings.remark(name, rule, "Nothing to do if they are not needed")
    count = len(columns[0]) if columns else 0
    if any(len(cells) != count for cells in columns):
        raise ValueError
    own = frame.attributes.get("row.names")
    if own is not None and own.kind == 16 and own.value and columns and len(own.value) == count:
        plain = [str(number) for number in range(1, count + 1)]
        if [cell.strip() for cell in own.value] != plain and ROW_NAMES not in header:
            header.insert(0, ROW_NAMES)
            columns.insert(0, [cell_text(cell) for cell in own.value])
            rule = f"the row names of R are the column {ROW_NAMES!r}"
            findings.remark(name, rule, "Nothing to do")
    if len(header) * count > MAX_CELLS:
        raise NoTable("the file is far too large for a table of patients", "Save only the columns needed")
    return header, columns, labels, titles


def _parts(column, values):
    """A matrix in a data frame, such as R's `Surv`, as columns of its own, named as R names them."""
    dim = [int(size) for size in values.attributes["dim"].value]
    if len(dim) != 2 or dim[0] * dim[1] != len(values.value):
        raise ValueError
    named = values.attributes.get("dimnames")
    inner = named.value[1] if named is not None and named.kind == 19 and len(named.value) == 2 else _NULL
    ends = list(inner.value) if inner.kind == 16 else [str(place) for place in range(1, dim[1] + 1)]
    plain = _Object(values.kind, values.value)
    cells = _cells(plain)
    for place in range(dim[1]):
        yield f"{column}.{ends[place]}", cells[place * dim[0] : (place + 1) * dim[0]]


def _cells(values):
    """The cells of a column as text; None when it does not hold one value a row."""
    classes = values.classes
    if values.kind == 16:
        return [cell_text(cell) for cell in values.value]
    if values.kind not in (10, 13, 14):
        return None
    if "factor" in classes:
        levels = values.attributes["levels"].value
        return ["" if code < 1 else cell_text(levels[code - 1]) for code in values.value.tolist()]
    if values.kind == 10:
        return ["" if code == _NA_INTEGER else "TRUE" if code else "FALSE" for code in values.value.tolist()]
    if "integer64" in classes:
        # The 64 bits of a whole number are stored as those of a real one.
        whole = values.value.astype(">f8").view(">i8").tolist()
        return ["" if number == -(2**63) else str(number) for number in whole]
    numbers = [None if number == _NA_INTEGER and values.kind == 13 else number for number in values.value.tolist()]
    if "Date" in classes:
        return [_moment(number, 86_400) for number in numbers]
    if "POSIXct" in classes:
        return [_moment(number, 1) for number in numbers]
    return [cell_text(number) for number in numbers]


def _moment(number, seconds):
    if number is None or number != number:
        return ""
    return cell_text(datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=number * seconds))


def _value_labels(values):
    """Code -> label where haven or labelled have stored them."""
    own = values.attributes.get("labels")
    if own is None or own.kind not in (13, 14, 16) or not own.names:
        return {}
    codes = own.value if own.kind == 16 else own.value.tolist()
    return {cell_text(code): label.strip() for code, label in zip(codes, own.names, strict=True)}


class _Reader:
    """Reads one serialized value; strings and environments met before are referred to by number."""

    def __init__(self, data):
        self.data, self.place, self.seen = data, 2, []
        version, _, _ = (self.integer() for _ in range(3))
        if version == 3:
            self.bytes(self.integer())
        elif version != 2:
            raise NoTable(
                "the R data file is of a version that is not read",
                'Save it again in R: saveRDS(table, "table.rds", version = 3)',
            )

    def bytes(self, count):
        if count < 0 or self.place + count > len(self.data):
            raise IndexError
        self.place += count
        return self.data[self.place - count : self.place]

    def integer(self):
        return struct.unpack(">i", self.bytes(4))[0]

    def length(self):
        count = self.integer()
        if count < 0 or count > MAX_CELLS:
            raise NoTable("the file is far too large for a table of patients", "Save only the columns needed")
        return count

    def item(self):
        flags = self.integer()
        kind, has_attributes = flags & 0xFF, bool(flags & 0x200)
        if kind in _SINGLE:
            return _NULL
        if kind == 255:
            return self.seen[(flags >> 8 or self.integer()) - 1]
        if kind == 1:
            symbol = _Object(1, self.item().value)
            self.seen.append(symbol)
            return symbol
        if kind in _PAIRS:
            return self.pairs(flags)
        if kind == 238:
            return self.alternative()
        if kind in (4, 249, 248, 247):
            return self.environment(kind)
        if kind == 9:
            return self.text(flags)
        found = self.vector(kind)
        if has_attributes:
            found.attributes = dict(self.item().value or ())
        return found

    def vector(self, kind):
        if kind in (10, 13):
            return _Object(kind, np.frombuffer(self.bytes(4 * self.length()), dtype=">i4"))
        if kind == 14:
            return _Object(kind, np.frombuffer(self.bytes(8 * self.length()), dtype=">f8"))
        if kind == 15:
            return _Object(kind, self.bytes(16 * self.length()))
        if kind in (24, 7, 8):
            return _Object(kind, self.bytes(self.length()))
        if kind == 16:
            return _Object(kind, [self.item().value for _ in range(self.length())])
        if kind in (19, 20):
            return _Object(kind, [self.item() for _ in range(self.length())])
        if kind == 25:
            return _Object(kind)
        raise NoTable(
            "the file holds objects of R (such as functions or fitted models) that are no table",
            'Save the table alone in R: saveRDS(as.data.frame(table), "table.rds")',
        )

    def text(self, flags):
        count = self.integer()
        if count == -1:
            return _Object(9, "")
        raw = self.bytes(count)
        if flags >> 12 & 4:
            return _Object(9, raw.decode("latin-1"))
        try:
            return _Object(9, raw.decode("utf-8"))
        except UnicodeDecodeError:
            return _Object(9, raw.decode("cp1252", "replace"))

    def pairs(self, flags):
        """A linked list as (tag, value) pairs; attributes are such lists."""
        found = []
        while flags & 0xFF in _PAIRS:
            if flags & 0x200 or flags & 0xFF in (239, 240):
                self.item()
            tag = self.item().value if flags & 0x400 else ""
            found.append((tag, self.item()))
            mark = self.place
            flags = self.integer()
        if flags & 0xFF not in _SINGLE:
            # A pair whose second half is no list.
            self.place = mark
            found.append(("", self.item()))
        return _Object(2, found)

    def environment(self, kind):
        place = len(self.seen)
        self.seen.append(_NULL)
        if kind == 4:
            self.integer()
            for _ in range(4):
                self.item()
        else:
            self.integer()
            for _ in range(self.length()):
                self.item()
        return self.seen[place]

    def alternative(self):
        """Vectors that R stores in short, such as 1:n."""
        info, state, attributes = self.item(), self.item(), self.item()
        name = info.value[0][1].value
        if name in ("compact_intseq", "compact_realseq"):
            count, first, step = state.value
            if not 0 <= count <= MAX_CELLS:
                raise ValueError
            numbers = first + step * np.arange(int(count))
            found = _Object(13, numbers.astype(">i4")) if name == "compact_intseq" else _Object(14, numbers)
        elif name == "deferred_string":
            found = _Object(16, _cells(_Object(state.value[0][1].kind, state.value[0][1].value)))
        elif name.startswith("wrap_"):
            inner = state.value[0] if state.kind == 19 else state.value[0][1]
            found = _Object(inner.kind, inner.value, dict(inner.attributes))
        else:
            raise NoTable(
                "the file holds a vector that only R can read", 'Save the table as CSV: write.csv(table, "table.csv")'
            )
        if attributes.kind == 2:
            found.attributes = dict(attributes.value)
        return found
