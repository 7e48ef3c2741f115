"""Make the synthetic cohort: ``python data/make_cohort.py`` rewrites cohort.csv and adverse_events.csv, byte for byte.

The sorted survival times are fixed, so every Kaplan-Meier number of the abstract holds for any seed. The seed only
deals the times out to patients, and was searched (``--search``) until the Cox P values fall on the published sides
of 0.05. The cohort therefore cannot confirm anything about AICE.
"""

import argparse
import csv
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SEED = 42
N = 113

SIGNIFICANT = ("tumor_size_cm", "distant_metastasis", "postoperative_regimens", "differentiation", "nlr")
NOT_SIGNIFICANT = ("age_years", "sex", "ecog", "primary_site")
INDEPENDENT = ("tumor_size_cm", "distant_metastasis", "postoperative_regimens", "differentiation", "responder")


def around_the_median(*, median, lower, upper, at_63):
    """Times (months) at ranks 50, 57 and 63 that give one median and its 95% interval in the SPSS convention.

    With n = 113 and no censoring before them the 57th time is the median, and half the width of the interval is
    0.8013 times the gap between the 50th and the 63rd.
    """
    gap = (upper - lower) / 2 / 0.8013
    return {50: at_63 - gap, 57: median, 63: at_63}


def sorted_times(known):
    """Ascending event times (months) through the ``known`` ones (rank -> time), the last of which is the last event."""
    ranks = sorted(known)
    times = np.interp(np.arange(1, ranks[-1] + 1), ranks, [known[rank] for rank in ranks])
    # Fewer events in the first weeks than later: a mild curve up to rank 50 instead of a straight line.
    share = np.arange(49) / 49
    times[:49] = known[1] + (known[50] - known[1]) * share**1.15
    return np.round(times, 2)


def draw(seed):
    """One candidate cohort: (patients, adverse events) as data frames in file order."""
    rng = np.random.default_rng(seed)
    p = pd.DataFrame({"patient": [f"P{i:03d}" for i in range(1, N + 1)]})
    p["age_years"] = np.clip(np.round(rng.normal(52, 14, N)), 18, 82).astype(int)
    p["sex"] = rng.choice(["F", "M"], N, p=[0.46, 0.54])
    p["ecog"] = rng.choice(["0", "1", "2"], N, p=[0.35, 0.50, 0.15])
    p["histology"] = rng.choice(["LMS", "LPS", "UPS", "SS", "FS", "OTH"], N, p=[0.24, 0.22, 0.18, 0.12, 0.10, 0.14])
    p["primary_site"] = rng.choice(["extremity", "trunk", "abdomen"], N, p=[0.40, 0.25, 0.35])
    status = rng.choice(["recurrent", "metastatic", "both"], N, p=[0.42, 0.33, 0.25])
    p["disease_status"] = status
    metastasis = (status != "recurrent").astype(int)
    size = np.clip(rng.lognormal(np.log(8.2), 0.45, N), 1.5, 28).round(1)
    p["tumor_size_cm"] = size
    p["distant_metastasis"] = metastasis
    regimens = np.minimum(rng.poisson(1.5, N), 5)
    p["postoperative_regimens"] = regimens
    differentiation = rng.choice(["well", "moderate", "poor"], N, p=[0.24, 0.38, 0.38])
    p["differentiation"] = differentiation
    rank = pd.Series(differentiation).map({"well": 0, "moderate": 1, "poor": 2}).to_numpy()
    severity = 0.11 * (size - 8.5) + 0.75 * (metastasis - 0.6) + 0.40 * (regimens - 1.5) + 0.65 * (rank - 1.15)
    p["nlr"] = np.exp(np.log(2.9) + 0.26 * severity + rng.normal(0, 0.38, N)).round(2)

    propensity = -0.45 * severity + rng.normal(0, 1, N)
    order = np.argsort(-propensity, kind="stable")
    group = np.empty(N, dtype=int)  # 0 responder, 1 stable, 2 neither
    group[order[:42]], group[order[42:86]], group[order[86:]] = 0, 1, 2

    os_score = -severity - np.array([-0.65, 0.1, 1.6])[group] + 0.8 * rng.gumbel(0, 1, N)
    os_times = sorted_times(
        {1: 0.92, 62: 23.76, 86: 58.3} | around_the_median(median=19.04, lower=12.8, upper=25.3, at_63=24.30)
    )
    censored = np.sort(np.round(rng.uniform(30, 66, N - len(os_times)), 2))
    deal = np.argsort(os_score, kind="stable")
    # The 66 shortest times are deaths (62 of them by 24 months); among the rest chance says who is censored.
    late_censored = np.zeros(N, dtype=bool)
    late_censored[rng.choice(np.arange(66, N), len(censored), replace=False)] = True
    values = np.empty(N)
    values[~late_censored], values[late_censored] = os_times, censored
    p["os_months"], p["os_event"] = 0.0, 0
    p.loc[deal, "os_months"] = values
    p.loc[deal, "os_event"] = (~late_censored).astype(int)

    pfs_score = -severity - np.array([-0.6, 0.2, 30.0])[group] + 0.9 * rng.gumbel(0, 1, N)
    p["pfs_months"], p["pfs_event"] = 0.0, 1
    free = [i for i in np.argsort(-pfs_score, kind="stable") if p.os_event[i] == 0][:12]
    p.loc[free, "pfs_months"] = p.loc[free, "os_months"]
    p.loc[free, "pfs_event"] = 0
    pfs_times = sorted_times(
        {1: 0.92, 84: 23.70, 85: 24.60, 101: 44.2}
        | around_the_median(median=11.0, lower=8.6, upper=13.4, at_63=12.3478)
    )
    waiting = set(range(N)) - set(free)
    for time in pfs_times[::-1]:
        chosen = max((i for i in waiting if p.os_months[i] >= time), key=lambda i: pfs_score[i])
        p.loc[chosen, "pfs_months"] = time
        waiting.remove(chosen)
    # A death that follows within five days of the dealt time is a death without recorded progression, where moving
    # the time up to the death changes none of the ranks that carry a published figure.
    pinned = {round(float(t), 2) for t in pfs_times[[0, 49, 56, 62, 83]]}
    for i in np.flatnonzero(
        (group != 2) & (p.os_event == 1) & (p.pfs_event == 1) & (p.os_months - p.pfs_months < 0.15)
    ):
        low, high = p.pfs_months[i], p.os_months[i]
        if not any(low <= t <= high for t in pinned):
            p.loc[i, "pfs_months"] = high

    bad = np.flatnonzero(group == 2)
    unseen = bad[np.argsort(p.os_months.to_numpy()[bad], kind="stable")[:3]]
    response = np.array(["PR", "SD", "PD"], dtype=object)[group]
    response[order[:3]] = "CR"
    response[unseen] = "NE"
    p["best_response"] = response
    change = np.select(
        [response == "CR", response == "PR", response == "SD", response == "PD"],
        [np.full(N, -100.0), rng.triangular(-88, -40, -31, N), rng.uniform(-28, 18, N), rng.triangular(21, 28, 85, N)],
        np.nan,
    )
    p["best_change_percent"] = change.round(1)
    month = np.select(
        [np.isin(response, ["CR", "PR"]), response == "SD", response == "PD"],
        [rng.uniform(1.4, 5.0, N), rng.uniform(1.3, 2.2, N), p.pfs_months],
        np.nan,
    )
    p["response_month"] = np.minimum(month.round(2), p.pfs_months)
    p["aice_sessions"] = np.clip(1 + rng.poisson(np.select([group == 0, group == 1], [2.6, 1.8], 0.7)), 1, 8)

    for column, count in (("ecog", 4), ("histology", 2), ("primary_site", 3)):
        p.loc[rng.choice(N, count, replace=False), column] = ""

    columns = [
        "patient", "age_years", "sex", "ecog", "histology", "primary_site", "disease_status", "tumor_size_cm",
        "distant_metastasis", "postoperative_regimens", "differentiation", "nlr", "aice_sessions", "best_response",
        "best_change_percent", "response_month", "pfs_months", "pfs_event", "os_months", "os_event",
    ]  # fmt: skip
    return p[columns], draw_adverse_events(rng, p)


