"""Sentences that hold results: every number, direction and verdict in them comes from a result table.

`inline` writes one row of a result table into a pattern; the other functions word a whole table, so that what they
say stays true for any cohort.
"""

import html
import math
from dataclasses import dataclass

import pandas as pd

from aice_helpers.core import results
from aice_helpers.core.reasons import is_masked
from aice_helpers.core.results import CRUDE
from aice_helpers.core.wording import current
from aice_helpers.data.dates.outcomes import rules_of
from aice_helpers.show import formats, reason_words
from aice_helpers.show.formats import MASKED, NOT_ESTIMABLE, p_words
from aice_helpers.show.promise import promise
from aice_helpers.show.sentences import (
    Blocks,
    Sentence,
    blocks,
    bullets,
    missing_words,
    narrowed,
    plain_text,
    reason,
    sentence,
    severe_words,
    span,
)
from aice_helpers.stats.samples import outcome_reasons
from aice_helpers.study.model import SEVERE
from aice_helpers.study.published import VERDICTS


@dataclass(frozen=True, repr=False)
class Notice(Sentence):
    """A sentence in a box, under a title."""

    title: str = ""

    def __repr__(self) -> str:
        return current()(f"{self.title}\n{self.text}")

    def _repr_html_(self) -> str:
        return current().in_html(
            '<div class="admonition warning aice-notice" role="note">'
            f'<p class="admonition-title"><strong>{html.escape(self.title)}</strong></p><p>{self.markup}</p></div>'
        )


def notice(analysis) -> Notice:
    """The box at the head of a page: what kind of data its numbers come from.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    Notice
    """
    study = analysis.study
    said = f" {promise(analysis)}".rstrip()
    if study.synthetic:
        text = (
            "Every number and figure here is computed from synthetic data: generated rows, not people. They show how an "
            "analysis works and say nothing about any treatment."
        )
        return Notice(*plain_text(text + said), title="SYNTHETIC DATA: no patient, no evidence")
    text = (
        f"{study.title}. Computed from {_population(analysis.cohort)}. The numbers describe "
        "this cohort; this book makes no claim about other patients or about what a treatment does."
    )
    return Notice(*plain_text(text + said), title="Data of one study")


def _population(cohort):
    """How many they are, and who."""
    who = cohort.study.population
    people = cohort.study.people[1] if cohort.study.people else "patients"
    if cohort.n != 1 and f"{who} ".startswith(f"{people} "):
        return f"{cohort.n} {who}"
    return formats.counted(cohort.n, "patient") + ("" if who in (people, "patients") else f" ({who})")


_ARMS = {
    "none": "There is no group to compare with, so no figure here measures what a treatment does.",
    "randomized": (
        "Groups that were formed by chance may be compared as such. Every other comparison of groups describes: they differ in "
        "more than their name."
    ),
    "observational": (
        "The groups were not formed by chance. A difference between them is a description, not the effect of what they are named for."
    ),
    "": (
        "The study file does not say how groups came about (arms). Unless chance formed them, a difference between groups is a "
        "description, not an effect."
    ),
}
"""How groups came about (`study.model.ARMS`) -> what a comparison of them says."""


def trust_words(study) -> Sentence:
    """What the numbers of the book rest on, and what a comparison of groups says in a study with these arms.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Sentence
    """
    return sentence(
        "The arithmetic agrees with R's survival package, and the tests of this book check it at every change. Each interval and "
        f"each test says which method made it. {_ARMS[study.arms]}"
    )


def response_definitions(study) -> Sentence:
    """What the response rates of this study count, in the words of its own categories.

    Parameters
    ----------
    study : Study
        One with a response.

    Returns
    -------
    Sentence
    """
    response = study.response
    levels = study.variables[response.variable].levels.values()
    assessed = [label for label in levels if label not in response.not_evaluable]
    said = (
        f"By {response.scheme} each patient is in one category, the best response recorded: {formats.listing(assessed)}. The "
        f"objective response rate (ORR) is the share with {formats.listing(response.responders)}."
    )
    further = [label for label in response.controlled if label not in response.responders]
    if further:
        said += f" The disease control rate (DCR) adds {formats.listing(further)}."
    return sentence(said)


