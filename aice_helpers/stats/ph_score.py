"""The score test of proportional hazards (`cox.zph` of R's survival from version 3.0 on)."""

import numpy as np

from aice_helpers.stats.arrays import checked
from aice_helpers.stats.partial_likelihood import (
    ChiSquare,
    RiskSets,
    center_and_scale,
    checked_matrix,
    inverse_of,
    quadratic,
    tied_times,
)

TRANSFORMS = ("km", "rank", "identity", "log")


def proportional_hazards_test(fitted, time, event, covariates, terms, *, entry=None, strata=None, transform="km"):
    """Score test of proportional hazards for each term and for all of them together.

    The model is enlarged by the product of the covariates with a function g of time; the test asks whether the
    coefficients of the products are zero (Therneau and Grambsch 2000; cox.zph of R's survival from version 3.0 on).

    Parameters
    ----------
    fitted : CoxFit
    time, event, covariates, entry, strata
        The data it was fitted to.
    terms : sequence of sequences of int
        The columns of each term.
    transform : {"km", "rank", "identity", "log"}
        g(t): one minus the Kaplan-Meier estimate just before t, the rank of t, t, or log t.

    Returns
    -------
    tuple of list of ChiSquare, and ChiSquare
        Per term, and global. A term with a coefficient that is separated, and one without a coefficient, is missing.

    Raises
    ------
    ValueError
        For an unknown transform, or ``log`` with an event at time zero.
    """
    sample, covariates = checked(time, event, entry=entry, strata=strata), checked_matrix(covariates, time)
    usable = fitted.estimable
    missing = [ChiSquare(np.nan, int((~fitted.aliased[list(columns)]).sum())) for columns in terms]
    if not fitted.converged or not usable.any() or not sample.event.any():
        return missing, ChiSquare(np.nan, fitted.df)
    sets = RiskSets.of(sample)
    center, scale = center_and_scale(covariates)
    standard = ((covariates - center) / scale)[sets.order]
    change = transformed_time(time, event, transform, entry=entry)[sets.order][sets.deaths]
    change = change - change.mean()
    # The statistic does not depend on the unit of g, so g is scaled to keep the matrices comparable in size.
    change = change / (np.abs(change).max() or 1.0)
    plain, crossed, squared = (
        sets.likelihood(standard, fitted.working * scale, weights=weights) for weights in (None, change, change**2)
    )
    free = fitted.free
    between = crossed.information[:, free]
    inner = inverse_of(plain.information[np.ix_(free, free)])
    if inner is None:
        return missing, ChiSquare(np.nan, fitted.df)
    variance = squared.information - between @ inner @ between.T
    floor = np.diag(squared.information)

    def test(chosen):
        # What is left after the fitted coefficients is rounding noise when g does not vary, or hardly.
        if not chosen.any() or (np.diag(variance)[chosen] <= 1e-9 * floor[chosen] + 1e-300).any():
            return np.nan
        return quadratic(variance, crossed.score, chosen)

    per_term = []
    for columns in terms:
        chosen = np.zeros(len(usable), dtype=bool)
        chosen[list(columns)] = True
        complete = usable[chosen & ~fitted.aliased].all()
        chosen &= usable
        df = int(chosen.sum())
        per_term.append(ChiSquare(test(chosen) if complete else np.nan, df))
    return per_term, ChiSquare(test(usable), int(usable.sum()))


def transformed_time(time, event, transform, *, entry=None):
    """The function g of time of the test of proportional hazards, at each subject's time.

    >>> transformed_time([2.0, 1.0, 3.0, 4.0], [True, True, False, True], "km").tolist()
    [0.25, 0.0, 0.5, 0.5]
    """
    time, event = tied_times(time), np.asarray(event, dtype=bool)
    if transform == "identity":
        return time
    if transform == "log":
        if (time[event] <= 0).any():
            raise ValueError("the logarithm of time needs every event after time zero")
        return np.log(time, where=time > 0, out=np.zeros_like(time))
    values, place, counts = np.unique(time, return_inverse=True, return_counts=True)
    if transform == "rank":
        last = np.cumsum(counts)
        return (last - (counts - 1) / 2)[place]
    if transform == "km":
        deaths = np.bincount(place[event], minlength=len(values))
        entered = len(time) if entry is None else np.searchsorted(np.sort(np.asarray(entry, dtype=float)), values)
        at_risk = entered - np.concatenate([[0], np.cumsum(counts)[:-1]])
        survival = np.cumprod(1 - np.divide(deaths, at_risk, out=np.zeros(len(values)), where=at_risk > 0))
        return (1 - np.concatenate([[1.0], survival[:-1]]))[place]
    raise ValueError(f"transform is one of {', '.join(TRANSFORMS)}")
