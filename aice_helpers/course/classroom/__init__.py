"""For those who teach: cohorts dealt to students, answer keys, grades."""
