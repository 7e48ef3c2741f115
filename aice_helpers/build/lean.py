"""Import the packages that notebooks are read and executed with, but not two parts of them that no book uses.

jsonschema, when it finds the package rfc3987_syntax, builds the grammars of forty kinds of addresses, which takes longer than
all the rest. The kernel, when it finds debugpy, gets ready for a debugger.
"""

import contextlib
import sys

UNUSED = ("rfc3987_syntax", "debugpy")


@contextlib.contextmanager
def lean_imports():
    """Whatever is imported for the first time in this context finds the unused packages missing."""
    hidden = [name for name in UNUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with lean_imports():
    import nbformat

__all__ = ["lean_imports", "nbformat"]
