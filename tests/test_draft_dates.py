"""Drafts of tables that keep dates: which column is which, in several languages, and what stays a question."""

import datetime
import random

import pytest
from studies import dated_clinic

from aice_helpers.analysis import Analysis
from aice_helpers.core.problems import StudyError
from aice_helpers.data.load import load_cohort
from aice_helpers.draft.date_words import date_role, vital_meaning
from aice_helpers.draft.draft import draft_study


def clinic(header, spelling="%Y-%m-%d", words=("Dead", "Alive"), n=40):
    """A table with the columns id, start, progression, last contact and status, in this order, as CSV."""
    draw, lines = random.Random(5), [";".join(header)]
    for number in range(n):
        start = datetime.date(2016, 1, 1) + datetime.timedelta(draw.randrange(1000))
        length = draw.randrange(30, 1200)
        dead, progressed = draw.random() < 0.6, draw.random() < 0.5
        days = [0, length // 2 if progressed else None, length]
        cells = ["" if day is None else (start + datetime.timedelta(day)).strftime(spelling) for day in days]
        lines.append(";".join([str(number + 1), *cells, words[0] if dead else words[1]]))
    return "\n".join(lines) + "\n"


def drafted(folder, text):
    (folder / "table.csv").write_text(text, encoding="utf-8")
    draft = draft_study(folder / "table.csv", folder=folder)
    (folder / "study.yml").write_text(draft.text, encoding="utf-8")
    return draft


ENGLISH = ("patient", "date_first_treatment", "date_progression", "date_last_contact", "vital_status")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (ENGLISH, ("Dead", "Alive")),
        (("Nr", "Datum_Erstbehandlung", "Datum Progress", "letzter Kontakt", "Vitalstatus"), ("verstorben", "lebt")),
        (
            ("numéro", "date début traitement", "date progression", "date dernières nouvelles", "statut vital"),
            ("décédé", "vivant"),
        ),
        (
            ("número", "fecha inicio tratamiento", "fecha progresión", "fecha último contacto", "estado"),
            ("muerto", "vivo"),
        ),
        (("编号", "首次治疗日期", "进展日期", "末次随访日期", "生存状态"), ("死亡", "存活")),
        (("no", "tedavi başlangıç tarihi", "progresyon tarihi", "son kontrol tarihi", "son durum"), ("Ölü", "Yaşıyor")),
        (("nr", "data rozpoczęcia leczenia", "data progresji", "data ostatniej wizyty", "status"), ("zgon", "żyje")),
    ],
)
def test_a_table_with_dates_is_drafted_in_several_languages(tmp_path, header, words):
    draft = drafted(tmp_path, clinic(header, words=words))
    cohort = load_cohort(tmp_path / "study.yml")
    (tmp_path / "english").mkdir()
    drafted(tmp_path / "english", clinic(ENGLISH))
    expected = load_cohort(tmp_path / "english" / "study.yml")
    for name in ("PFS", "OS"):
        assert cohort.outcome(name).time.tolist() == expected.outcome(name).time.tolist()
        assert cohort.outcome(name).event.tolist() == expected.outcome(name).event.tolist()
    summary = Analysis(cohort).table("survival_summary").query("method == 'log-log'").set_index("endpoint")
    for name, row in summary.iterrows():
        (line,) = (line for line in draft.found if line.startswith(f"{name} "))
        assert line.split()[-4:-2] == [str(row["n"]), str(row["events"])]
        assert line.split()[-2] == f"{row['estimate']:.4g}"


def test_several_columns_that_could_be_the_start_are_a_question(tmp_path):
    rows = clinic(ENGLISH).splitlines()
    rows = [
        row
        + (
            ";diagnosis_date;surgery_date;sex;age"
            if place == 0
            else f";2015-06-01;2015-07-01;{'fm'[place % 2]};{50 + place * place % 23}"
        )
        for place, row in enumerate(rows)
    ]
    draft = drafted(tmp_path, "\n".join(rows) + "\n")
    assert 'start_one_of: ["date_first_treatment", "diagnosis_date", "surgery_date"]'.replace('"', "") in draft.text
    assert any("3 columns could be it" in line for line in draft.found)
    assert not any("none found; name its time" in line or "too many coefficients" in line for line in draft.found)
    assert "  prognostic_factors: [sex, age]\n" in draft.text
    assert "  rate_times: [12, 24]  # in months; the usual ones" in draft.text
    with pytest.raises(StudyError, match="3 columns could be the start of time"):
        load_cohort(tmp_path / "study.yml")


