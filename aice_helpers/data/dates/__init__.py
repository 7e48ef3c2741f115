"""Dates as files hold them, and the endpoints that follow from them."""
