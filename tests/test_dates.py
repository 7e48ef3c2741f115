"""Endpoints derived from dates: times by hand, which rule censors, and dates that contradict one another."""

import datetime
import io
import random

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
import yaml
from cohorts import STUDY_FILE
from studies import dated_clinic, write_study

from aice_helpers.analysis import Analysis
from aice_helpers.core.problems import StudyError
from aice_helpers.data.load import load_cohort

MONTH = 30.4375

STUDY = {
    "title": "Dates", "synthetic": "true", "time_unit": "months",
    "patients": {"file": "patients.csv"},
    "variables": {"id": {"label": "Patient", "role": "id", "type": "text"}},
    "dates": {
        "start": "start", "events": {"progression": "prog", "death": "death"}, "last_contact": "seen",
    },
    "endpoints": {
        "PFS": {"label": "Progression-free survival", "event_label": "progression or death", "first_of": ["progression", "death"]},
        "OS": {"label": "Overall survival", "event_label": "death", "first_of": ["death"]},
    },
}  # fmt: skip

PATIENTS = """id,start,prog,death,seen
1,2020-01-01,2020-03-01,2020-06-01,2020-06-01
2,2020-01-01,,2020-02-15,2020-02-01
3,2020-02-28,2021-03-01,,2022-02-28
4,2020-02-29,,,2021-02-28
"""


def study_in(folder, patients=PATIENTS, *, endpoints=None, top=None, **dates):
    """Write a study by dates; ``dates`` are keys of it, of which None takes one away."""
    text = yaml.safe_load(yaml.safe_dump(STUDY)) | (top or {})
    plan = text["dates"] | {key: value for key, value in dates.items() if value is not None}
    text["dates"] = {key: value for key, value in plan.items() if dates.get(key, "") is not None}
    if endpoints is not None:
        text["endpoints"] = endpoints
    (folder / "study.yml").write_text(yaml.safe_dump(text, sort_keys=False, allow_unicode=True), encoding="utf-8")
    if isinstance(patients, str):
        (folder / "patients.csv").write_text(patients, encoding="utf-8")
    return folder / "study.yml"


def derived(folder, *args, **more):
    """Endpoint -> (days, what ended the observation) of each patient."""
    cohort = load_cohort(study_in(folder, *args, top={"time_unit": "days"}, **more))
    found = {}
    for name in cohort.study.endpoints:
        outcome = cohort.outcome(name)
        names = [outcome.causes[k - 1] if k > 0 else outcome.censorings[-k] for k in outcome.cause]
        found[name] = list(zip(outcome.time.tolist(), names, strict=True))
    return found


def faults(folder, *args, **more):
    with pytest.raises(StudyError) as caught:
        load_cohort(study_in(folder, *args, **more))
    return [str(problem) for problem in caught.value.problems]


def test_the_first_event_counts_and_the_others_are_censored_at_the_last_contact(tmp_path):
    found = derived(tmp_path)
    assert found["PFS"] == [(60, "progression"), (45, "death"), (367, "progression"), (365, "last contact")]
    assert found["OS"] == [(152, "death"), (45, "death"), (731, "last contact"), (365, "last contact")]


@pytest.mark.parametrize(("unit", "days"), [("days", 1), ("weeks", 7), ("months", MONTH), ("years", 365.25)])
def test_units_of_time(tmp_path, unit, days):
    cohort = load_cohort(study_in(tmp_path, top={"time_unit": unit}))
    assert cohort.outcome("OS").time == pytest.approx(np.array([152, 45, 731, 365]) / days, rel=0, abs=1e-12)


def test_the_day_of_the_start_may_be_day_one_and_a_month_have_thirty_days(tmp_path):
    cohort = load_cohort(study_in(tmp_path, first_day=1, days_in_month=30))
    assert cohort.outcome("OS").time == pytest.approx(np.array([153, 46, 732, 366]) / 30, rel=0, abs=1e-12)


