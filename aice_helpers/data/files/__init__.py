"""Tables from files, one format a module."""
