"""Imports the packages that the notebooks use, for `aice_helpers.build.processes` to do once and for all kernels."""

import lifelines
import matplotlib.backends.backend_agg
import matplotlib.figure
import pandas as pd
import seaborn as sns

__all__ = ["lifelines", "matplotlib", "pd", "sns"]
