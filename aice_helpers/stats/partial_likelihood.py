"""Cox's partial likelihood with Efron's treatment of ties: fit, test of proportional hazards, concordance.

Arrays in, arrays out; nothing here knows a cohort. Sums over risk sets are running sums over the sorted times, never
comparisons of all pairs, so 100 000 patients take a fraction of a second.

References
----------
Cox DR (1972), J R Stat Soc B 34:187-220. Efron B (1977), J Am Stat Assoc 72:557-565.
Grambsch PM, Therneau TM (1994), Biometrika 81:515-526. Therneau TM, Grambsch PM (2000), Modeling Survival Data.
Harrell FE, Lee KL, Mark DB (1996), Stat Med 15:361-387.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import chdtrc

from aice_helpers.stats.arrays import checked, refuse

MAX_ITERATIONS = 60

DECREMENT_DONE = 1e-20

_UNSEEN = 1e-12
"""Share of the log-likelihood below which a rise drowns in its rounding."""

_DECREMENT_FLAT = 1e-8

_STEP_LARGE = 0.1

_PREDICTOR_LIMIT = 500.0

_ALIASED = 1e-10

_FLAT = 1e-12


@dataclass(frozen=True)
class ChiSquare:
    """A chi-square statistic with its degrees of freedom; missing (nan) when it cannot be computed."""

    statistic: float
    df: int

    @property
    def p_value(self) -> float:
        """Upper tail probability."""
        return float(chdtrc(self.df, self.statistic)) if self.df > 0 and np.isfinite(self.statistic) else np.nan


@dataclass(frozen=True)
class CoxFit:
    """A fitted Cox model. Arrays have one entry a column of the covariates.

    Attributes
    ----------
    coefficients, covariance : ndarray
        Log hazard ratios and their covariance; nan where not estimable.
    aliased : ndarray of bool
        The column is constant in every risk set or a combination of earlier columns; it is left out.
    separated : ndarray of bool
        The likelihood keeps rising as this coefficient grows without limit (for example a level without an event).
        The other coefficients are those of the limit.
    free : ndarray of bool
        The columns whose information matrix was inverted: all but the aliased ones and one for each direction in
        which the likelihood keeps rising.
    working : ndarray
        Finite coefficients for linear predictors: 0 where aliased, large where separated.
    center : ndarray
        Means of the columns, subtracted in linear predictors.
    log_likelihood_null, log_likelihood : float
        Partial log-likelihood at zero and at its maximum (or limit).
    likelihood_ratio, wald, score : ChiSquare
        Tests of the whole model; Wald is missing when a coefficient is separated.
    df : int
        Coefficients that are not aliased.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    aliased: np.ndarray
    separated: np.ndarray
    free: np.ndarray
    working: np.ndarray
    center: np.ndarray
    log_likelihood_null: float
    log_likelihood: float
    likelihood_ratio: ChiSquare
    wald: ChiSquare
    score: ChiSquare
    df: int
    iterations: int
    converged: bool
    n: int
    events: int

    @cached_property
    def std_errors(self) -> np.ndarray:
        """Standard errors of the coefficients; nan where not estimable."""
        return np.sqrt(np.diag(self.covariance))

    @cached_property
    def estimable(self) -> np.ndarray:
        """Which coefficients have an estimate."""
        return np.isfinite(self.coefficients)

    def linear_predictor(self, covariates) -> np.ndarray:
        """Log relative hazard of each row against the means of the fitted rows.

        Rows with equal covariates get the very same number, so ties in concordance are kept.
        """
        covariates = as_matrix(covariates)
        total = np.zeros(len(covariates))
        for column, coefficient, center in zip(covariates.T, self.working, self.center, strict=True):
            total += (column - center) * coefficient
        return total


