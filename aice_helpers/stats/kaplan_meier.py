"""The Kaplan-Meier curve and what is read off it: limits, medians, rates, restricted means.

References
----------
Kaplan EL, Meier P (1958), J Am Stat Assoc 53:457-481. Greenwood M (1926), Reports on Public Health and Medical
Subjects 33. Brookmeyer R, Crowley J (1982), Biometrics 38:29-41 (limits of the median). Klein JP, Moeschberger ML (2003),
Survival Analysis, 2nd ed., sections 4.2-4.5."""

from dataclasses import dataclass

import numpy as np

from aice_helpers.core.intervals import clopper_pearson, normal_quantile
from aice_helpers.core.reasons import Reason
from aice_helpers.core.results import CRUDE
from aice_helpers.stats.arrays import checked

CONF_TYPES = ("plain", "log", "log-log")

SPSS = "SPSS"

TIE = float(np.sqrt(np.finfo(float).eps))
"""Two survival probabilities closer than this are equal (R's tolerance): 0.5000000000000002 is one half."""

NAN = float("nan")


def at_risk(curve, times):
    """Numbers at risk at given times, as printed under a figure: patients with at least that time.

    Parameters
    ----------
    curve : DataFrame
        Rows of one endpoint and level from `survival_curve`.
    times : sequence of float

    Returns
    -------
    list of int

    Examples
    --------
    >>> import pandas as pd
    >>> curve = pd.DataFrame({"time": [0.0, 6.0, 12.0, 24.0], "at_risk": [4, 4, 3, 1]})
    >>> at_risk(curve, [0, 6, 12, 24, 36])
    [4, 4, 3, 1, 0]
    """
    counts = [*curve["at_risk"].astype(int), 0]
    return [int(counts[place]) for place in np.searchsorted(curve["time"].to_numpy(), times)]


@dataclass(frozen=True)
class _Curve:
    """A Kaplan-Meier curve at time 0 and every distinct time; ``variance`` is Greenwood's sum d / (n (n - d)).

    ``delayed`` says that patients enter after time zero.
    """

    n: int
    time: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    censored: np.ndarray
    survival: np.ndarray
    variance: np.ndarray
    delayed: bool = False

    @property
    def std_error(self):
        return self.survival * np.sqrt(self.variance)

    def at_risk_at(self, time):
        place = int(np.searchsorted(self.time, time))
        return int(self.at_risk[place]) if place < len(self.time) else 0

    def ends_before(self, time):
        """Whether the curve says nothing at ``time``: the last observation lies before it and some are event-free."""
        return time > self.time[-1] and self.survival[-1] > 0


def kaplan_meier(time, event, *, entry=None, weights=None):
    """The `_Curve` of some patients.

    Parameters
    ----------
    time : array of float
        In the study's unit.
    event : array of bool
    entry : array of float, optional
        From when on each patient is observed: at risk at t are those with entry < t <= time. Times of entry have rows
        of their own, so that the number at risk is right at any time.
    weights : array of float, optional
        Case weights; numbers at risk, events and censored are then sums of weights.

    Raises
    ------
    ValueError
        See `arrays.checked`.
    """
    sample = checked(time, event, entry=entry, weights=weights)
    time, event = sample.time, sample.event
    # Time 0 is a row of its own even when nobody is observed there.
    distinct = np.unique(np.concatenate([[0.0], time, [] if entry is None else sample.entry]))
    place, size = np.searchsorted(distinct, time), len(distinct)
    weight = None if weights is None else sample.weights
    total = np.bincount(place, weight, minlength=size)
    events = np.bincount(place[event], None if weight is None else weight[event], minlength=size)
    left_before = np.concatenate(([0], np.cumsum(total)[:-1]))
    if entry is None:
        at_risk = total.sum() - left_before
    else:
        entered = np.bincount(np.searchsorted(distinct, sample.entry), weight, minlength=size)
        # Nobody can leave at time 0, so those who enter at it are shown as at risk there.
        before = np.concatenate((entered[:1] * (distinct[0] == 0), np.cumsum(entered)[:-1]))
        at_risk = before - left_before
    left = at_risk - events
    share = np.divide(left, at_risk, out=np.ones(size), where=at_risk > 0)
    terms = np.divide(events, at_risk * left, out=np.full(size, NAN), where=left > 0)
    if entry is not None:
        # A risk set that is empty between two patients tells nothing; it is no end of the curve.
        terms = np.where((at_risk == 0) & (events == 0), 0.0, terms)
    curve = (distinct, at_risk, events, total - events, np.cumprod(share), np.cumsum(terms))
    return _Curve(len(time), *curve, delayed=entry is not None)


def band_limits(curve, z, conf_type):
    """Pointwise limits of the survival probability, missing where it is 0 and, for log-log, where it is 1."""
    survival, error = curve.survival, np.sqrt(curve.variance)
    if conf_type == "plain":
        half = z * survival * error
        return np.maximum(survival - half, 0.0), np.minimum(survival + half, 1.0)
    known = (survival > 0) if conf_type == "log" else (survival > 0) & (survival < 1)
    logarithm = np.log(np.where(known, survival, 0.5))
    if conf_type == "log":
        low, high = np.exp(logarithm - z * error), np.minimum(np.exp(logarithm + z * error), 1.0)
    else:
        factor = np.exp(z * error / -logarithm)
        low, high = np.exp(logarithm * factor), np.exp(logarithm / factor)
    return np.where(known, low, NAN), np.where(known, high, NAN)


