"""The ledger: verdicts follow from the values, and nothing goes without an explanation."""

from dataclasses import replace

import pytest

from aice_helpers.analysis import Analysis
from aice_helpers.core.problems import StudyError
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import pick
from aice_helpers.ledger.compare import ledger
from aice_helpers.show.reason_words import note
from aice_helpers.study.published import VERDICTS, read_published


@pytest.fixture(scope="module")
def tables(cohort):
    return Analysis(cohort).results()


@pytest.fixture(scope="module")
def default_ledger(tables):
    return tables["published"]


def verdict(table, id):
    return pick(table, id=id)["verdict"]


def test_every_item_has_one_row_a_known_verdict_and_an_explanation(default_ledger, cohort):
    items = read_published(cohort.study.folder / cohort.study.published).items
    assert list(default_ledger["id"]) == [item.id for item in items]
    assert set(default_ledger["verdict"]) <= set(VERDICTS)
    assert (default_ledger["reasons"].map(note).str.len() + default_ledger["explanation"].str.len() > 40).all()
    assert default_ledger["explanation"].map(bool).all()


def test_each_printed_number_of_the_abstract_is_in_the_ledger(default_ledger):
    printed = set(default_ledger["published"])
    numbers = (
        "113 | 19.0 months | 12.8 months | 25.3 months | 45.1% | 11.0 months | 8.6 months | 13.4 months | 25.7% | "
        "37.2% | 28.3% | 46.8% | 76.1% | 67.1% | 83.6% | 23.0% | 15.0% | 6.2%"
    )
    assert set(numbers.split(" | ")) <= printed


def test_default_verdicts(default_ledger):
    by_verdict = default_ledger.groupby("verdict")["id"].apply(set)
    assert by_verdict["rounding"] == {"dcr_low"}
    assert by_verdict["convention"] == {"os_low", "os_high", "pfs_high"}
    assert by_verdict["cannot be reproduced"] == {"design", "methods", "conclusion", "outlook"}
    assert len(by_verdict["by construction"]) == 15
    assert by_verdict["match"] >= {"n", "os_median", "os_24", "pfs_24", "orr", "dcr", "pain", "severe"}


def test_truncated_limit_and_two_year_rates_explain_themselves(default_ledger):
    truncated = pick(default_ledger, id="dcr_low")
    assert truncated["computed"] == "67.2%"
    (cut_off,) = truncated["reasons"]
    assert cut_off == Reason("equal_cut_off", value=truncated["value"], unit="%")
    assert "67.17%" in note((cut_off,))
    assert "crude proportion it is 45.1%" in note(pick(default_ledger, id="os_24")["reasons"])
    assert "29/113" in pick(default_ledger, id="pfs_24")["explanation"]


@pytest.mark.parametrize(
    ("estimate", "expected"),
    [
        (19.04, "match"),
        (19.05, "rounding"),
        (19.1, "cannot be reproduced"),
        (18.9, "cannot be reproduced"),
    ],
)
def test_a_changed_number_changes_the_verdict(cohort, tables, estimate, expected):
    summary = tables["survival_summary"].copy()
    row = (summary["endpoint"] == "OS") & (summary["group"] == "") & (summary["method"] == "SPSS")
    summary.loc[row, "estimate"] = estimate
    changed = ledger(cohort, tables | {"survival_summary": summary})
    assert verdict(changed, "os_median") == expected


def test_a_claim_fails_when_its_test_does(cohort, tables):
    cox = tables["cox"].copy()
    row = (cox["endpoint"] == "OS") & (cox["model"] == "univariable") & (cox["term"] == "nlr")
    cox.loc[row, "p_value"] = 0.05
    changed = pick(ledger(cohort, tables | {"cox": cox}), id="uni_os_nlr")
    assert changed["verdict"] == "cannot be reproduced"
    assert changed["computed"] == "P = 0.050"


def test_real_data_earn_a_match_where_synthetic_data_only_hold_by_construction(cohort, tables):
    real = replace(cohort, study=replace(cohort.study, synthetic=False))
    assert verdict(ledger(real, tables), "uni_os_nlr") == "match"


def test_what_the_cohort_does_not_have_cannot_be_reproduced(cohort, tables):
    summary = tables["survival_summary"].query("endpoint != 'PFS'")
    row = pick(ledger(cohort, tables | {"survival_summary": summary}), id="pfs_median")
    assert (row["verdict"], row["computed"]) == ("cannot be reproduced", "")
    assert row["reasons"] == (Reason("no_counterpart", of="figure", why="absent"),)


def test_a_study_without_published_numbers_says_so(cohort, tables):
    table = ledger(replace(cohort, study=replace(cohort.study, published="")), tables)
    assert table.empty
    assert table.attrs["reason"] == Reason("not_declared", what="published")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('- {id: a, topic: t, quote: q, chapter: c, explanation: " "}', "no explanation"),
        ("- {id: a, topic: t, quote: q, chapter: c}", "key is missing"),
        ("- {id: a, topic: t, quote: q, chapter: c, explanation: e, valeu: 3}", "'value'"),
        (
            "- {id: a, topic: t, quote: q, chapter: c, explanation: e}\n  - {id: a, topic: t, quote: q, chapter: c, explanation: e}",
            "have this id",
        ),
    ],
)
def test_a_faulty_ledger_is_refused(tmp_path, line, told):
    path = tmp_path / "published.yml"
    path.write_text(f"source: s\nitems:\n  {line}\n", encoding="utf-8")
    with pytest.raises(StudyError, match=told):
        read_published(path)
