"""The folder of a book: what a run wrote into it, what is the user's, and how a new book takes the old one's place.

``run.json`` lists every file that the run wrote, with its SHA-256. Nothing else in the folder is ever removed: what the
user put there moves along to the next book, and a file that was changed since stops the build by name.
"""

import contextlib
import hashlib
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import portalocker

from aice_helpers.core.problems import UsageError

RECORD = "run.json"
PATIENCE = 0.05
"""Seconds between two looks at a place that another run holds."""
NAMED = 5
"""How many files a message names."""


@dataclass(frozen=True)
class Survey:
    """What a product folder holds: files ``written`` by its run as they were, files ``changed`` since, and ``foreign`` ones.

    All are paths relative to the folder, as text with slashes; ``foreign`` holds the user's folders too, and ``missing``
    what the run wrote and is there no more.
    """

    written: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether a book is there, every file of it as it was written."""
        return bool(self.written) and not self.changed and not self.missing


def write_record(folder, record):
    """Write ``run.json``: what is to be told of the run (a dict), and every file in the folder with its hash."""
    files = {path: _sha256(folder / path) for path in _listed(folder)[0]}
    record = record | {"files": files}
    text = json.dumps(record | {"record_sha256": _own_hash(record)}, indent=2, ensure_ascii=False)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")


def survey(folder) -> Survey:
    """Tell apart what a run wrote into a folder and what is the user's.

    Raises
    ------
    UsageError
        When the folder holds something and no record says that a run has made it.
    """
    found = _found(folder)
    if found.foreign and not found.written:
        why = f"its {RECORD} is not as a run writes it" if RECORD in found.foreign else "no run has made it"
        raise UsageError(
            f"the folder {folder.name} holds {_some(found.foreign)}, and {why}; name another, so that nothing of yours is touched"
        )
    return found


def _found(folder):
    """As `survey`; in a folder that no run has made everything is foreign."""
    files, folders = _listed(folder)
    recorded = _recorded(folder)
    if recorded is None:
        return Survey(foreign=(*files, *folders))
    changed, written, missing = [], [], []
    for path, digest in recorded.items():
        if not os.path.lexists(folder / path):
            missing.append(path)
        else:
            (written if _is_file(folder / path) and _sha256(folder / path) == digest else changed).append(path)
    ours = {parent.as_posix() for path in recorded for parent in Path(path).parents}
    foreign = [path for path in files if path not in recorded and path != RECORD]
    foreign += [path for path in folders if path not in ours]
    # The record goes last when these are removed one by one, so that a folder half removed is still known.
    return Survey((*written, RECORD), tuple(changed), tuple(foreign), tuple(missing))


def own_hash(folder) -> str:
    """SHA-256 of the record of a run, and so of all it wrote."""
    return _sha256(folder / RECORD)


def refuse_changed(found, folder):
    """`UsageError` with the names of files of the book that were changed since the run wrote them."""
    if found.changed:
        raise UsageError(
            f"{_some(found.changed)} in the folder {folder.name} was changed since the book was made, and a new book would "
            "replace it; move it away, or name another folder"
        )


def remove(folder) -> Survey:
    """Remove what a run wrote into a folder, and nothing else; returns what it found."""
    found = survey(folder)
    for path in found.written:
        with contextlib.suppress(FileNotFoundError):
            (folder / path).unlink()
    _remove_empty(folder, found.foreign)
    return found


class Place:
    """The place of one product folder, held by one run at a time; a context manager.

    Beside the folder stands a hidden one, ``work`` in which is for the run to use. Leaving the context removes it, unless
    `replace` has moved a book out of it. Whoever enters brings back a book that a killed run had taken out of its place.

    Parameters
    ----------
    out : Path
        The product folder; it need not be there.
    say : callable
        Receives what the user should know, a line each.

    Raises
    ------
    UsageError
        On entering, when the place cannot be written.
    """

    def __init__(self, out, *, say):
        self.out, self.say = out, say
        self.hidden = out.parent / f".aice-{out.name}"
        self.work, self._old = self.hidden / "work", self.hidden / "old"
        self._lock = None
        self._made = []

    def __enter__(self):
        try:
            self._made = _make_folders(self.out.parent)
            self._acquire()
            self._clear()
            self.work.mkdir()
        except BaseException as error:
            self.__exit__()
            if isinstance(error, OSError):
                raise UsageError(
                    f"{self.out.name} cannot be made there: {error.strerror}; name another folder"
                ) from None
            raise
        return self

    def _acquire(self):
        """Lock a file in the hidden folder; the system frees the lock of a process that is no more."""
        path, waiting = self.hidden / "lock", False
        while self._lock is None:
            self.hidden.mkdir(exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                file = path.open("a")
                try:
                    portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
                    # Whoever held it before may have removed the file that was opened here.
                    if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                        self._lock = file
                except portalocker.AlreadyLocked:
                    if not waiting:
                        self.say(f"waiting for another run that writes to {self.out.name}")
                    waiting = True
                finally:
                    if self._lock is None:
                        file.close()
            if self._lock is None:
                time.sleep(PATIENCE)

    def _clear(self):
        shutil.rmtree(self.work, ignore_errors=True)
        if _recorded(self._old) is None:
            return
        if _recorded(self.out) is not None:
            _discard(self._old, self.out)
            return
        if self.out.is_dir():
            with contextlib.suppress(OSError):
                self.out.rmdir()
        if os.path.lexists(self.out):
            raise UsageError(
                f"an earlier run was stopped while it replaced {self.out.name}, and something else stands there now; the "
                f"book from before lies in {self.hidden.name}/{self._old.name}: move one of the two away"
            )
        self._old.rename(self.out)
        self.say(f"an earlier run was stopped while it replaced {self.out.name}; the book from before is back")

    def __exit__(self, *_):
        shutil.rmtree(self.work, ignore_errors=True)
        if self._lock is not None:
            lock = self.hidden / "lock"
            try:
                # While it is held: whoever opened the file before sees that it is gone.
                lock.unlink()
                self._lock.close()
            except OSError:
                # Where an open file cannot be removed, nobody can have it open when it goes.
                self._lock.close()
                with contextlib.suppress(OSError):
                    lock.unlink()
            self._lock = None
        with contextlib.suppress(OSError):
            self.hidden.rmdir()
        for folder in reversed(self._made):
            with contextlib.suppress(OSError):
                folder.rmdir()

    def replace(self, fresh):
        """Put the finished book ``fresh`` (a folder inside ``work``) into place; what is the user's moves along.

        Returns
        -------
        tuple of str
            The user's files and folders that were kept.

        Raises
        ------
        UsageError
            When a file of the book was changed meanwhile, or the user has a file where the new book has one.
        """
        found = survey(self.out)
        refuse_changed(found, self.out)
        for path in found.foreign:
            _carry(self.out / path, fresh / path, path)
        if self.out.exists():
            self.out.rename(self._old)
        try:
            fresh.rename(self.out)
        except OSError:
            if self._old.exists():
                self._old.rename(self.out)
            raise
        if self._old.exists():
            _discard(self._old, self.out)
        return found.foreign


def kept_words(kept) -> str:
    """What is said of the user's files in a book."""
    return f"kept, as no run has written it: {_some(kept)}"