def test_a_status_dates_the_death_at_the_last_contact(tmp_path):
    rows = "id,start,prog,seen,vital\n1,2020-01-01,2020-03-01,2020-06-01,Dead\n2,2020-01-01,,2020-02-15,dead\n3,2020-01-01,,2020-03-31,Alive\n"
    found = derived(
        tmp_path, rows, events={"progression": "prog"}, status={"column": "vital", "dead": ["Dead"], "alive": ["Alive"]}
    )
    assert found["PFS"] == [(60, "progression"), (45, "death"), (90, "last contact")]
    assert found["OS"] == [(152, "death"), (45, "death"), (90, "last contact")]


def test_a_death_by_status_alone_needs_a_rule_where_dates_of_death_are_kept(tmp_path):
    rows = PATIENTS.replace("seen\n", "seen,vital\n").replace("06-01\n", "06-01,1\n").replace("02-01\n", "02-01,1\n")
    rows = rows.replace("02-28\n", "02-28,1\n", 1).replace("2021-02-28\n", "2021-02-28,0\n")
    status = {"column": "vital", "dead": ["1"], "alive": ["0"]}
    (told,) = faults(tmp_path, rows, status=status)
    assert told.startswith("patients.csv, row 4, column 'vital': dead by status, without a date of death.")
    assert "death_without_date: last_contact" in told
    found = derived(tmp_path, rows, status=status, death_without_date="last_contact")
    assert found["OS"][2] == (731, "death")
    (told,) = faults(tmp_path, rows.replace("06-01,1", "06-01,0"), status=status, death_without_date="last_contact")
    assert "row 2, column 'vital': alive by status, with a date of death" in told


def test_codes_of_a_status_that_are_not_declared_are_a_fault(tmp_path):
    rows = "id,start,seen,vital\n1,2020-01-01,2020-03-01,3\n2,2020-01-01,2020-02-15,1\n"
    (told,) = faults(
        tmp_path,
        rows,
        events=None,
        status={"column": "vital", "dead": ["1"]},
        endpoints={"OS": STUDY["endpoints"]["OS"]},
    )
    assert "row 2, column 'vital': found '3'; the code is neither declared dead nor alive" in told


ASSESSED = """id,start,prog,death,scan,seen
1,2020-01-01,2020-03-01,,2020-03-01,2020-06-01
2,2020-01-01,,,2020-05-01,2020-06-01
3,2020-01-01,,2020-06-01,2020-05-01,2020-06-01
4,2020-01-01,,,,2020-06-01
"""


def test_progression_free_survival_is_censored_at_the_last_assessment(tmp_path):
    (told,) = faults(tmp_path, ASSESSED, last_assessment="scan")
    assert "row 5, column 'scan': neither an event nor an assessment after the start is recorded" in told
    found = derived(tmp_path, ASSESSED, last_assessment="scan", no_assessment="start")
    assert found["PFS"] == [
        (60, "progression"),
        (121, "last assessment"),
        (152, "death"),
        (0, "start (never assessed)"),
    ]
    assert found["OS"][3] == (152, "last contact")
    found = derived(tmp_path, ASSESSED, last_assessment="scan", no_assessment="last_contact")
    assert found["PFS"][3] == (152, "last contact")


def test_an_endpoint_may_be_censored_elsewhere_than_is_usual(tmp_path):
    ends = {"PFS": STUDY["endpoints"]["PFS"] | {"censored_at": "last_contact"}}
    found = derived(tmp_path, ASSESSED, endpoints=ends, last_assessment="scan", no_assessment="start")
    assert found["PFS"][1] == (152, "last contact")


def test_a_death_that_is_no_event_of_the_endpoint_ends_the_observation(tmp_path):
    ends = {"TTP": {"label": "Time to progression", "event_label": "progression", "first_of": ["progression"]}}
    found = derived(tmp_path, endpoints=ends)
    assert found["TTP"] == [
        (60, "progression"),
        (45, "death of another kind"),
        (367, "progression"),
        (365, "last contact"),
    ]


