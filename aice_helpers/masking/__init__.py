"""What a book that leaves the clinic may tell: decided from the cohort, applied to result tables."""
