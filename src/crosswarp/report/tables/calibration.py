"""How far probabilities are from what they say, before and after scaling."""

from typing import Any

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import count, interval, number

STAGES = {"before": "as predicted", "after": "scaled"}


def tabulate(run: Run) -> Table:
    """Show calibration error, Brier score and log loss of each model."""
    models = run.metrics["models"]
    several = len(run.predictions.classes) > 2
    rows = [
        [
            name,
            *([entry["class"]] if several else []),
            STAGES.get(entry["stage"], entry["stage"]),
            number(_value(entry["ece"])),
            f"{number(entry['ece_if_calibrated'])}"
            f" ({number(entry['ece_if_calibrated_high'])})",
            interval(entry["brier"]),
            interval(entry["log_loss"]),
        ]
        for name in run.compared()
        for entry in models[name]["calibration"]
    ]
    return Table(
        "Calibration, over all tested scans",
        [
            "Model",
            *(["Class"] if several else []),
            "Probabilities",
            "Calibration error",
            "By chance alone",
            "Brier [95\u00a0%]",
            "Log loss [95\u00a0%]",
        ],
        rows,
        "Calibration error: mean distance of predicted and observed, over bins of equal"
        " number. It is never 0: by chance alone, a model whose probabilities are right"
        " would have the error of the next column (95th percentile in brackets) on"
        f" these scans. Lower is better. {_temperatures(models)}",
    )


def _value(estimate: dict[str, float] | None) -> float | None:
    return None if estimate is None else estimate["value"]


def _temperatures(models: dict[str, Any]) -> str:
    found = [
        cell["temperature"] for model in models.values() for cell in model["cells"]
    ]
    fitted = [entry for entry in found if entry["rule"].startswith("fitted")]
    if not fitted:
        return "No network had enough validation scans to fit a temperature."
    values = [entry["value"] for entry in fitted]
    return (
        f"Temperatures of {count(len(fitted), 'network')} of {len(found)}:"
        f" {number(min(values), 2)} to {number(max(values), 2)}; above 1, a network was"
        " too sure of itself."
    )