def test_what_lies_after_the_cut_off_is_censored_at_it_and_counted(tmp_path):
    found = derived(tmp_path, cutoff="2020-03-31")
    assert found["PFS"] == [(60, "progression"), (45, "death"), (32, "data cut-off"), (31, "data cut-off")]
    assert found["OS"] == [(90, "data cut-off"), (45, "death"), (32, "data cut-off"), (31, "data cut-off")]
    cohort = load_cohort(study_in(tmp_path, cutoff="2020-03-31"))
    assert cohort.derivation.endpoints["OS"].by_cutoff.tolist() == [True, False, True, True]
    # On the very day of the cut-off an event is known.
    assert derived(tmp_path, cutoff="2020-06-01")["OS"][0] == (152, "death")


def test_without_a_last_contact_the_cut_off_is_how_far_everyone_was_followed(tmp_path):
    found = derived(tmp_path, PATIENTS, last_contact=None, cutoff="2022-12-31")
    assert found["OS"][2:] == [(1037, "data cut-off"), (1036, "data cut-off")]
    cohort = load_cohort(study_in(tmp_path, PATIENTS, last_contact=None, cutoff="2022-12-31"))
    assert not cohort.derivation.endpoints["OS"].by_cutoff.any()


@pytest.mark.parametrize(
    ("line", "column", "rule"),
    [
        ("5,2020-01-01,2019-12-31,,2020-06-01", "prog", "the progression lies before the start"),
        ("5,2020-01-01,,2019-12-31,2019-12-31", "death", "the death lies before the start"),
        ("5,2020-01-01,,2020-03-01,2020-03-02", "seen", "the last contact lies after the death"),
        ("5,2020-01-01,2020-03-02,2020-03-01,2020-03-01", "prog", "the progression lies after the death"),
        ("5,2020-01-01,2020-03-02,,2020-03-01", "prog", "the progression lies after the last contact"),
        (",2020-01-01,,,2020-03-01", "id", "the patient has no id"),
        ("5,,,,2020-03-01", "start", "the date of the start is missing"),
        ("5,2020-01-01,,,2150-01-01", "seen", "the date lies in the future"),
        ("5,2022-06-01,,,2022-07-01", "start", "the start lies after the data cut-off"),
        ("5,1930-01-01,,,2022-01-01", "seen", "the last contact lies over 75 years after the start"),
    ],
)  # fmt: skip
def test_dates_that_contradict_one_another_are_faults_with_their_rows(tmp_path, line, column, rule):
    told = faults(tmp_path, PATIENTS + line + "\n", cutoff="2022-03-01")
    assert any(one.startswith(f"patients.csv, row 6, column {column!r}:") and rule in one for one in told), told


def test_a_patient_who_was_not_followed_takes_no_part_in_an_endpoint(tmp_path):
    rows = PATIENTS + "5,2020-01-01,2020-02-01,,\n6,2020-01-01,,,\n"
    cohort = load_cohort(study_in(tmp_path, rows))
    assert cohort.outcome("PFS").known.tolist() == [True] * 5 + [False]
    assert cohort.outcome("OS").known.tolist() == [True] * 4 + [False] * 2
    said = [str(remark) for remark in cohort.remarks]
    assert any(
        one.startswith("patients.csv, rows 6, 7: neither an event nor a date") and "OS leaves" in one for one in said
    )
    assert counted(cohort, "OS")["no_follow_up", ""] == 2
    ends = {"OS": STUDY["endpoints"]["OS"] | {"complete": "true"}}
    (told,) = faults(tmp_path, rows, endpoints=ends)
    assert "and OS needs it" in told


def test_a_state_that_is_not_known_is_no_follow_up(tmp_path):
    rows = "id,start,prog,seen,vital\n1,2020-01-01,2020-03-01,2020-06-01,\n2,2020-01-01,,2020-02-15,\n3,2020-01-01,,2020-03-31,Dead\n"
    cohort = load_cohort(
        study_in(tmp_path, rows, events={"progression": "prog"}, status={"column": "vital", "dead": ["Dead"]})
    )
    assert cohort.outcome("PFS").known.tolist() == [True, False, True]
    assert cohort.outcome("OS").known.tolist() == [False, False, True]


