"""Tables of scans that a study makes of archives, and what it tells of them."""

from pathlib import Path

from crosswarp.archives.cohort import CohortReport, write_archive_cohort
from crosswarp.archives.naming import read_excluded
from crosswarp.running.job import Job
from crosswarp.study.sections import ArchiveSource, CohortRules


def archive_cohort(
    job: Job, archive: ArchiveSource, rules: CohortRules, out: Path
) -> CohortReport:
    """Write the table of an archive, and that of what was left out.

    Args:
        job: The study at work.
        archive: Folder of the download, and the name of its archive.
        rules: Rules for scans and labels.
        out: Folder for both tables, or the table of scans.
    """
    excluded = read_excluded(rules.exclude) if rules.exclude else frozenset()
    options = rules.options(excluded)
    return write_archive_cohort(
        archive.folder, out, archive.name, options, overwrite=job.overwrite
    )


def tell_cohort(job: Job, report: CohortReport) -> None:
    """Tell what is in a table, and what was left out.

    Args:
        job: The study at work.
        report: Of the table that was written.
    """
    for sentence in report.remarks:
        job.warn(sentence)
    for sentence in report.summary:
        job.say(sentence)
