"""Weights that others have trained: where they are, what they saw, whether they fit."""
