"""The words of what arithmetic says of the numbers of an abstract: they speak of the numbers as printed, of nobody else."""

from aice_helpers.show.formats import counted, decimal, listing, p_value, percent

GRADES = {
    "cannot be": "Cannot be",
    "needs something not stated": "Needs a denominator, a rounding or a test that is not stated",
    "depends on a convention": "Depends on a convention",
    "fits": "Fits",
}
"""Grade -> its heading."""


def words(code, fields) -> str | None:
    """The words of a reason whose code begins with "printed_"; None for any other.

    Parameters
    ----------
    code : str
    fields : dict

    Returns
    -------
    str or None
        One sentence or two.
    """
    found = _WORDS.get(code)
    return None if found is None else found(**fields)


def chance_words(chance) -> str:
    """How often chance alone gives it.

    >>> chance_words(0.114), chance_words(0.013), chance_words(0.0002), chance_words(0.97)
    ('1 in 9', '1 in 77', 'below 1 in 1000', 'nearly always')
    """
    if chance < 0.001:
        return "below 1 in 1000"
    if chance > 0.95:
        return "nearly always"
    return f"1 in {round(1 / chance)}" if chance < 0.4 else f"{percent(chance, 0)}"


def _ratio(counts, n):
    return listing(f"{count}/{n}" for count in counts)


def _only_counts(counts, n, percent):
    if len(counts) == 1 and " " not in counts[0]:
        return f"{counts[0]}/{n} is the only count out of {n} that gives {percent}%."
    return f"{percent}% fits {listing(counts)} out of {n}."


def _no_count(n, percent, others):
    near = f" It would be {listing(others)}, for example." if others else ""
    return f"No count out of {n} gives {percent}%, rounded or cut off.{near}"


def _count_misfit(count, n, percent, value, others):
    of = f" {count} is {percent}% of {listing(others)}." if others else ""
    return f"{count}/{n} is {decimal(value, 2)}%, not {percent}%.{of}"


def _common_n(ns, upto):
    more = " and others" if len(ns) > 1 else ""
    return f"The smallest denominator that all of these percentages fit is {ns[0]}; further ones up to {upto}: {listing(ns[1:]) or 'none'}{more}."


def _interval_by(methods, count, n, not_by):
    alone = " It is the only one of the eight methods tried that does." if len(methods) == 1 else ""
    return f"This is the interval of {count}/{n} by {listing(methods)}.{alone}"


def _limit_cut(limits, method, count, n, value):
    which = "Both limits are" if limits == "both" else f"The {limits} limit is"
    return (
        f"{which} what {method} gives for {count}/{n} ({decimal(value, 2)}%) when digits are cut off instead of rounded; a slip "
        "of the last digit is possible too."
    )


def _limit_slip(limits, method, count, n, value):
    return f"{method} gives {decimal(value, 2)}% as the {limits} limit of {count}/{n}: one digit differs."


def _by_none(count, n, others):
    else_ = f" With another denominator: {listing(others)}." if others else ""
    return f"Not one of the eight methods tried gives this interval for {count}/{n}.{else_}"


def _symmetric(found, among, spans):
    who = "The interval of this median lies" if among == 1 else f"{found} of {among} medians have limits that lie"
    spans = listing(spans)
    return (
        f"{who} at equal distances on both sides, as SPSS prints them (median plus or minus 1.96 standard errors) and R, SAS or "
        f"Stata would only by accident. If they were made so, the unrounded median lies within {spans}."
    )


def _rates(found, among, counts):
    return (
        f"{found} of {among} rates equal a whole number of patients over all of them ({listing(counts)}). Three readings: nobody "
        "was censored before that time, so that Kaplan-Meier and crude proportion agree; they are crude proportions; or chance."
    )


def _off_center(center, decimals, shift):
    middle = f"The middle of the limits on the log scale is {decimal(center, decimals)}"
    if shift <= 0.25:
        return f"{middle}: these are no Wald limits, or not of this model; profile likelihood and bootstrap give such."
    return f"{middle}, far from the estimate: one of the three numbers is another model's or mistyped."


def _p_range(low, high):
    first, last = p_value(low, 0), p_value(high, 0)
    return first if first == last else f"{first} to {last}"


def _p_other(p, low, high, flips):
    turn = " Only one of the two is significant." if flips == "yes" else ""
    return f"The interval implies a Wald P of {_p_range(low, high)}. {p} fits another test, such as the log-rank.{turn}"


def _p_apart(p, low, high, flips):
    turn = " Only one of the two is significant." if flips == "yes" else ""
    return f"The interval implies a P of {_p_range(low, high)}, far from {p}: they belong to different comparisons or one is mistyped.{turn}"


def _p_by(p, tests, not_by):
    rest = f", not {listing(not_by)}" if not_by else ""
    return f"{p} is what {listing(tests)} {'gives' if len(tests) == 1 else 'give'}{rest}."


def _depends(below, above):
    return f"P is below 0.05 by {listing(below)} and not by {listing(above)}."


