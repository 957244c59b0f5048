"""AUC of each model, and its difference to the reference."""

from crosswarp.evaluation.encoding import described
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.tables.volumes import volume_words
from crosswarp.report.wording import ABSENT, count, interval, p_value, spread
from crosswarp.study.comparisons import ModelComparison
from crosswarp.study.metrics import Metrics, PrimaryComparison, Settings

P_HEADINGS = ("p", "p, Holm")
"""Headings of p of the primary test, and of p corrected for the family."""


def tabulate(run: Run) -> Table:
    """Show mean ± SD over folds, AUC over folds, and the primary test's difference."""
    metrics = run.metrics
    by_model = run.comparisons
    reference = metrics.reference
    rows = []
    for name in run.compared():
        model = metrics.models[name]
        rows.append(
            [
                name,
                spread(model.mean["roc_auc"], model.sd["roc_auc"]),
                interval(model.overall["roc_auc"]),
                *_difference(by_model[name], is_reference=name == reference),
            ]
        )
    return Table(
        "Comparison of models by ROC-AUC",
        [
            "Model",
            "Mean ± SD over folds",
            "Over all folds [95\u00a0%]",
            f"Difference to {reference} [95\u00a0%]",
            *P_HEADINGS,
            "Comparison",
        ],
        rows,
        "Over all folds: only pairs of scans within a fold are compared, since scores"
        " of different folds come from different networks. Intervals of an AUC:"
        f" {_intervals(metrics.settings)}. Differences, their intervals and p"
        " (two-sided): DeLong's test corrected for the variability of training"
        " (Nadeau & Bengio), the primary test."
        f" {primary_words(metrics.primary)}{_baseline(metrics)}"
        f" {volume_words(metrics.volumes)}",
        is_for_paper=True,
    )


def primary_words(primary: PrimaryComparison) -> str:
    """Say which comparison is primary, whether it was declared, and what was corrected.

    Args:
        primary: Primary comparison of the run.
    """
    if primary.model is None:
        return "There is only one model, so there is nothing to compare."
    declared = (
        "declared in the experiment file"
        if primary.declared
        else f"not declared beforehand ({primary.note})"
    )
    tasks = primary.tasks
    over = f" in the tasks {', '.join(tasks)}" if len(tasks) > 1 else ""
    return (
        f"Primary comparison, {declared}: {primary.model} against"
        f" {primary.reference}. Holm's correction is over the family of"
        f" {count(primary.comparisons, 'comparison')}{over}."
    )


def _intervals(settings: Settings) -> str:
    if not settings.resamples:
        return "not given, since folds have too few participants of a class"
    return (
        f"bootstrap over participants, {settings.resamples} resamples; for an AUC of"
        " exactly 1 or 0, an exact one-sided bound (Clopper & Pearson)"
    )


def _difference(row: ModelComparison, *, is_reference: bool) -> list[str]:
    if is_reference:
        return ["reference", *(ABSENT for _ in P_HEADINGS), ABSENT]
    found = row.primary
    return [
        interval(found.difference),
        p_value(found.p),
        p_value(found.p_holm),
        row.role,
    ]


def _baseline(metrics: Metrics) -> str:
    covariates = metrics.covariates
    if covariates.model is None:
        return f" There is no row of covariates alone: {covariates.reason}."
    features = described(covariates.features)
    return f" {covariates.model}: a model of {features} alone."
