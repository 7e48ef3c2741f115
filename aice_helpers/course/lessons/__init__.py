"""The lessons, a package each: a folder beside this file is a lesson.

A lesson's package names its place in the reading order (``NUMBER``, as in the name of its notebook) and re-exports what
its notebook uses of ``arithmetic`` (what a student calls, invented patients), ``play`` (the interactive figure) and
``words`` (sentences with the cohort's numbers). ``exercises`` holds NEEDS, EXERCISES and QUESTIONS, ``pictures`` the figures.
"""

import importlib
import pkgutil


def lesson_keys() -> tuple[str, ...]:
    """Keys of all lessons in reading order.

    >>> lesson_keys()[:2]
    ('exact', 'km')
    """
    keys = [found.name for found in pkgutil.iter_modules(__path__) if found.ispkg]
    return tuple(sorted(keys, key=lambda key: importlib.import_module(f"{__name__}.{key}").NUMBER))