def _half_time(time, curve):
    """First time ``curve`` is at most one half; the middle of the stretch where it stays exactly there (R's rule)."""
    reached = curve < 0.5 + TIE
    if not reached.any():
        return NAN
    time, curve = time[reached], curve[reached]
    below = curve < curve[0]
    if abs(curve[0] - 0.5) < TIE and below.any():
        return float(time[0] + time[below.argmax()]) / 2
    return float(time[0])


def median_interval(curve, confidence, method, *, reversed_curve=False):
    """Median, lower and upper limit, and the reasons for what is missing; ``reversed_curve`` is one of censoring."""
    if method == SPSS:
        return _spss_median(curve, confidence)
    estimate = _half_time(curve.time, curve.survival)
    low, high = (_half_time(curve.time, limit) for limit in band_limits(curve, normal_quantile(confidence), method))
    if np.isnan(estimate):
        return estimate, low, high, _not_reached(curve, "reversed_above_half" if reversed_curve else "above_half")
    missing = [name for name, limit in (("lower", low), ("upper", high)) if np.isnan(limit)]
    if len(missing) == 2:
        return estimate, low, high, (Reason("limits_not_estimable", cause="not_crossed"),)
    return estimate, low, high, tuple(Reason("limit_not_reached", limit=name) for name in missing)


def _not_reached(curve, cause):
    return (Reason("not_reached", cause=cause if curve.events.any() else "no_events"),)


def _spss_median(curve, confidence):
    if curve.delayed:
        return NAN, NAN, NAN, (Reason("cannot_use", what="entry", method=SPSS),)
    dies = curve.events > 0
    time, survival = curve.time[dies], curve.survival[dies]
    reached = survival <= 0.5 + TIE
    if not reached.any():
        return NAN, NAN, NAN, _not_reached(curve, "above_half")
    place = int(reached.argmax())
    estimate, error = float(time[place]), float(curve.std_error[dies][place])
    before, after = np.flatnonzero(survival >= 0.55 - TIE), np.flatnonzero(survival <= 0.45 + TIE)
    if np.isnan(error) or not len(after) or not len(before):
        cause = "first_event_below_55" if len(after) else "above_45"
        cause = "nobody_left_at_median" if np.isnan(error) else cause
        return estimate, NAN, NAN, (Reason("limits_not_estimable", cause=cause),)
    upper, lower = before[-1], after[0]
    density = (survival[upper] - survival[lower]) / (time[lower] - time[upper])
    # SPSS writes 1.96, not the normal quantile.
    half = (1.96 if confidence == 0.95 else normal_quantile(confidence)) * error / density
    remark = (Reason("lower_limit_zero"),) if half > estimate else ()
    return estimate, max(0.0, estimate - half), estimate + half, remark


def rate_at(curve, time, confidence, conf_type):
    if curve.ends_before(time):
        return NAN, NAN, NAN, (Reason("not_estimable", cause="beyond_last_observation"),)
    place = int(np.searchsorted(curve.time, time, side="right")) - 1
    low, high = (float(limit[place]) for limit in band_limits(curve, normal_quantile(confidence), conf_type))
    survival = float(curve.survival[place])
    remark = {0.0: (Reason("limits_not_estimable", cause="nobody_left"),), 1.0: (Reason("no_event_so_far"),)}
    return survival, low, high, remark.get(survival, ())


def crude_proportion(curve, time, confidence):
    if curve.delayed:
        return NAN, NAN, NAN, (Reason("cannot_use", what="entry", method=CRUDE),)
    lost = int(curve.censored[curve.time < time].sum())
    if curve.ends_before(time):
        return NAN, NAN, NAN, (Reason("not_estimable", cause="beyond_last_observation"),)
    count = curve.n - lost - int(curve.events[curve.time <= time].sum())
    remark = (Reason("counted_as_failures", count=lost),) if lost else ()
    return count / curve.n, *clopper_pearson(count, curve.n, confidence), remark


def restricted_mean(curve, horizon):
    """Area under the curve up to ``horizon``, its standard error, and the reasons for what is missing."""
    if curve.ends_before(horizon):
        return NAN, NAN, (Reason("not_estimable", cause="before_horizon"),)
    keep = curve.time <= horizon
    steps = curve.survival[keep] * np.diff(np.append(curve.time[keep], horizon))
    area_after = np.cumsum(steps[::-1])[::-1]
    events, at_risk = curve.events[keep], curve.at_risk[keep]
    left = at_risk - events
    terms = np.divide(area_after**2 * events, at_risk * left, out=np.zeros(len(steps)), where=left > 0)
    variance = float(terms.sum())
    if variance == 0:
        return float(area_after[0]), NAN, (Reason("error_not_estimable"),)
    return float(area_after[0]), variance**0.5, ()