def test_equal_days_are_no_contradiction(tmp_path):
    line = "5,2020-01-01,2020-01-01,2020-01-01,2020-01-01\n"
    assert derived(tmp_path, PATIENTS + line)["PFS"][4] == (0, "progression")


def test_an_order_is_declared_for_all_columns_or_for_one(tmp_path):
    rows = "id,start,death,seen\n1,03/01/2020,05/02/2020,02/05/2020\n2,03/01/2020,,09/06/2020\n"
    told = faults(tmp_path, rows, events={"death": "death"}, endpoints={"OS": STUDY["endpoints"]["OS"]})
    assert len(told) == 3
    assert all("can be read in 2 ways" in one for one in told)
    found = derived(
        tmp_path,
        rows,
        events={"death": "death"},
        endpoints={"OS": STUDY["endpoints"]["OS"]},
        order="day-month",
        columns={"seen": {"order": "month-day"}},
    )
    assert found["OS"] == [(33, "death"), (247, "last contact")]


def test_words_for_no_such_date_are_declared(tmp_path):
    rows = PATIENTS.replace(",,,2021", ",none,alive,2021")
    told = faults(tmp_path, rows)
    assert any(
        "row 5, column 'death': found 'alive'; a date is needed." in one and "missing: [alive]" in one for one in told
    )
    assert derived(tmp_path, rows, missing=["alive", "none"]) == derived(tmp_path)


def test_partial_dates_are_counted_for_the_endpoints_that_they_decide(tmp_path):
    rows = PATIENTS.replace("2020-03-01,2020-06-01,2020-06-01", "2020-03,2020-06-20,2020-06-20")
    assert any("only the year and the month of the date is known" in one for one in faults(tmp_path, rows))
    cohort = load_cohort(study_in(tmp_path, rows, partial={"day": 15}))
    assert cohort.outcome("PFS").time[0] == pytest.approx(74 / MONTH, rel=0, abs=1e-12)
    assert cohort.derivation.endpoints["PFS"].completed.tolist() == [True, False, False, False]
    assert not cohort.derivation.endpoints["OS"].completed.any()


def test_several_columns_that_could_be_the_start_are_a_question(tmp_path):
    rows = "id,diagnosis,surgery,death,seen\n1,2020-01-01,2020-02-01,2020-01-20,2020-01-20\n2,2020-01-01,2020-02-01,,2020-06-01\n"
    more = {"events": {"death": "death"}, "endpoints": {"OS": STUDY["endpoints"]["OS"]}}
    (told,) = faults(tmp_path, rows, start=None, start_one_of=["diagnosis", "surgery"], **more)
    assert "2 columns could be the start of time" in told
    assert "'surgery' (2 dates, 1 with an event before it, median 54 days to the last contact)" in told
    assert "start: diagnosis or start: surgery" in told


THERAPY = """id,start,prog,death,seen,next
1,2020-01-01,2020-03-01,,2020-06-01,2020-02-01
2,2020-01-01,,,2020-06-01,2020-04-01
3,2020-01-01,2020-03-01,,2020-06-01,2020-03-01
4,2020-01-01,,2020-05-01,2020-05-01,
"""


@pytest.mark.parametrize(
    ("handling", "expected"),
    [
        ("ignored", [(60, "progression"), (152, "last contact"), (60, "progression"), (121, "death")]),
        ("censored", [(31, "new therapy"), (91, "new therapy"), (60, "progression"), (121, "death")]),
        ("event", [(31, "new therapy"), (91, "new therapy"), (60, "progression"), (121, "death")]),
    ],
)
def test_a_new_therapy_is_ignored_censors_or_is_an_event(tmp_path, handling, expected):
    therapy = {"column": "next", "handling": handling}
    found = derived(tmp_path, THERAPY, new_therapy=therapy)
    assert found["PFS"] == expected
    # It does nothing to an endpoint of deaths alone.
    assert found["OS"] == derived(tmp_path, THERAPY)["OS"]
    cohort = load_cohort(study_in(tmp_path, THERAPY, new_therapy=therapy))
    assert cohort.outcome("PFS").event.sum() == {"ignored": 3, "censored": 2, "event": 4}[handling]
    others = {"ignored", "censored", "event"} - {handling}
    assert set(cohort.derivation.analyses["PFS"]) == {("new_therapy", other) for other in others}
    assert "OS" not in cohort.derivation.analyses


