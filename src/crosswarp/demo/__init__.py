"""Placeholder: demo."""