def draw_adverse_events(rng, p):
    """Adverse events of the sessions, for exactly the published numbers of patients, in grades 1 and 2 only."""
    events = []
    for term, count, moderate in (("pain", 26, 0.4), ("bone_marrow_suppression", 17, 0.35), ("fever", 7, 0.15)):
        for i in sorted(rng.choice(N, count, replace=False)):
            sessions = p.aice_sessions[i]
            times = min(sessions, 1 + rng.binomial(2, 0.25))
            for session in sorted(rng.choice(np.arange(1, sessions + 1), times, replace=False)):
                events.append((p.patient[i], term, 1 + int(rng.random() < moderate), int(session)))
    events = pd.DataFrame(events, columns=["patient", "event", "grade", "session"])
    return events.sort_values(["patient", "event", "session"])


def p_values(patients, columns, time, event):
    """Likelihood-ratio P value of each of ``columns`` in one Cox model on the complete cases (factors jointly)."""
    from lifelines import CoxPHFitter
    from scipy.stats import chi2

    frame = patients.assign(responder=patients.best_response.isin(["CR", "PR"]).astype(int)).replace("", np.nan)
    frame = frame[[*columns, time, event]].dropna()
    coded = {c: pd.get_dummies(frame[[c]], drop_first=True, dtype=float) for c in columns}

    def fit(used):
        data = pd.concat([coded[c] for c in used] + [frame[[time, event]]], axis=1)
        return CoxPHFitter().fit(data, time, event)

    full = fit(columns)
    result = {}
    for column in columns:
        others = [c for c in columns if c != column]
        without = fit(others).log_likelihood_ if others else full._ll_null_
        result[column] = chi2.sf(2 * (full.log_likelihood_ - without), coded[column].shape[1])
    return result


def acceptable(patients):
    """Whether the P values fall where the abstract puts them, and the responses fit the times."""
    controlled = patients.best_response.isin(["CR", "PR", "SD"])
    if patients.pfs_months[controlled].min() < 1.5 or patients.pfs_months[patients.best_response == "PD"].max() > 5.5:
        return False
    if (patients.pfs_months[patients.best_response == "NE"] > 2.5).any():
        return False
    if (patients.response_month > patients.pfs_months).any():
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for time, event in (("os_months", "os_event"), ("pfs_months", "pfs_event")):
            if any(p_values(patients, [c], time, event)[c] >= 0.04 for c in SIGNIFICANT):
                return False
            if any(p_values(patients, [c], time, event)[c] <= 0.10 for c in NOT_SIGNIFICANT):
                return False
        several = p_values(patients, [*SIGNIFICANT, "responder"], "os_months", "os_event")
    return all(several[c] < 0.04 for c in INDEPENDENT) and several["nlr"] > 0.10


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--search", action="store_true", help="print the first seed that satisfies every published claim"
    )
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    arguments = parser.parse_args()
    if arguments.search:
        print(next(seed for seed in range(100_000) if acceptable(draw(seed)[0])))
        return
    for frame, name in zip(draw(SEED), ("cohort.csv", "adverse_events.csv"), strict=True):
        frame.to_csv(arguments.out / name, index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)


if __name__ == "__main__":
    main()
