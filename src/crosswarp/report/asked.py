"""What curves are drawn of: each model, or each of its classes against the rest."""

from typing import Any

from crosswarp.report.run import Run


def curves_of(run: Run, curve: str) -> dict[str, dict[str, Any]]:
    """Give what ``metrics.json`` has of each curve, by its title.

    Args:
        run: Evaluated.
        curve: ``mean_roc`` or ``mean_pr``; what has none is left out.

    Returns:
        Models for two classes, else ``model: class`` for each class against the rest.
    """
    found: dict[str, dict[str, Any]] = {}
    for name in run.compared():
        model = run.metrics["models"][name]
        classes = {f"{name}: {one['class']}": one for one in model.get("by_class", [])}
        found |= classes or {name: model}
    return {title: entry for title, entry in found.items() if entry[curve]}


def rest(run: Run) -> str:
    """Word that each class stands against the rest; empty for two classes."""
    if len(run.predictions.classes) == 2:
        return ""
    return " Each class stands against the rest."
