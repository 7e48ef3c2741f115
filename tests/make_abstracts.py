"""Abstracts of invented cohorts, printed as SPSS, R, SAS and Stata print: ``python tests/make_abstracts.py FIRST LAST`` audits those of
a range of seeds and counts the findings; ``python tests/make_abstracts.py write`` writes the clean ones of tests/abstracts.

Everything printed is computed from simulated patients, so nothing in them can contradict anything else.
"""

import sys
from collections import Counter
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import yaml
from scipy.special import chdtrc, ndtr

from aice_helpers.audit.rules import audit
from aice_helpers.audit.two_by_two import p_values
from aice_helpers.core.intervals import PROPORTION_INTERVALS, normal_quantile
from aice_helpers.stats.kaplan_meier import SPSS, band_limits, kaplan_meier, median_interval
from aice_helpers.stats.logrank import log_rank
from aice_helpers.stats.partial_likelihood import fit
from aice_helpers.study.abstract import NOT_REACHED
from aice_helpers.study.published import read_published

FOLDER = Path(__file__).parent / "abstracts"

PROGRAMS = {
    # limits of medians, of rates and of proportions; test of proportions
    "SPSS": (SPSS, None, ("Clopper-Pearson", "Wald"), ("Pearson chi-square", "Yates chi-square", "Fisher")),
    "R": ("log", "log", ("Clopper-Pearson", "Wilson", "Wilson, continuity-corrected"), ("Yates chi-square", "Fisher")),
    "SAS": ("log-log", "log-log", ("Clopper-Pearson", "Wald", "Wilson"), ("Pearson chi-square", "Fisher")),
    "Stata": ("log-log", "log-log", ("Clopper-Pearson", "Agresti-Coull", "Jeffreys", "mid-P", "Blaker"), ("Pearson chi-square", "Fisher")),
    "old SAS": ("plain", "plain", ("Wald",), ("Pearson chi-square",)),
}  # fmt: skip


def printed(value, decimals, rounding=ROUND_HALF_UP):
    """A number as a program prints it."""
    return str(Decimal(f"{value:.12g}").quantize(Decimal(1).scaleb(-decimals), rounding=rounding))


def printed_p(p):
    return "<0.001" if p < 0.001 else printed(p, 3 if p < 0.1 else 2)