GAPS = """id,start,prog,death,scan_1,scan_2,scan,seen
1,2020-01-01,2020-06-01,,2020-02-01,,2020-06-01,2020-07-01
2,2020-01-01,2020-05-31,,2020-02-01,,2020-05-31,2020-07-01
3,2020-01-01,,2020-12-01,2020-02-01,2020-04-01,2020-04-01,2020-12-01
4,2020-01-01,,2020-12-01,,,,2020-12-01
"""


def test_events_after_two_missed_assessments_are_censored_at_the_one_before(tmp_path):
    missed = {"handling": "censored", "interval": 60, "dates": ["scan_1", "scan_2"]}
    found = derived(tmp_path, GAPS, last_assessment="scan", missed_assessments=missed)
    # From 1 February to 1 June are 121 days, to 31 May 120, which is not longer than two intervals.
    assert found["PFS"] == [
        (31, "missed assessments"),
        (151, "progression"),
        (91, "missed assessments"),
        (0, "missed assessments"),
    ]
    missed["window"] = 1
    assert derived(tmp_path, GAPS, last_assessment="scan", missed_assessments=missed)["PFS"][0] == (152, "progression")
    del missed["dates"], missed["window"]
    # With the last assessment alone, what was before a progression is not known.
    found = derived(tmp_path, GAPS, last_assessment="scan", missed_assessments=missed)
    assert [end for _, end in found["PFS"]] == [
        "progression",
        "progression",
        "missed assessments",
        "missed assessments",
    ]


def test_missed_assessments_without_dates_of_assessments_are_refused(tmp_path):
    (told,) = faults(tmp_path, missed_assessments={"handling": "censored", "interval": 60})
    assert "cannot be known without dates of assessments" in told


@pytest.mark.parametrize(
    ("dates", "endpoints", "rule"),
    [
        ({"start": None}, None, "dates.start': this key is missing"),
        ({"first_day": 2}, None, "the day of the start is day 0 or day 1"),
        ({"order": "dmy"}, None, "this way of writing dates is not known"),
        ({"cutoff": "31.03.2024"}, None, "the cut-off is a date"),
        ({"time_zone": "Mars/Olympus"}, None, "the time zone is not known"),
        ({"last_contact": None}, None, "nothing says up to which date a patient without event was followed"),
        ({"events": {"death": "start"}}, {"OS": STUDY["endpoints"]["OS"]}, "one column holds two kinds of dates"),
        ({"partial": {"day": 0}}, None, "there is no such day"),
        ({"new_therapy": {"column": "next", "handling": "dropped"}}, None, "the handling is not known"),
        ({}, {"OS": STUDY["endpoints"]["OS"] | {"first_of": ["relapse"]}}, "no such event is declared under dates"),
        ({}, {"OS": STUDY["endpoints"]["OS"] | {"time": "t"}}, "the endpoint is derived from dates"),
        ({}, {"OS": {"label": "OS", "time": "t"}}, "endpoints.OS.event': this key is missing"),
        ({"columns": {"age": {"order": "day-month"}}}, None, "no date is declared in this column"),
        ({"status": {"column": "v", "dead": ["1"], "alive": ["1"]}}, None, "this code means both dead and alive"),
        ({"two_digit_years": 1850}, None, "no year of the last century"),
    ],
)  # fmt: skip
def test_what_a_study_file_must_not_say_of_dates(tmp_path, dates, endpoints, rule):
    told = faults(tmp_path, endpoints=endpoints, **dates)
    assert any(rule in one for one in told), told


def test_endpoints_by_dates_need_dates(tmp_path):
    path = study_in(tmp_path)
    study = yaml.safe_load(path.read_text(encoding="utf-8"))
    del study["dates"]
    path.write_text(yaml.safe_dump(study), encoding="utf-8")
    with pytest.raises(StudyError, match="the study file declares no dates"):
        load_cohort(path)


