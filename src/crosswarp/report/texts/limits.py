"""What the numbers do not say."""

from crosswarp.report.parts import Text
from crosswarp.report.run import Run


def write(run: Run) -> Text:
    """List the limits that hold for every such run."""
    points = [
        "Research software, not a medical device. Nothing here supports a decision"
        " about a person.",
        "Intervals and p values are about the participants tested. The networks are"
        " taken as they are: another seed or another training set would move the"
        " figures too, and repeats show by how much.",
        "Scores of different folds come from different networks. AUC over all folds"
        " therefore compares only pairs within a fold; a curve pooled over folds would"
        " be another number.",
        "A participant's label is a clinical diagnosis, not pathology.",
        "Results of one cohort need not hold for another scanner, site or population.",
    ]
    if run.predictions.has_virtual:
        points.insert(
            0,
            "The participants are virtual: anatomy, disease and noise were simulated,"
            " so that these figures test software, not medicine.",
        )
    return Text([], points)
