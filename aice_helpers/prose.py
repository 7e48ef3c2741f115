"""Sentences that hold results: every number, direction and verdict in them comes from a result table.

`inline` writes one row of a result table into a pattern; the other functions word a whole table, so that what they
say stays true for any cohort.
"""

import html
import math
import re
import string
from dataclasses import dataclass

import pandas as pd

from aice_helpers import formats, results
from aice_helpers.formats import NOT_ESTIMABLE, NOT_REACHED, p_words
from aice_helpers.published import VERDICTS

__all__ = [
    "Notice",
    "Sentence",
    "cohort_counts",
    "inline",
    "landmark_words",
    "median_conventions_words",
    "notice",
    "p_words",
    "ph_words",
    "rates_words",
    "reason",
    "sentence",
    "significant_factors",
    "verdict_counts",
    "zero_events_words",
]


@dataclass(frozen=True)
class Sentence:
    """Text for a notebook: ``text`` is plain, ``markup`` the same in HTML with every data value escaped."""

    text: str
    markup: str

    def __add__(self, other):
        if not isinstance(other, Sentence):
            return NotImplemented
        parts = [part for part in (self, other) if part.text]
        return Sentence(" ".join(part.text for part in parts), " ".join(part.markup for part in parts))

    def __repr__(self) -> str:
        return self.text

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<p>{self.markup}</p>"


@dataclass(frozen=True, repr=False)
class Notice(Sentence):
    """A sentence in a box, under a title."""

    title: str = ""

    def __repr__(self) -> str:
        return f"{self.title}\n{self.text}"

    def _repr_html_(self) -> str:
        return (
            '<div class="admonition warning aice-notice" role="note">'
            f'<p class="admonition-title"><strong>{html.escape(self.title)}</strong></p><p>{self.markup}</p></div>'
        )


def sentence(text) -> Sentence:
    """Plain text as a `Sentence`; nothing in it is read as markup."""
    return Sentence(text, html.escape(text))


