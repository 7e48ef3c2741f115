"""The study's own word for its people, in every fixed text and in nothing that the study wrote itself."""

import pytest
from studies import clinic, write_study

from aice_helpers.analysis import Analysis, open_analysis
from aice_helpers.core import wording
from aice_helpers.core.problems import StudyError
from aice_helpers.core.wording import USUAL, Wording
from aice_helpers.data.load import load_cohort
from aice_helpers.show import figures, tables
from aice_helpers.show.prose import notice
from aice_helpers.show.sentences import bullets, sentence

WOMEN = Wording("woman", "women", ("Register of patients & others", "patient"))


@pytest.fixture(autouse=True)
def afterwards():
    yield
    wording.use(USUAL)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("1 patient", "1 woman"),
        ("Patients at risk", "Women at risk"),
        ("all patients' times, a patient's time", "all women's times, a woman's time"),
        ("patient-level, outpatients, impatient", "patient-level, outpatients, impatient"),
        ("Register of patients & others: 3 patients", "Register of patients & others: 3 women"),
    ],
)
def test_a_text(text, right):
    assert WOMEN(text) == right
    assert USUAL(text) == text


def test_an_article():
    assert Wording("inmate", "inmates")("A patient, a patient; an old patient") == "An inmate, an inmate; an old inmate"
    assert Wording("man", "men")("a patient") == "a man"


def test_html_keeps_its_tags_and_what_the_study_wrote():
    given = '<p class="patient" aria-label="Patients">Register of patients &amp; others; the patients&#x27; times &lt; 3</p>'
    assert WOMEN.in_html(given) == (
        '<p class="patient" aria-label="Women">Register of patients &amp; others; the women&#x27;s times &lt; 3</p>'
    )


def test_markdown_keeps_code_and_targets():
    given = "Each patient: `patient`, [patients](patients.md), {cite:p}`patient2000`"
    assert WOMEN.in_markdown(given) == "Each woman: `patient`, [women](patients.md), {cite:p}`patient2000`"


def test_what_is_shown_is_in_the_words_of_the_opened_study(tmp_path):
    patients, events, study = clinic()
    study |= {
        "people": ["woman", "women"],
        "population": "women with one disease",
        "title": "A book about patients here",
    }
    analysis = open_analysis(write_study(tmp_path, patients, events, study))
    said = repr(notice(analysis))
    assert f"{analysis.cohort.n} women with one disease." in said
    assert "A book about patients here" in said
    shown = tables.baseline(analysis.table("baseline"), analysis.study)
    for text in (repr(shown), shown._repr_html_(), repr(sentence("12 patients")), bullets(["a patient"])._repr_html_()):
        assert "patient" not in text.lower()
        assert "wom" in text.lower()
    picture = figures.survival_curves(analysis.table("survival_curve"), analysis.study)
    assert "patient" not in repr(picture)
    picture.png()
    assert not [text for text in picture.figure.texts if "patient" in text.get_text().lower()]


def test_a_study_without_the_key_speaks_of_patients(tmp_path):
    wording.use(WOMEN)
    analysis = open_analysis(write_study(tmp_path, *clinic()))
    assert f"{analysis.cohort.n} patients" in repr(notice(analysis))


@pytest.mark.parametrize("people", [["women"], ["a", "b", "c"], ["", "women"], ["<b>", "women"]])
def test_words_that_are_none(tmp_path, people):
    patients, events, study = clinic()
    with pytest.raises(StudyError, match=r"\[woman, women\]"):
        Analysis(load_cohort(write_study(tmp_path, patients, events, study | {"people": people})))
