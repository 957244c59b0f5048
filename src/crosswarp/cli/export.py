"""`crosswarp model export`: a trained network for other programs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.study.fold import ModelFold
from crosswarp.study.names import BUNDLE


class ExportFormat(StrEnum):
    """Formats of other programs."""

    onnx = "onnx"
    monai = "monai"


def export(
    bundle: Annotated[
        Path,
        typer.Argument(
            help=f"Bundle: RUN/{ModelFold('NAME', 0, 0).place}/{BUNDLE}, for example."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="Folder to write.")],
    kind: Annotated[
        ExportFormat,
        typer.Option(
            "--format", help="Format: onnx for ONNX Runtime, monai for a MONAI bundle."
        ),
    ] = ExportFormat.onnx,
) -> None:
    """Export a trained network, checked against the predictions of the original."""
    from crosswarp.models.export.check import SCANS, TOLERANCE
    from crosswarp.models.export.write import export_bundle

    difference = export_bundle(bundle, out, kind.value)
    echo(
        f"{kind.value} in {out}: logits differ by at most {difference:.1e} on {SCANS}"
        f" made-up scans (allowed: {TOLERANCE:.0e})"
    )
