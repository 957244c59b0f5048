"""`crosswarp preprocess`: raw scans to maps."""

from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.progress import Bars


def preprocess(
    scan_or_bids: Annotated[
        Path, typer.Argument(help="A BIDS data set, or one T1w NIfTI file.")
    ],
    out: Annotated[Path, typer.Argument(help="Folder of the derivatives.")],
    resolution: Annotated[
        int, typer.Option(min=1, max=2, help="Spacing of the template grid, in mm.")
    ] = 1,
    skull_stripped: Annotated[
        bool, typer.Option("--skull-stripped", help="The scans are brains already.")
    ] = False,
    registration: Annotated[
        str,
        typer.Option(
            help="What registers: greedy, ants (SyN as in the paper, at 1 mm: slow)"
            " or torch (on a GPU where there is one)."
        ),
    ] = "greedy",
    participant_label: Annotated[
        list[str] | None,
        typer.Option(help="Only this participant, with or without sub-; repeatable."),
    ] = None,
    workers: Annotated[int, typer.Option(help="Scans at a time, one core each.")] = 2,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Do failed scans again.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Turn raw T1w scans into aligned T1w images and log-Jacobian maps."""
    from crosswarp.bids.dataset import find_scans
    from crosswarp.derivatives.cohort import check_ledger, preprocess_cohort
    from crosswarp.derivatives.registration import registration_named
    from crosswarp.derivatives.settings import PreprocessSettings
    from crosswarp.execution.pool import LocalEngine

    chosen = {
        "registration": registration_named(registration),
        "resolution": resolution,
        "brain_mask": "given" if skull_stripped else "deepbet",
    }
    settings = PreprocessSettings.model_validate(chosen)
    found = find_scans(scan_or_bids, participants=participant_label)
    for sentence in found.left_out:
        typer.echo(f"left out: {sentence}", err=True)
    with Bars(quiet) as bars:
        ledger = preprocess_cohort(
            found,
            out,
            settings,
            root=scan_or_bids if scan_or_bids.is_dir() else None,
            engine=LocalEngine(workers),
            retry_failed=retry_failed,
            progress=bars,
        )
    check_ledger(ledger, out)
    typer.echo(f"{len(ledger)} scans in {out}")
