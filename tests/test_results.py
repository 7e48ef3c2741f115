import numpy as np
import pandas as pd
import pytest

from aice_helpers.core.reasons import Reason, from_json
from aice_helpers.core.results import CONTRACTS, ESTIMATE, pick, result_table, written_out

NOTHING = Reason("not_declared", what="response")


def test_columns_order_and_types():
    table = result_table("response", [{"population": "all patients", "n": 3, "estimate": 1 / 3, "term": "ORR"}])
    assert list(table.columns) == [*ESTIMATE, "population"]
    assert table["n"].dtype == "Int64"
    assert table["estimate"].dtype == np.float64
    assert table["term"].dtype == object
    assert table.loc[0, "estimate"] == 1 / 3
    assert pd.isna(table.loc[0, "events"])
    assert np.isnan(table.loc[0, "p_value"])
    assert table.loc[0, "reasons"] == ()


@pytest.mark.parametrize("name", CONTRACTS)
def test_empty_tables_keep_their_columns_and_say_why(name):
    table = result_table(name, [], reason=NOTHING)
    assert list(table.columns) == list(CONTRACTS[name])
    assert len(table) == 0
    assert table.attrs["reason"] == NOTHING
    with pytest.raises(ValueError, match="needs a reason"):
        result_table(name, [])
    with pytest.raises(ValueError, match="needs a reason"):
        result_table(name, [], reason="Nothing was declared.")


def test_a_filled_table_has_no_reason():
    assert "reason" not in result_table("response", [{"term": "ORR"}], reason=NOTHING).attrs


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"hazard": 1}, "outside the contract: hazard"),
        ({"estimate": np.inf}, "infinite"),
        ({"conf_high": -np.inf}, "infinite"),
        ({"n": 2.5}, "n holds a fraction"),
        ({"n": np.inf}, "infinite"),
        ({"estimate": 0.5, "conf_low": 0.6, "conf_high": 0.7}, r"does not hold its estimate \(row 1\)"),
        ({"reasons": "no event"}, "reasons are a tuple of Reason"),
        ({"reasons": ("no event",)}, "reasons are a tuple of Reason"),
        ({"reasons": [NOTHING]}, "reasons are a tuple of Reason"),
        ({"estimate": 0.8, "conf_low": 0.6, "conf_high": 0.7}, r"does not hold its estimate \(row 1\)"),
    ],
)
def test_refusals(row, message):
    with pytest.raises(ValueError, match=message):
        result_table("response", [{"term": "good", "estimate": 0.5, "conf_low": 0.4, "conf_high": 0.6}, row])


def test_missing_values_of_every_kind():
    rows = [{"n": value, "estimate": value, "unit": value, "reasons": value} for value in (None, np.nan, pd.NA)]
    table = result_table("response", rows)
    assert table["n"].isna().all()
    assert table["estimate"].dtype == np.float64
    assert table["unit"].tolist() == ["", "", ""]
    assert table["reasons"].tolist() == [(), (), ()]


def test_a_file_holds_reasons_as_json(tmp_path):
    said = (Reason("counted_as_failures", count=3), Reason("missing_left_out", count=2, variable="größe"))
    table = result_table("survival_at", [{"n": 9, "reasons": said}, {"n": 8}])
    written_out(table).to_csv(tmp_path / "table.csv", index=False)
    read = pd.read_csv(tmp_path / "table.csv")
    assert [from_json(text) for text in read["reasons"]] == [said, ()]
    assert table["reasons"].tolist() == [said, ()]


def test_one_open_limit_is_allowed():
    table = result_table("survival_summary", [{"estimate": 12.0, "conf_low": 9.0}])
    assert np.isnan(table.loc[0, "conf_high"])


def test_text_comes_from_categories_too():
    frame = pd.DataFrame({"level": pd.Categorical(["No", None], categories=["No", "Yes"]), "n": [1, 2]}, index=[7, 9])
    table = result_table("response", frame)
    assert table["level"].tolist() == ["No", ""]
    assert table.index.tolist() == [0, 1]
    assert frame.index.tolist() == [7, 9]


def test_the_rows_given_stay_as_they_were():
    frame = pd.DataFrame({"term": ["ORR"], "n": [3]})
    before = frame.copy()
    result_table("response", frame)
    pd.testing.assert_frame_equal(frame, before)


def test_pick():
    table = result_table("response", [{"term": "ORR", "n": 3}, {"term": "DCR", "n": 3}, {"term": "DCR", "n": 4}])
    assert pick(table, term="DCR", n=4)["n"] == 4
    with pytest.raises(LookupError, match="2 rows match"):
        pick(table, term="DCR")
    with pytest.raises(LookupError, match="0 rows match"):
        pick(table, term="PFS")
    with pytest.raises(LookupError):
        pick(table, column_that_is_not_there=1)
    with pytest.raises(LookupError, match="0 rows match"):
        pick(table, p_value=0.05)
