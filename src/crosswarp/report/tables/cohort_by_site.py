"""Who was tested at which site."""

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.parts import Table
from crosswarp.report.people import described, headings, tested_people
from crosswarp.report.run import Run


def tabulate(run: Run) -> Table:
    """Describe the tested participants of each site."""
    classes = run.predictions.classes
    people = tested_people(run)
    known = people[people["site"].notna() & (people["site"] != "n/a")]
    if known.empty:
        msg = "the cohort table has no sites"
        raise MissingDerivativeError(msg)
    unknown = len(people) - len(known)
    return Table(
        "Test participants by site",
        ["Site", *headings(classes)],
        [
            [str(site), *described(part, classes)]
            for site, part in known.groupby("site", sort=True)
        ],
        f"The site of {unknown} scans is unknown." if unknown else "",
    )
