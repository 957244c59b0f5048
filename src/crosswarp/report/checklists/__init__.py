"""Reporting guidelines as YAML: what a run can answer, and what only authors can.

Topics are in our own words; the guideline itself is the reference.
"""
