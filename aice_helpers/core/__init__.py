"""What every room may know: faults in words, writing without overwriting, reason codes, contracts, numbers."""
