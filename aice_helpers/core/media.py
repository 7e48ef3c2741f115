"""Media types of the project's own outputs in notebooks."""

ANSWER_TYPE = "application/vnd.aice.answer+json"
"""Under it a checked answer is kept in a notebook, for grading."""
