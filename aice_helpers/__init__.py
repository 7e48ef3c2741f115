"""Helpers of the AICE analysis book, a room a folder; a room imports only from those above it (see CONTRIBUTING.md)."""
