"""Placeholder: execution."""