def fit(time, event, covariates, *, entry=None, weights=None, strata=None, cluster=None, start=None) -> CoxFit:
    """Fit a Cox model by Newton's method, to machine precision.

    Parameters
    ----------
    time : array of float
    event : array of bool
    covariates : array, n rows by p columns
        Without missing values.
    entry : array of float, optional
        From when on each row is at risk.
    strata : array, optional
        Rows are compared within their stratum only.
    weights, cluster
        Refused.
    start : array, optional
        Coefficients to begin the search from; zero if not given. The result does not depend on it.

    Returns
    -------
    CoxFit

    Raises
    ------
    CannotUseError
        For weights or clusters.
    ValueError
        For a missing covariate, and see `arrays.checked`.

    Examples
    --------
    Three events, the second one exposed: the likelihood t / ((2 + t)(1 + t)) is largest at t = sqrt(2).

    >>> fitted = fit([1, 2, 3], [True, True, True], [[0], [1], [0]])
    >>> round(float(np.exp(fitted.coefficients[0]) ** 2), 12)
    2.0
    """
    refuse("Cox's model", weights=weights, cluster=cluster)
    sample, covariates = checked(time, event, entry=entry, strata=strata), checked_matrix(covariates, time)
    n, p = covariates.shape
    sets = RiskSets.of(sample)
    center, scale = center_and_scale(covariates)
    standard = ((covariates - center) / scale)[sets.order]
    null = sets.likelihood(standard, np.zeros(p))
    aliased = _aliased(null.information, sets.events)
    size = np.diag(null.information)
    state, search = None, None
    if start is not None:
        begin = np.where(aliased, 0.0, np.asarray(start, dtype=float) * scale)
        state, search = _maximize(sets, standard, sets.likelihood(standard, begin), size, ~aliased, begin)
    if search is None or not search.converged:
        state, search = _maximize(sets, standard, null, size, ~aliased, np.zeros(p))
    free, separated = search.free, search.separated

    coefficients = np.where(aliased | separated, np.nan, search.beta / scale)
    covariance = np.full((p, p), np.nan)
    inverse = inverse_of(state.information[np.ix_(free, free)])
    reported = ~(aliased | separated)
    if inverse is None or not search.converged:
        coefficients = np.full(p, np.nan)
    else:
        whole = np.full((p, p), np.nan)
        whole[np.ix_(free, free)] = inverse
        covariance[np.ix_(reported, reported)] = (whole / np.outer(scale, scale))[np.ix_(reported, reported)]

    df = int((~aliased).sum())
    ratio = 2 * (state.log_likelihood - null.log_likelihood)
    return CoxFit(
        coefficients=coefficients,
        covariance=covariance,
        aliased=aliased,
        separated=separated,
        free=free,
        working=np.where(aliased, 0.0, search.beta / scale),
        center=center,
        log_likelihood_null=null.log_likelihood,
        log_likelihood=state.log_likelihood,
        likelihood_ratio=ChiSquare(max(ratio, 0.0) if df and search.converged else np.nan, df),
        wald=ChiSquare(_wald(coefficients, covariance, aliased), df),
        score=ChiSquare(quadratic(null.information, null.score, ~aliased), df),
        df=df,
        iterations=search.iterations,
        converged=search.converged,
        n=n,
        events=sets.events,
    )


def tied_times(time):
    """Times with those that differ only by rounding made equal (relative difference below 1.5e-8, as in R).

    >>> tied_times([0.1 + 0.2, 0.3]).tolist()
    [0.3, 0.3]
    """
    time = np.asarray(time, dtype=float)
    values, place = np.unique(time, return_inverse=True)
    if len(values) < 2:
        return time
    tolerance = np.sqrt(np.finfo(float).eps) * max(1.0, np.abs(values).mean())
    first = np.concatenate([[True], np.diff(values) > tolerance])
    return values[first][np.cumsum(first) - 1][place.reshape(-1)]


@dataclass(frozen=True)
class _Likelihood:
    """Partial log-likelihood with its gradient and negative Hessian."""

    log_likelihood: float
    score: np.ndarray
    information: np.ndarray


