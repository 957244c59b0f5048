"""Every other metric, mean ± SD over folds."""

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import count, spread

SHOWN = {
    "pr_auc": "PR-AUC",
    "balanced_accuracy": "Balanced accuracy",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "macro_f1": "Macro F1",
    "brier": "Brier",
    "log_loss": "Log loss",
}


def tabulate(run: Run) -> Table:
    """Show the metrics of `SHOWN` for each model."""
    models = run.metrics["models"]
    rows = [
        [
            name,
            *(
                spread(models[name]["mean"][metric], models[name]["sd"][metric], 2)
                for metric in SHOWN
            ),
        ]
        for name in run.compared()
    ]
    return Table(
        "Metrics by model, mean ± SD over folds",
        ["Model", *SHOWN.values()],
        rows,
        f"{_operating_point(run)} Lower is better for Brier and log loss.",
    )


def _operating_point(run: Run) -> str:
    models = run.metrics["models"].values()
    thresholds = [cell["threshold"] for model in models for cell in model["cells"]]
    if None in thresholds:
        return "Decisions: the class with the largest probability."
    rules = [threshold["rule"] for threshold in thresholds]
    listed = "; ".join(
        f"{rule}: {count(rules.count(rule), 'fold')}" for rule in sorted(set(rules))
    )
    return f"Operating point, over folds of all models: {listed}."
