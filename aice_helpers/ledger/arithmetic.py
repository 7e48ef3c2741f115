"""What arithmetic alone says of a study's published numbers, as a result table: no patient is looked at."""

from aice_helpers.audit.quotes import quote
from aice_helpers.audit.rules import audit
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import result_table
from aice_helpers.study.published import read_published


def arithmetic(study):
    """The findings on the numbers of a study's published source.

    Parameters
    ----------
    study : Study

    Returns
    -------
    DataFrame
        See `findings_table`.

    Raises
    ------
    StudyError
        See `read_published`.
    """
    if not study.published:
        return result_table("arithmetic", [], reason=Reason("not_declared", what="published"))
    return findings_table(read_published(study.folder / study.published).numbers)


def findings_table(numbers):
    """The findings on some numbers, the gravest first.

    Parameters
    ----------
    numbers : Numbers

    Returns
    -------
    DataFrame
        The table ``arithmetic``, one row a finding: ``grade``, ``rule``, the ``ids`` of the numbers and their ``quote`` as
        printed, the ``chance`` of finding it by accident (missing where that is no matter of chance), and in ``reasons``
        what was found.
    """
    entries = numbers.all
    rows = [
        {
            "grade": found.grade,
            "rule": rule,
            "ids": ", ".join(found.ids),
            "quote": "; ".join(quote(entries[name], numbers) for name in found.ids),
            "chance": found.chance,
            "reasons": (found.reason,),
        }
        for rule, found in audit(numbers)
    ]
    return result_table("arithmetic", rows, reason=Reason("not_declared", what="numbers"))
