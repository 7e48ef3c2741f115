"""Tables of other shapes than one row a patient, one shape a module: tables in, one row a patient (or an event) out."""
