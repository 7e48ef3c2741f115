"""From files to one frozen cohort: formats, judging, privacy."""
