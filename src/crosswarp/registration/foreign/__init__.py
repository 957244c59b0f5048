"""Transforms of other programs, read as each program means them: one file a format."""
