"""What each computed sentence must say: its numbers in their order, and what it says of them.

Each function takes the text and what its view in `aice_helpers.show.prose` takes. Numbers are compared as they are
written; words only where they say something about numbers (a direction, a side, a convention).
"""

import math
import re
import string

import pandas as pd
from written import (
    MASKED,
    NOT_ESTIMABLE,
    NOT_REACHED,
    and_list,
    fixed,
    how_many,
    is_hidden,
    lasting,
    level,
    limits,
    p_named,
    per_cent,
    ratio,
    short,
    time_in,
    word,
)


def numbers(text):
    """The numbers of a text, with their signs and per cent."""
    return re.findall(r"−?\d+(?:\.\d+)?%?", text)


def cut(text, starts):
    """The parts of a text that begin with each of ``starts``, which must stand there in this order."""
    places = []
    for start in starts:
        assert start in text[places[-1] + 1 if places else 0 :], start
        places.append(text.index(start, places[-1] + 1 if places else 0))
    return [text[place:end] for place, end in zip(places, [*places[1:], len(text)], strict=True)]


def by(table, *columns):
    found = {}
    for _, row in table.iterrows():
        found.setdefault(tuple(row[column] for column in columns), []).append(row)
    return found


def one(text):
    """A label as it stands within a sentence: no matter how its first letter is written."""
    return text.casefold()


# -- survival ----------------------------------------------------------------------------------------------------------


def rates_words(said, table, study):
    wanted = []
    for (name, time), rows in by(table[table["group"] == ""], "endpoint", "time").items():
        crude = next(row for row in rows if row["method"].startswith("crude"))
        curve = next(row for row in rows if not row["method"].startswith("crude"))
        start = f"{study.endpoints[name].label} at {lasting(time, study.time_unit)}:"
        if is_hidden(crude):
            assert start not in said
            continue
        if pd.isna(curve["estimate"]) or pd.isna(crude["estimate"]):
            wanted.append((start, NOT_ESTIMABLE, []))
            continue
        lost = crude["n"] - crude["events"] - round(crude["estimate"] * crude["n"])
        difference = curve["estimate"] - crude["estimate"]
        if lost and abs(difference) > 1e-9:
            told = [per_cent(curve["estimate"]), per_cent(crude["estimate"]), str(lost)]
            wanted.append((start, "is higher" if difference > 0 else "is lower", told))
        else:
            assert start not in said
    if not wanted:
        assert "agree" in said or "masked" in said
        assert numbers(said) == []
        return
    parts = cut(said, [start for start, *_ in wanted])
    for part, (start, words, told) in zip(parts, wanted, strict=True):
        assert words in part
        assert numbers(part.removeprefix(start)) == told
    assert said.startswith(parts[0])


def median_conventions_words(said, table, study):
    write = time_in(study.time_unit)
    blocks = by(table[table["group"] == ""], "endpoint")
    starts = [f"{study.endpoints[name].label} in {study.time_unit}: median " for (name,) in blocks]
    for part, start, rows in zip(cut(said, starts), starts, blocks.values(), strict=True):
        told = part.removeprefix(start).rstrip(". ").split("; ")
        columns = ["estimate"]
        if all(pd.isna(row[column]) for row in rows for column in ("conf_low", "conf_high")):
            words = {word(row, column) for row in rows for column in ("conf_low", "conf_high")}
            verb = {NOT_ESTIMABLE: "estimable", MASKED: "shown (masked)"}
            verb = verb.get(words.pop(), "reached") if len(words) == 1 else "reached"
            assert told[1:] == [f"no limit is {verb} by any convention"]
        else:
            columns += ["conf_low", "conf_high"]
            assert [each.split(" ")[0] for each in told[1:]] == ["lower", "upper"]
        for column, text in zip(columns, told, strict=False):
            _span(text, rows, column, write)


