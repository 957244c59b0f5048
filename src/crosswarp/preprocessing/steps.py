"""What is done to a scan, in words: told while it is done."""

from typing import Final

STEPS: Final = (
    "brain extraction",
    "bias correction",
    "registration",
    "aligned T1w and log-Jacobian",
)
"""In their order."""