def frame():
    parts = pd.read_csv(io.StringIO(PATIENTS), dtype=str)
    for column in ("start", "prog", "death", "seen"):
        parts[column] = [None if pd.isna(text) else datetime.date.fromisoformat(text) for text in parts[column]]
    return parts


@pytest.mark.parametrize("suffix", ["sav", "dta", "xpt"])
def test_dates_of_statistics_programs(tmp_path, suffix):
    write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta, "xpt": pyreadstat.write_xport}[suffix]
    write(frame(), str(tmp_path / f"patients.{suffix}"))
    (tmp_path / "text").mkdir()
    found = derived_file(tmp_path, f"patients.{suffix}")
    assert found == derived(tmp_path / "text")


def derived_file(folder, name, **more):
    path = study_in(folder, None, **more)
    text = (
        path.read_text(encoding="utf-8").replace("patients.csv", name).replace("time_unit: months", "time_unit: days")
    )
    path.write_text(text, encoding="utf-8")
    cohort = load_cohort(path)
    found = {}
    for end in cohort.study.endpoints:
        outcome = cohort.outcome(end)
        names = [outcome.causes[k - 1] if k > 0 else outcome.censorings[-k] for k in outcome.cause]
        found[end] = list(zip(outcome.time.tolist(), names, strict=True))
    return found


@pytest.mark.parametrize("epoch", [1900, 1904])
@pytest.mark.parametrize("shown", ["YYYY-MM-DD", "General"])
def test_dates_of_workbooks_with_both_systems_as_dates_and_as_bare_numbers(tmp_path, epoch, shown):
    book = openpyxl.Workbook()
    if epoch == 1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    parts = frame()
    sheet.append(list(parts))
    for row in parts.itertuples(index=False):
        sheet.append(list(row))
        for cell in sheet[sheet.max_row][1:]:
            if cell.value is not None and shown == "General":
                cell.value = openpyxl.utils.datetime.to_excel(cell.value, book.epoch)
            cell.number_format = shown
    book.save(tmp_path / "patients.xlsx")
    (tmp_path / "text").mkdir()
    assert derived_file(tmp_path, "patients.xlsx") == derived(tmp_path / "text")


def test_datetimes_in_cells_of_a_workbook_count_by_their_day(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "start", "death", "seen"])
    sheet.append(["1", datetime.datetime(2020, 1, 1, 23, 59), datetime.datetime(2020, 1, 2, 0, 1), None])
    sheet.append(["2", datetime.datetime(2020, 1, 1), None, datetime.datetime(2020, 1, 31, 12)])
    book.save(tmp_path / "patients.xlsx")
    ends = {"OS": STUDY["endpoints"]["OS"]}
    found = derived_file(tmp_path, "patients.xlsx", events={"death": "death"}, endpoints=ends)
    assert found["OS"] == [(1, "death"), (30, "last contact")]


def test_a_table_of_a_clinic_in_every_spelling_gives_the_same_times(tmp_path):
    """Four spellings of one invented table, against times computed from the days that it was made of."""
    draw = random.Random(11)
    start = [datetime.date(2015, 1, 1) + datetime.timedelta(draw.randrange(1500)) for _ in range(60)]
    days = [draw.randrange(1, 1200) for _ in start]
    dead = [draw.random() < 0.6 for _ in start]
    ends = [one + datetime.timedelta(length) for one, length in zip(start, days, strict=True)]
    spellings = {
        "%d.%m.%Y": {}, "%m/%d/%Y": {}, "%d-%b-%y": {}, "%Y年%m月%d日": {}, "%Y%m%d": {}, "%d %B %Y": {},
    }  # fmt: skip
    for number, (spelling, how) in enumerate(spellings.items()):
        rows = ["id,start,death,seen"]
        for place, (first, last, died) in enumerate(zip(start, ends, dead, strict=True)):
            rows.append(
                f"{place},{first.strftime(spelling)},{last.strftime(spelling) if died else ''},{last.strftime(spelling)}"
            )
        folder = tmp_path / str(number)
        folder.mkdir()
        more = {"events": {"death": "death"}, "endpoints": {"OS": STUDY["endpoints"]["OS"]}}
        found = derived(folder, "\n".join(rows) + "\n", **more, **how)
        assert found["OS"] == [
            (length, "death" if died else "last contact") for length, died in zip(days, dead, strict=True)
        ]


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    return load_cohort(write_study(tmp_path_factory.mktemp("clinic"), *dated_clinic()))