def masking_words(k) -> Blocks:
    """What a book with masked counts does not tell, how its curves are drawn, and what masking cannot do.

    Parameters
    ----------
    k : int
        Counts of fewer patients than this are masked.

    Returns
    -------
    Blocks
    """
    said = [
        f"Counts of 1 to {k - 1} patients are masked: levels of a variable, missing values, events and patients without an "
        "event, responders, adverse events and their grades, patients left out of a model. A percentage, an interval, a "
        "median or a hazard ratio of such a group is masked with it.",
        "A further count is masked where a small one could be computed from it and the others. Where fewer than two levels of "
        "a variable would remain, all of them are masked.",
        f"Survival curves have points at times of a grid that the plan sets, and at least {k} events between two of them; in "
        f"a curve by group at least {k} events of the group and {k} of others. Numbers at risk after time 0 are rounded down to "
        f"a multiple of {k}. Medians of groups, follow-up times and whatever time two endpoints share are given as the middle "
        f"of a span that at least {k} patients share.",
        "Histograms, waterfalls, extreme values, landmark counts and remarks on the data files are left out, and so are the "
        "comparisons by hand.",
        "Masking has limits. A reader who knows other facts about the patients, or holds another book of the same "
        "patients (other data, another analysis plan, another limit), may still infer more. Decide who may see it.",
    ]
    return sentence("What is masked in this book:") + bullets(said)


def cohort_counts(analysis) -> Sentence:
    """How many patients, events and adverse events the cohort holds.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    Sentence
    """
    cohort, study, mask = analysis.cohort, analysis.study, analysis.mask
    parts = [f"{formats.counted(cohort.n, 'patient')}."]
    for name, endpoint in study.endpoints.items():
        if mask and not mask.events(name):
            parts.append(f"{endpoint.label}: events ({endpoint.event_label}) and censored {MASKED}.")
            continue
        event = cohort.survival(name)["event"]
        left_out = {reason.code: reason["count"] for reason in outcome_reasons(cohort, name)}
        unknown, never = left_out.get("outcome_missing"), left_out.get("never_at_risk")
        parts.append(
            f"{endpoint.label}: {formats.counted(event.sum(), 'event')} ({endpoint.event_label}), {(~event).sum()} "
            + ("without it" if endpoint.competing else "censored")
            + (f", not known in {formats.counted(unknown, 'patient')}" if unknown else "")
            + (f", {formats.counted(never, 'patient')} never at risk." if never else ".")
        )
    if study.response is not None and mask and "evaluable" not in mask.response:
        parts.append(f"Response evaluable: {MASKED}.")
    elif study.response is not None:
        parts.append(f"Response evaluable in {formats.counted(cohort.evaluable.sum(), 'patient')}.")
    if cohort.adverse_events is not None and mask and not {None} <= mask.occurrences:
        parts.append(f"Adverse events: {MASKED}.")
    elif cohort.adverse_events is not None:
        affected = cohort.adverse_events["patient"].nunique()
        parts.append(
            f"{formats.counted(len(cohort.adverse_events), 'adverse event')} in {formats.counted(affected, 'patient')}."
        )
    return sentence(" ".join(parts))


def dated_words(study) -> list[str]:
    """By which rules the endpoints follow from dates, a sentence or two for each and one for all.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of str
        Empty where no endpoint is derived from dates.
    """
    plan, said = study.dates, []
    for endpoint in study.endpoints.values() if plan is not None else ():
        if endpoint.first_of:
            rules = rules_of(study, endpoint)
            end = (
                "the last assessment"
                if rules.by_assessment
                else "the last contact"
                if plan.last_contact
                else "the cut-off"
            )
            said.append(
                f"{endpoint.label}: {'the first of ' if len(rules.first_of) > 1 else ''}{formats.listing(rules.first_of)}; "
                f"without it censored at {end}.{_between_words(rules)}"
            )
    if said:
        unit = "" if study.time_unit == "days" else f", divided by {plan.days_in(study.time_unit):g} days"
        first = "; the day of the start is day 1" if plan.first_day else ""
        cutoff = f" Events and contacts after the cut-off ({plan.cutoff}) are censored at it." if plan.cutoff else ""
        said.append(f"Times are days from the start to the event or the end of observation{unit}{first}.{cutoff}")
    return said


