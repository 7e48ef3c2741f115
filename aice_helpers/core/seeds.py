"""Seeds of everything that is drawn at random, so that a book can be made again to the last digit."""

BOOTSTRAP = 20240613
"""Resamples behind the optimism-corrected concordance."""
SHUFFLED_CUTS = 20240613
"""Shuffled outcomes of the lesson on cut-points."""
COVERAGE = 20240613
"""Simulated samples behind the coverage of intervals of survival times."""

ALL = {"bootstrap": BOOTSTRAP, "shuffled cut-points": SHUFFLED_CUTS, "coverage": COVERAGE}
"""What is drawn -> its seed, as the record of a run tells it."""
