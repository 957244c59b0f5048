"""How far probabilities are from what they say, before and after scaling."""

from collections.abc import Mapping

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import count, interval, number
from crosswarp.study.model_metrics import ModelMetrics

STAGES = {
    "before": "as predicted",
    "after": "scaled",
    "mean": "scaled, mean over repeats",
}


def tabulate(run: Run) -> Table:
    """Show calibration slope, intercept and error, Brier score and log loss."""
    models = run.metrics.models
    several = len(run.predictions.classes) > 2
    rows = [
        [
            name,
            *([entry.name] if several else []),
            STAGES.get(entry.stage, entry.stage),
            interval(entry.slope, 2),
            interval(entry.intercept, 2),
            number(None if entry.ece is None else entry.ece.value),
            f"{number(entry.ece_if_calibrated)}"
            f" ({number(entry.ece_if_calibrated_high)})",
            interval(entry.brier),
            interval(entry.log_loss),
        ]
        for name in run.compared()
        for entry in models[name].calibration
    ]
    return Table(
        "Calibration, over all tested scans",
        [
            "Model",
            *(["Class"] if several else []),
            "Probabilities",
            "Slope [95\u00a0%]",
            "Intercept [95\u00a0%]",
            "Calibration error",
            "By chance alone",
            "Brier [95\u00a0%]",
            "Log loss [95\u00a0%]",
        ],
        rows,
        "Slope and intercept: logistic regression of the diagnosis on the log odds of"
        " the predicted probability; 1 and 0 where the probabilities are right, a slope"
        " below 1 where the model is overconfident, no slope where it makes no"
        " error. Calibration error: mean distance of predicted and observed, over bins"
        " of equal number, never 0: by chance alone, a model whose probabilities are"
        " right would have the error of the next column (95th percentile in brackets)"
        f" on these scans. Lower is better. {_temperatures(models)}",
    )


def _temperatures(models: Mapping[str, ModelMetrics]) -> str:
    found = [cell.temperature for model in models.values() for cell in model.cells]
    fitted = [entry for entry in found if entry.is_fitted]
    if not fitted:
        return "No network had enough validation scans to fit a temperature."
    values = [entry.value for entry in fitted]
    errors = [entry.log_se for entry in fitted if entry.log_se is not None]
    uncertain = ""
    if errors:
        uncertain = (
            f", with standard errors of {number(min(errors), 2)} to"
            f" {number(max(errors), 2)} on the log scale"
        )
    return (
        f"Temperatures of {count(len(fitted), 'network')} of {len(found)}, shrunk"
        f" towards 1: {number(min(values), 2)} to {number(max(values), 2)}{uncertain};"
        " above 1, a network was too sure of itself."
    )