def _between_words(rules):
    """What the main analysis does with a new therapy and with missed assessments."""
    said = {"censored": " A new therapy censors it.", "event": " A new therapy is an event, too."}.get(
        rules.therapy, ""
    )
    if rules.gaps == "censored":
        said += f" An event more than {rules.longest_gap:g} days after the assessment before it is censored at that assessment."
    return said


def _untested(rows):
    """The factors without a P value: those not estimable, then those masked, each with the word for it."""
    missing = rows[rows["p_value"].isna()]
    hidden = [is_masked(row) for _, row in missing.iterrows()]
    both = (("estimable", [not each for each in hidden]), ("shown (masked)", hidden))
    return [(words, list(missing.loc[keep, "term"])) for words, keep in both if any(keep)]


def _counted(row, column, noun):
    """A count of a row with its noun; the noun and "masked" for one that is masked."""
    return f"{noun}s {MASKED}" if pd.isna(row[column]) else formats.counted(row[column], noun)


def ph_words(table, study, *, endpoint="", model="multivariable") -> Sentence:
    """Where the tests speak against proportional hazards.

    The models of one factor each are added where they do, and stand alone when there is no model of all together.

    Parameters
    ----------
    table : DataFrame
        A ``ph_test`` table.
    study : Study
    endpoint : str
        Name of the one endpoint to tell of; "" for all of the table.
    model : str
        "multivariable" or "univariable"; the latter where the table has no row of the former.

    Returns
    -------
    Sentence
        The reason when the table is empty; without text when none of its rows is of ``endpoint``.
    """
    if table.empty:
        return reason(table, study)
    alpha = formats.alpha(study.analysis.confidence_level)
    rows = narrowed(table, endpoint=endpoint)
    chosen = model if (rows["model"] == model).any() else "univariable"
    said = []
    for (name,), tests in blocks(narrowed(rows, model=chosen), "endpoint"):
        terms = tests[tests["term"] != "GLOBAL"]
        against = terms[terms["p_value"] < alpha]
        parts = []
        if len(against):
            parts.append(f"the test speaks against a constant hazard ratio for {_named(against, study, alpha)}")
        elif terms["p_value"].notna().any():
            parts.append(
                f"no factor has a P value below {alpha:g}, which does not prove that the hazards are proportional"
            )
        for words, untested in _untested(terms):
            missing = [study.label(term) for term in untested]
            parts.append(f"the test is not {words} for {formats.listing(missing)}")
        overall = tests[tests["term"] == "GLOBAL"]
        if len(overall):
            row = overall.iloc[0]
            parts.append(f"global test: {MASKED if is_masked(row) else p_words(row['p_value'], alpha)}")
        alone = narrowed(rows, endpoint=name, model="univariable")
        alone = alone[alone["p_value"] < alpha]
        if chosen != "univariable" and len(alone):
            parts.append(f"one factor at a time, P below {alpha:g} for {_named(alone, study, alpha)}")
        said.append(f"{study.label(name)}, {chosen}: {'; '.join(parts)}.")
    return sentence(" ".join(said))


def _named(tests, study, alpha):
    """The factors of some tests with their P values."""
    return formats.listing(f"{study.label(row.term)} ({p_words(row.p_value, alpha)})" for row in tests.itertuples())


def landmark_words(table, study, *, endpoint="") -> Sentence:
    """The naive hazard ratio of response beside those from each landmark on, and how many of these lie closer to 1.

    Parameters
    ----------
    table : DataFrame
        A ``cox`` table as ``landmark_cox`` of the result tables; landmarks are in `study.time_unit`.
    study : Study
    endpoint : str
        Name of the one endpoint to tell of; "" for all of the table.

    Returns
    -------
    Sentence
        The reason when the table holds no hazard ratio of response.
    """
    levels = table[(table["kind"] == "level") & ((table["model"] == "naive") | table["landmark"].notna())]
    levels = narrowed(levels, endpoint=endpoint)
    if levels.empty:
        return reason(levels, study)
    said = []
    for (name,), rows in blocks(levels, "endpoint"):
        naive = rows[rows["model"] == "naive"].iloc[0]
        later = rows[rows["model"] == "landmark"]
        references = table.loc[
            (table["endpoint"] == name) & (table["kind"] == "reference") & (table["model"] == "naive")
        ]
        against = f" against {formats.lowered(references['level'].iloc[0])}" if len(references) else ""
        said.append(
            f"{study.label(name)}: the hazard ratio of {formats.lowered(naive['level'])}{against}, counted from time zero, is "
            f"{_ratio(naive, study)}."
        )
        at = [
            f"{_ratio(row, study)} from {formats.duration(row['landmark'], study.time_unit)} on "
            f"({_counted(row, 'excluded', 'patient')}{'' if pd.isna(row['excluded']) else ' left out'})"
            for _, row in later.iterrows()
        ]
        if at:
            said.append(f"By landmark analysis it is {formats.listing(at)}.")
        compared = later["estimate"].dropna()
        if len(compared) and pd.notna(naive["estimate"]):
            logs, start = compared.map(math.log), math.log(naive["estimate"])
            closer = int((logs.abs() < abs(start) - 1e-9).sum())
            said.append(f"{_how_many(closer, len(compared))} closer to 1 than the naive one{_overlap(naive, later)}.")
            opposite = int((logs * start < 0).sum())
            if opposite:
                said.append(f"{_how_many(opposite, len(compared))} on the other side of 1.")
    return sentence(" ".join(said))


