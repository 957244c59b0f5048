"""Options of `crosswarp cohort` on archives: declared once, read into rules."""

from pathlib import Path
from typing import Annotated, Literal

import typer

ArchiveName = Annotated[
    str | None,
    typer.Option(
        "--archive",
        metavar="NAME",
        help="Archive of SOURCE: adni, aibl, oasis1, oasis2, oasis3, nacc, miriad, bids"
        " or table. Recognised by its files if not given.",
    ),
]
DiagnosisOption = Annotated[
    Literal["visit", "baseline", "group"],
    typer.Option(
        "--diagnosis",
        help="Diagnosis of a scan: of the nearest visit, of the baseline visit, or the"
        " group of enrolment (which is no diagnosis at the scan).",
    ),
]
WindowOption = Annotated[
    int | None,
    typer.Option(
        "--window",
        min=0,
        metavar="DAYS",
        help="Largest number of days between scan and visit; the default is that of the"
        " archive.",
    ),
]
VisitsOption = Annotated[
    Literal["baseline", "all"] | None,
    typer.Option(
        "--visits",
        help="Scans to take: each participant's first one with a label (the default of"
        " archives), or all (of BIDS and tables).",
    ),
]
SubgroupsOption = Annotated[
    Literal["merge", "keep", "drop"],
    typer.Option(
        "--subgroups",
        help="Treatment of EMCI, LMCI and SMC of ADNI: merge into MCI and CN, keep as"
        " MCI-E, MCI-L and SMC, or drop SMC.",
    ),
]
DementiaOption = Annotated[
    Literal["ad", "any"],
    typer.Option(
        "--dementia",
        help="Dementia that counts as AD: not due to another cause, or any.",
    ),
]
CdrOption = Annotated[
    Literal["dementia", "cdr1", "stage"],
    typer.Option(
        "--cdr",
        help="Label of a CDR where an archive has no diagnoses: above 0 is AD; from 1"
        " on, 0.5 left out; or 0.5 is MCI.",
    ),
]
ConversionOption = Annotated[
    float | None,
    typer.Option(
        "--conversion",
        min=1,
        metavar="MONTHS",
        help="Split MCI into pMCI (dementia within MONTHS of the scan) and sMCI; those"
        " followed for less are left out.",
    ),
]
T1Option = Annotated[
    Literal["raw", "processed", "scaled"],
    typer.Option(
        "--t1",
        help="T1 to take if a session has several: raw, processed by the archive but"
        " not scaled, or scaled.",
    ),
]
PreferOption = Annotated[
    list[str] | None,
    typer.Option(
        "--prefer",
        metavar="PATTERN",
        help="Description of a T1 that comes before --t1, as '*SENSE*'; repeatable.",
    ),
]
ExcludeOption = Annotated[
    Path | None,
    typer.Option(
        "--exclude",
        metavar="FILE",
        help="List of sessions, image ids or participants to leave out, one a line.",
    ),
]
TableOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--table",
        metavar="FILE",
        help="Table of your own (TSV, CSV or Excel) to join by id and session or date;"
        " repeatable.",
    ),
]
SettingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Setting of one archive: label=dx1, d1 or cdr of oasis3; unrated=cn of"
        " oasis1. May be given several times.",
    ),
]
