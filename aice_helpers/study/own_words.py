"""The wording of a study: its own word for its people, and every text of its files, which no page may change."""

import dataclasses

from aice_helpers.core.wording import Wording
from aice_helpers.study.published import read_published


def wording_of(study) -> Wording:
    """The `Wording` of a study.

    Parameters
    ----------
    study : Study

    Raises
    ------
    StudyError
        When the file of published numbers cannot be read.
    """
    if not study.people:
        return Wording()
    own = set(_texts(study))
    if study.published:
        own |= set(_texts(read_published(study.folder / study.published)))
    return Wording(*study.people, kept=tuple(sorted(own)))


def _texts(value):
    """Every text within a dataclass, mapping or sequence, keys included."""
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, dict):
        for key, content in value.items():
            yield from _texts(key)
            yield from _texts(content)
    elif isinstance(value, (tuple, list)):
        for content in value:
            yield from _texts(content)
