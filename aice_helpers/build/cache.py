"""Executed notebooks of earlier builds, kept under the hash of all that their result depends on.

Any number of threads and processes may use the folder at once; where it cannot be written nothing is kept.
"""

import contextlib
import os
import shutil
import tempfile
import time

from aice_helpers.build import pages

KEPT = 100
"""How many executed notebooks are kept, the latest used ones."""
A_DAY = 24 * 60 * 60.0
"""Age in seconds from which the unfinished file of a killed run is cleared away."""


def folder():
    """Where executed notebooks are kept."""
    return pages.ROOT / "_build" / "executed"


def fetch(key, target) -> bool:
    """Copy the notebook kept under ``key`` to ``target``; False when there is none."""
    kept = folder() / f"{key}.ipynb"
    try:
        content = kept.read_bytes()
        os.utime(kept)
    except OSError:
        # Never kept, pruned meanwhile, or another user's.
        return False
    target.write_bytes(content)
    return True


def keep(key, notebook):
    """Keep an executed notebook (a file) under ``key``, whole or not at all."""
    with contextlib.suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        handle, spare = tempfile.mkstemp(dir=folder(), suffix=".part")
        os.close(handle)
        try:
            shutil.copyfile(notebook, spare)
            os.replace(spare, folder() / f"{key}.ipynb")
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(spare)


def prune():
    """Drop the notebooks that were not used for longest, and what killed runs left."""
    ages = {}
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder()):
            # Another process may prune at the same time.
            with contextlib.suppress(FileNotFoundError):
                ages[entry.path] = entry.stat().st_mtime
    whole = sorted((path for path in ages if path.endswith(".ipynb")), key=ages.get, reverse=True)
    stale = [path for path in ages if path.endswith(".part") and ages[path] < time.time() - A_DAY]
    for path in (*whole[KEPT:], *stale):
        with contextlib.suppress(OSError):
            os.unlink(path)


def clear():
    """Drop everything that is kept."""
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(folder())):
            if entry.name.endswith((".ipynb", ".part")):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)
        folder().rmdir()
