"""Headings of the page's sections, which other sections point to."""

from typing import Final

HEADINGS: Final = {
    "flags": "Summary",
    "differences": "Differences between models",
    "scan": "Input maps",
    "cohort": "Participants and folds",
    "quality": "Preprocessing",
    "models": "Models and training",
    "results": "Results in detail",
    "calibration": "Calibration and clinical utility",
    "groups": "Subgroups and sites",
    "attribution": "Attribution maps",
    "power": "Sample size",
    "methods": "Methods text",
    "checklists": "Reporting checklists",
    "limits": "Limitations",
    "record": "Settings and versions",
}
"""Heading by the anchor of the section, from top to bottom."""
