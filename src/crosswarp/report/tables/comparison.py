"""AUC of each model, and its difference to the reference."""

from typing import Any

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, interval, p_value, spread

P_COLUMNS = {
    "p_holm": "p, permutation",
    "delong_p_holm": "p, DeLong",
    "t_p_holm": "p, trained again",
}
"""Adjusted p of each test, and its heading."""


def tabulate(run: Run) -> Table:
    """Show mean ± SD over folds, AUC over folds, paired difference and its p."""
    metrics = run.metrics
    by_model = run.comparisons
    reference = metrics["reference"]
    rows = []
    for name in run.compared():
        model = metrics["models"][name]
        rows.append(
            [
                name,
                spread(model["mean"]["roc_auc"], model["sd"]["roc_auc"]),
                interval(model["overall"]["roc_auc"]),
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
            *P_COLUMNS.values(),
        ],
        rows,
        "Over all folds: only pairs of scans within a fold are compared, since scores"
        " of different folds come from different networks. Intervals: bootstrap over"
        f" participants, {metrics['settings']['resamples']} resamples. Every p is"
        " two-sided and adjusted over the models of this table (Holm). The permutation"
        " test and DeLong's take the networks as they are; the last column, a corrected"
        " resampled t-test over the folds, asks whether the difference would hold if"
        f" they were trained again.{_baseline(metrics)}",
        is_for_paper=True,
    )


def _difference(row: dict[str, Any], *, is_reference: bool) -> list[str]:
    if is_reference:
        return ["reference", *(ABSENT for _ in P_COLUMNS)]
    difference = {
        "value": row["difference"],
        "low": row["difference_low"],
        "high": row["difference_high"],
    }
    return [interval(difference), *(p_value(row[column]) for column in P_COLUMNS)]


def _baseline(metrics: dict[str, Any]) -> str:
    covariates = metrics["covariates"]
    if covariates["model"] is None:
        return (
            f" There is no row of age, sex and head size alone: {covariates['reason']}."
        )
    return f" {covariates['model']}: a model of age, sex and head size alone."
