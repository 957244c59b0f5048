"""Scans that training went on without."""

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, count

NAMES = {
    "t1w": "T1w",
    "jsm": "log-Jacobian",
    "change": "map of change",
    "rate": "map of change",
}


def tabulate(run: Run) -> Table | None:
    """List the scans that had no maps, or return None when all had."""
    scans = run.left_out.fillna(ABSENT)
    if scans.empty:
        return None
    return Table(
        "Scans of the cohort that were excluded because they have no maps",
        ["Participant", "Session", "Diagnosis", "Missing", "Reason from preprocessing"],
        [
            [
                row["participant_id"],
                row["session_id"],
                row["diagnosis"],
                ", ".join(NAMES.get(name, name) for name in row["lacks"].split(", ")),
                row["reason"],
            ]
            for row in scans.to_dict("records")
        ],
        f"{count(len(scans), 'scan')}: used neither in training nor in testing. If the"
        " scans of one diagnosis fail more often, the results hold for the others"
        " only.",
        is_prose=True,
    )
