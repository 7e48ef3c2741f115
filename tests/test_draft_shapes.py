"""Drafts of tables of other shapes: the right study file without an edit, or a question."""

from pathlib import Path

import pytest
import yaml

from aice_helpers.core.problems import StudyError
from aice_helpers.data.load import load_cohort
from aice_helpers.draft.draft import draft_study
from aice_helpers.stats.survival import survival_summary

MADE = Path(__file__).parent / "shapes"


@pytest.fixture
def drafted(tmp_path):
    """Write texts, draft a study file of the first: (draft, its YAML, a function that loads the cohort)."""

    def drafted(files, **options):
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        draft = draft_study(tmp_path / next(iter(files)), **options)

        def load(text=draft.text):
            (tmp_path / "study.yml").write_text(text, encoding="utf-8")
            return load_cohort(tmp_path / "study.yml")

        return draft, yaml.safe_load(draft.text.replace("known: ?", 'known: "?"')), load

    return drafted


def median(cohort, endpoint):
    table = survival_summary(cohort).set_index(["endpoint", "method"])
    return tuple(table.loc[(endpoint, "log"), ["n", "events", "estimate", "conf_low", "conf_high"]])


def answered(text, *keys):
    """The drafted text with questions confirmed."""
    return "\n".join(
        line for line in text.splitlines() if not any(line.startswith(f"  - {{what: {key},") for key in keys)
    )


# CDISC


def test_adtte_needs_no_edit(drafted):
    text = (MADE / "adtte.csv").read_text(encoding="utf-8")
    assert drafted({"adtte.csv": text})[1]["endpoints"]["OS"]["censored_value"] == ["1", "2"]
    draft, study, load = drafted({"adtte.csv": text.replace(",2,LAST CONTACT,", ",1,LAST CONTACT,")})
    cohort = load()
    assert median(cohort, "OS") == (40, 26, 232, 187, 327)
    assert median(cohort, "PFS") == (40, 36, 63.5, 46, 162)
    assert study["analysis"]["prognostic_factors"] == ["AGE", "SEX", "TRT01P"]
    assert set(study["variables"]) == {"USUBJID", "AGE", "SEX", "TRT01P"}
    assert study["variables"]["AGE"]["label"] == "Age"
    assert study["time_unit"] == "days"
    assert not any(guess.is_question for guess in draft.guesses)


SUBJECTS = "USUBJID,AGE,SEX,TRT01P,BMIBL,SAFFL\n" + "".join(
    f"S{n:02},{40 + n % 13 * 2},{'MF'[n % 2]},{('Placebo', 'Drug')[n % 3 == 0]},{20 + n % 7}.5,{'Y' if n < 28 else 'N'}\n"
    for n in range(30)
)
RECORDS = "USUBJID,PARAM,PARAMCD,AVAL,CNSR,EVNTDESC,CNSDTDSC,TRTP\n" + "".join(
    f"S{n:02},Time to First Rash (weeks),TTRASH,{n + 1},{n % 3},{'Rash' if n % 3 == 0 else ''},"
    f"{('', 'Study completion', 'Death')[n % 3]},x\n"
    for n in range(30)
)


def test_a_reason_of_censoring_that_names_an_event_is_asked(drafted):
    draft, study, load = drafted({"adtte.csv": RECORDS, "adsl.csv": SUBJECTS})
    (question,) = [guess for guess in draft.guesses if guess.is_question]
    assert question.what == "endpoints.TTRASH.censored_value"
    assert "code 2 of 'TTRASH_CNSR'" in question.reason
    assert "'Death'" in question.reason
    endpoint = study["endpoints"]["TTRASH"]
    assert (endpoint["label"], endpoint["event_label"]) == ("Time to First Rash", "rash")
    assert (endpoint["event_value"], endpoint["censored_value"], study["time_unit"]) == ("0", "1", "weeks")
    # Taking the question out does not make the code mean something.
    with pytest.raises(StudyError, match="found '2'"):
        load(answered(draft.text, "endpoints.TTRASH.censored_value"))


def test_adsl_beside_adtte_is_joined(drafted):
    records = RECORDS.replace(",2,,Death,", ",1,,Lost to follow-up,")
    draft, study, load = drafted({"adtte.csv": records, "adsl.csv": SUBJECTS})
    assert study["patients"]["joined"] == [{"file": "adsl.csv", "by": "USUBJID"}]
    assert [study["variables"][name]["role"] for name in ("AGE", "BMIBL")] == ["baseline", "baseline"]
    assert "SAFFL" not in study["variables"]
    assert "adsl.csv lies beside it and is joined by USUBJID" in draft.found
    assert load().column("BMIBL")["S08"] == 21.5


# Prism, start-stop, REDCap, cBioPortal


def test_prism_asks_what_the_event_is_and_for_nothing_else(drafted):
    rows = "".join(f"{n + 0.5},{n % 2 if n % 3 else ''},{'' if n % 3 else n % 2}\n" for n in range(1, 40))
    draft, study, load = drafted({"prism.csv": "Months,Placebo,Drug A\n" + rows})
    assert [guess.what for guess in draft.guesses if guess.is_question] == ["endpoints.OS"]
    assert study["analysis"]["groups"] == ["group"]
    cohort = load(answered(draft.text, "endpoints.OS"))
    assert cohort.n == 39
    assert cohort.column("group").value_counts().to_dict() == {"Placebo": 26, "Drug A": 13}
    assert int(cohort.survival("OS")["event"].sum()) == 20