def _how_many(number, of):
    """The beginning of a sentence about some of the unadjusted landmark estimates, up to its verb."""
    if of == 1:
        return f"The unadjusted landmark estimate is{'' if number else ' not'}"
    if number == of:
        return f"{'Both' if of == 2 else f'All {of}'} unadjusted landmark estimates are"
    return f"{number or 'None'} of the {of} unadjusted landmark estimates {'are' if number > 1 else 'is'}"


def _overlap(naive, later):
    """How many of the landmark intervals overlap with the naive one, as the end of a sentence."""
    limits = later[["conf_low", "conf_high"]].dropna()
    if limits.empty or pd.isna(naive["conf_low"]) or pd.isna(naive["conf_high"]):
        return ""
    overlapping = int(((limits["conf_low"] <= naive["conf_high"]) & (limits["conf_high"] >= naive["conf_low"])).sum())
    if len(limits) == 1:
        return f"; the two intervals {'overlap' if overlapping else 'do not overlap'}"
    if overlapping in (0, len(limits)):
        return f"; {'all' if overlapping else 'none'} of their intervals overlap{'' if overlapping else 's'} with the naive one"
    return f"; {overlapping} of their intervals {'overlaps' if overlapping == 1 else 'overlap'} with the naive one"


def rates_words(table, study) -> Sentence:
    """Where the Kaplan-Meier rate of everyone and the crude proportion differ, and why; or that they agree.

    Parameters
    ----------
    table : DataFrame
        A ``survival_at`` table.
    study : Study

    Returns
    -------
    Sentence
        Rates in per cent. The reason when the table is empty.
    """
    if table.empty:
        return reason(table, study)
    said, lost = [], 0
    for (name, time), rows in blocks(table[table["group"] == ""], "endpoint", "time"):
        estimated, crude = (rows[of].iloc[0] for of in (rows["method"] != CRUDE, rows["method"] == CRUDE))
        start = f"{study.label(name)} at {formats.duration(time, study.time_unit)}:"
        if is_masked(crude):
            lost += 1
            continue
        if any(one.code == "cannot_use" for one in crude["reasons"]):
            continue
        if pd.isna(estimated["estimate"]) or pd.isna(crude["estimate"]):
            because = reason_words.because(estimated["reasons"] or crude["reasons"], study)
            said.append(f"{start} {NOT_ESTIMABLE}{because}.")
            continue
        free = round(crude["estimate"] * crude["n"])
        censored = int(crude["n"] - crude["events"] - free)
        lost += censored
        difference = estimated["estimate"] - crude["estimate"]
        # Where nobody was censored the two are one number, though a masked table may give them different digits.
        if censored and abs(difference) >= 1e-9:
            those = "that one as a failure" if censored == 1 else "them as failures"
            said.append(
                f"{start} Kaplan-Meier {formats.percent(estimated['estimate'])}, crude "
                f"{formats.percent(crude['estimate'])}; the Kaplan-Meier rate is {'higher' if difference > 0 else 'lower'}, "
                f"because {formats.counted(censored, 'patient')} {'was' if censored == 1 else 'were'} censored before then and "
                f"the crude proportion counts {those}."
            )
    if not said and any(is_masked(row) for _, row in table.iterrows()):
        said = ["Where the Kaplan-Meier and crude rates differ is masked."]
    if not said and table["reasons"].map(lambda reasons: any(one.code == "cannot_use" for one in reasons)).any():
        return sentence("Beside delayed entry a crude proportion has no meaning; the Kaplan-Meier rates stand alone.")
    if not said:
        because = "" if lost else ", because nobody was censored before then"
        said = [f"At every time shown the Kaplan-Meier and crude rates agree{because}."]
    return sentence(" ".join(said))


