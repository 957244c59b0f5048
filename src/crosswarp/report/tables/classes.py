"""With more than two classes: how well each is told from the rest."""

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import interval, spread
from crosswarp.study.names import METRICS


def tabulate(run: Run) -> Table | None:
    """Show both areas of each class of each model; None for two classes."""
    if len(run.predictions.classes) == 2:
        return None
    models = run.metrics.models
    rows = [
        [
            name,
            entry.name,
            spread(entry.mean["roc_auc"], entry.sd["roc_auc"]),
            interval(entry.overall["roc_auc"]),
            interval(entry.overall["pr_auc"]),
        ]
        for name in run.compared()
        for entry in models[name].by_class
    ]
    if not rows:
        msg = f"{METRICS} is of an older version; run `crosswarp evaluate` again"
        raise MissingDerivativeError(msg)
    return Table(
        "Areas under the curve of each class against the rest",
        [
            "Model",
            "Class",
            "ROC-AUC, mean ± SD over folds",
            "ROC-AUC over all folds [95\u00a0%]",
            "PR-AUC [95\u00a0%]",
        ],
        rows,
        "ROC-AUC over all folds counts only pairs of scans within a fold. The areas of"
        " a model in the other tables are the mean over its classes.",
        is_for_paper=True,
    )
