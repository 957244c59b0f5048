"""Encoders learn from scans without a diagnosis, before any are trained."""
