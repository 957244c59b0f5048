"""Influence of each site on the result."""

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, number
from crosswarp.study.names import SITES


def tabulate(run: Run) -> Table:
    """Show the AUC of the run's main model without each site."""
    shown = run.headline
    table = run.evaluated(SITES)
    of_model = table[table["model"] == shown]
    if of_model.empty:
        msg = "no sites to leave out: one site, or none known"
        raise MissingDerivativeError(msg)
    return Table(
        f"ROC-AUC of {shown} without one site",
        [
            "Site",
            "Participants",
            "AUC without",
            "Change",
            "Range by chance",
            "Outside the range",
        ],
        [
            [
                str(row["site"]),
                number(row["participants"], 0),
                number(row["auc_without"]),
                number(row["shift"]),
                _range(row["chance_low"], row["chance_high"]),
                "yes" if row["flagged"] else "no",
            ]
            for row in of_model.to_dict("records")
        ],
        "The scans of the site are left out of the test sets; no network is"
        " retrained, so this is not validation at a new site. Range by chance: change"
        " when as many other participants of the same diagnoses are left out; one"
        " study in twenty has a site outside its range by chance, however many sites"
        f" it has. Other models are in {SITES} of the run.",
    )


def _range(low: float | None, high: float | None) -> str:
    """Write a range; one dash where a site cannot be left out."""
    ends = number(low), number(high)
    return ABSENT if ABSENT in ends else " to ".join(ends)