class RiskSets:
    """Who is at risk at each event, as positions in the rows sorted by time.

    Efron: of d tied events the l-th (l = 0, 1, ...) sees the d subjects with weight 1 - l/d.
    """

    @classmethod
    def of(cls, sample):
        """Risk sets of a `Sample`, times that differ by rounding made equal."""
        if sample.entry is None and sample.strata is None:
            return cls(tied_times(sample.time), sample.event)
        n = len(sample.time)
        entry = np.full(n, -np.inf) if sample.entry is None else sample.entry
        both = tied_times(np.concatenate([sample.time, entry[np.isfinite(entry)]]))
        values = np.unique(both)
        time = np.searchsorted(values, both[:n]) + 1
        start = np.zeros(n, dtype=int)
        start[np.isfinite(entry)] = np.searchsorted(values, both[n:]) + 1
        # Strata follow one another on one axis of ranks: who enters at the start of a later one is in no earlier risk set.
        shift = 0 if sample.strata is None else sample.strata * (len(values) + 2)
        return cls(time + shift, sample.event, start + shift)

    def __init__(self, time, event, entry=None):
        self.order = np.argsort(time, kind="stable")
        time, event = time[self.order], event[self.order]
        self.n = len(time)
        self.deaths = np.flatnonzero(event)
        self.events = len(self.deaths)
        death_times = time[self.deaths]
        new = np.concatenate([[True], death_times[1:] != death_times[:-1]]) if self.events else np.zeros(0, dtype=bool)
        self.tie_starts = np.flatnonzero(new)
        self.tie = np.cumsum(new) - 1
        self.row_starts = np.searchsorted(time, death_times[self.tie_starts], side="left")
        ties = np.diff(np.concatenate([self.tie_starts, [self.events]]))
        self.fraction = (np.arange(self.events) - self.tie_starts[self.tie]) / ties[self.tie]
        self.tied = bool((self.fraction > 0).any())
        self.by_entry = None
        if entry is not None:
            entry, tie_times = entry[self.order], death_times[self.tie_starts]
            self.by_entry = np.argsort(entry, kind="stable")
            self.entry_starts = np.searchsorted(entry[self.by_entry], tie_times, side="left")
            self.ties_before_entry = np.searchsorted(tie_times, entry, side="right")

    def at_risk_sums(self, values):
        """Sum of ``values`` over the weighted risk set of each event."""
        sums = np.add.reduceat(values, self.row_starts, axis=0)[::-1].cumsum(axis=0)[::-1]
        if self.by_entry is not None:
            later = values[self.by_entry][::-1].cumsum(axis=0)[::-1]
            sums = sums - np.concatenate([later, np.zeros_like(values[:1])])[self.entry_starts]
        sums = sums[self.tie]
        if self.tied:
            dying = np.add.reduceat(values[self.deaths], self.tie_starts, axis=0)[self.tie]
            share = self.fraction if values.ndim == 1 else self.fraction[:, None]
            sums -= share * dying
        return sums

    def likelihood(self, rows, beta, weights=None):
        """Log-likelihood, score and information at ``beta``; events weighted in score and information."""
        p = rows.shape[1]
        if self.events == 0:
            return _Likelihood(0.0, np.zeros(p), np.zeros((p, p)))
        predictor = rows @ beta
        predictor = predictor - predictor.max()
        hazard = np.exp(predictor)
        total = self.at_risk_sums(hazard)
        mean = self.at_risk_sums(hazard[:, None] * rows) / total[:, None]
        size = 1 / total if weights is None else weights / total
        ties = np.add.reduceat(size, self.tie_starts)
        increments = np.zeros(self.n)
        increments[self.row_starts] = ties
        exposure = increments.cumsum()
        if self.by_entry is not None:
            exposure = exposure - np.concatenate([[0.0], ties.cumsum()])[self.ties_before_entry]
        if self.tied:
            exposure[self.deaths] -= np.add.reduceat(self.fraction * size, self.tie_starts)[self.tie]
        expected = hazard * exposure
        weighted_mean = mean if weights is None else mean * weights[:, None]
        died = rows[self.deaths]
        observed = died if weights is None else died * weights[:, None]
        return _Likelihood(
            float(predictor[self.deaths].sum() - np.log(total).sum()),
            observed.sum(axis=0) - weighted_mean.sum(axis=0),
            rows.T @ (expected[:, None] * rows) - weighted_mean.T @ mean,
        )


