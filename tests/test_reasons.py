import ast
import copy
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cohorts import make_cohort_from

from aice_helpers.core import reasons
from aice_helpers.core.reasons import CODES, Reason, from_json, to_json
from aice_helpers.show.reason_words import CAUSES, because, masked_sentence, note, parts

VALUES = {
    "span": 0.5,
    reasons.COUNT: 3, reasons.WHOLE: 5, reasons.NUMBER: 0.5, reasons.TIME: 24.0, reasons.VARIABLE: "stage",
    reasons.VARIABLES: ("stage", "age"), reasons.LEVEL: "II\n\"'", reasons.COLUMNS: ("n", "events"), reasons.UNIT: "%",
    reasons.METHOD: "SPSS", reasons.TEXT: "12", reasons.TEXTS: ("12", "13"),
}  # fmt: skip


def every():
    """Every code, with every value that a listed field may have."""
    for code, kinds in CODES.items():
        listed = [(name, value) for name, kind in kinds.items() if isinstance(kind, tuple) for value in kind]
        for name, value in listed or [("", "")]:
            fields = {field: VALUES[kind] if isinstance(kind, str) else kind[0] for field, kind in kinds.items()}
            yield Reason(code, **(fields | ({name: value} if name else {})))


EVERY = tuple(every())


def test_reasons_are_values():
    one, same = (Reason("missing_left_out", count=np.int64(3), variable="stage") for _ in range(2))
    assert one == same == copy.deepcopy(one) == pickle.loads(pickle.dumps(one))
    assert len({one, same}) == 1
    assert one["count"] == 3
    assert type(one["count"]) is int
    assert one != Reason("missing_left_out", count=4, variable="stage")
    with pytest.raises(AttributeError):
        one.code = "masked"
    with pytest.raises(KeyError):
        one["label"]


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("nonsense", {}),
        ("missing_left_out", {"count": 3}),
        ("missing_left_out", {"count": 3, "variable": "stage", "label": "Stage"}),
        ("nobody_censored", {"count": 3}),
        ("missing_left_out", {"count": "3", "variable": "stage"}),
        ("missing_left_out", {"count": 3.0, "variable": "stage"}),
        ("missing_left_out", {"count": True, "variable": "stage"}),
        ("missing_left_out", {"count": -1, "variable": "stage"}),
        ("missing_left_out", {"count": 3, "variable": ""}),
        ("missing_left_out", {"count": 3, "variable": None}),
        ("resamples_left_out", {"count": None}),
        ("horizon_lowered", {"planned": "24 months"}),
        ("horizon_lowered", {"planned": float("nan")}),
        ("ratio_beyond_computing", {"step": float("inf")}),
        ("adjusted_for", {"variables": "stage"}),
        ("adjusted_for", {"variables": ()}),
        ("masked", {"columns": ["n", 3], "below": 5}),
        ("reference_moved", {"level": 2}),
        ("not_estimable", {"cause": "it rained"}),
        ("no_test", {"cause": "separated"}),
    ],
)
def test_what_the_registry_does_not_know_is_refused(code, fields):
    with pytest.raises(ValueError, match=code):
        Reason(code, **fields)


@pytest.mark.parametrize("reason", EVERY, ids=repr)
def test_json_gives_the_same_reasons_back(reason):
    assert from_json(to_json((reason, reason.untold()))) == (reason, reason.untold())
    assert to_json(from_json(to_json((reason,)))) == to_json((reason,))


@pytest.mark.parametrize("text", ["{}", '["masked"]', '[{"count": 3}]', '[{"code": "nonsense"}]', "no patient"])
def test_what_is_no_list_of_reasons_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        from_json(text)


def test_no_reasons_are_an_empty_list():
    assert to_json(()) == "[]"
    assert from_json("[]") == ()


def test_counts_alone_are_taken_out():
    assert Reason("missing_left_out", count=3, variable="stage").untold() == (
        Reason("missing_left_out", count=None, variable="stage")
    )
    kept = Reason("resamples_left_out", count=3)
    assert kept.untold() == kept


@pytest.mark.parametrize("reason", EVERY, ids=repr)
def test_every_reason_has_words_with_and_without_its_counts(reason):
    (said,) = parts((reason,))
    assert said
    (untold,) = parts((reason.untold(),))
    assert untold
    assert "None" not in untold
    if reason.untold() != reason:
        assert "3" in said
        assert "3" not in untold


def test_every_cause_is_used():
    used = {value for kinds in CODES.values() for value in kinds.get("cause", ())}
    assert set(CAUSES) == used


def test_words_name_variables_by_their_labels():
    variables = {"stage": {"label": "Stage; 4 patients"}, "age": {"label": "Age"}}
    study = make_cohort_from(
        pd.DataFrame({"time": [1.0], "event": [1], "stage": [1.0], "age": [1.0]}), variables=variables
    ).study
    said = (Reason("adjusted_for", variables=("age", "stage")), Reason("missing_left_out", count=1, variable="stage"))
    assert note(said, study) == (
        "adjusted for Age, Stage; 4 patients; 1 patient without a value of Stage; 4 patients left out"
    )
    assert note(said[1:], study, sentences=True) == "Patients left out for a missing value: 1."
    assert note((Reason("horizon_lowered", planned=24),), study) == (
        "the planned horizon of 24 months lies beyond the last observation"
    )


def test_reasons_in_brackets_do_not_repeat_what_stands_before_them():
    lost = Reason("missing_left_out", count=2, variable="stage")
    assert because(()) == ""
    assert because((Reason("not_estimable", cause="no_events"), lost)) == (
        " (no events; 2 patients without a value of stage left out)"
    )
    assert because((Reason("not_reached", cause="no_events"),)) == " (not reached: no events)"
    hidden = Reason("masked", columns=("estimate",), below=5)
    assert because((hidden,)) == " (fewer than 5 patients, or a number that would give them away)"
    assert masked_sentence(hidden) == "Masked: fewer than 5 patients, or a number that would give them away."


def test_reasons_know_nothing_of_the_package():
    for node in ast.walk(ast.parse(Path(reasons.__file__).read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.startswith(("aice_helpers", "."))]
