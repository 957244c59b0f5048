"""`crosswarp evaluate`: statistics of a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crosswarp.cli.echo import echo
from crosswarp.errors import InputError

if TYPE_CHECKING:
    from crosswarp.study.comparisons import ModelComparison
    from crosswarp.study.metrics import Metrics

ANOTHER = "Another cohort"


def evaluate(
    run: Annotated[
        Path,
        typer.Argument(
            help="Folder that `crosswarp compare` wrote; with tasks, all are evaluated."
            " Or folder of the predictions that `crosswarp predict` wrote for a cohort."
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
    diagnoses: Annotated[
        Path | None,
        typer.Option(
            help="Table with participant_id, session_id and diagnosis, for predictions"
            " for a cohort; by default the cohort's own.",
            rich_help_panel=ANOTHER,
        ),
    ] = None,
    recalibrate: Annotated[
        float | None,
        typer.Option(
            help="Fraction of the participants of a cohort on which probabilities are"
            " recalibrated; they are left out of what is reported after that. 0.3 by"
            " default, 0 for none.",
            rich_help_panel=ANOTHER,
        ),
    ] = None,
) -> None:
    """Compute metrics, intervals, calibration and differences between models."""
    from crosswarp.prediction.external import is_cohort_prediction

    if is_cohort_prediction(run):
        if reference is not None:
            msg = "predictions for a cohort are of one model: leave out --reference"
            raise InputError(msg)
        _evaluate_cohort(run, diagnoses, recalibrate, resamples, seed)
        return
    if diagnoses is not None or recalibrate is not None:
        msg = (
            f"{run} has no predictions for a cohort: leave out --diagnoses and"
            " --recalibrate, or give the folder that `crosswarp predict` wrote"
        )
        raise InputError(msg)
    _evaluate_run(run, reference, resamples, seed)


def _evaluate_cohort(
    out: Path,
    diagnoses: Path | None,
    recalibrate: float | None,
    resamples: int,
    seed: int,
) -> None:
    from crosswarp.cli.external import external_lines
    from crosswarp.prediction.external import evaluate_cohort
    from crosswarp.prediction.recalibrate import SHARE, Drawing
    from crosswarp.report.external.page import write_external_page
    from crosswarp.study.names import EXTERNAL

    share = SHARE if recalibrate is None else recalibrate
    found = evaluate_cohort(out, diagnoses, Drawing(share, resamples, seed)).found
    for line in external_lines(found):
        echo(line)
    echo(f"metrics: {out / EXTERNAL}")
    echo(f"page: {write_external_page(out)}")


def _evaluate_run(run: Path, reference: str | None, resamples: int, seed: int) -> None:
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
