"""The cohorts of a class: each student's own synthetic patients, drawn from those of one synthetic study.

A student's cohort is a bootstrap sample of the study's patients. Every sampled patient's times are stretched by a factor
of their own and some follow-ups are cut short, so that no two cohorts are alike, and ties and censoring occur.
"""

import copy
import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from aice_helpers.core.problems import Findings, Problem, StudyError
from aice_helpers.course.engine.lesson_data import lesson_data, offers
from aice_helpers.data.files.reading import read_table
from aice_helpers.data.files.table import FORMATS
from aice_helpers.data.load import load_cohort
from aice_helpers.study.reader import read_study

STRETCH = 0.2
"""A patient's times are multiplied by a factor between 1 minus this and 1 plus this."""

CUT_SHORT = 0.2
"""Share of the sampled patients whose follow-up ends before its time."""

ATTEMPTS = 100


@dataclass(frozen=True)
class Source:
    """The study from which cohorts are drawn: its mapping as written, its tables as text, and the lessons it carries."""

    mapping: dict
    study: object
    patients: object
    events: object
    offered: frozenset


def source_of(study) -> Source:
    """Read the study that cohorts are drawn from.

    Raises
    ------
    StudyError
        It is faulty, it is not synthetic, or its tables are not text files: real patients are never dealt.
    """
    study = read_study(study)
    data = [study.patients] + ([study.adverse_events.data] if study.adverse_events else [])
    if not study.synthetic:
        raise StudyError([Problem(study.file, "it is not declared synthetic", "Deal only from synthetic patients")])
    if study.dates is not None:
        fix = "Take the study whose times are computed already"
        raise StudyError(
            [Problem(study.file, "cohorts are dealt from times, and these endpoints follow from dates", fix)]
        )
    if any(endpoint.entry for endpoint in study.endpoints.values()):
        rule = "cohorts are dealt from patients observed from time zero on, and these enter later"
        raise StudyError([Problem(study.file, rule, "Take the endpoint with an entry out of the study")])
    for one in data:
        if (one.format or FORMATS.get(Path(one.file).suffix[1:].lower(), "csv")) != "csv":
            raise StudyError([Problem(one.file, "cohorts are dealt from text tables only", "Save it as CSV")])
    offered = frozenset(offers(lesson_data(load_cohort(study))))
    tables = [read_table(one, Findings(), folder=study.folder) for one in data]
    mapping = yaml.safe_load((study.folder / study.file).read_text(encoding="utf-8"))
    return Source(mapping, study, tables[0], tables[1] if len(tables) > 1 else None, offered)


def cohort_files(source, seed, number) -> dict[str, str]:
    """The files of one student's cohort (name -> text); the same seed and number always give the same.

    Parameters
    ----------
    source : Source
    seed : int
        Seed of the class.
    number : int
        Number of the student, from 1.

    Raises
    ------
    StudyError
        No drawn cohort carried the lessons that the source itself carries.
    """
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([seed, number, attempt])
        files = _draw(source, rng, number)
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
            if source.offered <= offers(lesson_data(load_cohort(Path(folder) / "study.yml"))):
                return files
    fix = "Take a study with more patients and events"
    raise StudyError([Problem(source.study.file, "no cohort drawn from it carries its lessons", fix)])


def _draw(source, rng, number):
    study = source.study
    drawn = rng.integers(len(source.patients.rows), size=len(source.patients.rows))
    rows = [dict(zip(source.patients.header, source.patients.rows[place][1], strict=True)) for place in drawn]
    ids = [f"S{place:03d}" for place in range(1, len(rows) + 1)]
    old = [row[study.id_variable.source] for row in rows]
    for row, new in zip(rows, ids, strict=True):
        row[study.id_variable.source] = new
        _stretch(study, row, source.patients, rng)
    files = {"cohort.csv": _csv(source.patients.header, rows)}
    if source.events is not None:
        adverse = study.adverse_events
        seen = [dict(zip(source.events.header, cells, strict=True)) for _, cells in source.events.rows]
        files["adverse_events.csv"] = _csv(
            source.events.header,
            [
                row | {adverse.patient: new}
                for new, was in zip(ids, old, strict=True)
                for row in seen
                if row[adverse.patient] == was
            ],
        )
    return {"study.yml": _study_text(source, number)} | files


def _stretch(study, row, table, rng):
    """Stretch one patient's times and, for some, end the follow-up early; whatever was not yet seen is censored."""
    factor, cut, share = rng.uniform(1 - STRETCH, 1 + STRETCH), rng.random() < CUT_SHORT, rng.uniform(0.35, 0.95)
    times = {name: _number(row[end.time], table) * factor for name, end in study.endpoints.items()}
    month = study.response.month if study.response else ""
    known = (
        bool(month)
        and study.variables[month].type == "number"
        and row[study.variables[month].source].strip() not in table.missing
    )
    assessed = _number(row[study.variables[month].source], table) * factor if known else 0.0
    end = max(assessed, share * max(times.values())) if cut else np.inf
    for name, endpoint in study.endpoints.items():
        if times[name] > end:
            row[endpoint.event] = next(iter(endpoint.censored_value))
        row[endpoint.time] = _written(min(times[name], end), table)
    if known:
        row[study.variables[month].source] = _written(assessed, table)


def _number(text, table):
    return float(text.strip().replace(table.decimal, "."))


def _written(value, table):
    # Never 0: nobody has the event before being at risk.
    return f"{max(value, 0.01):.2f}".replace(".", table.decimal)


def _study_text(source, number):
    mapping = copy.deepcopy(source.mapping)
    mapping["title"] = f"Course cohort {number:02d}, drawn from: {mapping['title']}"
    mapping.pop("published", None)
    for data in (mapping["patients"], mapping.get("adverse_events", {}).get("data", {})):
        for key in ("encoding", "delimiter", "sheet", "header", "format"):
            data.pop(key, None)
    mapping["patients"]["file"] = "cohort.csv"
    if "adverse_events" in mapping:
        mapping["adverse_events"]["data"]["file"] = "adverse_events.csv"
    return yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False, width=110)


def _csv(header, rows):
    store = io.StringIO()
    writer = csv.DictWriter(store, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return store.getvalue()
