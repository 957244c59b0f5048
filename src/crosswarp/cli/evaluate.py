"""`crosswarp evaluate`: statistics of a run."""

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    run: Annotated[Path, typer.Argument(help="Folder with predictions.tsv.")],
    reference: Annotated[
        str | None,
        typer.Option(help="Model to compare with; the first one by default."),
    ] = None,
    resamples: Annotated[
        int, typer.Option(help="Bootstrap draws over participants.")
    ] = 2000,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
) -> None:
    """Compute metrics, intervals, calibration and differences between models."""
    from crosswarp.evaluation.evaluate import METRICS, evaluate_run

    found = evaluate_run(run, reference=reference, resamples=resamples, seed=seed)
    if found.metrics["note"]:
        typer.echo(found.metrics["note"])
    for name, model in found.metrics["models"].items():
        auc = model["overall"]["roc_auc"]
        shown = "not defined"
        if auc is not None:
            shown = f"{auc['value']:.3f} [{auc['low']:.3f}, {auc['high']:.3f}]"
        typer.echo(f"{name}: AUC {shown}")
    for flag in found.metrics["flags"]:
        typer.echo(f"beware: {flag}")
    typer.echo(f"metrics: {run / METRICS}")
