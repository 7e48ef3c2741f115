"""What is shown against what was computed, driven by the registry: every cell, sentence and drawn element.

A result table must have a view in `VIEWS`, and a view its expectation in `CHECKS`; every check runs for the cohorts of
`COHORTS`. The expectations know nothing of `aice_helpers.show`: see `written` for how numbers are written.
"""

import ast
import importlib
import inspect
import re
from functools import cache
from xml.etree import ElementTree

import nbformat
import pytest
import shown_figures
import shown_sentences
import shown_tables
from cohorts import STUDY_FILE
from studies import dated_clinic, write_odd_study, write_study

from aice_helpers.analysis import REGISTRY, open_analysis
from aice_helpers.build import pages
from aice_helpers.core.results import CONTRACTS
from aice_helpers.show import factor_words, figures, group_words, observation_words, prose, tables
from aice_helpers.show.sentences import Sentence, inline, sentence

VIEWS = {
    "patient_flow": [tables.patient_flow],
    "baseline": [tables.baseline],
    "response": [tables.response],
    "response_by_subgroup": [tables.response_by_subgroup, figures.response_forest],
    "derivation": [tables.derivation],
    "estimands": [tables.estimands],
    "survival_summary": [tables.medians, figures.interval_conventions, prose.median_conventions_words],
    "survival_at": [tables.rates, prose.rates_words],
    "survival_curve": [figures.survival_curves],
    "follow_up": [tables.follow_up],
    "rmst": [tables.rmst],
    "logrank": [tables.logrank],
    "group_contrasts": [tables.group_contrasts],
    "group_tests": [tables.group_tests],
    "cox": [tables.cox, figures.hazard_forest, factor_words.factors_words],
    "landmark_cox": [tables.landmark, figures.landmark_forest, prose.landmark_words],
    "ph_test": [tables.ph_test, prose.ph_words, group_words.curves_shown_words],
    "model_performance": [tables.model_performance],
    "adverse_events": [tables.adverse_events, figures.adverse_event_bars],
    "zero_events": [tables.zero_events, prose.zero_events_words],
    "arithmetic": [tables.arithmetic],
    "conventions": [
        tables.time_conventions,
        tables.group_conventions,
        tables.proportion_conventions,
        tables.exact_halves,
    ],
    "printed_conventions": [tables.printed_conventions],
    "published": [tables.published, prose.verdict_counts],
    "best_changes": [figures.waterfall],
}
"""Name of each result table -> the views of it that have an expectation."""

OTHER_VIEWS = {
    tables.headline: lambda analysis: (analysis.results(), analysis.study),
    tables.remarks: lambda analysis: (analysis,),
    tables.endpoints: lambda analysis: (analysis.study,),
    tables.variables: lambda analysis: (analysis.study,),
    tables.plan: lambda analysis: (analysis.study,),
    tables.groups: lambda analysis: (analysis, analysis.groups[1:]),
    figures.grouped_curves: lambda analysis: (analysis, analysis.groups[1:]),
    figures.distributions: lambda analysis: (analysis,),
    prose.cohort_counts: lambda analysis: (analysis,),
    prose.notice: lambda analysis: (analysis,),
    prose.response_definitions: lambda analysis: (analysis.study,),
    prose.trust_words: lambda analysis: (analysis.study,),
    observation_words.observation_words: lambda analysis: (analysis,),
}
"""Views of several tables, of the study file or of the cohort -> what they take."""

OF_EVERYONE = [figures.interval_conventions]
"""Views of a table with groups that show everyone alone."""

UNMASKED = {
    "published": "it compares tables that are masked already",
    "printed_conventions": "it compares a table that is masked already",
    "arithmetic": "it reads what is printed and no patient",
}
"""Result tables that have no mask rule -> why they need none."""

COHORTS = {"default": 0, "odd": 0, "default-masked": 5, "odd-masked": 5}
"""Name of each cohort -> the K below which its counts are masked."""


@cache
def opened(name, folder):
    study = STUDY_FILE if name.startswith("default") else write_odd_study(folder / name)
    return open_analysis(study, mask_below=COHORTS[name])


@pytest.fixture(params=COHORTS)
def analysis(request, tmp_path_factory):
    return opened(request.param, tmp_path_factory.getbasetemp())


def shown_by(view, analysis, name="", group=""):
    """What a view shows, and what it was given."""
    if view in OTHER_VIEWS:
        given = OTHER_VIEWS[view](analysis)
        return view(*given), given
    table, study = analysis.table(name, group=group), analysis.study
    given = {1: (table,), 2: (table, study)}.get(len(positional(view)))
    if view is figures.response_forest:
        given = (table, analysis.table("response"), study)
    further = {"group": group} if view is figures.survival_curves else {}
    return view(*given, **further), (*given, *further.values())