def _span(text, rows, column, write):
    """From the lowest to the highest value by any convention, then what is missing, each with its conventions."""
    known = sorted((row[column], row["method"]) for row in rows if pd.notna(row[column]))
    written = list(dict.fromkeys(write(value) for value, _ in (known[:1] + known[-1:])))
    assert numbers(text) == written
    if len(known) == len(rows) and len({write(value) for value, _ in known}) == 1:
        assert text.endswith(f"{written[0]} by every convention")
        return
    for value in written:
        methods = [row["method"] for row in rows if pd.notna(row[column]) and write(row[column]) == value]
        assert f"{value} ({', '.join(methods)})" in text
    missing = {}
    for row in rows:
        if pd.isna(row[column]):
            missing.setdefault(word(row, column), []).append(row["method"])
    for words in (NOT_REACHED, NOT_ESTIMABLE, MASKED):
        methods = missing.get(words, [])
        assert (words in text) == bool(methods)
        if len(methods) == len(rows):
            assert text.endswith(f"{words} by any convention")
        elif methods:
            assert f"{words} ({', '.join(methods)})" in text


# -- prognostic factors ------------------------------------------------------------------------------------------------


def factors_words(said, table, study):
    table = table[table["model"] != "naive"]
    bullets = [line for line in said.split("\n") if line.startswith("- ")]
    for bullet, ((name,), rows) in zip(bullets, by(table, "endpoint").items(), strict=True):
        together = [row for row in rows if row["model"] == "multivariable"]
        chosen = together or rows
        assert bullet.startswith(f"- {study.endpoints[name].label}, {'all' if together else 'one'} factor")
        if together:
            sizes = [
                f"{noun}s {MASKED}" if pd.isna(told[column]) else how_many(told[column], noun)
                for told in [next(row for row in together if row["kind"] == "joint")]
                for column, noun in (("n", "patient"), ("events", "event"))
            ]
            assert f"({', '.join(sizes)}): " in bullet
        late = {row["term"] for row in chosen if _late(row, study)}
        for term in late:
            assert study.label(term) in bullet.split("Not counted")[1]
        ratios = [row for row in chosen if row["kind"] in ("numeric", "level") and row["term"] not in late]
        known = [row for row in ratios if pd.notna(row["conf_low"]) and pd.notna(row["conf_high"])]
        outside = [row for row in known if row["conf_low"] > 1 or row["conf_high"] < 1]
        if len(known) > 1:
            assert f"{len(outside) or 'none'} of the {len(known)} hazard ratios ha" in bullet
        if known:
            width = {id(row): math.log(row["conf_high"] / row["conf_low"]) for row in known}
            clear = max(known, key=lambda row: abs(math.log(row["estimate"])) / width[id(row)])
            for row in (clear, max(known, key=lambda row: width[id(row)])):
                assert f"(HR {_with_limits(row).replace(' (', ', ')}" in bullet
        for words, hidden in (("estimable", False), ("shown (masked)", True)):
            missing = [row for row in ratios if not any(row is each for each in known) and is_hidden(row) == hidden]
            assert (f"No interval is {words}" in bullet) == bool(missing)
        both = [(row, _same(rows, row)) for row in together if row["kind"] in ("numeric", "level")]
        turned = [
            (alone, row) for row, alone in both if alone is not None and _turns(alone["estimate"], row["estimate"])
        ]
        assert ("On one side of 1 alone" in bullet) == bool(turned)
        for alone, row in turned:
            assert f"({ratio(alone['estimate'])} alone, {ratio(row['estimate'])} together)" in bullet


def _late(row, study):
    return row["term"] == "response" or study.variables[row["term"]].role in ("post-baseline", "outcome")


def _same(rows, wanted):
    """The row of the same ratio in the model of one factor."""
    keys = ("term", "level", "kind")
    found = [r for r in rows if r["model"] == "univariable" and all(r[k] == wanted[k] for k in keys)]
    return found[0] if found else None


def _turns(alone, together):
    return pd.notna(alone) and pd.notna(together) and (alone - 1) * (together - 1) < 0


