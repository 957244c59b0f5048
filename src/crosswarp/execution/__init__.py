"""Where work runs: a process of its own for each piece, a few at a time."""
