"""`crosswarp jacobian`: the log-Jacobian map of a registration made elsewhere."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo


class TransformFormat(StrEnum):
    """Formats of transforms, by program."""

    itk = "itk"
    fsl = "fsl"
    spm = "spm"
    afni = "afni"
    greedy = "greedy"
    crosswarp = "crosswarp"
    voxels = "voxels"


def jacobian(
    transform: Annotated[
        Path,
        typer.Argument(
            help="Transform of another program: .h5, a warp as NIfTI, or an affine."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="Map to write, .nii.gz.")],
    *,
    reference: Annotated[
        Path, typer.Option(help="Image that the other image was registered to.")
    ],
    transform_format: Annotated[
        TransformFormat | None,
        typer.Option(
            "--transform-format",
            help="Format of the transform; found out by the file if not given.",
        ),
    ] = None,
    affine: Annotated[
        Path | None,
        typer.Option(help="Affine that belongs to the warp, to include its change."),
    ] = None,
    moving: Annotated[
        Path | None,
        typer.Option(
            help="Image that was registered, to check direction and unit of the warp."
        ),
    ] = None,
    keep_affine: Annotated[
        bool,
        typer.Option(
            "--keep-affine",
            help="Keep the volume change of the affine part in the map.",
        ),
    ] = False,
) -> None:
    """Write the log-Jacobian map of a registration made by another program.

    The map is above 0 where the registered image is locally larger than the reference.
    Without --keep-affine it shows the nonlinear part alone, as crosswarp's own maps do.
    """
    from crosswarp.registration.foreign.made import TransformAsked, write_change

    name = None if transform_format is None else transform_format.value
    asked = TransformAsked(transform, reference, name, affine, keep_affine, moving)
    change = write_change(asked, out)
    share = change.folded / change.counted
    echo(
        f"{out}: folds in {change.folded} of {change.counted} voxels ({share:.2%});"
        f" affine part: log volume ratio {change.log_affine:.4f},"
        f" {'in' if change.with_affine else 'not in'} the map"
    )
    if change.folded:
        echo(
            "warning: where it folds, the map has the logarithm of 0.01; raise the"
            " regularisation of the registration",
            err=True,
        )
