"""No number and no shown word changes unseen: every result table and every notebook against its snapshot."""

import pandas as pd
import pytest
from snapshots import COHORTS, HINT, SNAPSHOTS, as_grid, check, copy_of_examples, table_differences, tables_of, texts_of

SHOWN = 60
"""Lines of differences a failing test shows."""


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return copy_of_examples(tmp_path_factory.mktemp("copy"))


def assert_none(name, lines):
    more = [f"... and {len(lines) - SHOWN} lines more"] if len(lines) > SHOWN else []
    if lines:
        title = f"{name} differs from tests/snapshots/{name}:"
        pytest.fail("\n".join([title, *lines[:SHOWN], *more, HINT]), pytrace=False)


@pytest.mark.parametrize("name", COHORTS)
def test_result_tables_are_those_of_the_snapshot(name, examples):
    assert_none(name, check(SNAPSHOTS / name, tables=tables_of(name, examples)))


@pytest.mark.parametrize("name", COHORTS)
def test_notebooks_show_what_the_snapshot_holds(name, examples):
    assert_none(name, check(SNAPSHOTS / name, texts=texts_of(name, examples)))


def test_every_folder_of_snapshots_is_looked_at():
    assert sorted(path.name for path in SNAPSHOTS.iterdir()) == sorted(COHORTS)


# ---- the comparison --------------------------------------------------------------------------------------------------
TABLE = pd.DataFrame(
    {
        "endpoint": ["OS", "OS"],
        "level": ["1", "2"],
        "n": pd.array([3, None], "Int64"),
        "estimate": [1 / 3, float("nan")],
        "reasons": ["a", ""],
    }
)


def changed(**columns):
    return table_differences("rates", as_grid(TABLE), TABLE.assign(**columns))


def test_what_agrees_is_silent():
    assert changed(reasons=["b", "c"]) == []
    assert changed(estimate=[(1 + 1e-10) / 3, float("nan")]) == []


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({"estimate": [0.25, float("nan")]}, f"rates | endpoint=OS, level=1 | estimate: '{1 / 3!r}' -> '0.25'"),
        ({"estimate": [(1 + 1e-8) / 3, float("nan")]}, f"estimate: '{1 / 3!r}' -> '{(1 + 1e-8) / 3!r}'"),
        ({"estimate": [1 / 3, 0.0]}, "rates | endpoint=OS, level=2 | estimate: '' -> '0.0'"),
        ({"n": pd.array([3, 0], "Int64")}, "rates | endpoint=OS, level=2 | n: '' -> '0'"),
        ({"n": pd.array([None, None], "Int64")}, "rates | endpoint=OS, level=1 | n: '3' -> ''"),
        ({"level": ["1", "2.0"]}, "rates | endpoint=OS, level=2 | level: '2' -> '2.0'"),
        ({"unit": ["m", "m"]}, "rates | column unit is new"),
    ],
)
def test_a_changed_cell_is_named_with_its_row(columns, line):
    (found,) = changed(**columns)
    assert found.endswith(line)


def test_rows_and_columns_that_come_go_or_move_are_named():
    before = as_grid(TABLE)
    assert table_differences("rates", before, TABLE.head(1)) == ["rates | endpoint=OS, level=2 | row is gone"]
    assert table_differences("rates", before, TABLE.drop(columns="n")) == ["rates | column n is gone"]
    assert table_differences("rates", before, TABLE.iloc[::-1]) != []
    moved = table_differences("rates", before, TABLE[["level", "endpoint", "n", "estimate"]])
    assert moved == ["rates | columns in another order: level, endpoint, n, estimate"]


def test_files_are_rewritten_only_where_they_differ(tmp_path):
    texts = {"page": "one\n\n  two\n"}
    assert check(tmp_path, {"rates": TABLE}, texts, rewrite=True) == [
        "rates.csv | new: no snapshot yet",
        "page.txt | new: no snapshot yet",
    ]
    assert check(tmp_path, {"rates": TABLE}, texts) == []
    (tmp_path / "page.txt").write_text("one\n\n  2\n", encoding="utf-8")
    assert check(tmp_path, {"rates": TABLE}, texts)[-2:] == ["-  2", "+  two"]
    stored = (tmp_path / "rates.csv").read_bytes()
    almost = TABLE.assign(estimate=TABLE["estimate"] * (1 + 1e-12))
    check(tmp_path, {"rates": almost}, texts, rewrite=True)
    assert (tmp_path / "rates.csv").read_bytes() == stored
    assert check(tmp_path, {"rates": TABLE}, texts) == []
    assert check(tmp_path, {}, texts) == ["rates.csv | gone: nothing of this name is computed"]
    check(tmp_path, {}, texts, rewrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["page.txt"]