@dataclass
class _Search:
    """Where a search stands; ``separated`` marks the coefficients that grow without limit."""

    beta: np.ndarray
    free: np.ndarray
    separated: np.ndarray
    iterations: int = 0
    converged: bool = False


def _maximize(sets, rows, state, size, free, beta):
    """Newton's method with step halving over the ``free`` columns, from ``beta`` and the likelihood ``state`` there.

    ``size`` is the information of each column at zero. When the likelihood is flat although the step is still large,
    it rises towards a limit at infinity. The step is then followed far out, until no information is left in its
    direction; the coefficients concerned are marked, as many of them as there are such directions are held where they
    are, and the search goes on for the others.
    """
    search, last = _Search(beta, free.copy(), np.zeros(len(free), dtype=bool)), np.inf
    while search.iterations < MAX_ITERATIONS:
        # Without information in a direction a step along it is rounding noise, so this comes first.
        marked, held = _flat_columns(state.information, size, search.free)
        search.separated |= marked
        search.free &= ~held
        last = np.inf if held.any() else last
        if not search.free.any():
            search.converged = True
            break
        search.iterations += 1
        step = np.zeros_like(search.beta)
        step[search.free] = _solve(state.information[np.ix_(search.free, search.free)], state.score[search.free])
        decrement = float(state.score @ step)
        reach = np.ptp(rows @ step)
        if decrement < _DECREMENT_FLAT and reach > _STEP_LARGE:
            lengths = min((_PREDICTOR_LIMIT - np.ptp(rows @ search.beta)) / reach, 20)
            if lengths < 1:
                search.separated |= _leading(step)
                break
            search.beta = search.beta + lengths * step
            state = sets.likelihood(rows, search.beta)
            continue
        if decrement < DECREMENT_DONE:
            search.converged = True
            break
        if decrement < _UNSEEN * (1 + abs(state.log_likelihood)):
            # The likelihood cannot show so small a rise, and this near the maximum the full step is right.
            if decrement >= last:
                search.converged = decrement < 1e-12
                break
            last, search.beta = decrement, search.beta + step
            state = sets.likelihood(rows, search.beta)
            continue
        moved = _halved(sets, rows, search.beta, step, state)
        if moved is None:
            # No step of any length rises: at the maximum as far as rounding lets one see, or stuck.
            search.converged = decrement < 1e-12
            break
        search.beta, state = moved
        if np.ptp(rows @ search.beta) > _PREDICTOR_LIMIT:
            search.separated |= _leading(step)
            break
    return state, search


def _leading(step):
    return np.abs(step) > 0.01 * np.abs(step).max()


def _flat_columns(information, size, free):
    """Free columns that take part in a direction without information, and those of them to hold.

    ``size`` is the information of each column at zero, the measure of what counts as none.
    """
    marked, held = np.zeros(len(free), dtype=bool), np.zeros(len(free), dtype=bool)
    columns = np.flatnonzero(free)
    if len(columns) == 0:
        return marked, held
    root = np.sqrt(size[columns])
    scaled = information[np.ix_(columns, columns)] / np.outer(root, root)
    values, vectors = np.linalg.eigh(scaled)
    flat = values < _FLAT
    if flat.any():
        marked[columns] = np.abs(vectors[:, flat]).max(axis=1) > 0.01
        order = np.argsort(marked[columns], kind="stable")
        held[columns[order]] = _dependent(scaled[np.ix_(order, order)], np.full(len(columns), _FLAT))
        # Pivots are never smaller than the eigenvalue, so hold at least one column of the direction.
        held[columns[order[-1]]] |= not held.any()
    return marked, held


