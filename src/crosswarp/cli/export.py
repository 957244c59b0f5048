"""`crosswarp export`: a trained network for other programs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ExportFormat(StrEnum):
    """Formats of other programs."""

    onnx = "onnx"
    monai = "monai"


def export(
    bundle: Annotated[
        Path,
        typer.Argument(
            help="Bundle: RUN/models/NAME/repeat-0_fold-0/bundle, for example."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="Folder to write.")],
    kind: Annotated[
        ExportFormat,
        typer.Option("--format", help="onnx for ONNX Runtime, monai for a bundle."),
    ] = ExportFormat.onnx,
) -> None:
    """Export a trained network, checked against the original's answers."""
    from crosswarp.models.export.check import SCANS, TOLERANCE
    from crosswarp.models.export.write import export_bundle

    difference = export_bundle(bundle, out, kind.value)
    typer.echo(
        f"{kind.value} in {out}: logits differ by at most {difference:.1e} on {SCANS}"
        f" made-up scans (allowed: {TOLERANCE:.0e})"
    )
