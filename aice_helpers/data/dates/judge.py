"""The dates of a patient table: read column by column, then held against one another; every fault has its rows."""

from __future__ import annotations

import datetime
import re

import numpy as np

from aice_helpers.data.columns import column_of, unclear, yaml_line
from aice_helpers.data.dates.column import read_days
from aice_helpers.data.dates.derive import Recorded
from aice_helpers.data.levels import meaning_of
from aice_helpers.study.date_plan import DEATH, LAST_ASSESSMENT, LAST_CONTACT, NEW_THERAPY

LONGEST_YEARS = 75
"""Years of observation beyond which one of the two dates is a slip."""


class DateJudge:
    """Reads the date columns of one table and notes what cannot be right.

    Parameters
    ----------
    study : Study
        With ``dates``.
    table : Table
    findings : Findings
    today : datetime.date, optional
    """

    def __init__(self, study, table, findings, today=None):
        self.plan, self.table, self.findings = study.dates, table, findings
        self.today = today or datetime.date.today()
        self.rows = np.array([row for row, _ in table.rows])
        self._read = {}

    def recorded(self) -> Recorded | None:
        """What the files hold; None with faults noted where it cannot be used."""
        plan, before = self.plan, len(self.findings.faults)
        if plan.start_one_of:
            self._ask_start()
            return None
        for column in plan.used:
            self.days(column)
        dead, unknown = self._status()
        if len(self.findings.faults) > before:
            return None
        start, contact = self.days(plan.start), self._named(plan.last_contact)
        events = {kind: self.days(column).copy() for kind, column in plan.events.items()}
        at_contact = self._deaths_by_status(events, dead, contact)
        assessment = self._named(plan.last_assessment)
        if assessment is not None:
            assessment = self._after_start(assessment, start)
        therapy = None if plan.new_therapy is None else self.days(plan.new_therapy.column)
        self._compare(start, events, contact, assessment, therapy)
        if len(self.findings.faults) > before:
            return None
        _, death = self._deaths(events)
        missed = plan.missed_assessments
        return Recorded(
            start=start,
            events=events,
            fatal=plan.fatal,
            entry=self._named(plan.entry),
            contact=contact,
            assessment=assessment,
            therapy=therapy,
            assessments=tuple(self.days(column) for column in missed.dates) if missed is not None else (),
            unknown=None if unknown is None else unknown & np.isnan(death),
            completed=self._completed(),
            dated_at_contact=at_contact,
            cutoff=float(datetime.date.fromisoformat(plan.cutoff).toordinal()) if plan.cutoff else None,
        )

    def days(self, column) -> np.ndarray:
        """One column as ordinal days, nan where it holds no date; its faults and remarks are noted once."""
        if column not in self._read:
            cells = column_of(self.table, column, self.findings, missing=self.plan.missing)
            texts = ["" if cells.is_missing(cell) or row in cells.flawed_rows else cell for row, cell in cells.cells]
            how = self.plan.format_of(column)
            found = read_days(texts, how, today=self.today, serials=self.table.serials)
            for noted, note in ((found.faults, self._fault), (found.remarks, self._remark)):
                for one in noted:
                    note(one.rule, one.fix, column, list(one.places), one.value)
            self._read[column] = found
        return self._read[column].day

    def _named(self, column):
        return self.days(column) if column else None

    def _fault(self, rule, fix, column, places, value=None):
        rows = self.rows[places].tolist()
        if len(rows) == 1:
            self.findings.fault(self.table.file, rule, fix, row=rows[0], column=column, value=value)
        else:
            self.findings.fault(self.table.file, rule, fix, column=column, value=value, rows=rows)

    def _remark(self, rule, fix, column, places, _value=None):
        self.findings.remark(self.table.file, rule, fix, column=column, rows=self.rows[places].tolist())

    def _wrong(self, wrong, rule, fix, column):
        """One fault a row."""
        for place in np.flatnonzero(wrong):
            self._fault(rule, fix, column, [place])

    def _ask_start(self):
        """Say of each column that may be the start what would follow from it."""
        plan, told = self.plan, []
        end = self.days(plan.last_contact) if plan.last_contact else None
        for column in plan.start_one_of:
            days = self.days(column)
            words = f"{column!r} ({int(np.isfinite(days).sum())} dates"
            dated = [self.days(one) for one in plan.events.values()]
            early = int(np.any([one < days for one in dated], axis=0).sum()) if dated else 0
            words += f", {early} with an event before it" if early else ""
            if end is not None and np.isfinite(end - days).any():
                words += f", median {np.nanmedian(end - days):.0f} days to the last contact"
            told.append(words + ")")
        rule = f"{len(told)} columns could be the start of time: {', '.join(told)}"
        names = " or ".join(f"start: {yaml_line(column)}" for column in plan.start_one_of)
        fix = f"Declare one under dates, in the place of start_one_of: {names}"
        late = "If patients are observed only from another of them on, declare that one as entry: too"
        self.findings.fault(self.table.file, rule, f"{fix}. {late}")

    def _status(self):
        """Who is dead by status and of whom it is not known; None, None where no status is declared."""
        status = self.plan.status
        if status is None:
            return None, None
        codes = dict.fromkeys(status.dead, "dead") | dict.fromkeys(status.alive, "alive")
        column = column_of(self.table, status.column, self.findings, missing=self.plan.missing, levels=codes)
        meanings = {cell: meaning_of(cell, codes, column) for cell in dict.fromkeys(cell for _, cell in column.cells)}
        unknown, variants = unclear(column, meanings)
        for cell, rows in unknown.items():
            fix = "Correct the cell, or declare it under dates: status (dead, alive) or missing"
            column.fault("the code is neither declared dead nor alive", fix, rows[0], cell, rows=rows)
        for cell, rows in variants.items():
            rule = f"another spelling of the status is read as {meanings[cell][0]}"
            column.remark(rule, "Spell it alike if it is the same", value=cell, rows=rows)
        meant = np.array([(meanings[cell] or ("",))[0] or "" for _, cell in column.cells], dtype=object)
        self._alive = meant == "alive"
        return meant == "dead", meant == ""

    def _deaths(self, events):
        """How many dates of death each patient has, and the first."""
        dates = [days for kind, days in events.items() if kind in self.plan.fatal]
        if not dates:
            return np.zeros(len(self.rows), dtype=int), np.full(len(self.rows), np.nan)
        stacked = np.vstack(dates)
        known = np.isfinite(stacked)
        first = np.where(known, stacked, np.inf).min(axis=0)
        return known.sum(axis=0), np.where(np.isinf(first), np.nan, first)

    def _deaths_by_status(self, events, dead, contact):
        """Hold the status against the dates of death, and date the deaths that only the status tells of."""
        plan, none = self.plan, np.zeros(len(self.rows), dtype=bool)
        count, death = self._deaths(events)
        self._wrong(count > 1, "the patient has two dates of death", "Keep one of them", plan.events.get(DEATH))
        if dead is None:
            return none
        after = death > (datetime.date.fromisoformat(plan.cutoff).toordinal() if plan.cutoff else np.inf)
        column = plan.status.column
        self._wrong(
            self._alive & (count > 0) & ~after,
            "alive by status, with a date of death",
            "Correct one of the two",
            column,
        )
        undated = dead & (count == 0)
        if plan.death_kinds and plan.death_without_date != LAST_CONTACT:
            fix = "Fill it in, or declare under dates that such a death is dated at the last contact: death_without_date: last_contact"
            self._wrong(undated, "dead by status, without a date of death", fix, column)
            return none
        if contact is None:
            self._wrong(
                undated, "dead by status, and no date of last contact is declared", "Declare last_contact", column
            )
            return none
        self._wrong(
            undated & np.isnan(contact),
            "dead by status, without a date of death or last contact",
            "Fill one in",
            column,
        )
        kind = plan.death_kinds[0] if plan.death_kinds else DEATH
        events[kind] = np.where(undated, contact, events.get(kind, np.full(len(self.rows), np.nan)))
        return undated

    def _after_start(self, assessment, start):
        """Assessments without those before the start, which say nothing of the time after it."""
        early = assessment < start
        if early.any():
            rule = "the last assessment lies before the start, so none was made after it"
            self._remark(rule, "Check the dates", self.plan.last_assessment, np.flatnonzero(early))
        return np.where(early, np.nan, assessment)

    def _compare(self, start, events, contact, assessment, therapy):
        """Note what contradicts the order in which things happen."""
        plan, names = self.plan, self.plan.events
        self._wrong(
            np.isnan(start), "the date of the start is missing", "Fill it in, or leave the patient out", plan.start
        )
        if plan.entry:
            entry, (_, death) = self.days(plan.entry), self._deaths(events)
            fix = "Fill it in; who is observed from the start on has its date"
            self._wrong(np.isnan(entry), "the date of the entry is missing", fix, plan.entry)
            self._wrong(
                entry >= death, "the entry lies on or after the death", "Correct one of the two dates", plan.entry
            )
        later = {kind: (names[kind], days) for kind, days in events.items() if kind in names}
        for name, column, days in (
            ("last contact", plan.last_contact, contact),
            (NEW_THERAPY, plan.new_therapy and plan.new_therapy.column, therapy),
        ):
            if days is not None:
                later[name] = column, days
        if assessment is not None:
            later["last assessment"] = plan.last_assessment, assessment
        fix = "Correct one of the two dates"
        for name, (column, days) in later.items():
            self._wrong(days < start, f"the {name} lies before the start", fix, column)
            self._wrong(
                days - start > 366 * LONGEST_YEARS,
                f"the {name} lies over {LONGEST_YEARS} years after the start",
                fix,
                column,
            )
        _, death = self._deaths(events)
        for name, (column, days) in later.items():
            if name in plan.fatal:
                continue
            self._wrong(days > death, f"the {name} lies after the death", fix, column)
            if contact is not None and name != "last contact":
                # What is after the death has been said already.
                wrong = (days > contact) & ~(days > death)
                self._wrong(wrong, f"the {name} lies after the last contact", fix, column)
        if plan.cutoff:
            cutoff = datetime.date.fromisoformat(plan.cutoff).toordinal()
            self._wrong(
                start > cutoff,
                "the start lies after the data cut-off",
                "Leave the patient out, or correct one of the two",
                plan.start,
            )
        self._judge_unassessed(events, assessment)

    def _judge_unassessed(self, events, assessment):
        """Who has neither an event nor an assessment is censored by a declared rule only."""
        if assessment is None or self.plan.no_assessment:
            return
        dated = np.any([np.isfinite(days) for days in events.values()], axis=0) if events else False
        rule = "neither an event nor an assessment after the start is recorded"
        fix = (
            "Fill it in, or declare under dates where such a patient is censored: no_assessment: start (as FDA's guidance has it) "
            "or no_assessment: last_contact"
        )
        self._wrong(np.isnan(assessment) & ~dated, rule, fix, self.plan.last_assessment)

    def _completed(self):
        """Name of a date, as `Recorded` calls it -> whose was completed by rule."""
        plan = self.plan
        names = {plan.start: "start"} | {column: kind for kind, column in plan.events.items()}
        names |= {plan.last_contact: "contact", plan.last_assessment: "assessment"}
        if plan.new_therapy is not None:
            names[plan.new_therapy.column] = "therapy"
        return {name: self._read[column].completed for column, name in names.items() if column in self._read}


def accrual(recorded) -> tuple[int, int]:
    """Years of the first and the last start."""
    days = recorded.start[np.isfinite(recorded.start)]
    return tuple(datetime.date.fromordinal(int(day)).year for day in (days.min(), days.max()))


def holds_dates(cells) -> bool:
    """Whether most of some cells are dates, in whatever form but that of a bare number."""
    from aice_helpers.data.dates.cells import DIGITS, NUMBER, read_cell

    present = [cell for cell in cells if cell]
    found = [read_cell(cell) for cell in dict.fromkeys(present)]
    dated = sum(not one.flaw and one.form not in (NUMBER, DIGITS) for one in found)
    return bool(found) and dated >= 0.5 * len(found) and any(re.search(r"\D", cell) for cell in present)


__all__ = ["LAST_ASSESSMENT", "DateJudge", "accrual", "holds_dates"]
