"""Start-stop rows, by their form: two times a row, and a patient's rows that follow each other."""

from __future__ import annotations

import itertools

from aice_helpers.data.columns import number_in
from aice_helpers.draft import headers, timing, vocabulary
from aice_helpers.draft.endpoints import DraftedEndpoint
from aice_helpers.draft.shapes.recognition import Reading, Recognized
from aice_helpers.study.model import DataFile

STARTS = {"start", "tstart", "begin", "entry", "time1", "t1", "start time", "starttime", "t start", "from", "left"}

STOPS = {
    "stop",
    "tstop",
    "end",
    "exit",
    "time2",
    "t2",
    "stop time",
    "stoptime",
    "t stop",
    "to",
    "right",
    "endtime",
    "end time",
}


def recognize_start_stop(table, path, _folder):
    """Start-stop rows: columns of a start and a stop, and an id whose rows follow each other without a gap."""
    words = {
        name: " ".join(headers.header_words(name)).replace("time 1", "time1").replace("time 2", "time2")
        for name in table.header
    }
    start, stop = (next((name for name, said in words.items() if said in known), None) for known in (STARTS, STOPS))
    if start is None or stop is None:
        return None
    starts, stops = ([number_in(cell, ".") for cell in table.cells_of(name)] for name in (start, stop))
    if None in starts or None in stops or not all(a < b for a, b in zip(starts, stops, strict=True)):
        return None
    for ids in (name for name in table.header if name not in (start, stop)):
        event = _event(table, ids, start, stop)
        if event and _follow(table, ids, starts, stops):
            names = {"id": ids, "start": start, "stop": stop, "event": event}
            settings = {
                "shape": ("start-stop", "several intervals a patient become one"),
                "columns": (names, ""),
            }
            patients = len(table.cells_of(ids).texts)
            found = (
                f"start-stop rows: {table.n} intervals of {patients} patients; a covariate that changes keeps its first value, "
                "its later change is not analysed"
            )
            return Recognized(DataFile(str(path), shape="start-stop", columns=names), settings, (found,))
    return None


def _follow(table, ids, starts, stops):
    """Whether contents repeat themselves, and rows of one content begin where the row before ended."""
    cells = table.cells_of(ids)
    if not len(cells.texts) < len(cells) or len(cells.texts) < 2:
        return False
    rows = {}
    for code, start, stop in sorted(zip(cells.codes.tolist(), starts, stops, strict=True)):
        rows.setdefault(code, []).append((start, stop))
    pairs = [(a[1], b[0]) for one in rows.values() for a, b in itertools.pairwise(one)]
    return all(abs(before - after) <= 1e-6 * max(1.0, abs(before)) for before, after in pairs)


def _event(table, *others):
    """The column of 0 and 1 whose name says that it holds the event."""
    coded = [name for name in table.header if name not in others and set(table.cells_of(name).texts) <= {"0", "1"}]
    named = [name for name in coded if _part(table, name) == "event"]
    return named[0] if len(named) == 1 else None


def _part(table, name):
    return timing.endpoint_part(headers.Column(name, tuple(table.cells_of(name))))[1]


def read_start_stop(columns, names):
    """The endpoint, and from when on the patients are observed where that is not time zero."""
    by_name = {column.header: column for column in columns}
    event, start = by_name[names["event"]], by_name[names["start"]]
    known = timing.endpoint_part(event)[0]
    name = known or "OS"
    label, meant = vocabulary.ENDPOINTS[name][:2] if name in vocabulary.ENDPOINTS else (name, "event")
    codes = timing.event_codes(event, by_name[names["stop"]].numbers)
    one = DraftedEndpoint(
        name, label, meant, by_name[names["stop"]], event, codes, "the last stop", is_named=bool(known)
    )
    late = any(number for number in start.numbers)
    entries = {name: start} if late else {}
    return Reading((one,), by_name[names["id"]], aside=frozenset({start.header}), entries=entries)