class Abstract:
    """An abstract in the making: a simulated trial or series, and how its numbers are printed."""

    def __init__(self, seed):
        rng = self.rng = np.random.default_rng(seed)
        self.program = str(rng.choice(list(PROGRAMS)))
        self.median_by, self.rate_by, proportion_by, tests = PROGRAMS[self.program]
        self.proportion_by, self.test = str(rng.choice(proportion_by)), str(rng.choice(tests))
        self.level = float(rng.choice([0.95, 0.95, 0.95, 0.9, 0.99]))
        self.digits = int(rng.choice([0, 1, 1, 1, 2]))
        self.rounding = [ROUND_HALF_UP, ROUND_HALF_EVEN][rng.integers(2)]
        self.sided = int(rng.choice([2, 2, 2, 1]))
        self.arms = ("A", "B") if rng.random() < 0.5 else ("all",)
        self.sizes = {arm: int(rng.integers(12, 400)) for arm in self.arms}
        self.simulate()

    def simulate(self):
        rng = self.rng
        scale, shape, effect = rng.uniform(6, 40), rng.choice([0.7, 1.0, 1.4]), rng.normal(0, 0.5)
        step = float(rng.choice([0.1, 1.0, 1 / 30.4375]))
        self.patients = {}
        for place, arm in enumerate(self.arms):
            n = self.sizes[arm]
            death = scale * rng.weibull(shape, n) * np.exp(effect * place)
            progress = np.minimum(death, scale * 0.6 * rng.weibull(shape, n))
            end = rng.uniform(0.5, 3) * scale * rng.uniform(0.5, 1.5, n)
            data = {}
            for name, event in (("PFS", progress), ("OS", death)):
                time = np.maximum(np.ceil(np.minimum(event, end) / step) * step, step)
                data[name] = (time, event <= end)
            cuts = np.cumsum(rng.dirichlet([1, 4, 4, 4, 0.5]))
            data["response"] = np.searchsorted(cuts, rng.random(n))
            self.patients[arm] = data

    def text(self, value, decimals=1):
        return printed(value, decimals, self.rounding)

    def as_dict(self):
        numbers = {"level": f"{100 * self.level:g}", "groups": self.groups(), "proportions": self.proportions()}
        numbers |= {"medians": self.medians(), "rates": self.rates()}
        if len(self.arms) == 2:
            numbers |= {"ratios": self.ratios(), "comparisons": self.comparisons(numbers["proportions"])}
        return {"source": f"Invented, as {self.program} prints", "numbers": numbers}

    def groups(self):
        if self.arms == ("all",):
            return {"all": {"n": str(self.sizes["all"])}}
        whole = {"all": {"n": str(sum(self.sizes.values()))}}
        return whole | {arm: {"n": str(n), "of": "all"} for arm, n in self.sizes.items()}

    def proportions(self):
        found = {}
        for arm in self.arms:
            n, response = self.sizes[arm], self.patients[arm]["response"]
            counts = dict(zip(("CR", "PR", "SD", "PD", "NE"), np.bincount(response, minlength=5)[:5], strict=True))
            counts |= {"ORR": counts["CR"] + counts["PR"], "DCR": counts["CR"] + counts["PR"] + counts["SD"]}
            with_counts = self.rng.random() < 0.4
            for role, count in counts.items():
                found[f"{role}_{arm}".lower()] = self.proportion(arm, role, int(count), n, with_counts)
            for place in range(int(self.rng.integers(0, 4))):
                count = int(self.rng.integers(0, n + 1))
                found[f"harm_{place}_{arm}".lower()] = self.proportion(arm, "adverse event", count, n, with_counts)
        return found

    def proportion(self, arm, role, count, n, with_count):
        entry = {"of": arm, "role": role, "percent": self.text(100 * count / n, self.digits)}
        if with_count:
            entry |= {"count": str(count)} | ({"out_of": str(n)} if self.rng.random() < 0.5 else {})
        if role in ("ORR", "DCR"):
            low, high = PROPORTION_INTERVALS[self.proportion_by](count, n, self.level)
            if self.rng.random() < 0.7:
                low, high = max(low, 0.0), min(high, 1.0)
            entry |= {"low": self.text(100 * low, self.digits), "high": self.text(100 * high, self.digits)}
        return entry

    def curves(self):
        for arm in self.arms:
            for endpoint in ("PFS", "OS"):
                yield arm, endpoint, kaplan_meier(*self.patients[arm][endpoint])

    def medians(self):
        found = {}
        for arm, endpoint, curve in self.curves():
            estimate, low, high, _ = median_interval(curve, self.level, self.median_by)
            entry = {"of": arm, "endpoint": endpoint}
            entry["estimate"] = NOT_REACHED if np.isnan(estimate) else self.text(estimate)
            if not np.isnan(low):
                entry |= {"low": self.text(low), "high": NOT_REACHED if np.isnan(high) else self.text(high)}
            found[f"median_{endpoint}_{arm}".lower()] = entry
        return found

    def rates(self):
        found = {}
        for arm, endpoint, curve in self.curves():
            for time in (6, 12, 24):
                if curve.ends_before(time):
                    continue
                place = int(np.searchsorted(curve.time, time + 1e-9, side="right")) - 1
                rate = float(curve.survival[place])
                entry = {
                    "of": arm,
                    "endpoint": endpoint,
                    "time": str(time),
                    "percent": self.text(100 * rate, self.digits),
                }
                if self.rate_by:
                    low, high = (
                        limit[place] for limit in band_limits(curve, normal_quantile(self.level), self.rate_by)
                    )
                    if not np.isnan(low):
                        entry |= {"low": self.text(100 * low, self.digits), "high": self.text(100 * high, self.digits)}
                if self.rng.random() < 0.7:
                    entry["method"] = "Kaplan-Meier"
                found[f"{endpoint}_{time}_{arm}".lower()] = entry
        return found

    def ratios(self):
        found = {}
        group = np.repeat([0, 1], [self.sizes[arm] for arm in self.arms])
        for endpoint in ("PFS", "OS"):
            time, event = (np.concatenate([self.patients[arm][endpoint][k] for arm in self.arms]) for k in (0, 1))
            model = fit(time, event, group[:, None])
            beta, error = float(model.coefficients[0]), float(model.std_errors[0])
            tested = log_rank(time, event, group).chi_square
            if not np.isfinite(beta) or tested is None:
                continue
            z = normal_quantile(self.level)
            test = str(self.rng.choice(["Wald", "log-rank", "likelihood ratio", "score", ""]))
            ratio = model.likelihood_ratio.statistic
            chi = {"Wald": (beta / error) ** 2, "likelihood ratio": ratio, "score": model.score.statistic}.get(
                test, tested[0]
            )
            p = float(chdtrc(1, chi)) if self.sided == 2 else float(ndtr(np.sign(beta) * np.sqrt(chi)))
            digits = 2 if self.rng.random() < 0.8 else 3
            low, estimate, high = (self.text(np.exp(beta + k * z * error), digits) for k in (-1, 0, 1))
            if float(low) > 0:
                found[endpoint.lower()] = {
                    "kind": "HR", "between": list(self.arms), "estimate": estimate, "low": low, "high": high,
                    "p": printed_p(p), "sided": str(self.sided), "test": test,
                }  # fmt: skip
        return found

    def comparisons(self, proportions):
        found = {}
        counts = [int((self.patients[arm]["response"] <= 1).sum()) for arm in self.arms]
        values = p_values(counts, [self.sizes[arm] for arm in self.arms])
        if values and all(f"orr_{arm}".lower() in proportions for arm in self.arms):
            p = values[self.test] / (2 if self.sided == 1 else 1)
            between = [f"orr_{arm}".lower() for arm in self.arms]
            found["orr_p"] = {"between": between, "p": printed_p(p), "sided": str(self.sided), "test": self.test}
        return found


def write(content, path):
    """Write an abstract as a file of published numbers."""
    path.write_text(yaml.safe_dump(content, sort_keys=False, default_flow_style=None, width=130), encoding="utf-8")
    return path


def tally(first, last, folder):
    """How often each finding comes up in the clean abstracts of some seeds."""
    found, seeds = Counter(), {}
    for seed in range(first, last):
        abstract = Abstract(seed)
        numbers = read_published(write(abstract.as_dict(), Path(folder) / "one.yml")).numbers
        kind = "SPSS" if abstract.program == "SPSS" else "others"
        for key in {(each.grade, each.reason.code, kind) for _, each in audit(numbers)} | {("all", "", kind)}:
            found[key] += 1
            seeds.setdefault(key, []).append(seed)
    return found, seeds


if __name__ == "__main__":
    if sys.argv[1] == "write":
        FOLDER.mkdir(exist_ok=True)
        for seed in range(1, 21):
            write(Abstract(seed).as_dict(), FOLDER / f"clean_{seed:02d}.yml")
    else:
        found, seeds = tally(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
        for key, count in sorted(found.items()):
            print(*key, count, seeds[key][:6], sep=" | ")
