"""Placeholder: simulation."""