def positional(view):
    """The parameters that a view must be given."""
    return [each for each in inspect.signature(view).parameters.values() if each.default is inspect.Parameter.empty]


def expectation(module, view):
    found = getattr(module, view.__name__, None)
    assert found is not None, f"{view.__name__} has no expectation in {module.__name__}.py"
    return found


def cases(*modules):
    """Each (view, name of its result table or "") of some modules of `aice_helpers.show`."""
    pairs = [(view, name) for name, views in VIEWS.items() for view in views] + [(view, "") for view in OTHER_VIEWS]
    found = [pair for pair in pairs if any(getattr(each, pair[0].__name__, None) is pair[0] for each in modules)]
    return pytest.mark.parametrize(("view", "name"), found, ids=[f"{view.__name__}-{name}" for view, name in found])


def groups_of(analysis, name, view):
    grouped = name and REGISTRY[name].grouped and view not in OF_EVERYONE
    return analysis.groups if grouped else ("",)


# -- nothing without a view, an expectation and a mask rule ------------------------------------------------------------


@pytest.mark.parametrize("name", REGISTRY)
def test_every_result_table_has_a_view_with_an_expectation_and_a_mask_rule(name):
    assert VIEWS.get(name), f"no view shows the result table {name}"
    for view in VIEWS[name]:
        module = next(
            (
                shown
                for module, shown in ((tables, shown_tables), (figures, shown_figures))
                if hasattr(module, view.__name__)
            ),
            shown_sentences,
        )
        assert callable(expectation(module, view))
    assert (REGISTRY[name].mask is None) == (name in UNMASKED), f"the result table {name} has no mask rule"


def test_no_view_of_a_table_that_is_gone():
    assert set(VIEWS) == set(REGISTRY)
    assert {entry.contract for entry in REGISTRY.values()} - {""} == set(CONTRACTS)


def notebooks():
    return [page for page in pages.pages() if page.suffix == ".ipynb"]


def cells_of(page):
    cells = nbformat.read(pages.ROOT / page, as_version=4).cells
    return [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]


@pytest.mark.parametrize("page", notebooks(), ids=str)
def test_every_view_that_a_notebook_calls_has_an_expectation(page):
    # A lesson makes sentences of numbers of its own.
    known = {view for views in VIEWS.values() for view in views} | set(OTHER_VIEWS) | {inline, sentence}
    for tree in cells_of(page):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("aice_helpers.show."):
                module = importlib.import_module(node.module)
                assert {getattr(module, alias.name) for alias in node.names} <= known
            elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in ("tables", "figures"):
                assert getattr({"tables": tables, "figures": figures}[node.value.id], node.attr) in known, node.attr


# -- tables ------------------------------------------------------------------------------------------------------------


def numbers(text):
    return re.findall(r"\d+(?:\.\d+)?", text)


def told_numbers(row):
    """The numbers that stand in the reasons of a row, as they are written, and those of its method."""
    fields = [value for reason in row["reasons"] for _, value in reason.fields]
    texts = [text for value in fields if isinstance(value, tuple) for text in value]
    return {f"{value:g}" for value in fields if isinstance(value, int | float)} | {
        n for text in texts for n in numbers(text)
    }


TOPICS = {
    tables.time_conventions: ("median", "quartile", "rate", "mean"),
    tables.group_conventions: ("ties", "test", "quotient", "proportional hazards"),
    tables.proportion_conventions: ("proportion",),
}
"""Views that show a part of their table -> its topics."""


def nothing_to_show(view, table):
    """Whether the part of a table that a view shows has no rows, or is hidden as a whole."""
    part = table[table["topic"].isin(TOPICS.get(view, ()))]
    return view in TOPICS and (part.empty or part[["estimate", "statistic"]].isna().all(axis=None))


OF_WORDS = {"0", "1", "45", "50", "55"}
"""Numbers in the words of causes, such as "the curve stays above 50%"."""


