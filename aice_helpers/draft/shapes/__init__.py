"""Tables of other shapes than one row a patient, recognized while a study file is drafted; one shape a module."""
