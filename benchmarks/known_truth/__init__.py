"""Heads whose volume change is known at every point, and how well it is found."""