def _carry(source, target, path):
    """Let a file of the user stand in the new book too: by a link where the disk knows them."""
    if source.is_dir() and not source.is_symlink():
        target.mkdir(parents=True, exist_ok=True)
        shutil.copystat(source, target)
        return
    if os.path.lexists(target):
        raise UsageError(f"the new book has a file {path}, and so have you; move yours away, or name another folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(source, target, follow_symlinks=False)


def _discard(old, out):
    """Remove the book that was replaced. What came into it at the last moment is the user's and goes to the new one."""
    found = _found(old)
    for path in found.written:
        (old / path).unlink(missing_ok=True)
    for path in (*found.changed, *found.foreign):
        source, target = old / path, out / path
        if source.is_dir() and not source.is_symlink():
            continue
        if os.path.lexists(target):
            if _same_file(source, target):
                source.unlink()
                continue
            target = target.with_name(f"{target.name}.from-earlier-book")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(target):
            source.rename(target)
    _remove_empty(old)


def _same_file(one, two):
    if one.is_symlink() or two.is_symlink():
        return one.is_symlink() and two.is_symlink() and os.readlink(one) == os.readlink(two)
    return os.path.samefile(one, two) or (_is_file(one) and _is_file(two) and _sha256(one) == _sha256(two))


def _make_folders(folder):
    """Make a folder and its parents; returns those that were not there, outermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()][::-1]
    made = []
    try:
        for path in missing:
            path.mkdir()
            made.append(path)
    except OSError:
        for path in reversed(made):
            path.rmdir()
        raise
    return made


def _remove_empty(folder, kept=()):
    """Remove the empty folders in and at a folder, but none of those ``kept`` (relative paths)."""
    kept = {folder / path for path in kept}
    for path, _, _ in os.walk(folder, topdown=False):
        if Path(path) not in kept:
            with contextlib.suppress(OSError):
                os.rmdir(path)


def _listed(folder):
    """Files (links among them) and folders inside a folder, as relative paths with slashes."""
    files, folders = [], []
    for here, below, names in os.walk(folder):
        for name in below:
            path = Path(here, name)
            (files if path.is_symlink() else folders).append(path.relative_to(folder).as_posix())
        files += [Path(here, name).relative_to(folder).as_posix() for name in names]
    return sorted(files), sorted(folders)


def _recorded(folder):
    """Path -> hash of the files that a run wrote, or None when no run has made the folder."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        own = record.pop("record_sha256")
        files = record["files"]
        ours = all(isinstance(path, str) and isinstance(digest, str) for path, digest in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return files if ours and own == _own_hash(record) else None


def _own_hash(record):
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _sha256(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_file(path):
    return path.is_file() and not path.is_symlink()


def _some(paths):
    """The first paths of several, in words."""
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return ", ".join(paths[:NAMED]) + more
