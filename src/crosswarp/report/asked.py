"""What curves are drawn of: each model, or each of its classes against the rest."""

from typing import Literal

from crosswarp.report.run import Run
from crosswarp.study.model_metrics import ClassMetrics, ModelMetrics


def curves_of(
    run: Run, curve: Literal["mean_roc", "mean_pr"]
) -> dict[str, ModelMetrics | ClassMetrics]:
    """Give what ``metrics.json`` has of each curve, by its title.

    Args:
        run: Run that was evaluated.
        curve: ``mean_roc`` or ``mean_pr``; what has none is left out.

    Returns:
        Models for two classes, else ``model: class`` for each class against the rest.
    """
    found: dict[str, ModelMetrics | ClassMetrics] = {}
    for name in run.compared():
        model = run.metrics.models[name]
        if not model.by_class:
            found[name] = model
        found |= {f"{name}: {one.name}": one for one in model.by_class}
    return {title: one for title, one in found.items() if getattr(one, curve)}


def rest(run: Run) -> str:
    """Word that each class stands against the rest; empty for two classes."""
    if len(run.predictions.classes) == 2:
        return ""
    return " Each class stands against the rest."