def ph_words(said, table, study):
    confidence = study.analysis.confidence_level
    limit = round(1 - confidence, 9)

    def against(rows):
        return and_list(
            f"{study.label(row['term'])} ({p_named(row['p_value'], confidence)})"
            for row in rows
            if row["p_value"] < limit
        )

    together = (table["model"] == "multivariable").any()
    model = "multivariable" if together else "univariable"
    blocks = by(table, "endpoint")
    starts = [f"{study.endpoints[name].label}, {model}: " for (name,) in blocks]
    for part, start, rows in zip(cut(said, starts), starts, blocks.values(), strict=True):
        terms = [row for row in rows if row["model"] == model and row["term"] != "GLOBAL"]
        alone = [row for row in rows if row["model"] == "univariable"]
        wanted = []
        if any(row["p_value"] < limit for row in terms):
            wanted.append(f"the test speaks against a constant hazard ratio for {against(terms)}")
        elif any(pd.notna(row["p_value"]) for row in terms):
            wanted.append(
                f"no factor has a P value below {limit:g}, which does not prove that the hazards are proportional"
            )
        for words, hidden in (("estimable", False), ("shown (masked)", True)):
            names = [study.label(r["term"]) for r in terms if pd.isna(r["p_value"]) and is_hidden(r) == hidden]
            wanted += [f"the test is not {words} for {and_list(names)}"] if names else []
        for row in rows:
            if row["term"] == "GLOBAL":
                p = "P not estimable" if pd.isna(row["p_value"]) else p_named(row["p_value"], confidence)
                wanted.append(f"global test: {MASKED if is_hidden(row) else p}")
        if together and any(row["p_value"] < limit for row in alone):
            wanted.append(f"one factor at a time, P below {limit:g} for {against(alone)}")
        assert one(part.removeprefix(start).strip()) == one("; ".join(wanted) + ".")


def curves_shown_words(said, table, study):
    limit = round(1 - study.analysis.confidence_level, 9)
    against = {row["term"] for (_,), rows in by(table, "endpoint").items() for row in rows if row["p_value"] < limit}
    labels = [study.label(name) for name in study.analysis.groups if name in against]
    wanted = "Look at the curves by {} in the chapter on survival before you read that hazard ratio."
    assert said == (wanted.format(and_list(labels)) if labels else "")


def landmark_words(said, table, study):
    blocks = by(table[table["kind"] == "level"], "endpoint")
    starts = [f"{study.endpoints[name].label}: the hazard ratio of " for (name,) in blocks]
    for part, rows in zip(cut(said, starts), blocks.values(), strict=True):
        (naive,) = (row for row in rows if row["model"] == "naive")
        later = [row for row in rows if row["model"] == "landmark"]
        assert f"counted from time zero, is {_with_limits(naive)}" in part
        for row in later:
            without = (
                f"patients {MASKED}" if pd.isna(row["excluded"]) else f"{how_many(row['excluded'], 'patient')} left out"
            )
            told = rf"{re.escape(_with_limits(row))}[^)]*\)? ?from {lasting(row['landmark'], study.time_unit)} on \({without}\)"
            assert re.search(told, part), told
        compared = [row["estimate"] for row in later if pd.notna(row["estimate"])]
        if not compared or pd.isna(naive["estimate"]):
            assert "closer to 1" not in part
            continue
        start = math.log(naive["estimate"])
        closer = sum(abs(math.log(each)) < abs(start) - 1e-9 for each in compared)
        across = sum(math.log(each) * start < 0 for each in compared)
        assert _counted(part, "closer to 1 than the naive one") == (closer, len(compared))
        if across:
            assert _counted(part, "on the other side of 1") == (across, len(compared))
        else:
            assert "on the other side" not in part


def _with_limits(row):
    if pd.isna(row["estimate"]):
        return word(row)
    return f"{ratio(row['estimate'])} ({level(row['conf_level'])} CI {limits(row, ratio)})"


def _counted(text, words):
    """How many of how many landmark estimates a sentence speaks of."""
    (about,) = re.findall(rf"([^.]*) (?:is|are|is not) {words}", text)
    about = about.strip()
    if about == "The unadjusted landmark estimate":
        return (0 if f"is not {words}" in text else 1), 1
    if about == "Both unadjusted landmark estimates":
        return 2, 2
    if every := re.fullmatch(r"All (\d+) unadjusted landmark estimates", about):
        return int(every[1]), int(every[1])
    some = re.fullmatch(r"(None|\d+) of the (\d+) unadjusted landmark estimates", about)
    return 0 if some[1] == "None" else int(some[1]), int(some[2])


# -- safety ------------------------------------------------------------------------------------------------------------


