"""Snapshots of every result table and of all that the notebooks show: ``python tests/snapshots.py`` rewrites them.

``snapshots/COHORT/TABLE.csv`` holds a result table, ``snapshots/COHORT/NOTEBOOK.txt`` the plain text of what its cells
show (tables, sentences, alt texts of figures) and print. A file whose content still agrees is left as it is.
"""

import contextlib
import csv
import difflib
import io
import math
import runpy
import shutil
import sys
import tempfile
from pathlib import Path

import pandas as pd
from cells import run_cells

import aice_helpers
from aice_helpers.analysis import open_analysis
from aice_helpers.build import pages
from aice_helpers.study.model import DEFAULT_STUDY

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOTS = ROOT / "tests" / "snapshots"
EXAMPLES = sorted(study.parent.name for study in (ROOT / "examples").glob("*/study.yml"))
K = 5
COHORTS = {name: (name, 0) for name in ("default", *EXAMPLES)} | {
    f"{name}-masked": (name, K) for name in ("default", "lung")
}
"""Name of each folder of snapshots -> the study and the K below which its counts are masked."""

LEFT_OUT = ("reasons",)
"""Columns whose words are seen in the display tables."""

KEYS = ("endpoint", "group", "population", "model", "kind", "term", "level", "landmark", "time", "method", "id")
"""Columns that say which row is meant."""

REL_TOL, ABS_TOL = 1e-9, 1e-14
COMMAND = "make snapshots"
HINT = f"If all of this is meant, rewrite the snapshots (`{COMMAND}`) and commit what `git diff tests/snapshots` shows."


def copy_of_examples(folder):
    """The examples with their data, made in ``folder`` as examples/README.md says."""
    copy = Path(folder) / "examples"
    shutil.copytree(ROOT / "examples", copy, ignore=shutil.ignore_patterns("*.csv", "__pycache__"))
    runpy.run_path(str(copy / "make_data.py"))["write_data"](copy)
    return copy


def study_file(name, examples):
    """Study file of a cohort, from a copy of the examples."""
    source = COHORTS[name][0]
    return DEFAULT_STUDY if source == "default" else examples / source / "study.yml"


def tables_of(name, examples):
    """Result tables of a cohort, by name."""
    return open_analysis(study_file(name, examples), mask_below=COHORTS[name][1]).results()


def texts_of(name, examples):
    """What each notebook shows of a cohort, by the notebook's name; the lessons only of the default cohort."""
    texts = {}
    for page in pages.pages():
        if page.suffix == ".ipynb" and (name == "default" or "methods" not in page.parts):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                shown = run_cells(page, study_file(name, examples), mask_below=COHORTS[name][1])
            parts = [*(repr(value) for _, value in shown), f"Printed:\n{printed.getvalue()}".rstrip()]
            # Lessons and chapters are both numbered from 01.
            texts["-".join(page.with_suffix("").parts[1:])] = "\n\n----\n\n".join(parts) + "\n"
    return texts


# ---- comparison ------------------------------------------------------------------------------------------------------
def as_grid(table):
    """Header and rows of a table as text, numbers so that they can be read back without loss."""
    table = table.drop(columns=[column for column in LEFT_OUT if column in table])
    columns = [[_as_text(value) for value in table[column].astype(object)] for column in table]
    return [list(table.columns), *(list(row) for row in zip(*columns, strict=True))]


def _as_text(value):
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return ""
    return repr(float(value)) if isinstance(value, float) else str(int(value))


