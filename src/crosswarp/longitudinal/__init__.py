"""Change between scans of one person: midpoint, map of change, rates of regions."""