def counted(cohort, endpoint):
    table = Analysis(cohort).table("derivation")
    rows = table[table["endpoint"] == endpoint]
    return {(row.rule, row.kind): int(row.count_) for row in rows.rename(columns={"count": "count_"}).itertuples()}


def test_the_derivation_counts_every_patient_once_and_each_rule(clinic):
    patients = dated_clinic()[0]
    days = {
        name: pd.to_datetime(
            patients[name].where(patients[name].str.len() > 7, patients[name] + "-01"), errors="coerce"
        )
        for name in ("start", "progression", "death", "scan", "seen")
    }
    cutoff = pd.Timestamp("2019-06-30")
    death, progression = (
        days["death"].where(days["death"] <= cutoff),
        days["progression"].where(days["progression"] <= cutoff),
    )
    told = counted(clinic, "OS")
    assert told["event", "death"] == death.notna().sum()
    late = (days["seen"] > cutoff).sum()
    assert told["censored", "data cut-off"] == told["cutoff", ""] == late
    assert told["censored", "last contact"] == (death.isna() & (days["seen"] <= cutoff)).sum()
    told = counted(clinic, "PFS")
    assert told["event", "progression"] == (progression.notna() & ~(death < progression)).sum()
    assert told["event", "death"] == (death.notna() & ~(progression <= death)).sum()
    partition = [count for (rule, _), count in told.items() if rule in ("event", "censored", "no_follow_up")]
    assert sum(partition) == clinic.n == 60
    assert told["completed", ""] == 1
    assert told["no_follow_up", ""] == 0


def test_sensitivity_analyses_stand_beside_the_main_one(clinic):
    table = Analysis(clinic).table("estimands")
    assert list(zip(table["endpoint"], table["term"], table["level"], table["analysis"], strict=True)) == [
        ("PFS", "new_therapy", "ignored", "main"),
        ("PFS", "new_therapy", "censored", "sensitivity"),
        ("PFS", "new_therapy", "event", "sensitivity"),
        ("PFS", "missed_assessments", "ignored", "main"),
        ("PFS", "missed_assessments", "censored", "sensitivity"),
    ]
    summary = Analysis(clinic).table("survival_summary")
    main = summary[(summary["endpoint"] == "PFS") & (summary["method"] == "log-log")].iloc[0]
    for _, row in table[table["analysis"] == "main"].iterrows():
        assert row["estimate"] == main["estimate"]
        assert (row["n"], row["events"], row["changed"]) == (60, main["events"], 0)
    outcome = clinic.outcome("PFS")
    for level in ("censored", "event"):
        other = clinic.derivation.analyses["PFS"]["new_therapy", level].outcome
        row = table[(table["term"] == "new_therapy") & (table["level"] == level)].iloc[0]
        changed = (other.time != outcome.time) | (other.event != outcome.event)
        assert (row["changed"], row["events"]) == (changed.sum(), other.event.sum())
        assert changed.sum() > 0
        gained = (other.event & ~outcome.event).sum()
        assert gained == {"censored": 0, "event": (changed & ~outcome.event).sum()}[level]


def test_a_masked_book_tells_no_count_by_rule(clinic):
    analysis = Analysis(clinic, mask_below=5)
    for name in ("derivation", "estimands"):
        assert analysis.table(name).attrs["reason"].code == "derivation_masked"


def test_a_study_without_dates_has_empty_tables():
    analysis = Analysis(load_cohort(STUDY_FILE))
    assert [analysis.table(name).attrs["reason"]["what"] for name in ("derivation", "estimands")] == [
        "dates",
        "estimands",
    ]
