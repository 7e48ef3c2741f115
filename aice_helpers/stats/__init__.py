"""Estimates: a cohort or arrays in, result tables out. No sentence, no rounding, no mask."""
