"""Writing files of the user's choice: whole or not at all, and never over something that is there."""

import contextlib
import os
import tempfile
from pathlib import Path

from aice_helpers.core.problems import UsageError


class ExistsError(UsageError):
    """A file that must not be overwritten is already there."""

    def __init__(self, path):
        super().__init__(f"{Path(path).name} is already there and is never overwritten; name another with --out")


def write_new(path, content):
    """Write a new file whole or not at all.

    Parameters
    ----------
    path : path-like
    content : str or bytes

    Raises
    ------
    ExistsError
        When something has that name already; it stays as it is.
    OSError
        When the folder cannot be written.
    """
    path = Path(path)
    if path.exists() or path.is_symlink():
        raise ExistsError(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".aice-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(data)
        os.chmod(name, 0o666 & ~_umask())
        try:
            # A link fails when the name is taken meanwhile, a renaming would overwrite.
            os.link(name, path)
        except FileExistsError:
            raise ExistsError(path) from None
        except OSError:
            # Some memory sticks and shares know no links.
            _write_exclusively(path, data)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _write_exclusively(path, data):
    try:
        with path.open("xb") as file:
            try:
                file.write(data)
            except BaseException:
                path.unlink()
                raise
    except FileExistsError:
        raise ExistsError(path) from None


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
