"""Where resampling is done: here, or by the workers of a cluster; the numbers are the same for any number of them.

A job is cut into tasks that do not depend on who does them: each has a seed of its own, made of the job's seed and the task's
place. `SCHEDULER` in the environment names a `dask.distributed` scheduler ("tcp://host:port"); without it the tasks are done one
after another in this process.
"""

import contextlib
import os
from functools import cache

from aice_helpers.core.problems import BookError

SCHEDULER = "AICE_SCHEDULER"

TIMEOUT = "10s"
"""How long a scheduler may take to answer."""


def resampled(function, count, seed, *, at_once=25) -> list:
    """What ``function`` returns for ``count`` resamples, in order.

    Parameters
    ----------
    function : callable
        Takes a random generator and a number of resamples, returns a list with one result a resample. It must be
        picklable, with all it needs, where a cluster is used.
    count : int
    seed : int
    at_once : int
        Resamples of one task.

    Returns
    -------
    list

    Raises
    ------
    BookError
        When a scheduler is named that cannot be used.
    """
    from joblib import Parallel, delayed

    sizes = [min(at_once, count - first) for first in range(0, count, at_once)]
    tasks = [delayed(_task)(function, seed, place, size) for place, size in enumerate(sizes)]
    address = os.environ.get(SCHEDULER, "")
    if not address or len(tasks) < 2:
        found = Parallel(n_jobs=1)(tasks)
    else:
        from joblib import parallel_config

        _client(address)
        with parallel_config(backend="dask"):
            found = Parallel()(tasks)
    return [result for part in found for result in part]


def _task(function, seed, place, size):
    import numpy as np

    return function(np.random.default_rng([seed, place]), size)


@contextlib.contextmanager
def scheduled(address):
    """Where resampling is done within this context, child processes included: "" for here, "local" for a cluster of its own.

    Raises
    ------
    BookError
        When the extra ``cluster`` is not installed.
    """
    if not address:
        yield
        return
    with contextlib.ExitStack() as stack:
        if address == "local":
            # Started here, for the children of a build may have no processes of their own.
            cluster = stack.enter_context(_distributed().LocalCluster(threads_per_worker=1, dashboard_address=None))
            address = cluster.scheduler_address
        before = os.environ.get(SCHEDULER)
        os.environ[SCHEDULER] = address
        try:
            yield
        finally:
            if before is None:
                del os.environ[SCHEDULER]
            else:
                os.environ[SCHEDULER] = before


def _distributed():
    try:
        import distributed
    except ImportError:
        raise BookError("--scheduler needs the extra: pip install 'aice-helpers[cluster]'") from None
    return distributed


@cache
def _client(address):
    """The connection to a scheduler, one for each address as long as this process lives."""
    try:
        return _distributed().Client(address, timeout=TIMEOUT)
    except (OSError, ValueError) as error:
        raise BookError(f"the scheduler {address} cannot be reached ({type(error).__name__})") from None
