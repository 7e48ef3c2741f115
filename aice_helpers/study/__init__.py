"""What a study file says: the typed model, its reader and checks, the writer, the template. Knows no data."""
