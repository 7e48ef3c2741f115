"""What a build must know of a cohort besides its result tables, small enough to be kept from one build to the next."""

import dataclasses
import json
from dataclasses import dataclass, field

from aice_helpers.core.wording import USUAL, Wording


@dataclass(frozen=True)
class Facts:
    """The cohort of one book.

    Attributes
    ----------
    patients : int
    file : str
        Name of the study file.
    title : str
    synthetic : bool
    promise : str
        Who may see the book; "" where no patient stands behind the data.
    wording : Wording
        The words that its pages speak in.
    offers : tuple of str
        What the cohort offers the notebooks (`offers.requirements_met`).
    stand_ins : dict
        Number of a lesson -> why it works on the synthetic cohort instead.
    """

    patients: int
    file: str
    title: str
    synthetic: bool
    promise: str
    wording: Wording = USUAL
    offers: tuple[str, ...] = ()
    stand_ins: dict[str, str] = field(default_factory=dict)

    def as_text(self) -> str:
        """The facts as JSON."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)


def from_text(text) -> Facts:
    """Facts from what `Facts.as_text` has made of them."""
    values = json.loads(text)
    words = Wording(**values["wording"] | {"kept": tuple(values["wording"]["kept"])})
    return Facts(**values | {"offers": tuple(values["offers"]), "wording": words})


MANY = 20_000
"""Patients from which on the tables take long enough that a reader wants to see them pass."""


def gather(study, mask_below, exact_curves, results, handed=None, stand_ins=None, *, say) -> Facts:
    """Read and judge a cohort, compute its tables, and write those of the book.

    Parameters
    ----------
    study : Path
        Study file.
    mask_below : int
    exact_curves : bool
    results : Path
        New folder for the result tables as CSV.
    handed : Path, optional
        New folder for what `analysis.hand_over` leaves to the kernels.
    stand_ins : callable, optional
        Analysis -> what stands in `Facts.stand_ins`.
    say : callable
        Receives one line of progress at a time; of a cohort of `MANY` patients, one for each table.

    Raises
    ------
    StudyError
        The study file or its data cannot be used.
    """
    from aice_helpers.analysis import Analysis, hand_over
    from aice_helpers.build.offers import requirements_met
    from aice_helpers.core.results import written_out
    from aice_helpers.core.spreadsheets import spreadsheet_safe
    from aice_helpers.data.load import load_cohort
    from aice_helpers.masking.written import written_tables

    analysis = Analysis(load_cohort(study), mask_below=mask_below)
    found = analysis.results(say=(lambda name: say(f"computing {name}")) if analysis.cohort.n >= MANY else None)
    tables = written_tables(analysis.cohort, found, mask_below=mask_below, exact_curves=exact_curves)
    results.mkdir()
    for name, table in tables.items():
        spreadsheet_safe(written_out(table)).to_csv(results / f"{name}.csv", index=False, lineterminator="\n")
    if handed is not None:
        hand_over(analysis, handed)
    return facts_of(
        analysis, offers=sorted(requirements_met(analysis)), stand_ins=stand_ins(analysis) if stand_ins else {}
    )


def facts_of(analysis, *, offers=(), stand_ins=None) -> Facts:
    """The facts of an opened analysis."""
    from aice_helpers.show.promise import promise
    from aice_helpers.study.own_words import wording_of

    study = analysis.study
    return Facts(
        analysis.cohort.n,
        study.file,
        study.title,
        study.synthetic,
        promise(analysis),
        wording_of(study),
        tuple(offers),
        stand_ins or {},
    )
