"""Limitations of the results."""

from crosswarp.report.parts import Text
from crosswarp.report.run import Run


def write(run: Run) -> Text:
    """List the limits that hold for every such run."""
    points = [
        "Research software, not a medical device. Nothing here supports a decision"
        " about a person.",
        "Confidence intervals of a single model's metrics reflect the sampling of"
        " tested participants only. The trained networks are taken as fixed; another"
        " seed or another training set would change the figures as well. Only the"
        " primary test of a difference accounts for that.",
        "Scores of different folds come from different networks. AUC over all folds"
        " therefore compares only pairs within a fold, and differs from the area"
        " under a curve pooled over folds.",
        "A participant's label is a clinical diagnosis, not pathology.",
        "Results of one cohort need not hold for another scanner, site or population.",
    ]
    if run.predictions.has_virtual:
        points.insert(
            0,
            "The participants are virtual: anatomy, disease and noise were simulated,"
            " so that these figures test the software and say nothing about patients.",
        )
    return Text([], points)
