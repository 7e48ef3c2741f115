"""Versions of the programs that a book's numbers and pages come from."""

import importlib.metadata
import platform

NAMES = ("jupyter-book", "lifelines", "matplotlib", "numpy", "pandas", "papermill", "scipy", "seaborn", "sphinx")


def versions() -> dict[str, str]:
    """Version of Python and of each package."""
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in NAMES}
