"""Seeds of everything that is drawn at random, so that a book can be made again to the last digit."""

BOOTSTRAP = 20240613
"""Resamples behind the optimism-corrected concordance."""
SHUFFLED_CUTS = 20240613
"""Shuffled outcomes of the lesson on cut-points."""

ALL = {"bootstrap": BOOTSTRAP, "shuffled cut-points": SHUFFLED_CUTS}
"""What is drawn -> its seed, as the record of a run tells it."""