def table_differences(name, before, table):
    """Differences of a table from the grid of its snapshot, as lines: table, row, column, before and after.

    Numbers agree within a relative difference of 1e-9, texts to the letter, rows and columns in number and order.
    """
    now = as_grid(table)
    old, new = before[0], now[0]
    lines = [f"{name} | column {column} is gone" for column in old if column not in new]
    lines += [f"{name} | column {column} is new" for column in new if column not in old]
    shared = [column for column in old if column in new]
    if shared != [column for column in new if column in old]:
        lines.append(f"{name} | columns in another order: {', '.join(new)}")
    numbers = {column for column in shared if pd.api.types.is_numeric_dtype(table[column])}
    before, now = ([dict(zip(grid[0], row, strict=True)) for row in grid[1:]] for grid in (before, now))
    keys = [[_row_key(row, shared, numbers) for row in rows] for rows in (before, now)]
    for kind, i, i_end, j, j_end in _aligned(*keys):
        if kind == "equal" or (kind == "replace" and i_end - i == j_end - j):
            for key, old_row, new_row in zip(keys[0][i:i_end], before[i:i_end], now[j:j_end], strict=True):
                for column in shared:
                    if not _agree(old_row[column], new_row[column], number=column in numbers):
                        lines.append(f"{name} | {key} | {column}: {old_row[column]!r} -> {new_row[column]!r}")
        else:
            lines += [f"{name} | {key} | row is gone" for key in keys[0][i:i_end]]
            lines += [f"{name} | {key} | row is new" for key in keys[1][j:j_end]]
    return lines


def _row_key(row, columns, numbers):
    named = [column for column in columns if column in KEYS and row[column]]
    return ", ".join(f"{c}={_number(row[c]):.9g}" if c in numbers else f"{c}={row[c]}" for c in named) or "row"


def _aligned(before, now):
    if before == now:
        return [("equal", 0, len(before), 0, len(now))]
    return difflib.SequenceMatcher(None, before, now, autojunk=False).get_opcodes()


def _agree(before, now, *, number):
    if before == now or not number:
        return before == now
    return math.isclose(_number(before), _number(now), rel_tol=REL_TOL, abs_tol=ABS_TOL)


def _number(text):
    """The number of a cell; what is none agrees with nothing."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def text_differences(name, before, now):
    """Differences between two texts, as the lines of a unified diff."""
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), f"{name} before", f"{name} now", "", "", 1, "")
    return list(lines)


# ---- files -----------------------------------------------------------------------------------------------------------
def check(folder, tables=None, texts=None, *, rewrite=False):
    """Differences from the snapshots in ``folder``, as lines; with ``rewrite`` the files are brought up to date.

    Parameters
    ----------
    folder : Path
    tables : dict of DataFrame, optional
        Result tables by name; without them the CSV files are left alone.
    texts : dict of str, optional
        Shown texts by notebook; without them the text files are left alone.
    """
    lines = []
    if tables is not None:
        named = {f"{name}.csv": table for name, table in tables.items()}
        lines += _check_files(folder, "*.csv", named, _read_grid, _write_table, table_differences, rewrite)
    if texts is not None:
        named = {f"{name}.txt": text for name, text in texts.items()}
        lines += _check_files(folder, "*.txt", named, _read_text, _write_text, text_differences, rewrite)
    return lines


def _check_files(folder, pattern, found, read, write, differences, rewrite):
    lines = []
    stored = {path.name for path in folder.glob(pattern)}
    for name in sorted(stored - set(found)):
        lines.append(f"{name} | gone: nothing of this name is computed")
        if rewrite:
            (folder / name).unlink()
    for name, now in found.items():
        path = folder / name
        differing = differences(path.stem, read(path), now) if name in stored else [f"{name} | new: no snapshot yet"]
        if differing and rewrite:
            folder.mkdir(parents=True, exist_ok=True)
            write(path, now)
        lines += differing
    return lines


def _read_grid(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _write_table(path, table):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(as_grid(table))


def _read_text(path):
    return path.read_text(encoding="utf-8")


def _write_text(path, text):
    path.write_text(text, encoding="utf-8", newline="\n")


def rewrite():
    """Bring all snapshots up to date and say how much changed."""
    if Path(aice_helpers.__file__).resolve().parents[1] != ROOT:
        sys.exit(f"aice_helpers is imported from another folder; set PYTHONPATH={ROOT}")
    for folder in SNAPSHOTS.glob("*"):
        if folder.name not in COHORTS:
            shutil.rmtree(folder)
    with tempfile.TemporaryDirectory() as place:
        examples = copy_of_examples(place)
        for name in COHORTS:
            lines = check(SNAPSHOTS / name, tables_of(name, examples), texts_of(name, examples), rewrite=True)
            print(f"{name}: {len(lines)} lines differed" if lines else f"{name}: unchanged")


if __name__ == "__main__":
    rewrite()