_WORDS = {
    "printed_count_fits": lambda count, n, percent: f"{count}/{n} is {percent}%.",
    "printed_only_counts": _only_counts,
    "printed_cut_percent": lambda counts, n, percent: (
        f"{_ratio(counts, n)} gives {percent}% only when digits are cut off instead of rounded."
    ),
    "printed_no_count": _no_count,
    "printed_count_misfit": _count_misfit,
    "printed_count_beyond": lambda count, n: f"{count} is more than the {n} it is counted among.",
    "printed_common_n": _common_n,
    "printed_no_common_n": lambda upto: f"No single denominator up to {upto} fits all of these percentages.",
    "printed_other_n": lambda n, others: (
        f"Several percentages fit no count out of {n}, but all of them fit {listing(others)}: perhaps those who could be assessed."
    ),
    "printed_interval_by": _interval_by,
    "printed_limit_cut": _limit_cut,
    "printed_limit_slip": _limit_slip,
    "printed_interval_level": lambda level, methods, count, n: (
        f"This is the {percent(level, 0)} interval of {count}/{n} by {listing(methods)}, not one of the level stated."
    ),
    "printed_interval_complement": lambda methods, count, n: (
        f"This is the interval of the others, {int(n) - int(count)}/{n}, by {listing(methods)}."
    ),
    "printed_interval_by_none": _by_none,
    "printed_symmetric_medians": _symmetric,
    "printed_asymmetric_median": lambda center: (
        f"The middle of the limits is {decimal(center, 2)}, so this is no symmetric interval as SPSS prints it."
    ),
    "printed_rate_interval_by": lambda scales: f"The limits fit a rate by {listing(scales)}.",
    "printed_rate_interval_by_none": lambda: (
        "The limits lie around the rate on none of the usual scales (plain, log, log-log, logit, arcsine)."
    ),
    "printed_rate_interval_narrow": lambda n, least: (
        f"So narrow an interval needs at least {decimal(least, 0)} patients, not {n}: another level, or a standard error in its place."
    ),
    "printed_rates_are_shares": _rates,
    "printed_endpoint_order": lambda first, second, what: (
        f"The {what} of the endpoint that a death ends too ({first}) is above that of survival ({second}). That takes different "
        "patients, or deaths or censoring counted in different ways."
    ),
    "printed_role_order": lambda smaller, larger: f"The part ({smaller}) is larger than the whole ({larger}).",
    "printed_rising_rate": lambda earlier, later: f"A survival rate rises from {earlier} to {later} later on.",
    "printed_rate_and_median": lambda rate, time, median, side: (
        f"{rate} at {time} and a median of {median} cannot be read off one Kaplan-Meier curve: {side} its median it is "
        f"{'above' if side == 'before' else 'at most'} 50%."
    ),
    "printed_fractional_median": lambda estimate: (
        f"The median of whole numbers is whole or ends in one half; {estimate} takes an interpolated (grouped) median."
    ),
    "printed_sum_fits": lambda parts, total: f"{' + '.join(parts)} = {total}.",
    "printed_sum_differs": lambda parts, total, value: (
        f"{' + '.join(parts)} is {decimal(value, 0 if value == int(value) else 1)}, not {total}, whatever the rounding: other denominators, or categories "
        "counted by other rules."
    ),
    "printed_categories_over": lambda value, n: (
        f"Categories that exclude one another add up to {decimal(value, 0 if value == int(value) else 1)}, more than {n}."
    ),
    "printed_categories_under": lambda value, n: (
        f"The categories add up to {decimal(value, 0 if value == int(value) else 1)} of {n}: patients who could not be assessed are not stated."
    ),
    "printed_groups_differ": lambda parts, total: f"{' + '.join(parts)} does not give {total}.",
    "printed_shares_of_events": lambda parts, value: (
        f"These percentages add up to {decimal(value, 1)}: they read as shares of all events, not as risks of a patient."
    ),
    "printed_zero": lambda n, high, one_sided: (
        f"No event among {n} is compatible with a true rate of up to {percent(high)} (exact two-sided interval; one-sided {percent(one_sided)})."
    ),
    "printed_outside_limits": lambda estimate, low, high: f"{estimate} does not lie between {low} and {high}.",
    "printed_limits_reversed": lambda low, high: f"The lower limit {low} is above the upper limit {high}.",
    "printed_impossible": lambda value, what: f"{value} is no {what}.",
    "printed_limit_impossible": lambda value: f"A limit of {value} is no percentage; of the usual methods Wald and Agresti-Coull give such.",
    "printed_p_zero": lambda p: f"P = {p} is how SPSS prints a P value that is smaller; it is not zero.",
    "printed_ratio_centered": lambda: "The estimate is the middle of its limits on the log scale, as of a Wald interval.",
    "printed_ratio_off_center": _off_center,
    "printed_ratio_slip": lambda limits, value, decimals: (
        f"On the log scale the {limits} limit would be {decimal(value, decimals)}: one digit differs."
    ),
    "printed_events_implied": lambda events: f"So narrow an interval between two groups takes at least {counted(events, 'event')}.",
    "printed_events_beyond": lambda events, n: (
        f"So narrow an interval between two groups takes at least {events} events; there are {n} patients."
    ),
    "printed_p_of_interval": lambda p, low, high: f"{p} goes with the interval (Wald P {_p_range(low, high)}).",
    "printed_p_one_sided": lambda p, low, high: f"{p} goes with the interval if it is one-sided (Wald P {_p_range(low, high)}).",
    "printed_p_level": lambda p, level: f"{p} goes with the interval if that is one of {percent(level, 0)}.",
    "printed_p_other_test": _p_other,
    "printed_p_apart": _p_apart,
    "printed_p_by": _p_by,
    "printed_p_by_one_sided": lambda p, tests: f"{p} is what {listing(tests)} gives one-sided.",
    "printed_p_by_none": lambda p, low, high: (
        f"The usual tests of these counts give P values of {_p_range(low, high)}, not {p}: another test, adjusted, or other counts."
    ),
    "printed_significance_depends": _depends,
}  # fmt: skip