@cases(tables)
def test_every_cell_of_a_table_is_its_row_written_out(view, name, analysis):
    if view is tables.remarks and analysis.mask_below:
        pytest.skip("the remarks count cells and give way to what is masked")
    for group in groups_of(analysis, name, view):
        shown, given = shown_by(view, analysis, name, group)
        if isinstance(shown, Sentence):
            assert given[0].empty or nothing_to_show(view, given[0])
            continue
        expected = expectation(shown_tables, view)(*given)
        assert list(shown.columns) == expected.columns
        assert expected.title is None or numbers(shown.title) == expected.title
        printed = [(row.header.text, None if row.heading else [cell.text for cell in row.cells]) for row in shown.rows]
        assert printed == [(line.header, line.cells) for line in expected.lines]
        notes = {mark: note for note, mark in shown.notes.items()}
        for row, line in zip(shown.rows, expected.lines, strict=True):
            said = set(numbers(notes.get(row.header.mark, "")))
            known = {number for row in line.told for number in told_numbers(row)}
            assert said <= known | OF_WORDS | {each for row in line.told for each in numbers(row["method"])}
            assert known <= said or not line.must_tell


@cases(tables)
def test_html_and_text_of_a_table_hold_its_cells_in_their_places(view, name, analysis):
    shown, _ = shown_by(view, analysis, name)
    if isinstance(shown, Sentence):
        return
    tree = ElementTree.fromstring(f"<div>{shown._repr_html_()}</div>")
    for mark in tree.iter("sup"):
        mark.text = ""
    page = [["".join(cell.itertext()).strip() for cell in row] for row in tree.iterfind(".//tbody/tr")]
    wanted = []
    for row in shown.rows:
        wanted.append([each.strip() for each in (row.header.text, *(cell.text for cell in row.cells))])
        wanted += [[row.detail.strip()]] if row.detail else []
    assert page == wanted
    lines = iter(repr(shown).split("\n"))
    for row in shown.rows:
        words = [" ".join(each.split()) for each in (row.header.text, *(cell.text for cell in row.cells))]
        pattern = r"(?: \[[a-z]+\])?\s+".join(re.escape(word) for word in words if word)
        assert any(re.search(pattern, line) for line in lines), words


@pytest.mark.parametrize("view", [tables.derivation, tables.estimands, tables.endpoints])
def test_tables_of_a_cohort_that_keeps_dates(view, tmp_path):
    analysis = open_analysis(write_study(tmp_path, *dated_clinic()))
    name = "" if view in OTHER_VIEWS else view.__name__
    test_every_cell_of_a_table_is_its_row_written_out(view, name, analysis)
    test_html_and_text_of_a_table_hold_its_cells_in_their_places(view, name, analysis)


def test_the_rules_of_dates_stand_below_the_endpoints(tmp_path):
    shown = tables.endpoints(open_analysis(write_study(tmp_path, *dated_clinic())).study)
    assert shown.footnotes[1:] == [
        "Progression-free survival: the first of progression and death; without it censored at the last assessment.",
        "Overall survival: death; without it censored at the last contact.",
        "Times are days from the start to the event or the end of observation, divided by 30.4375 days. Events and contacts "
        "after the cut-off (2019-06-30) are censored at it.",
    ]


# -- figures -----------------------------------------------------------------------------------------------------------


@cases(figures)
def test_every_drawn_element_is_its_row(view, name, analysis):
    for group in groups_of(analysis, name, view):
        picture, given = shown_by(view, analysis, name, group)
        if isinstance(picture, Sentence):
            assert analysis.mask_below
            continue
        expectation(shown_figures, view)(picture, *given)


# -- sentences ---------------------------------------------------------------------------------------------------------


@cases(prose, factor_words, group_words)
def test_every_number_of_a_sentence_is_that_of_its_row(view, name, analysis):
    said, given = shown_by(view, analysis, name)
    expectation(shown_sentences, view)(str(said), *given)


def sentences_of_notebooks():
    """Each ``inline`` of a notebook: the result table, the pattern and the row it names."""
    found = []
    for page in notebooks():
        held = {}
        for tree in cells_of(page):
            for node in ast.walk(tree):
                call = getattr(node, "value", None)
                if isinstance(node, ast.Assign) and getattr(getattr(call, "func", None), "attr", "") == "table":
                    held[node.targets[0].id] = ast.literal_eval(call.args[0])
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "inline":
                    where = {each.arg: ast.literal_eval(each.value) for each in node.keywords}
                    found.append((held[node.args[0].id], ast.literal_eval(node.args[1]), where))
    return found


def test_the_notebooks_fill_sentences_from_rows():
    assert len(sentences_of_notebooks()) >= 3


@pytest.mark.parametrize(("name", "pattern", "where"), sentences_of_notebooks())
def test_every_number_of_a_sentence_in_a_notebook_is_that_of_its_row(name, pattern, where, analysis):
    table = analysis.table(name)
    shown_sentences.filled(str(inline(table, pattern, **where)), table, pattern, where)
