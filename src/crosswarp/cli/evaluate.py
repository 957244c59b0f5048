"""`crosswarp evaluate`: statistics of a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crosswarp.cli.echo import echo

if TYPE_CHECKING:
    from crosswarp.study.comparisons import ModelComparison
    from crosswarp.study.metrics import Metrics


def evaluate(
    run: Annotated[
        Path,
        typer.Argument(
            help="Folder that `crosswarp compare` wrote; with tasks, all are evaluated."
        ),
    ],
    reference: Annotated[
        str | None,
        typer.Option(
            help="Model to compare with; by default the one that the experiment"
            " declares, or else its first."
        ),
    ] = None,
    resamples: Annotated[
        int, typer.Option(help="Bootstrap draws over participants.")
    ] = 2000,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
) -> None:
    """Compute metrics, intervals, calibration and differences between models."""
    from crosswarp.evaluation.tasks import evaluate_tasks
    from crosswarp.study.comparisons import comparisons_of
    from crosswarp.study.names import METRICS
    from crosswarp.study.run import outdated

    done, failures = evaluate_tasks(
        run, reference=reference, resamples=resamples, seed=seed
    )
    notices = {note for found in done.values() if (note := found.metrics.note)}
    for notice in sorted(notices):
        echo(notice)
    for folder, found in done.items():
        if folder != run:
            echo(f"task: {folder.name}")
        _show(found.metrics, comparisons_of(found.comparisons))
        echo(f"metrics: {folder / METRICS}")
        for line in outdated(folder):
            echo(f"warning: {line}")
    failures.show()


def _show(metrics: "Metrics", comparisons: Mapping[str, "ModelComparison"]) -> None:
    from crosswarp.evaluation.wording import difference_text, estimate_text

    for name, model in metrics.models.items():
        auc = model.overall["roc_auc"]
        shown = "not defined" if auc is None else estimate_text(auc)
        told = difference_text(comparisons[name], metrics.primary)
        echo(f"{name}: AUC {shown}{told}")
    for flag in metrics.flags:
        echo(f"warning: {flag}")