def inline(table, pattern, **where) -> Sentence:
    """Write the one row of ``table`` that equals ``where`` into ``pattern``.

    Parameters
    ----------
    table : DataFrame
        A result table.
    pattern : str
        Trusted text (it may hold inline HTML) with fields named like the table's columns:
        ``"The median was {estimate:.1f} {unit} ({conf_level:%} CI {conf_low:.1f} to {conf_high:.1f})."``.
        Beside Python's number formats there are ``%`` and ``.1%`` (per cent of a proportion; ``%`` is as short as
        possible for a confidence level, whatever its decimals, and has one decimal otherwise), ``p`` ("P = 0.012"), ``ratio`` (a hazard
        ratio) and none at all (a number as short as it can be).
    **where
        Column values that select exactly one row.

    Returns
    -------
    Sentence
        A missing number reads "not reached" for a median or its limits, "not estimable" otherwise, without the unit
        that follows it. For an empty table it is the reason why the table is empty.

    Raises
    ------
    LookupError
        When not exactly one row matches, or for a field that is no column.
    """
    if table.empty:
        return reason(table)
    row = results.pick(table, **where)
    return Sentence(
        _tidy(_fill(html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", pattern)), row, str)),
        _tidy(_fill(pattern, row, html.escape)),
    )


def reason(table) -> Sentence:
    """Why a result table is empty; no words at all for a table with rows."""
    return sentence(table.attrs.get("reason") or "There is no result of this kind.") if table.empty else sentence("")


def missing_words(row, column="estimate") -> str:
    """What stands for a missing number of a row: "not reached" for a median and its Kaplan-Meier limits.

    A limit that a method can only compute further down the curve than the median is not estimable, not unreached.
    """
    if "median" not in str(row.get("term", "")).lower():
        return NOT_ESTIMABLE
    spss = "spss" in str(row.get("method", "")).lower()
    return NOT_ESTIMABLE if spss and column != "estimate" and pd.notna(row.get("estimate")) else NOT_REACHED


def _fill(pattern, row, escape):
    written, after_missing = [], False
    for literal, field, spec, conversion in string.Formatter().parse(pattern):
        bare_unit = field == "unit" and literal == " " and after_missing
        written.append("" if bare_unit else literal)
        if field is None:
            continue
        if field not in row.index or conversion:
            raise LookupError(f"no field {field!r}; the fields are {', '.join(row.index)}")
        value = row[field]
        missing = pd.isna(value)
        if not bare_unit:
            written.append(escape(missing_words(row, field) if missing else _write(field, value, spec)))
        after_missing = missing
    return "".join(written)


def _write(field, value, spec):
    if spec == "p":
        return p_words(value)
    if isinstance(value, str):
        return format(value, spec)
    if spec == "ratio":
        return formats.ratio(value)
    if field == "conf_level" and spec.endswith("%"):
        return formats.level(value)
    if spec == "%":
        return formats.percent(value)
    if fixed := re.fullmatch(r"\.(\d+)([f%])", spec):
        write = formats.percent if fixed[2] == "%" else formats.decimal
        return write(value, int(fixed[1]))
    return format(value, spec) if spec else formats.plain(value)


def _tidy(text):
    return text.replace(f"{NOT_REACHED} to {NOT_REACHED}", NOT_REACHED).replace(
        f"{NOT_ESTIMABLE} to {NOT_ESTIMABLE}", NOT_ESTIMABLE
    )


def notice(cohort) -> Notice:
    """The box at the head of a page: what kind of data its numbers come from."""
    study = cohort.study
    if study.synthetic:
        text = (
            "Every number and figure here is computed from synthetic data: generated rows, not people. They show how an "
            "analysis works and say nothing about any treatment."
        )
        return Notice(*_plain(text), title="SYNTHETIC DATA: no patient, no evidence")
    text = (
        f"{study.title}. Computed from {formats.counted(cohort.n, 'patient')} ({study.population}). The numbers describe "
        "this cohort; this book makes no claim about other patients or about what a treatment does."
    )
    return Notice(*_plain(text), title="Data of one study")


def cohort_counts(cohort) -> Sentence:
    """How many patients, events and adverse events the cohort holds."""
    study = cohort.study
    parts = [f"{formats.counted(cohort.n, 'patient')}."]
    for name, endpoint in study.endpoints.items():
        events = int(cohort.survival(name)["event"].sum())
        parts.append(
            f"{endpoint.label}: {formats.counted(events, 'event')} ({endpoint.event_label}), {cohort.n - events} censored."
        )
    if study.response is not None:
        parts.append(f"Response evaluable in {formats.counted(cohort.evaluable.sum(), 'patient')}.")
    if cohort.adverse_events is not None:
        affected = cohort.adverse_events["patient"].nunique()
        parts.append(
            f"{formats.counted(len(cohort.adverse_events), 'adverse event')} in {formats.counted(affected, 'patient')}."
        )
    return sentence(" ".join(parts))


def significant_factors(table, study, *, endpoint="", model="") -> Sentence:
    """Which factors of the Cox models have a P value below 1 minus the confidence level, and which have not.

    A factor with levels is judged by its joint test, a numeric one by its own. ``endpoint`` and ``model`` narrow the
    table down; both models of every endpoint are worded otherwise.
    """
    if table.empty:
        return reason(table)
    alpha = formats.alpha(study.analysis.confidence_level)
    tests = table[table["kind"].isin(["joint", "numeric"]) & table["landmark"].isna()]
    said = []
    for (name, kind), rows in _blocks(_narrowed(tests, endpoint=endpoint, model=model), "endpoint", "model"):
        parts = []
        for words, keep in (
            (f"below {alpha:g}", rows["p_value"] < alpha),
            (f"not below {alpha:g}", rows["p_value"] >= alpha),
        ):
            named = [f"{study.label(row.term)} ({p_words(row.p_value, alpha)})" for row in rows[keep].itertuples()]
            parts.append(f"P {words} for {formats.listing(named)}" if named else f"P {words} for no factor")
        missing = [study.label(row.term) for row in rows[rows["p_value"].isna()].itertuples()]
        if missing:
            parts.append(f"no test is estimable for {formats.listing(missing)}")
        size = ""
        if kind == "multivariable":
            row = rows.iloc[0]
            size = f" ({formats.counted(row['n'], 'patient')}, {formats.counted(row['events'], 'event')})"
        said.append(f"{study.label(name)}, {kind}{size}: {'; '.join(parts)}.")
    if not said:
        return sentence("No test matches.")
    return sentence(" ".join([*said, "The P values are not adjusted for the number of tests."]))


def ph_words(table, study, *, endpoint="", model="multivariable") -> Sentence:
    """Where the tests speak against proportional hazards; the univariable models when there is no multivariable one."""
    if table.empty:
        return reason(table)
    alpha = formats.alpha(study.analysis.confidence_level)
    rows = _narrowed(table, endpoint=endpoint)
    chosen = model if (rows["model"] == model).any() else "univariable"
    said = []
    for (name,), tests in _blocks(_narrowed(rows, model=chosen), "endpoint"):
        terms = tests[tests["term"] != "GLOBAL"]
        against = terms[terms["p_value"] < alpha]
        parts = []
        if len(against):
            named = [f"{study.label(row.term)} ({p_words(row.p_value, alpha)})" for row in against.itertuples()]
            parts.append(f"the test speaks against a constant hazard ratio for {formats.listing(named)}")
        elif terms["p_value"].notna().any():
            parts.append(f"no factor has a P value below {alpha:g}, which does not prove that the hazards are proportional")
        missing = [study.label(row.term) for row in terms[terms["p_value"].isna()].itertuples()]
        if missing:
            parts.append(f"the test is not estimable for {formats.listing(missing)}")
        overall = tests.loc[tests["term"] == "GLOBAL", "p_value"]
        if len(overall):
            parts.append(f"global test: {p_words(overall.iloc[0], alpha)}")
        said.append(f"{study.label(name)}, {chosen}: {'; '.join(parts)}.")
    return sentence(" ".join(said))


def landmark_words(table, study, *, endpoint="") -> Sentence:
    """The naive hazard ratio of response beside those from each landmark on, and which lies closer to 1."""
    if table.empty:
        return reason(table)
    levels = table[(table["kind"] == "level") & ((table["model"] == "naive") | table["landmark"].notna())]
    said = []
    for (name,), rows in _blocks(_narrowed(levels, endpoint=endpoint), "endpoint"):
        naive = rows[rows["model"] == "naive"].iloc[0]
        later = rows[rows["model"] == "landmark"]
        said.append(f"{study.label(name)}: the hazard ratio of {naive['level']} counted from time zero is {_ratio(naive)}.")
        at = [
            f"{_ratio(row)} from {formats.duration(row['landmark'], study.time_unit)} on "
            f"({formats.counted(row['excluded'], 'patient')} left out)"
            for _, row in later.iterrows()
        ]
        if at:
            said.append(f"By landmark analysis it is {formats.listing(at)}.")
        compared = later["estimate"].dropna()
        if len(compared) and pd.notna(naive["estimate"]):
            distance = compared.map(math.log).abs() - abs(math.log(naive["estimate"]))
            closer, farther = int((distance < -1e-9).sum()), int((distance > 1e-9).sum())
            same = len(compared) - closer - farther
            said.append(
                f"Of {formats.counted(len(compared), 'landmark estimate')}, {closer} "
                f"{'lies' if closer == 1 else 'lie'} closer to 1 than the naive one and {farther} farther from it"
                + (f"; {same} equal{'s' if same == 1 else ''} it." if same else ".")
            )
    return sentence(" ".join(said))


def rates_words(table, study) -> Sentence:
    """The Kaplan-Meier rate of everyone beside the crude proportion at each time, and why they agree or not."""
    if table.empty:
        return reason(table)
    said = []
    for (name, time), rows in _blocks(table[table["group"] == ""], "endpoint", "time"):
        estimated = rows[rows["method"].str.startswith("Kaplan-Meier")].iloc[0]
        crude = rows[rows["method"].str.startswith("crude")].iloc[0]
        start = f"{study.label(name)} at {formats.duration(time, study.time_unit)}:"
        if pd.isna(estimated["estimate"]) or pd.isna(crude["estimate"]):
            why = estimated["note"] or crude["note"]
            said.append(f"{start} {NOT_ESTIMABLE}" + (f" ({why})." if why else "."))
            continue
        beyond = round(crude["estimate"] * crude["n"])
        censored = int(crude["n"] - crude["events"] - beyond)
        both = f"Kaplan-Meier {formats.percent(estimated['estimate'])}, crude {formats.percent(crude['estimate'])}"
        who = "nobody was" if not censored else f"{formats.counted(censored, 'patient')} {'was' if censored == 1 else 'were'}"
        difference = estimated["estimate"] - crude["estimate"]
        if abs(difference) < 1e-9:
            said.append(f"{start} {both}; equal, {'although' if censored else 'because'} {who} censored by then.")
        else:
            said.append(
                f"{start} {both}; the Kaplan-Meier rate is {'higher' if difference > 0 else 'lower'}, because {who} "
                "censored by then and the crude proportion counts them as failures."
            )
    return sentence(" ".join(said))


def median_conventions_words(table, study) -> Sentence:
    """How far the conventions disagree about each endpoint's median and its limits, everyone together."""
    if table.empty:
        return reason(table)
    said = []
    for (name,), rows in _blocks(table[table["group"] == ""], "endpoint"):
        spans = [
            f"{words} {_span(rows, column)}"
            for words, column in (("median", "estimate"), ("lower limit", "conf_low"), ("upper limit", "conf_high"))
        ]
        said.append(f"{study.label(name)} in {study.time_unit}: {'; '.join(spans)}.")
    return sentence(" ".join(said))


def zero_events_words(table, study) -> Sentence:
    """What the number of severe adverse events, zero above all, leaves possible."""
    if table.empty:
        return reason(table)
    rows = {row["method"]: row for _, row in table[table["level"] == "severe or worse"].iterrows()}
    both = next(row for method, row in rows.items() if method == "Clopper-Pearson, two-sided")
    graded = f"graded {study.adverse_events.severe_from!r} or worse ({study.adverse_events.scheme})"
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
        text += f", and the rule of three gives {formats.percent(three['conf_high'])}"
    return sentence(text + ".")


def verdict_counts(table) -> Sentence:
    """How many published items got which verdict."""
    if table.empty:
        return reason(table)
    counts = table["verdict"].value_counts()
    parts = [f"{verdict}: {counts[verdict]}" for verdict in VERDICTS if verdict in counts]
    return sentence(f"{formats.counted(len(table), 'published item')}. {'; '.join(parts).capitalize()}.")


def _plain(text):
    return text, html.escape(text)


def _narrowed(table, **where):
    """Rows that equal what is given; an empty text does not narrow."""
    for column, value in where.items():
        if value:
            table = table[table[column] == value]
    return table


def _blocks(table, *columns):
    """Rows by the values of columns, in the order of the table."""
    return table.groupby(list(columns), sort=False)


def _ratio(row):
    if pd.isna(row["estimate"]):
        return f"{NOT_ESTIMABLE} ({row['note'].removeprefix(NOT_ESTIMABLE + ': ')})" if row["note"] else NOT_ESTIMABLE
    limits = formats.interval(row["conf_low"], row["conf_high"], formats.ratio)
    return f"{formats.ratio(row['estimate'])} ({formats.level(row['conf_level'])} CI {limits})"


def _span(rows, column):
    """From the lowest to the highest value, each with the conventions that give it; the same value is said once."""
    written = [formats.decimal(row[column], missing=missing_words(row, column)) for _, row in rows.iterrows()]
    if len(set(written)) == 1:
        return f"{written[0]} by every convention"
    methods = {}
    for text, method in zip(written, rows["method"], strict=True):
        methods.setdefault(text, []).append(method)
    known = rows.assign(written=written).dropna(subset=column).sort_values(column, kind="stable")["written"]
    order = list(dict.fromkeys(known)) + [text for text in methods if text in (NOT_REACHED, NOT_ESTIMABLE)]
    shown = order if len(order) <= 2 else [order[0], order[-1]]
    return " to ".join(f"{text} ({', '.join(methods[text])})" for text in shown)
