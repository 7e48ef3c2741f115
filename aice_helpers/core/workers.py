"""Where resampling is done: here, or by the workers of a cluster; the numbers are the same for any number of them.

A job is cut into tasks that do not depend on who does them: each has a seed of its own, made of the job's seed and the task's
place. `SCHEDULER` in the environment names a `dask.distributed` scheduler ("tcp://host:port"), or "local" for one of this machine;
without it the tasks are done one after another in this process.
"""

import os
from functools import cache

import numpy as np

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
    return function(np.random.default_rng([seed, place]), size)


@cache
def _client(address):
    """The connection to a scheduler, one for each address as long as this process lives."""
    from aice_helpers.core.problems import BookError

    try:
        from distributed import Client
    except ImportError:
        raise BookError("--scheduler needs the extra: pip install 'aice-helpers[cluster]'") from None
    try:
        return Client(processes=True) if address == "local" else Client(address, timeout=TIMEOUT)
    except (OSError, ValueError) as error:
        raise BookError(f"the scheduler {address} cannot be reached ({type(error).__name__})") from None