def _halved(sets, rows, beta, step, state):
    for _ in range(40):
        candidate = beta + step
        if np.ptp(rows @ candidate) < 1.4 * _PREDICTOR_LIMIT:
            new = sets.likelihood(rows, candidate)
            if new.log_likelihood >= state.log_likelihood - 1e-13 * (1 + abs(state.log_likelihood)):
                return candidate, new
        step = step / 2
    return None


def checked_matrix(covariates, time):
    """Covariates as a matrix; `ValueError` unless it has a row for each time and no missing value."""
    covariates = as_matrix(covariates)
    if len(covariates) != len(time):
        raise ValueError(f"covariates: one row is needed for each time, {len(time)} in all")
    if not np.isfinite(covariates).all():
        raise ValueError("covariates: a value is missing or infinite")
    return covariates


def as_matrix(covariates):
    covariates = np.asarray(covariates, dtype=float)
    return covariates[:, None] if covariates.ndim == 1 else covariates


def center_and_scale(covariates):
    if len(covariates) == 0:
        return np.zeros(covariates.shape[1]), np.ones(covariates.shape[1])
    center = covariates.mean(axis=0)
    constant = np.ptp(covariates, axis=0) <= 1e-12 * np.abs(center)
    # The mean of equal numbers can differ from them in the last digit; that digit must not become a covariate.
    center = np.where(constant, covariates[0], center)
    return center, np.where(constant, 1.0, covariates.std(axis=0) + constant)


def _aliased(information, events):
    """Columns without information of their own, given those before them."""
    return _dependent(information, np.maximum(_ALIASED * np.diag(information), 1e-11 * events))


def _dependent(matrix, least):
    """Columns whose pivot in the Cholesky decomposition, taken in order and passing over such columns, is too small."""
    left = matrix.copy()
    dependent = np.zeros(len(left), dtype=bool)
    for column in range(len(left)):
        pivot = left[column, column]
        if pivot <= least[column]:
            dependent[column] = True
        else:
            left = left - np.outer(left[:, column], left[column]) / pivot
    return dependent


def scaled_columns(matrix):
    size = np.sqrt(np.maximum(np.diag(matrix), np.finfo(float).tiny))
    return matrix / np.outer(size, size), size


def _solve(matrix, vector):
    """Solution of a symmetric system whose rows differ widely in size."""
    scaled, size = scaled_columns(matrix)
    try:
        return np.linalg.solve(scaled, vector / size) / size
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(scaled, vector / size, rcond=None)[0] / size


def inverse_of(matrix):
    """Inverse of a positive definite matrix, or None when it is not."""
    scaled, size = scaled_columns(matrix)
    try:
        root = np.linalg.cholesky(scaled)
    except np.linalg.LinAlgError:
        return None
    half = np.linalg.solve(root, np.eye(len(size)))
    return half.T @ half / np.outer(size, size)


def quadratic(matrix, vector, chosen):
    """``v' M^-1 v`` over the chosen rows; nan when the matrix is not positive definite or nothing is chosen."""
    if not chosen.any():
        return np.nan
    inverse = inverse_of(matrix[np.ix_(chosen, chosen)])
    return np.nan if inverse is None else float(vector[chosen] @ inverse @ vector[chosen])


def _wald(coefficients, covariance, aliased):
    chosen = ~aliased
    if not chosen.any() or not np.isfinite(coefficients[chosen]).all():
        return np.nan
    return float(coefficients[chosen] @ _solve(covariance[np.ix_(chosen, chosen)], coefficients[chosen]))