def test_a_registration_after_the_start_may_be_the_entry(tmp_path):
    """A date from which on patients may have been observed changes every risk set: it is asked about, not left out."""
    rows = clinic(ENGLISH).splitlines()
    rows = [f"{row};{'date_of_registration' if place == 0 else '2019-06-01'}" for place, row in enumerate(rows)]
    drafted(tmp_path, "\n".join(rows) + "\n")
    with pytest.raises(StudyError, match="declare that one as entry: too"):
        load_cohort(tmp_path / "study.yml")


def test_an_order_that_is_open_is_left_to_the_check(tmp_path):
    text = "id,treatment_date,death_date,last_contact\n1,01/02/2019,,03/04/2020\n2,05/06/2019,07/08/2019,07/08/2019\n3,02/02/2018,,09/09/2019\n"
    draft = drafted(tmp_path, text)
    assert any("3 questions or faults first" in line for line in draft.found)
    with pytest.raises(StudyError, match="can be read in 2 ways"):
        load_cohort(tmp_path / "study.yml")


def test_a_status_of_figures_is_a_question(tmp_path):
    draft = drafted(tmp_path, clinic(ENGLISH, words=("1", "0")))
    assert 'status: {column: vital_status, dead: ["1"], alive: ["0"]}' in draft.text
    assert [guess.reason for guess in draft.guesses if guess.is_question] == ["1 in 'vital_status' was taken for dead"]


def test_dates_of_events_that_no_endpoint_uses_are_a_question(tmp_path):
    """As in R's `udca`: transplants and complications have dates of their own, and the last day is called last.dt."""
    header = ("patient", "entry.dt", "hprogress.dt", "last.dt", "status")
    rows = clinic(header).splitlines()
    rows = [
        row + (";tx.dt" if place == 0 else ";2017-01-01" if place % 4 == 0 else ";") for place, row in enumerate(rows)
    ]
    draft = drafted(tmp_path, "\n".join(rows) + "\n")
    assert "last_contact: last.dt" in draft.text
    (asked,) = (guess for guess in draft.guesses if guess.is_question)
    assert "only some patients have a date in 'tx.dt'" in asked.reason
    with pytest.raises(StudyError, match=r"'tx\.dt', as of an event"):
        load_cohort(tmp_path / "study.yml")


def test_a_cut_off_and_words_for_no_date_are_drafted(tmp_path):
    text = "id,start_date,death_date,last_contact,data_cutoff\n1,2019-02-01,alive,2020-04-03,2020-12-31\n2,2019-02-01,2019-08-07,2019-08-07,2020-12-31\n"
    draft = drafted(tmp_path, text)
    assert 'cutoff: "2020-12-31"' in draft.text
    assert "missing: [alive]" in draft.text
    assert load_cohort(tmp_path / "study.yml").outcome("OS").event.tolist() == [False, True]


def test_times_are_taken_before_dates(tmp_path):
    text = "id,start_date,death_date,os_months,os_event\n" + "".join(
        f"{i},2019-02-01,2020-02-0{i},{12 + i},1\n" for i in range(1, 9)
    )
    assert "first_of" not in drafted(tmp_path, text).text


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Date of birth", "birth"), ("DOD", "death"), ("Sterbedatum", "death"), ("data di decesso", "death"), ("最后随访时间", "last_contact"),
        ("date of last follow-up", "last_contact"), ("date_last_CT", "last_assessment"), ("date of relapse", "relapse"), ("Rezidivdatum", "relapse"),
        ("next treatment date", "new_therapy"), ("randomization_date", "start"), ("OP-Datum", "start"), ("Datenschnitt", "cutoff"), ("visit 3", ""),
    ],
)  # fmt: skip
def test_headers_say_which_date_a_column_holds(header, role):
    assert date_role(header) == role


def test_words_of_a_status():
    assert [vital_meaning(word) for word in ("DEAD", "died of disease", "AWD", "DOC", "已故", "lost to follow-up", "?")] == [
        "dead", "dead", "alive", "dead", "dead", "alive", "",
    ]  # fmt: skip


def test_a_new_therapy_is_drafted_and_its_handling_asked(tmp_path):
    patients, _, _ = dated_clinic()
    patients = patients.rename(columns={"therapy": "next_therapy", "scan": "last_scan", "seen": "last_contact"})
    patients["start"] = patients["start"].where(patients["start"].str.len() == 10, patients["start"] + "-01")
    patients.to_csv(tmp_path / "clinic.csv", index=False)
    draft = draft_study(tmp_path / "clinic.csv")
    assert "  new_therapy: {column: next_therapy, handling: ignored}" in draft.text
    (asked,) = (guess for guess in draft.guesses if guess.is_question)
    assert "what a new therapy ('next_therapy') does to PFS" in asked.reason
    assert [other.rpartition(" ")[2] for other in asked.alternatives] == ["censored", "event"]
