"""A study file guessed from a table, every guess marked."""
