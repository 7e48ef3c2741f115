"""Imports the packages that the notebooks use, for `aice_helpers.build.processes` to do once and for all kernels."""

from aice_helpers.build.lean import lean_imports

with lean_imports():
    import ipykernel.debugger
    import ipykernel.ipkernel
    import ipykernel.kernelapp
    import matplotlib_inline.backend_inline

import lifelines
import matplotlib.backends.backend_agg
import matplotlib.figure
import pandas as pd
import seaborn as sns

from aice_helpers import analysis
from aice_helpers.show import figures, prose, tables

__all__ = [
    "analysis",
    "figures",
    "ipykernel",
    "lifelines",
    "matplotlib",
    "matplotlib_inline",
    "pd",
    "prose",
    "sns",
    "tables",
]
