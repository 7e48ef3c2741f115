"""What builds keep for later ones, each under the hash of all that it depends on: in one folder, outside of the products.

Any number of threads and processes may use the folder at once; where it cannot be written nothing is kept. It tells as
much of a cohort as a book that is not masked, so it is closed to other users.
"""

import contextlib
import os
import tempfile
import time

from aice_helpers.build import pages

KINDS = {"notebook": 400, "cohort": 40, "book": 100}
"""What is kept -> how many of them, the latest used ones: executed notebooks, facts and tables of a cohort, made books."""
A_DAY = 24 * 60 * 60.0
"""Age in seconds from which the unfinished file of a killed run is cleared away."""


def folder():
    """Where everything is kept."""
    return pages.ROOT / "_build" / "kept"


def fetch(kind, key) -> bytes | None:
    """What is kept under ``key``; None when there is nothing."""
    kept = folder() / f"{key}.{kind}"
    try:
        content = kept.read_bytes()
        os.utime(kept)
    except OSError:
        # Never kept, pruned meanwhile, or another user's.
        return None
    return content


def keep(kind, key, content):
    """Keep ``content`` (bytes) under ``key``, whole or not at all."""
    with contextlib.suppress(OSError):
        make_folder()
        handle, spare = tempfile.mkstemp(dir=folder(), suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(spare, folder() / f"{key}.{kind}")
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(spare)


def make_folder():
    """Make the folder if it is not there."""
    folder().parent.mkdir(parents=True, exist_ok=True)
    folder().mkdir(mode=0o700, exist_ok=True)


def prune():
    """Drop of each kind what was not used for longest, and what killed runs left."""
    ages = {}
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder()):
            # Another process may prune at the same time.
            with contextlib.suppress(FileNotFoundError):
                ages[entry.path] = entry.stat().st_mtime
    dropped = [path for path in ages if path.endswith(".part") and ages[path] < time.time() - A_DAY]
    for kind, kept in KINDS.items():
        dropped += sorted((path for path in ages if path.endswith(f".{kind}")), key=ages.get, reverse=True)[kept:]
    for path in dropped:
        with contextlib.suppress(OSError):
            os.unlink(path)


def clear():
    """Drop everything that is kept."""
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(folder())):
            if entry.name.endswith((*(f".{kind}" for kind in KINDS), ".part")):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)
        folder().rmdir()