def median_conventions_words(table, study) -> Sentence:
    """How far the conventions disagree about each endpoint's median and its limits, everyone together.

    Parameters
    ----------
    table : DataFrame
        A ``survival_summary`` table.
    study : Study

    Returns
    -------
    Sentence
        Times in `study.time_unit`. The reason when the table is empty.
    """
    if table.empty:
        return reason(table, study)
    said = []
    for (name,), rows in blocks(table[table["group"] == ""], "endpoint"):
        spans = [f"median {span(rows, 'estimate', study.time_unit)}"]
        limits = rows[["conf_low", "conf_high"]]
        if limits.isna().all(axis=None):
            reached = {missing_words(row, column) for _, row in rows.iterrows() for column in limits}
            verb = {NOT_ESTIMABLE: "estimable", MASKED: "shown (masked)"}.get(
                next(iter(reached)) if len(reached) == 1 else "", "reached"
            )
            spans.append(f"no limit is {verb} by any convention")
        else:
            spans += [
                f"{words} {span(rows, column, study.time_unit)}"
                for words, column in (("lower limit", "conf_low"), ("upper limit", "conf_high"))
            ]
        said.append(f"{study.label(name)} in {study.time_unit}: {'; '.join(spans)}.")
    return sentence(" ".join(said))


def zero_events_words(table, study) -> Sentence:
    """What the number of severe adverse events, zero above all, leaves possible.

    Parameters
    ----------
    table : DataFrame
        An ``adverse_events`` table (``zero_events`` of the result tables).
    study : Study

    Returns
    -------
    Sentence
        Rates in per cent. The reason when the table is empty.

    Raises
    ------
    LookupError
        When there is not exactly one two-sided Clopper-Pearson row of "severe or worse".
    """
    if table.empty:
        return reason(table, study)
    both = results.pick(table, level=SEVERE, method="Clopper-Pearson, two-sided")
    if is_masked(both):
        return sentence(
            f"The number of patients with an adverse event {severe_words(study)} is {reason_words.note(both['reasons'], study)}."
        )
    rows = {row["method"]: row for _, row in table.iterrows()}
    graded = severe_words(study)
    patients = formats.counted(both["n"], "patient")
    if both["events"]:
        return sentence(
            f"{both['events']} of {patients} ({formats.percent(both['estimate'])}) had an adverse event {graded}; the exact "
            f"{formats.level(both['conf_level'])} interval runs from "
            f"{formats.interval(both['conf_low'], both['conf_high'], formats.percent)}."
        )
    text = (
        f"No adverse event {graded} is recorded in {patients}. A true rate of up to {formats.percent(both['conf_high'])} is "
        f"compatible with that (exact two-sided {formats.level(both['conf_level'])} interval)"
    )
    one = rows.get("Clopper-Pearson, one-sided")
    if one is not None:
        text += f"; the one-sided {formats.level(one['conf_level'])} limit is {formats.percent(one['conf_high'])}"
    three = rows.get("rule of three")
    if three is not None:
        text += f", and the rule of three (95%) gives {formats.percent(three['conf_high'])}"
    return sentence(text + ".")


def verdict_counts(table) -> Sentence:
    """How many published items got which verdict.

    Parameters
    ----------
    table : DataFrame
        A ``published`` table.

    Returns
    -------
    Sentence
        The reason when the table is empty.
    """
    if table.empty:
        return reason(table)
    counts = table["verdict"].value_counts()
    parts = [f"{verdict}: {counts[verdict]}" for verdict in VERDICTS if verdict in counts]
    return sentence(f"{formats.counted(len(table), 'published item')}. {'; '.join(parts).capitalize()}.")


def _ratio(row, study):
    if pd.isna(row["estimate"]):
        return missing_words(row) + reason_words.because(row["reasons"], study)
    return formats.ratio_words(row["estimate"], row["conf_low"], row["conf_high"], row["conf_level"])