def test_a_time_beside_indicators_is_no_table_of_prism(drafted):
    rows = "".join(f"P{n},{n + 0.5},{n % 2}\n" for n in range(1, 40))
    _, study, _ = drafted({"a.csv": "id,os_months,os_event\n" + rows})
    assert "shape" not in study["patients"]
    rows = "".join(f"{n + 0.5},{n % 2},{(n // 2) % 2}\n" for n in range(1, 40))
    assert "shape" not in drafted({"a.csv": "os_months,os_event,sex\n" + rows})[1]["patients"]


def test_start_stop_rows_are_recognized_and_said(drafted):
    draft, study, load = drafted({"a.csv": (MADE / "startstop.csv").read_text(encoding="utf-8")})
    assert study["patients"]["columns"] == {"id": "id", "start": "start", "stop": "stop", "event": "event"}
    assert "70 intervals of 40 patients" in draft.found[0]
    assert [guess.what for guess in draft.guesses if guess.is_question] == ["time_unit", "endpoints.OS"]
    assert median(load(answered(draft.text, "time_unit", "endpoints.OS")), "OS") == pytest.approx(
        (40, 24, 16, 8.1, 32.8)
    )


REDCAP = (
    "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,age,sex,comorb___1,comorb___2,base_complete,"
    "os_months,os_status,fu_complete\n"
    + "".join(
        f"{n},baseline_arm_1,,,{40 + n},{n % 2 + 1},{n % 2},0,2,,,\n{n},fu_arm_1,,,,,,,,{n * 2 + 0.5},{n % 3 == 0:d},2\n"
        for n in range(1, 31)
    )
    + "1,baseline_arm_1,labs,1,,,,,,,,\n"
)
DICTIONARY = (
    '"Variable / Field Name","Form Name","Field Type","Field Label","Choices, Calculations, OR Slider Labels"\n'
    "age,base,text,Age at start,\n"
    'sex,base,radio,"Sex <b>at birth</b>","1, Male | 2, Female"\n'
    'comorb,base,checkbox,Comorbidity,"1, Diabetes | 2, Heart failure"\n'
    'os_status,fu,radio,Vital status,"0, Alive | 1, Dead"\n'
)


def test_redcap_with_its_dictionary(drafted):
    _, study, load = drafted({"data.csv": REDCAP, "Study_DataDictionary.csv": DICTIONARY})
    assert study["patients"]["shape"] == "redcap"
    labels = {name: variable["label"] for name, variable in study["variables"].items()}
    assert labels == {
        "record_id": "Patient", "age": "Age at start", "sex": "Sex at birth",
        "comorb___1": "Comorbidity: Diabetes", "comorb___2": "Comorbidity: Heart failure",
    }  # fmt: skip
    assert study["variables"]["sex"]["levels"] == {"1": "Male", "2": "Female"}
    cohort = load()
    assert (cohort.n, int(cohort.survival("OS")["event"].sum())) == (30, 10)


def test_cbioportal_calls_variables_as_the_file_does(drafted):
    text = (
        "#Patient Identifier\tDiagnosis Age\tOverall Survival (Months)\tOverall Survival Status\n#a\tb\tc\td\n"
        "PATIENT_ID\tAGE\tOS_MONTHS\tOS_STATUS\n"
    )
    rows = "".join(f"P-{n}\t{40 + n}\t{n}.5\t{'1:DECEASED' if n % 2 else '0:LIVING'}\n" for n in range(1, 41))
    draft, study, load = drafted({"data_clinical_patient.txt": text + rows})
    assert study["variables"]["AGE"]["label"] == "Diagnosis Age"
    assert not any(guess.is_question for guess in draft.guesses)
    assert int(load().survival("OS")["event"].sum()) == 20


def test_adtte_whose_subject_has_another_name(drafted):
    text = (MADE / "adtte.csv").read_text(encoding="utf-8")
    header, rest = text.split("\n", 1)
    assert "USUBJID" in header
    _, study, load = drafted(
        {"adtte.csv": header.replace("USUBJID", "patient_no").replace("SUBJID", "other") + "\n" + rest}
    )
    assert study["patients"]["columns"] == {"id": "patient_no"}
    renamed = median(load(), "OS")
    assert renamed == median(drafted({"adtte.csv": text})[2](), "OS")


def test_adtte_without_a_subject_is_refused_by_name(drafted):
    with pytest.raises(StudyError, match="the column for the id of ADTTE is not there"):
        drafted({"adtte.csv": "PARAMCD,AVAL,CNSR\nOS,3,0\nOS,4,0\n"})


TWO_RECORDS_EACH = "".join(f"{2 * p + k},{p},{'OS' if k else 'PFS'},{p + k},0\n" for p in range(1, 21) for k in (0, 1))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("id,patient_no", "'id' and 'patient_no' both seem to number the subjects, and they differ"),
        ("id,place", "no subject has records of two parameters, so this column seems to number the records"),
    ],
)
def test_adtte_behind_a_number_of_its_records_is_refused(drafted, header, words):
    with pytest.raises(StudyError, match=words):
        drafted({"adtte.csv": f"{header},PARAMCD,AVAL,CNSR\n{TWO_RECORDS_EACH}"})


def test_adtte_with_two_names_of_each_subject(drafted):
    rows = "".join(f"{p},P{p},{code},{p + 1},0\n" for p in range(1, 21) for code in ("PFS", "OS"))
    draft, study, load = drafted({"adtte.csv": f"patient_no,patient code,PARAMCD,AVAL,CNSR\n{rows}"})
    assert study["patients"]["columns"] == {"id": "patient_no"}
    assert load(answered(draft.text, "time_unit")).n == 20
