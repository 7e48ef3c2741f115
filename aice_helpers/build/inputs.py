"""What a book is made from, as hashes: the program, the pages, the study. Asking imports nothing heavy."""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import aice_helpers
from aice_helpers.build import pages
from aice_helpers.study.reader import read_study

PROGRAM = Path(aice_helpers.__file__).parent


@dataclass(frozen=True)
class Wish:
    """What book is wanted.

    Attributes
    ----------
    study : Path
        Study file.
    parameters : dict
        Notebook parameters beside the study and the mask.
    mask_below : int
    exact_curves : bool
    part : str
        One of `contents.PARTS`; "" for the whole book.
    stand_ins : callable or None
        As for `facts.gather`.
    """

    study: Path
    parameters: dict = field(default_factory=dict)
    mask_below: int = 0
    exact_curves: bool = False
    part: str = ""
    stand_ins: Callable | None = None

    def options(self) -> dict:
        """What the book depends on beside study, pages and program."""
        return {
            "study": str(self.study),
            "parameters": self.parameters,
            "mask_below": self.mask_below,
            "exact_curves": self.exact_curves,
            "part": self.part,
            "stand_ins": self.stand_ins is not None,
        }

    def of_cohort(self) -> str:
        """What the tables of the cohort depend on beside study and program, as one text."""
        options = {name: value for name, value in self.options().items() if name != "part"}
        return json.dumps(options, sort_keys=True, default=str)

    def site_key(self) -> str:
        """One site is kept for each study, mask, part and set of parameters."""
        return joined(
            str(self.study), self.mask_below, self.part, json.dumps(self.parameters, sort_keys=True, default=str)
        )


@dataclass(frozen=True)
class Inputs:
    """Hashes of what one book depends on.

    Attributes
    ----------
    program : str
        Code of this package, every installed package with its version, Python.
    source : str
        Contents, configuration, notebooks and pages of the book.
    study : str
        The study file, its name, and the files that it names.
    options : str
        Parameters, mask and whatever else was asked for.
    lessons : str
        The study that the lessons fall back to.
    """

    program: str
    source: str
    study: str
    options: str
    lessons: str

    def whole(self) -> str:
        """All of it as one hash."""
        return joined(self.program, self.source, self.study, self.options, self.lessons)


def joined(*parts) -> str:
    """One SHA-256 of several texts, None among them."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def inputs_of(wish) -> Inputs:
    """Hash everything that a book (a `Wish`) depends on, as it is now.

    Raises
    ------
    StudyError
        The study file cannot be read.
    """
    return Inputs(
        program=program(),
        source=_hash_of(pages.ROOT, _source_files()),
        study=study_hash(wish.study),
        options=joined(json.dumps(wish.options(), sort_keys=True, default=str)),
        lessons=study_hash(pages.DEFAULT_STUDY),
    )


def program() -> str:
    """Hash of the code that runs: this package's files, the installed packages, Python."""
    files = [path for path in _below(PROGRAM) if path.suffix != ".pyc"]
    return joined(_hash_of(PROGRAM, files), _installed(), platform.python_version())


def study_hash(study) -> str:
    """Hash of a study file, its name and every file it names; one that is not there counts as such."""
    opened = read_study(study)
    return joined(opened.file, _hash_of(opened.folder, [opened.folder / name for name in opened.files]))


def _source_files():
    files = [pages.ROOT / "_toc.yml", pages.ROOT / "_config.yml"]
    for folder in ("book", "notebooks"):
        files += _below(pages.ROOT / folder)
    return files


def _below(folder):
    """Files in a folder, without what editors and Python leave there."""
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        found += [Path(here, name) for name in sorted(names) if not name.startswith(".")]
    return found


def _hash_of(root, files):
    digest = hashlib.sha256()
    for path in files:
        try:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            content = ""
        digest.update(f"{os.path.relpath(path, root)}\0{content}\n".encode())
    return digest.hexdigest()


def _installed():
    """Folder names of the installed packages, which end in their versions."""
    names = set()
    for folder in filter(os.path.isdir, sys.path):
        names.update(entry.name for entry in os.scandir(folder) if entry.name.endswith((".dist-info", ".egg-info")))
    return sorted(names)
