"""Does one site carry the result?"""

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import number


def tabulate(run: Run) -> Table:
    """Show the reference model's AUC without each site."""
    reference = run.metrics["reference"]
    table = run.evaluated("sites.tsv")
    of_reference = table[table["model"] == reference]
    if of_reference.empty:
        msg = "no sites to leave out: one site, or none known"
        raise MissingDerivativeError(msg)
    return Table(
        f"ROC-AUC of {reference} without one site",
        ["Site", "Participants", "AUC without", "Change", "By chance", "Stands out"],
        [
            [
                str(row["site"]),
                number(row["participants"], 0),
                number(row["auc_without"]),
                number(row["shift"]),
                f"{number(row['chance_low'])} to {number(row['chance_high'])}",
                "yes" if row["flagged"] else "no",
            ]
            for row in of_reference.to_dict("records")
        ],
        "The site's scans are left out of the test parts; nothing is trained again, so"
        " this is not validation at a new site. By chance: change when as many others"
        " of the same diagnoses leave (95\u00a0%, Bonferroni over sites). Other models"
        " are in sites.tsv of the run.",
    )
