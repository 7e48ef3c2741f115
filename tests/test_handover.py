"""Each result table is computed once a build, and is the same however a notebook is executed."""

import json
import subprocess
import sys

import nbformat
import pandas as pd
import pytest
from test_book import edit, run, small  # noqa: F401

from aice_helpers import analysis as registry
from aice_helpers.analysis import HANDED_OVER, REGISTRY, Analysis, hand_over, open_analysis
from aice_helpers.build import facts, pages, processes
from aice_helpers.data import load
from aice_helpers.data.load import load_cohort
from aice_helpers.study.model import DEFAULT_STUDY

PRINTS = """import hashlib

from aice_helpers import analysis as registry
from aice_helpers.core.results import written_out

opened = registry.open_analysis(study)
text = "".join(written_out(table).to_csv(index=False) for table in opened.results().values())
print(opened.taken_over, len(text), hashlib.sha256(text.encode()).hexdigest())"""
"""Source of a cell that says whether the analysis was handed over, and a hash of all its tables."""


def tells(name, *, say):
    say("first")
    say("second")
    return f"done {name}"


def printed_by(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    text = next(output["text"] for cell in cells for output in cell.get("outputs", []) if "text" in output)
    taken_over, size, digest = text.split()
    return taken_over == "True", int(size), digest


def test_every_way_to_execute_a_notebook_gives_the_same_tables(small, tmp_path):  # noqa: F811
    edit(small, 2, PRINTS)
    found = {}
    code, printed = run(small, tmp_path / "forked")
    assert code == 0, printed
    found["forked"] = printed_by(tmp_path / "forked" / "notebooks" / "first.ipynb")
    script = small / "run_book.py"
    off = "from aice_helpers.build import processes; processes.CAN_FORK = False\n"
    script.write_text(off + script.read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, script, "build", "--fresh", "--out", tmp_path / "plain"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found["not forked"] = printed_by(tmp_path / "plain" / "notebooks" / "first.ipynb")
    source = small / "notebooks" / "first.ipynb"
    for name, command in {
        "papermill": ["papermill", "--cwd", source.parent, source, tmp_path / "papermill.ipynb"],
        "jupyter": ["jupyter", "execute", f"--output={tmp_path / 'jupyter.ipynb'}", source],
    }.items():
        done = subprocess.run([sys.executable, "-m", *map(str, command)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found[name] = printed_by(tmp_path / f"{name}.ipynb")
    assert len({(size, digest) for _, size, digest in found.values()}) == 1, found
    assert {name for name, (taken_over, *_) in found.items() if taken_over} == {"forked", "not forked"}


def test_a_build_loads_the_data_once_and_computes_each_table_once(tmp_path, monkeypatch):
    loads, computed = [], []

    def counted_load(study):
        loads.append(study)
        return load_cohort(study)

    monkeypatch.setattr(load, "load_cohort", counted_load)
    for name, entry in list(REGISTRY.items()):

        def compute(analysis, *, kept=entry.compute, called=name, **group):
            computed.append((called, group.get("group", "")))
            return kept(analysis, **group)

        monkeypatch.setitem(REGISTRY, name, registry.Entry(**(vars(entry) | {"compute": compute})))
    facts.gather(DEFAULT_STUDY, 0, False, tmp_path / "results", tmp_path / "analysis", say=print)
    assert len(loads) == 1
    assert len(computed) == len(set(computed)) > 20
    # What is patient-level is never computed for a folder.
    assert not {name for name, _ in computed if REGISTRY[name].patient_level}


@pytest.fixture
def handed(tmp_path, monkeypatch):
    folder = tmp_path / "analysis"
    hand_over(Analysis(load_cohort(DEFAULT_STUDY)), folder)
    monkeypatch.setenv(HANDED_OVER, str(folder))
    return folder


def test_a_large_cohort_is_told_table_by_table(tmp_path, monkeypatch):
    for many, folder in ((114, "few"), (113, "many")):
        said = []
        monkeypatch.setattr(facts, "MANY", many)
        facts.gather(DEFAULT_STUDY, 0, False, tmp_path / folder, say=said.append)
        assert ("computing cox" in said) == (folder == "many")


def test_what_a_child_says_reaches_its_parent():
    said = []
    assert processes.Task(tells, "a", say=said.append).result() == "done a"
    assert said == ["first", "second"]
    assert processes.Task(len, "abc").result() == 3


def test_what_is_handed_over_is_neither_loaded_nor_computed_again(handed, monkeypatch):
    def refused(*args, **kwargs):
        raise AssertionError

    monkeypatch.setattr(registry, "load_cohort", refused)
    for name, entry in list(REGISTRY.items()):
        if not entry.patient_level:
            monkeypatch.setitem(REGISTRY, name, registry.Entry(**(vars(entry) | {"compute": refused})))
    opened = open_analysis(DEFAULT_STUDY)
    assert opened.taken_over
    assert set(opened.results()) > {"cox", "published"}


def test_it_is_used_for_nothing_else(handed, tmp_path):
    assert not open_analysis(DEFAULT_STUDY, mask_below=5).taken_over
    for name in ("study.yml", "cohort.csv", "adverse_events.csv", "published.yml"):
        (tmp_path / name).write_bytes((DEFAULT_STUDY.parent / name).read_bytes())
    assert open_analysis(tmp_path / "study.yml").taken_over  # the same files elsewhere
    text = (tmp_path / "cohort.csv").read_text(encoding="utf-8")
    (tmp_path / "cohort.csv").write_text(text.replace("P001,56", "P001,57"), encoding="utf-8")
    assert not open_analysis(tmp_path / "study.yml").taken_over
    (handed / "tables.pickle").unlink()
    assert not open_analysis(DEFAULT_STUDY).taken_over


def test_a_table_that_is_handed_out_is_a_copy(cohort):
    opened = Analysis(cohort)
    table = opened.table("cox")
    table["estimate"] = -5.0
    assert opened.table("cox")["estimate"].max() > 0
    with pytest.raises(LookupError, match="there is no result table 'cux'"):
        opened.table("cux")
    with pytest.raises(LookupError, match="not computed by"):
        opened.table("cox", group="sex")


def test_results_hold_every_row_of_every_table_that_may_leave(cohort):
    opened = Analysis(cohort)
    results = opened.results()
    assert "best_changes" not in json.dumps(list(results))
    for name, entry in REGISTRY.items():
        if not entry.patient_level and name != "published":
            rows = sum(len(opened.table(name, group=group)) for group in (opened.groups if entry.grouped else ("",)))
            others = [other for other in REGISTRY if REGISTRY[other].contract == entry.contract and other != name]
            rows += sum(len(opened.table(other)) for other in others)
            assert len(results[entry.contract]) == rows
    pd.testing.assert_frame_equal(results["published"], opened.table("published"))


def test_pages_of_the_default_book_use_the_analysis_that_is_handed_over():
    for page in pages.notebooks():
        text = (pages.ROOT / page).read_text(encoding="utf-8")
        assert ("open_analysis(study" in text) or ("open_lesson(" in text), page
