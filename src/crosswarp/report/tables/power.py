"""How many participants a difference needs."""

from typing import Any

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, number


def tabulate(run: Run) -> Table:
    """Show the answer of `crosswarp power` for each model."""
    asked = run.power
    return Table(
        f"Participants needed to see a difference of {asked['difference']} in AUC",
        [
            "Model",
            "Against",
            "Its AUC",
            "Correlation",
            "Participants needed",
            "From other samples",
            "Power of this run",
        ],
        [
            [
                pair["model"],
                pair["reference"],
                number(pair["auc_reference"]),
                number(pair["correlation"], 2),
                _needed(pair["participants"], asked["limit"]),
                _range(pair),
                number(pair["power_of_run"], 2),
            ]
            for pair in asked["pairs"]
        ],
        f"Power {asked['power']}, DeLong's test at {asked['alpha']},"
        f" {asked['folds']} folds, {asked['simulations']} simulated studies a size,"
        " people drawn after those of this run with both models' scores. From other"
        " samples: what runs of this size would have answered (95\u00a0%); where it is"
        " wide, the answer is rough. The networks are taken as they are.",
    )


def _needed(participants: int | None, limit: int) -> str:
    return f"over {limit:,}" if participants is None else f"{participants:,}"


def _range(pair: dict[str, Any]) -> str:
    ends = (pair["run_low"], pair["run_high"])
    if all(end is None for end in ends):
        return ABSENT
    low, high = ("more" if end is None else f"{end:,}" for end in ends)
    return f"{low} to {high}"
