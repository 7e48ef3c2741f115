"""A REDCap export, raw or with labels: the rows of events and repeated instruments become one row a record."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from aice_helpers.data.files.cells import Cells

EVENT = ("redcap_event_name", "Event Name")

INSTRUMENT = ("redcap_repeat_instrument", "Repeat Instrument")

INSTANCE = ("redcap_repeat_instance", "Repeat Instance")


def redcap_patients(table, source, findings):
    """One row a record; what is filled in at several events has a column for each.

    Rows of repeated instruments (labs, adverse events) belong to no single moment and are left out, which is said.

    Parameters
    ----------
    table : Table
    source : DataFile
        ``columns`` may name the ``id``; the first column is it otherwise, as in every export.
    findings : Findings

    Returns
    -------
    Table or None
        None, with the fault noted, when a record has several rows that nothing tells apart.
    """
    name = source.columns.get("id", table.header[0])
    if name not in table.header:
        findings.fault(table.file, "the column for the record is not there", "Correct its name (columns)", column=name)
        return None
    table = _without_repeats(table, findings)
    event = next((one for one in EVENT if one in table.header), None)
    ids = list(table.cells_of(name))
    events = list(table.cells_of(event)) if event else [""] * table.n
    rows = {}
    for place, key in enumerate(zip(ids, events, strict=True)):
        rows.setdefault(key, []).append(place)
    many = [place for places in rows.values() if len(places) > 1 for place in places]
    if many:
        fix = "Choose the rows in the study file, for example: rows: {redcap_repeat_instance: 1}"
        rule = "records have several rows that are told apart by no event"
        findings.fault(table.file, rule, fix, column=name, rows=table.numbers[many].tolist())
        return None
    control = {event, *INSTRUMENT, *INSTANCE}
    if len(set(events)) == 1:
        keep = [place for place, column in enumerate(table.header) if column not in control]
        return _with_columns(table, keep)
    return _by_record(table, name, ids, events, control, findings)


def _with_columns(table, keep):
    header, cells = (tuple(one[place] for place in keep) for one in (table.header, table.cells))
    return replace(table, header=header, cells=cells)


def _without_repeats(table, findings):
    instrument = next((one for one in INSTRUMENT if one in table.header), None)
    if instrument is None:
        return table
    cells = table.cells_of(instrument)
    repeated = cells.at(place for place, text in enumerate(cells.texts) if text)
    if repeated.any():
        counts = Counter(text for text in cells if text)
        listed = ", ".join(f"{text} ({count})" for text, count in counts.most_common(10))
        rule = f"rows of repeated instruments are no patients and are left out here: {listed}"
        fix = f"Adverse events among them are read by adverse_events: data: rows: {{{instrument}: ...}}"
        findings.remark(table.file, rule, fix, count=int(repeated.sum()))
    return table.take(~repeated)


def _by_record(table, name, ids, events, control, findings):
    """One row a record: a field that is filled at one event only keeps its name, any other has a column an event."""
    records = list(dict.fromkeys(ids))
    place_of = {record: place for place, record in enumerate(records)}
    base = np.array([ids.index(record) for record in records])
    moments = list(dict.fromkeys(events))
    at = {moment: np.full(len(records), table.n) for moment in moments}
    for place, (record, moment) in enumerate(zip(ids, events, strict=True)):
        at[moment][place_of[record]] = place
    header, cells, origins, spread = [name], [table.take(base).cells_of(name)], {}, []
    numbers = np.append(table.numbers, 0)
    labels, titles = dict(table.labels), dict(table.titles)
    for column in table.header:
        if column == name or column in control:
            continue
        texts = np.array([*table.cells_of(column), ""], dtype=object)
        filled = [moment for moment in moments if any(texts[at[moment]])]
        for moment in filled or moments[:1]:
            new = column if len(filled) < 2 else f"{column} ({moment})"
            header.append(new)
            cells.append(Cells.of(texts[at[moment]].tolist()))
            found = numbers[at[moment]]
            origins[new] = (table.file, np.where(found, found, table.numbers[base]))
            for known in (labels, titles):
                if column in known:
                    known[new] = known[column]
        spread += [column] * (len(filled) > 1)
    rule = f"REDCap: {table.n} rows of {len(moments)} events became {len(records)} records"
    findings.remark(table.file, rule, "Nothing to do")
    if spread:
        listed = ", ".join(map(repr, spread[:10])) + (" and more" if len(spread) > 10 else "")
        rule = f"fields that are filled in at several events have a column for each: {listed}"
        findings.remark(table.file, rule, "Name the one that counts, with its event in brackets")
    result = table.take(base)
    return replace(result, header=tuple(header), cells=tuple(cells), origins=origins, labels=labels, titles=titles)
