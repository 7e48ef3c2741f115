"""The folders in which sites are kept from one build to the next, one for each study, mask and set of parameters."""

import contextlib
import os
import shutil
import time

import portalocker

from aice_helpers.build import cache

KEPT = 12
"""How many sites are kept, the latest used ones."""
PATIENCE = 0.05
"""Seconds between two looks at a site that another run holds."""


@contextlib.contextmanager
def kept(key, work, *, say):
    """The folder that is kept for one site, held by one run at a time; a folder in ``work`` where nothing can be kept."""
    folder = cache.folder() / "sites" / key
    try:
        cache.make_folder()
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a")
    except OSError:
        folder = work / "site"
        folder.mkdir(exist_ok=True)
        yield folder
        return
    with lock:
        _wait(lock, say)
        os.utime(folder)
        yield folder
    prune()


def _wait(lock, say):
    waiting = False
    while True:
        try:
            portalocker.lock(lock, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
            return
        except portalocker.AlreadyLocked:
            if not waiting:
                say("waiting for another run that makes the same site")
            waiting = True
            time.sleep(PATIENCE)


def prune(keep=None):
    """Remove the sites that were not used for longest, but none that a run holds."""
    ages = {}
    with contextlib.suppress(OSError):
        for entry in os.scandir(cache.folder() / "sites"):
            with contextlib.suppress(OSError):
                ages[entry.path] = entry.stat().st_mtime
    for path in sorted(ages, key=ages.get, reverse=True)[KEPT if keep is None else keep :]:
        with contextlib.suppress(OSError, portalocker.AlreadyLocked), open(os.path.join(path, "lock"), "a") as lock:
            portalocker.lock(lock, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
            shutil.rmtree(path)
