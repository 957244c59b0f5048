"""``crosswarp evaluate RUN``: statistics of a run."""

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    run: Annotated[Path, typer.Argument(help="Folder with predictions.tsv.")],
    reference: Annotated[
        str | None,
        typer.Option(
            "--reference", help="Model to compare with; the first one by default."
        ),
    ] = None,
    resamples: Annotated[
        int, typer.Option("--resamples", help="Bootstrap draws over participants.")
    ] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="Of the draws.")] = 0,
) -> None:
    """Compute metrics, intervals and differences between models."""
    from crosswarp.evaluation.evaluate import evaluate_run

    found = evaluate_run(run, reference=reference, resamples=resamples, seed=seed)
    if found.metrics["note"]:
        typer.echo(found.metrics["note"])
    for row in found.comparisons.itertuples():
        typer.echo(
            f"{row.model}: AUC {row.auc:.3f} [{row.auc_low:.3f}, {row.auc_high:.3f}]"
        )
    typer.echo(f"metrics: {run / 'metrics.json'}")
