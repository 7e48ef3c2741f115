"""What every part of the package may know: it knows no study, no data and no words. It imports nothing of the package."""
