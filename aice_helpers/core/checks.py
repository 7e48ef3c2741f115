"""Comparison of a value computed by hand with the book's own, for the notebooks' ``assert`` lines."""

import math

import pandas as pd


def agree(own, book, tolerance=1e-6) -> bool:
    """Whether a value computed by hand equals the book's, relative to the larger of 1 and the book's value.

    Where the book says "not estimable" there is nothing to compare, and the answer is True.

    >>> agree(0.3717, 42 / 113, tolerance=1e-4), agree(0.38, 42 / 113)
    (True, False)
    """
    if book is None or pd.isna(book):
        return True
    if own is None or pd.isna(own):
        return False
    return math.isclose(float(own), float(book), rel_tol=0, abs_tol=tolerance * max(1.0, abs(float(book))))
