"""Every other metric over all folds, with its interval."""

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.tables.metrics import shown_metrics
from crosswarp.report.wording import interval


def tabulate(run: Run) -> Table:
    """Show the metrics of each model with intervals."""
    models = run.metrics.models
    shown = shown_metrics(len(run.predictions.classes))
    return Table(
        "Metrics by model over all folds [95\u00a0%]",
        ["Model", *shown.values()],
        [
            [name, *(interval(models[name].overall[key], 2) for key in shown)]
            for name in run.compared()
        ],
        "Intervals: bootstrap over participants.",
        is_for_paper=True,
    )
