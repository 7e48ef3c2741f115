"""Sentences of the lesson "cutpoint" with the cohort's numbers."""

import math

from aice_helpers.course.engine.markup import written
from aice_helpers.course.lessons.cutpoint.arithmetic import (
    SHUFFLES,
    adjusted_p,
    approximate_p,
    baseline_count,
    best,
    best_of_shuffles,
    halves,
    level,
    likelihood_ratios,
    noise_concordance,
    p_values,
    planned,
    search,
    share_kept,
    with_unit,
)
from aice_helpers.show import formats


def fields(data) -> dict:
    """What fills the fields of texts: names, counts and results of the cohort."""
    found, plan = best(data), planned(data)
    study, alpha = data.cohort.study, level(data)
    table = search(data)
    return {
        "measure": study.label(data.measure),
        "endpoint": data.label,
        "n": len(data.time),
        "events": int(data.event.sum()),
        "low": formats.plain(table["cut"].iloc[0]),
        "high": with_unit(data, table["cut"].iloc[-1]),
        "cuts": len(table),
        "cut": with_unit(data, found["cut"]),
        "best_chi": f"{found['chi_square']:.2f}",
        "best_p": formats.p_words(found["p_value"], alpha),
        "plan": with_unit(data, plan["cut"]),
        "plan_words": plan["words"],
        "plan_source": plan["source"],
        "plan_chi": f"{plan['chi_square']:.2f}",
        "plan_p": formats.p_words(plan["p_value"], alpha),
        "level": f"{100 * alpha:g}%",
        "alpha": f"{alpha:g}",
        "shuffles": SHUFFLES,
        "factors": baseline_count(data),
    }


def loss_words(data):
    """How much of the measurement, and of its link with the outcome, the two planned groups keep."""
    whole, halved = likelihood_ratios(data)
    kept = share_kept(data.measured, planned(data)["cut"])
    values = fields(data) | {"kept": formats.percent(kept), "whole": f"{whole:.2f}", "halved": f"{halved:.2f}"}
    if math.isfinite(whole) and math.isfinite(halved):
        compared = (
            "Cox's model gets a likelihood-ratio chi-square of **{whole}** from the measurement as it is and of "
            "**{halved}** from the two groups: "
            + (
                "the groups say less."
                if halved < whole
                else "here the groups happen to fit no worse, which nobody can know beforehand."
            )
        )
    else:
        compared = "Cox's model has no finite estimate here."
    cut = "{measure}, cut at {plan} ({plan_source}): knowing only the side keeps **{kept}** of its variation. "
    return written(cut + compared, values)


def search_words(data):
    """The best cut and the planned one."""
    return written(
        "**{endpoint}** by {measure}: {cuts} candidate cuts, the lowest at {low}, the highest at {high}. The largest chi-square is **{best_chi}**, at "
        "{cut} ({best_p}, taken by itself). The cut at {plan} ({plan_source}) has {plan_chi} ({plan_p}).",
        fields(data),
    )


def adjusted_words(data):
    """The P value of the best cut, taken by itself, for the whole search, and by the approximation."""
    found, alpha = best(data), level(data)
    whole = adjusted_p(found["chi_square"], best_of_shuffles(data))
    more = {
        "whole": formats.p_words(whole, alpha),
        "approximate": formats.p_words(approximate_p(found["chi_square"]), alpha),
        "verdict": _verdict(found["p_value"], whole, alpha),
    }
    return written(
        "The best of {cuts} cuts, taken by itself: {best_p}. As the best of a search, by {shuffles} shuffles: **{whole}**; by the "
        "approximation: {approximate}. {verdict}",
        fields(data) | more,
    )


def _verdict(alone, whole, alpha):
    if alone >= alpha:
        return "Even the best cut does not pass the level."
    if whole >= alpha:
        return "What the single test called significant, the search finds by chance too often to be surprising."
    return "The difference is larger than a search among noise explains; its size at this cut is still likely to be overstated."


def noise_words(data):
    """How often a search among shuffles comes out significant."""
    share = (p_values(best_of_shuffles(data)) < level(data)).mean()
    return written(
        "In **{share}** of {shuffles} shuffles the best cut had a P value below {alpha}. The measurement had nothing to do "
        "with the outcome in any of them; a single cut named beforehand would have passed in about {level}.",
        fields(data) | {"share": formats.percent(share)},
    )


def concordance_words(data):
    """The concordance of models made of noise, before and after correction."""
    means = noise_concordance(data)["mean"]
    return written(
        "Models of noise, fitted to **{endpoint}**: apparent concordance **{apparent}**; corrected by a bootstrap that only refits the chosen "
        "factors {refit}; by one that repeats the choice **{repeated}**. The truth is 0.5.",
        fields(data)
        | {
            "apparent": f"{means['apparent']:.3f}",
            "refit": f"{means['refit only']:.3f}",
            "repeated": f"{means['choice repeated']:.3f}",
        },
    )


def halves_words(data):
    """The hazard ratio at the best cut where it was found, and elsewhere."""
    pairs = halves(data)
    smaller = (pairs["fresh"] < pairs["searched"]).mean()
    turned = (pairs["fresh"] < 1).mean()
    return written(
        "Median hazard ratio at the best cut in the half that was searched: **{searched}**; at the same cut in the other half: "
        "**{fresh}**. It came out smaller there in {smaller} of {pairs} splits, and pointed the other way (below 1) in {turned}.",
        {
            "searched": formats.ratio(pairs["searched"].median()),
            "fresh": formats.ratio(pairs["fresh"].median()),
            "smaller": formats.percent(smaller),
            "turned": formats.percent(turned),
            "pairs": len(pairs),
        },
    )
