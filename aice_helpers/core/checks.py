"""Comparison of a value computed by hand with the book's own, for the notebooks' ``assert`` lines."""

import math

import pandas as pd


def agree(own, book, tolerance=1e-6) -> bool:
    """Whether a value computed by hand equals the book's, relative to the larger of 1 and the book's value.

    A value that is missing on either side equals nothing: a cell that compares is left out where the book has no value
    (see `build.offers.requirements_met`).

    >>> agree(0.3717, 42 / 113, tolerance=1e-4), agree(0.38, 42 / 113), agree(0.38, math.nan)
    (True, False, False)
    """
    if pd.isna(own) or pd.isna(book):
        return False
    return math.isclose(float(own), float(book), rel_tol=0, abs_tol=tolerance * max(1.0, abs(float(book))))
