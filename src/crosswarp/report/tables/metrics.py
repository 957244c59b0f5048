"""Every other metric, mean ± SD over folds."""

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import count, spread

OF_TWO = {"sensitivity": "Sensitivity", "specificity": "Specificity"}
"""Defined for two classes."""

OF_MORE = {"recall": "Recall, macro"}
"""Shown in their place for more classes."""


def tabulate(run: Run) -> Table:
    """Show the metrics of each model."""
    models = run.metrics.models
    shown = shown_metrics(len(run.predictions.classes))
    rows = [
        [
            name,
            *(
                spread(models[name].mean[metric], models[name].sd[metric], 2)
                for metric in shown
            ),
        ]
        for name in run.compared()
    ]
    return Table(
        "Metrics by model, mean ± SD over folds",
        ["Model", *shown.values()],
        rows,
        f"{_operating_point(run)} Brier score and log loss: see the calibration.",
        is_for_paper=True,
    )


def shown_metrics(classes: int) -> dict[str, str]:
    """Name the metrics that are defined for a number of classes."""
    return {
        "pr_auc": "PR-AUC",
        "balanced_accuracy": "Balanced accuracy",
        **(OF_TWO if classes == 2 else OF_MORE),
        "precision": "Precision",
        "macro_f1": "Macro F1",
    }


def _operating_point(run: Run) -> str:
    models = run.metrics.models.values()
    thresholds = [cell.threshold for model in models for cell in model.cells]
    rules = [threshold.rule for threshold in thresholds if threshold is not None]
    if len(rules) < len(thresholds):
        return "Decisions: the class with the largest probability."
    listed = "; ".join(
        f"{rule}: {count(rules.count(rule), 'fold')}" for rule in sorted(set(rules))
    )
    return f"Operating point, over folds of all models: {listed}."
