"""`crosswarp cohort`: the scans of an analysis and their diagnoses."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crosswarp.cli import archive_options as of_archives
from crosswarp.cli.echo import echo
from crosswarp.study.names import COHORT, EXCLUDED

if TYPE_CHECKING:
    from crosswarp.archives.cohort import CohortReport


def cohort(
    source: Annotated[
        Path,
        typer.Argument(
            help="Folder that holds a downloaded archive or a BIDS data set, or a table"
            " of scans."
        ),
    ],
    out: Annotated[
        Path,
        typer.Argument(help=f"Folder for {COHORT} and {EXCLUDED}; or the table, .tsv."),
    ],
    archive: of_archives.ArchiveName = None,
    diagnosis: of_archives.DiagnosisOption = "visit",
    window: of_archives.WindowOption = None,
    visits: of_archives.VisitsOption = None,
    subgroups: of_archives.SubgroupsOption = "merge",
    dementia: of_archives.DementiaOption = "ad",
    cdr: of_archives.CdrOption = "dementia",
    conversion: of_archives.ConversionOption = None,
    t1: of_archives.T1Option = "raw",
    prefer: of_archives.PreferOption = None,
    exclude: of_archives.ExcludeOption = None,
    table: of_archives.TableOption = None,
    setting: of_archives.SettingOption = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="LABEL=LABEL",
            help="Diagnosis to rename, as SMC=CN. May be given several times.",
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(
            "--drop",
            metavar="LABEL",
            help="Diagnosis to leave out. May be given several times.",
        ),
    ] = None,
    missing: Annotated[
        list[str] | None,
        typer.Option(
            "--missing",
            metavar="VALUE",
            help="Further spelling or code of a missing value, as 88. n/a, NA, nan, .,"
            " unknown and codes such as -4 and 999 are known. May be given several"
            " times.",
        ),
    ] = None,
    sex_codes: Annotated[
        list[str] | None,
        typer.Option(
            "--sex-codes",
            metavar="CODES",
            help="Meaning of codes of sex, as 1=M,2=F.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="NAME=COLUMN",
            help="Column to read, as diagnosis=group. May be given several times.",
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace an older table of this command."),
    ] = False,
) -> None:
    """List the scans of an archive or data set with their diagnoses.

    Scans that are left out are listed with the reason in a second table.
    """
    from crosswarp.archives.cohort import write_archive_cohort, write_bids_cohort
    from crosswarp.archives.naming import read_excluded
    from crosswarp.archives.options import ArchiveOptions, read_settings
    from crosswarp.bids.options import read_options

    options = read_options(
        mapping or (), drop or (), missing or (), sex_codes or (), column or ()
    )
    if _is_plain_bids(source, out, archive, table):
        _tell(write_bids_cohort(source, out, options, overwrite=overwrite))
        return
    rules = ArchiveOptions(
        diagnosis=diagnosis,
        window=window,
        visits=visits,
        subgroups=subgroups,
        dementia=dementia,
        cdr=cdr,
        conversion=conversion,
        t1=t1,
        prefer=tuple(prefer or ()),
        exclude=frozenset() if exclude is None else read_excluded(exclude),
        exclude_from="--exclude" if exclude is None else exclude.name,
        labels=options,
        tables=tuple(table or ()),
        settings=read_settings(setting or ()),
    )
    _tell(write_archive_cohort(source, out, archive, rules, overwrite=overwrite))


def _is_plain_bids(
    source: Path, out: Path, archive: str | None, tables: list[Path] | None
) -> bool:
    """Whether a BIDS data set becomes one table without paths, as it always did."""
    from crosswarp.bids.people import PARTICIPANTS

    bids = (source / PARTICIPANTS).is_file() or any(source.glob("sub-*/"))
    return archive is None and bids and out.suffix == ".tsv" and not tables


def _tell(report: "CohortReport") -> None:
    for sentence in report.remarks:
        echo(sentence, err=True)
    for sentence in report.summary:
        echo(sentence)
