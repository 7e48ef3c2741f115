"""What the Cox models say in short: how clear the hazard ratios are, and where a direction turns."""

import math

import pandas as pd

from aice_helpers.core.reasons import is_masked
from aice_helpers.show import formats
from aice_helpers.show.formats import MASKED
from aice_helpers.show.sentences import Sentence, blocks, bullets, narrowed, reason, sentence
from aice_helpers.show.tables import factor_name

TOGETHER, ALONE = "multivariable", "univariable"


def factors_words(table, study, *, endpoint="") -> Sentence:
    """How many hazard ratios have an interval that leaves out 1, the clearest and the least sure of them, and what turns.

    The ratios are those of the model of all factors together, or of one factor at a time where the plan has no such model.
    What is known only after time zero is not among them.

    Parameters
    ----------
    table : DataFrame
        A ``cox`` table.
    study : Study
    endpoint : str
        Name of the one endpoint to tell of; "" for all of the table.

    Returns
    -------
    Sentence
        A list (`Blocks`), one point an endpoint. The reason, as a sentence, when the table holds no hazard ratio.
    """
    rows = narrowed(table[table["landmark"].isna() & (table["model"] != "naive")], endpoint=endpoint)
    if rows.empty:
        return reason(rows, study)
    said = [_endpoint_words(found, study, name) for (name,), found in blocks(rows, "endpoint")]
    return bullets(said) + sentence(
        "An interval that holds 1 does not say that a factor is without weight: it leaves open every ratio in it. The intervals are "
        "not adjusted for their number."
    )


def _endpoint_words(found, study, name):
    model = TOGETHER if (found["model"] == TOGETHER).any() else ALONE
    chosen = found[found["model"] == model]
    ratios = chosen[chosen["kind"].isin(["numeric", "level"])]
    naive = ratios["term"].map(study.known_later).astype(bool)
    known = ratios[["conf_low", "conf_high"]].notna().all(axis=1) & ~naive
    parts = [_clearness(ratios[known], chosen, study)]
    for words, hidden in (("estimable", False), ("shown (masked)", True)):
        missing = ratios[~known & ~naive & (ratios.apply(is_masked, axis=1) == hidden)]
        if len(missing):
            parts.append(
                f"No interval is {words} for {formats.listing(_name(row, chosen, study) for _, row in missing.iterrows())}"
            )
    if naive.any():
        late = dict.fromkeys(study.label(term) for term in ratios.loc[naive, "term"])
        parts.append(f"Not counted, for it is known only after time zero: {formats.listing(late)}")
    turned = _turned(found, study) if model == TOGETHER else []
    if turned:
        parts.append(f"On one side of 1 alone and on the other together: {formats.listing(turned)}")
    how = "all factors together" if model == TOGETHER else "one factor at a time"
    size = f" ({_sizes(chosen)})" if model == TOGETHER else ""
    return f"{study.label(name)}, {how}{size}: {'. '.join(filter(None, parts))}."


def _clearness(ratios, chosen, study):
    """How many intervals leave out 1; the ratio furthest from 1 by its standard error, and the one with the widest interval."""
    if ratios.empty:
        return ""
    logs = ratios[["estimate", "conf_low", "conf_high"]].map(math.log)
    width = logs["conf_high"] - logs["conf_low"]
    outside = int(((logs["conf_low"] > 0) | (logs["conf_high"] < 0)).sum())
    clearest, widest = ((logs["estimate"].abs() / width).idxmax(), width.idxmax())
    first = _with_ratio(ratios.loc[clearest], chosen, study)
    if len(ratios) == 1:
        return f"the interval of the one hazard ratio {'leaves out' if outside else 'holds'} 1: {first}"
    verb = "have" if outside > 1 else "has"
    text = f"{outside or 'none'} of the {len(ratios)} hazard ratios {verb} an interval that leaves out 1. "
    text += f"The clearest is {first}"
    return text if widest == clearest else f"{text}, the least sure {_with_ratio(ratios.loc[widest], chosen, study)}"


def _sizes(chosen):
    row = chosen[chosen["kind"] == "joint"].iloc[0]
    nouns = (("n", "patient"), ("events", "event"))
    return ", ".join(f"{noun}s {MASKED}" if pd.isna(row[c]) else formats.counted(row[c], noun) for c, noun in nouns)


def _with_ratio(row, chosen, study):
    limits = formats.interval(row["conf_low"], row["conf_high"], formats.ratio)
    level = formats.level(row["conf_level"])
    return f"{_name(row, chosen, study)} (HR {formats.ratio(row['estimate'])}, {level} CI {limits})"


def _name(row, chosen, study):
    """A factor with its step, or with its level and what the level is compared to."""
    if row["kind"] == "numeric":
        return factor_name(study, row)
    reference = chosen[(chosen["term"] == row["term"]) & (chosen["kind"] == "reference")]["level"]
    against = f" against {reference.iloc[0]}" if len(reference) else ""
    return f"{study.label(row['term'])} {row['level']}{against}"


def _turned(found, study):
    """The factors whose ratio lies on one side of 1 alone and on the other side together, with both ratios."""
    keys = ["term", "level"]
    alone, together = (
        found[(found["model"] == model) & found["kind"].isin(["numeric", "level"])]
        .dropna(subset=["estimate"])
        .set_index(keys)
        for model in (ALONE, TOGETHER)
    )
    said = []
    for key, row in together.iterrows():
        if key in alone.index and math.log(row["estimate"]) * math.log(alone.loc[key, "estimate"]) < 0:
            row = row.copy()
            row["term"], row["level"] = key
            name = _name(row, found[found["model"] == TOGETHER], study)
            said.append(
                f"{name} ({formats.ratio(alone.loc[key, 'estimate'])} alone, {formats.ratio(row['estimate'])} together)"
            )
    return said
