"""Quantiles and means of a survival time as programs compute them.

References
----------
Brookmeyer R, Crowley J (1982), Biometrics 38:29-41. Machin D, Cheung YB, Parmar M (2006), Survival Analysis, 2nd ed. IBM SPSS
Statistics Algorithms, chapter KM. SAS/STAT User's Guide, chapter LIFETEST. Stata Survival Analysis Reference Manual, stci.
"""

import math

import numpy as np

from aice_helpers.core.intervals import normal_quantile
from aice_helpers.stats.kaplan_meier import NAN, TIE, band_limits, restricted_mean

FIRST, MIDDLE, SAS, PRISM = (
    "first time",
    "middle, first time at the end",
    "middle, none at the end",
    "middle of what is seen",
)
"""What is given for the quantile where the curve runs flat at it: the first such time; the middle of the stretch. Where it
runs so to its end: the first time (R), nothing (SAS), the middle between that and the last observation (Prism)."""


def quantile_time(curve, survival, share, rule):
    """The time at which a curve comes down to a share of patients without the event, nan when it does not.

    Parameters
    ----------
    curve : _Curve
        See `kaplan_meier.kaplan_meier`.
    survival : array of float
        The curve's survival, or a limit of it.
    share : float
        0.5 for the median.
    rule : str
        `FIRST`, `MIDDLE`, `SAS` or `PRISM`.
    """
    reached = survival < share + TIE
    if not reached.any():
        return NAN
    time, level = curve.time[reached], survival[reached]
    first = float(time[0])
    if rule == FIRST or abs(level[0] - share) >= TIE:
        return first
    below = level < share - TIE
    if below.any():
        return (first + float(time[below.argmax()])) / 2
    return {MIDDLE: first, SAS: NAN, PRISM: (first + float(curve.time[-1])) / 2}[rule]


def banded_quantile(curve, share, confidence, conf_type, rule):
    """Quantile and limits where the band around the curve crosses the share."""
    low, high = band_limits(curve, normal_quantile(confidence), conf_type)
    limit_rule = MIDDLE if rule == MIDDLE else FIRST
    return quantile_time(curve, curve.survival, share, rule), *(
        quantile_time(curve, limit, share, limit_rule) for limit in (low, high)
    )


def spss_quantile(curve, share, confidence):
    """SPSS's quantile, its standard error from the slope of the curve nearby, and symmetric limits.

    The error is Greenwood's, divided by the slope between the last time with at least ``share`` + 0.05 and the first with at
    most ``share`` - 0.05 without the event.
    """
    dies = curve.events > 0
    time, survival, error = curve.time[dies], curve.survival[dies], curve.std_error[dies]
    reached = survival <= share + TIE
    if not reached.any():
        return NAN, NAN, NAN, NAN
    place = int(reached.argmax())
    estimate = float(time[place])
    before, after = np.flatnonzero(survival >= share + 0.05 - TIE), np.flatnonzero(survival <= share - 0.05 + TIE)
    if not len(before) or not len(after) or np.isnan(error[place]):
        return estimate, NAN, NAN, NAN
    slope = (survival[before[-1]] - survival[after[0]]) / (time[after[0]] - time[before[-1]])
    deviation = float(error[place] / slope)
    half = (1.96 if confidence == 0.95 else normal_quantile(confidence)) * deviation
    return estimate, max(0.0, estimate - half), estimate + half, deviation


def mean_to_last_time(curve):
    """Area under the curve up to the last observation and its error, as SPSS, R and Stata give them."""
    estimate, error, _ = restricted_mean(curve, float(curve.time[-1]))
    return estimate, error


def mean_to_last_event(curve):
    """Area under the curve up to the last event, and its error enlarged by the root of m / (m - 1) for m events, as SAS."""
    events = int(curve.events.sum())
    if not events:
        return NAN, NAN
    estimate, error, _ = restricted_mean(curve, float(curve.time[curve.events > 0][-1]))
    return estimate, error * math.sqrt(events / (events - 1)) if events > 1 else NAN
