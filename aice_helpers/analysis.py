"""The registry of result tables, and the analysis of one study: each table computed once, masked where that is asked.

`open_analysis` always works by itself. A build that has computed the tables hands the path of its folder to the kernels
in the environment; it is used only where its key (program, study, data, mask, versions) is the one that is needed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import pickle
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from aice_helpers.core.problems import Problem, StudyError
from aice_helpers.core.wording import use
from aice_helpers.data.load import load_cohort
from aice_helpers.ledger import compare
from aice_helpers.ledger.arithmetic import arithmetic
from aice_helpers.ledger.conventions import printed_conventions
from aice_helpers.masking import apply
from aice_helpers.masking.decide import Mask
from aice_helpers.stats import (
    baseline,
    cox,
    derivation,
    group_contrasts,
    group_tests,
    logrank,
    performance,
    proportional_hazards,
    response,
    response_landmark,
    safety,
    samples,
    survival,
)
from aice_helpers.stats.conventions.table import conventions
from aice_helpers.study.model import Study
from aice_helpers.study.own_words import wording_of
from aice_helpers.study.reader import read_study

HANDED_OVER = "AICE_ANALYSIS"
"""Environment variable with the folder in which a build hands its analysis to its kernels."""
VERSIONS = ("lifelines", "numpy", "pandas", "scipy")
"""Packages that the numbers come from."""


@dataclass(frozen=True)
class Entry:
    """One result table of the registry.

    Attributes
    ----------
    contract : str
        Name of its columns in `core.results.CONTRACTS`, and of the exported table that holds its rows.
    compute : callable
        Takes the `Analysis` (and ``group`` where ``grouped``) and returns the unmasked table.
    mask : callable or None
        Takes a `Mask` and the table and returns what may be told of it; None for what tells no count of the cohort.
    grouped : bool
        Whether the table is computed for everyone and for each planned grouping.
    patient_level : bool
        Its rows are single patients: never written, nor told at all where counts are masked.
    """

    contract: str
    compute: Callable
    mask: Callable | None
    grouped: bool = False
    patient_level: bool = False


def _of(function, contract, *, grouped=False):
    """An entry computed from the cohort alone and masked by the rule of its contract."""

    def compute(analysis, **group):
        return function(analysis.cohort, **group)

    return Entry(contract, compute, apply.RULES[contract], grouped)


REGISTRY = {
    "patient_flow": _of(baseline.patient_flow, "baseline"),
    "baseline": _of(baseline.baseline_table, "baseline"),
    "response": _of(response.response_rates, "response"),
    "response_by_subgroup": _of(response.response_by_subgroup, "response"),
    "derivation": _of(derivation.derivation, "derivation"),
    "estimands": _of(derivation.estimands, "estimands"),
    "survival_summary": _of(survival.survival_summary, "survival_summary", grouped=True),
    "survival_at": _of(survival.survival_at, "survival_at", grouped=True),
    "survival_curve": _of(survival.survival_curve, "survival_curve", grouped=True),
    "follow_up": _of(survival.follow_up, "follow_up"),
    "rmst": _of(survival.rmst, "rmst", grouped=True),
    "logrank": _of(logrank.logrank, "logrank"),
    "group_contrasts": _of(group_contrasts.group_contrasts, "group_contrasts"),
    "group_tests": _of(group_tests.group_tests, "group_tests"),
    "cox": _of(cox.cox, "cox"),
    "landmark_cox": _of(response_landmark.landmark_cox, "cox"),
    "ph_test": _of(proportional_hazards.ph_test, "ph_test"),
    "model_performance": _of(performance.model_performance, "model_performance"),
    "adverse_events": _of(safety.adverse_event_rates, "adverse_events"),
    "zero_events": _of(safety.rule_of_three, "adverse_events"),
    "conventions": _of(conventions, "conventions"),
    # It compares a table that is masked already with what is printed.
    "printed_conventions": Entry(
        "printed_conventions",
        lambda analysis: printed_conventions(analysis.study, analysis.table("conventions")),
        None,
    ),
    # It reads what is printed and no patient.
    "arithmetic": Entry("arithmetic", lambda analysis: arithmetic(analysis.study), None),
    # It compares masked tables, so there is nothing left to mask.
    "published": Entry("published", lambda analysis: compare.ledger(analysis.cohort, analysis.exported()), None),
    "best_changes": Entry(
        "", lambda analysis: response.best_changes(analysis.cohort), apply.leave_out_changes, patient_level=True
    ),
}
"""Name of each result table -> how it is computed and masked."""


class Analysis:
    """The result tables of one cohort, each computed on first use.

    Parameters
    ----------
    cohort : Cohort
    mask_below : int
        K: no table tells a count of 1 to K - 1 patients, nor what would give one away; 0 masks nothing.

    Attributes
    ----------
    mask : Mask or None
        What may be told, when something is masked.
    taken_over : bool
        Whether a build has computed it.

    Raises
    ------
    ValueError
        When ``mask_below`` is neither 0 nor a whole number of at least 2.
    StudyError
        When the whole cohort is smaller than ``mask_below``, or some patients enter late.
    """

    def __init__(self, cohort, *, mask_below=0):
        if not isinstance(mask_below, int) or mask_below < 0 or mask_below == 1:
            raise ValueError("mask_below is 0 or a whole number of at least 2")
        if cohort.n < mask_below:
            rule = f"the cohort has fewer than {mask_below} patients, so every count would be masked"
            fix = "Build the book without masking and do not share it"
            raise StudyError([Problem(cohort.study.patients.file, rule, fix)])
        late = [name for name in cohort.study.endpoints if cohort.outcome(name).entry is not None]
        if mask_below and late:
            rule = f"counts cannot be masked where patients enter late ({', '.join(late)}): numbers at risk would tell of single ones"
            fix = "Build the book without masking and do not share it, or leave the endpoint out"
            raise StudyError([Problem(cohort.study.file, rule, fix)])
        self.cohort, self.mask_below = cohort, mask_below
        self.mask = Mask(cohort, mask_below) if mask_below else None
        self._tables = {}
        self.taken_over = False

    @property
    def study(self) -> Study:
        """The study that the cohort belongs to."""
        return self.cohort.study

    @property
    def groups(self) -> tuple[str, ...]:
        """The groupings of the grouped tables: "" for everyone, then those of the plan."""
        return ("", *samples.plan_groups(self.cohort))

    def table(self, name, *, group="") -> pd.DataFrame:
        """A result table of the `REGISTRY`, masked where that is asked; a copy, so that nothing changes the kept one.

        Parameters
        ----------
        name : str
        group : str
            Name of a planned grouping, or "" for everyone; only tables that are ``grouped`` have others.

        Raises
        ------
        LookupError
            For a name that is not in the registry, or a group that the table does not have.
        """
        entry = REGISTRY.get(name)
        if entry is None:
            raise LookupError(f"there is no result table {name!r}; known: {', '.join(REGISTRY)}")
        if group not in (self.groups if entry.grouped else ("",)):
            raise LookupError(f"the table {name} is not computed by {group!r}")
        if (name, group) not in self._tables:
            table = entry.compute(self, group=group) if entry.grouped else entry.compute(self)
            if self.mask is not None and entry.mask is not None and (not table.empty or entry.patient_level):
                table = entry.mask(self.mask, table)
            self._tables[name, group] = table
        return self._tables[name, group].copy()

    def exported(self, *, say=None) -> dict[str, pd.DataFrame]:
        """Every table that leaves the program, by the name of its file: all rows of one contract together.

        ``say``, when given, is told the name of each table before it is computed.
        """
        parts = {}
        for name, entry in REGISTRY.items():
            if not entry.patient_level and entry.contract != "published":
                for group in self.groups if entry.grouped else ("",):
                    if say is not None:
                        say(f"{name} by {group}" if group else name)
                    parts.setdefault(entry.contract, []).append(self.table(name, group=group))
        return {contract: _stacked(tables) for contract, tables in parts.items()}

    def results(self, *, say=None) -> dict[str, pd.DataFrame]:
        """As `exported`, with the published numbers beside their counterparts."""
        return self.exported(say=say) | {"published": self.table("published")}


def _stacked(tables):
    filled = [table for table in tables if not table.empty]
    return pd.concat(filled, ignore_index=True) if filled else tables[0]


def open_analysis(study, *, mask_below=0) -> Analysis:
    """The analysis of a study: what a build has handed over where that fits, computed here otherwise.

    From then on this process shows its texts in the words of that study.

    Parameters
    ----------
    study : path-like
        Study file.
    mask_below : int
        As for `Analysis`.

    Raises
    ------
    StudyError
        The study file or its data cannot be used.
    """
    folder = os.environ.get(HANDED_OVER)
    analysis = _taken_over(Path(folder), read_study(study), mask_below) if folder else None
    if analysis is None:
        analysis = Analysis(load_cohort(study), mask_below=mask_below)
    use(wording_of(analysis.study))
    return analysis


def hand_over(analysis, folder):
    """Compute every table that is not patient-level and write the analysis into a folder for `open_analysis` to take over.

    The folder holds patients' data: it belongs among the working files of a build, readable by nobody else.
    """
    analysis.results()
    kept = {key: table for key, table in analysis._tables.items() if not REGISTRY[key[0]].patient_level}
    folder.mkdir(mode=0o700)
    (folder / "tables.pickle").write_bytes(pickle.dumps((analysis.cohort, kept)))
    (folder / "key").write_text(_key(analysis.study, analysis.mask_below), encoding="ascii")


def _taken_over(folder, study, mask_below):
    try:
        if (folder / "key").read_text(encoding="ascii") != _key(study, mask_below):
            return None
        cohort, tables = pickle.loads((folder / "tables.pickle").read_bytes())
    except OSError:
        return None
    analysis = Analysis(cohort, mask_below=mask_below)
    analysis._tables.update(tables)
    analysis.taken_over = True
    return analysis


def _key(study, mask_below) -> str:
    """What every result table depends on, as a hash: program, versions, study, data, mask."""
    digest = hashlib.sha256(f"{mask_below} {platform.python_version()}".encode())
    for name in VERSIONS:
        digest.update(importlib.metadata.version(name).encode())
    root = Path(__file__).parent
    for path in (*sorted(root.rglob("*.py")), *(study.folder / name for name in study.files)):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
