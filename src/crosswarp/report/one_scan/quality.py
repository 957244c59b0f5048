"""What the quality control measured of the scan, and its limits."""

import math

from crosswarp.preprocessing.qc_page import LABELS
from crosswarp.preprocessing.quality import judge, range_text
from crosswarp.report.one_scan.source import OneScan
from crosswarp.report.parts import Table
from crosswarp.report.wording import MINUS


def tabulate(page: OneScan) -> Table:
    """Show every number with the range that needs no look."""
    row = page.ledger_row
    numbers = {
        name: float(row[name])
        for name in LABELS
        if isinstance(row.get(name), int | float) and math.isfinite(row[name])
    }
    rows = [
        [
            LABELS[found.name][0],
            LABELS[found.name][1].format(found.value).replace("-", MINUS),
            range_text(found.limits.fine).replace("-", MINUS),
            found.verdict.value,
        ]
        for found in judge(numbers, page.limits)
    ]
    return Table(
        "Quality control of the maps",
        ["Number", "Value", "Expected", "Verdict"],
        rows,
        "A picture of the registration is in figures, beside this scan's maps, and on"
        " the page of the quality control.",
    )
