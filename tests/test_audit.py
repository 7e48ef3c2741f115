"""What arithmetic says of abstracts: the default one without being told, clean ones, planted faults, traps."""

import pytest
import yaml
from cohorts import STUDY_FILE
from make_abstracts import FOLDER, Abstract, tally, write

from aice_helpers.audit.findings import CANNOT_BE, CONVENTION, FITS, NEEDS
from aice_helpers.audit.rules import audit
from aice_helpers.ledger.arithmetic import findings_table
from aice_helpers.show.tables import arithmetic_lines
from aice_helpers.study.published import read_published


@pytest.fixture(scope="module")
def default():
    return read_published(STUDY_FILE.parent / "published.yml").numbers


def test_the_default_abstract_gives_what_is_known_of_it_without_being_told(default):
    found = {(each.ids, each.reason.code): each for _, each in audit(default)}
    assert {each.grade for each in found.values()} == {NEEDS, CONVENTION, FITS}
    for name, count in {"orr": "42", "dcr": "86", "pain": "26", "marrow": "17", "fever": "7"}.items():
        assert found[(name,), "printed_only_counts"].reason["counts"] == (count,)
    assert found[("orr",), "printed_interval_by"].reason["methods"] == ("Clopper-Pearson",)
    cut = found[("dcr",), "printed_limit_cut"]
    assert (cut.grade, cut.reason["limits"], round(cut.reason["value"], 2)) == (NEEDS, "lower", 67.17)
    rates = found[("os_24", "pfs_24"), "printed_rates_are_shares"]
    assert (rates.grade, rates.reason["counts"]) == (CONVENTION, ("51/113", "29/113"))
    assert rates.chance == pytest.approx((114 / 1001) ** 2)
    symmetric = found[("os", "pfs"), "printed_symmetric_medians"]
    assert symmetric.reason["spans"] == ("19.00 to 19.05", "10.95 to 11.05")
    assert symmetric.chance < 0.01
    zero = found[("severe",), "printed_zero"].reason
    assert (round(zero["high"], 3), round(zero["one_sided"], 3)) == (0.032, 0.026)
    only = {code for _, code in found if code not in ("printed_only_counts", "printed_interval_by", "printed_zero")}
    assert only == {"printed_limit_cut", "printed_rates_are_shares", "printed_symmetric_medians"}


def test_the_words_speak_of_the_numbers_as_printed(default):
    text = "\n".join(arithmetic_lines(findings_table(default), "An abstract"))
    assert "Cannot be: none" in text
    assert "67.17%) when digits are cut off" in text
    assert "authors" not in text


# -- abstracts of our own making ----------------------------------------------------------------------------------------
def abstracts(name):
    """Abstracts of a file of several, each with its name; numbers stay text."""
    return yaml.load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader).items()


def unfit(numbers):
    """Code of each finding that does not say that something fits -> its grade."""
    return {each.reason.code: each.grade for _, each in audit(numbers) if each.grade != FITS}


def typed(abstract, folder):
    content = {"source": "Invented", "numbers": abstract["numbers"]}
    return read_published(write(content, folder / "published.yml")).numbers


@pytest.mark.parametrize(("name", "abstract"), abstracts("faults"), ids=[name for name, _ in abstracts("faults")])
def test_a_planted_fault_is_found_and_nothing_else(name, abstract, tmp_path):
    assert unfit(typed(abstract, tmp_path)) == abstract["finds"], abstract["wrong"]


@pytest.mark.parametrize(("name", "abstract"), abstracts("traps"), ids=[name for name, _ in abstracts("traps")])
def test_what_looks_odd_and_is_right_is_not_called_wrong(name, abstract, tmp_path):
    assert CANNOT_BE not in abstract["finds"].values()
    assert unfit(typed(abstract, tmp_path)) == abstract["finds"]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("clean_*.yml")), ids=lambda path: path.stem)
def test_nothing_is_wrong_with_an_abstract_computed_from_a_cohort(path):
    numbers = read_published(path).numbers
    assert set(unfit(numbers).values()) <= {CONVENTION}
    found = {
        name: each.reason
        for _, each in audit(numbers)
        for name in each.ids
        if each.reason.code == "printed_interval_by"
    }
    limits = [entry for entry in numbers.proportions.values() if entry.low]
    assert set(found) == {entry.name for entry in limits}


def test_the_clean_abstracts_are_those_that_the_generator_makes(tmp_path):
    for seed in (1, 14):
        made = write(Abstract(seed).as_dict(), tmp_path / "one.yml").read_text(encoding="utf-8")
        assert made == (FOLDER / f"clean_{seed:02d}.yml").read_text(encoding="utf-8")


def test_more_random_abstracts_hold_nothing_that_cannot_be(tmp_path):
    found, _ = tally(100, 112, tmp_path)
    assert {grade for grade, _, _ in found} <= {FITS, CONVENTION, "all"}