def zero_events_words(said, table, study):
    rows = {row["method"]: row for _, row in table.iterrows()}
    both = rows["Clopper-Pearson, two-sided"]
    grade = numbers(study.adverse_events.severe_from + study.adverse_events.scheme)
    if is_hidden(both):
        assert set(numbers(said)) <= {
            *grade,
            *(str(reason["below"]) for reason in both["reasons"] if reason.code == "masked"),
        }
        return
    if both["events"]:
        share = per_cent(both["events"] / both["n"])
        assert said.startswith(f"{both['events']} of {how_many(both['n'], 'patient')} ({share}) had ")
        told = [level(both["conf_level"]), per_cent(both["conf_low"]), per_cent(both["conf_high"])]
        assert numbers(said)[3 + len(grade) :] == told
        return
    one_sided, three = rows["Clopper-Pearson, one-sided"], rows["rule of three"]
    wanted = [str(both["n"]), per_cent(both["conf_high"]), level(both["conf_level"])]
    wanted += [level(one_sided["conf_level"]), per_cent(one_sided["conf_high"]), "95%", per_cent(three["conf_high"])]
    assert [each for each in numbers(said) if each not in grade] == wanted
    assert said.startswith("No adverse event ")


# -- the ledger, the cohort --------------------------------------------------------------------------------------------


def verdict_counts(said, table, study=None):
    counts = table["verdict"].value_counts()
    assert int(numbers(said)[0]) == len(table)
    found = {verdict.casefold(): int(count) for verdict, count in re.findall(r"([A-Za-z ]+): (\d+)", said)}
    assert {verdict.strip(): count for verdict, count in found.items()} == counts.to_dict()


def cohort_counts(said, analysis):
    cohort, mask = analysis.cohort, analysis.mask
    parts = [f"{how_many(len(cohort.patients), 'patient')}."]
    for name, endpoint in cohort.study.endpoints.items():
        events = int(cohort.survival(name)["event"].sum())
        told = f"{how_many(events, 'event')} ({endpoint.event_label}), {len(cohort.patients) - events} censored."
        if mask and not mask.events(name):
            told = f"events ({endpoint.event_label}) and censored {MASKED}."
        parts.append(f"{endpoint.label}: {told}")
    evaluable = cohort.patients[cohort.study.response.variable]
    evaluable = evaluable.notna() & ~evaluable.isin(cohort.study.response.not_evaluable)
    hidden = mask and "evaluable" not in mask.response
    parts.append(f"Response evaluable{f': {MASKED}' if hidden else ' in ' + how_many(evaluable.sum(), 'patient')}.")
    harms = cohort.adverse_events
    told = f"{how_many(len(harms), 'adverse event')} in {how_many(len(set(harms['patient'])), 'patient')}."
    parts.append(f"Adverse events: {MASKED}." if mask and None not in mask.occurrences else told)
    assert said == " ".join(parts)


def notice(said, analysis):
    below = [str(analysis.mask_below)] if analysis.mask_below else []
    n = [] if analysis.study.synthetic else [str(len(analysis.cohort.patients))]
    assert numbers(said.replace(analysis.study.title, "")) == n + below


# -- sentences in the notebooks ----------------------------------------------------------------------------------------


def filled(said, table, pattern, where):
    """The numbers of a sentence made from a pattern are those of the one row it names."""
    (row,) = (row for _, row in table.iterrows() if all(row[key] == value for key, value in where.items()))
    wanted = []
    for literal, field, form, _ in string.Formatter().parse(pattern):
        wanted += numbers(literal)
        if field is not None:
            wanted += numbers(_as_asked(row, field, form))
    assert numbers(said) == wanted


def _as_asked(row, field, form):
    value = row[field]
    if pd.isna(value) or isinstance(value, str):
        return word(row, field) if pd.isna(value) else value
    if field == "conf_level":
        return level(value)
    if form.endswith("%"):
        return per_cent(value) if form == ".1%" else f"{fixed(100 * value, int(form[1:-1] or 1))}%"
    return fixed(value, int(form[1])) if form else short(value)


# -- the study's own words ---------------------------------------------------------------------------------------------


def trust_words(said, study):
    compared = {
        "": "does not say",
        "none": "no group to compare",
        "randomized": "formed by chance",
        "observational": "not formed by chance",
    }
    for arms, words in compared.items():
        assert (words in said) == (arms == study.arms)


def response_definitions(said, study):
    response = study.response
    assessed = [v for v in study.variables[response.variable].levels.values() if v not in response.not_evaluable]
    assert said.startswith(f"By {response.scheme} each patient")
    assert f"best response recorded: {and_list(assessed)}." in said
    assert f"(ORR) is the share with {and_list(response.responders)}." in said
    more = [label for label in response.controlled if label not in response.responders]
    assert (f"(DCR) adds {and_list(more)}." in said) if more else ("DCR" not in said)
