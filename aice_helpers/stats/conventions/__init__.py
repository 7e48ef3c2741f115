"""The same numbers by the conventions of different programs, so that a reader can find out why theirs differ."""
