"""Sample size needed to detect a difference."""

from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import ABSENT, number
from crosswarp.study.power_analysis import ComparedPair


def tabulate(run: Run) -> Table:
    """Show the answer of `crosswarp power` for each model."""
    asked = run.power
    return Table(
        f"Sample size needed to detect a difference of {asked.difference} in AUC",
        [
            "Model",
            "Reference",
            "Reference AUC",
            "Correlation",
            "Participants needed",
            "Range over other samples",
            "Power of this run",
        ],
        [
            [
                pair.model,
                pair.reference,
                number(pair.auc_reference),
                number(pair.correlation, 2),
                _needed(pair.participants, asked.limit),
                _range(pair),
                number(pair.power_of_run, 2),
            ]
            for pair in asked.pairs
        ],
        f"Power {asked.power}, primary test at {asked.alpha},"
        f" {asked.folds} folds, {asked.simulations} simulated studies per"
        " sample size, with participants drawn after those of this run with the scores"
        " of both models. Range over other samples: what runs of this size would have"
        " given (95\u00a0%); a wide range means a rough answer. Not simulated: networks"
        " that vary more between folds than the participants explain (more participants"
        " needed), and better networks from larger training sets.",
    )


def _needed(participants: int | None, limit: int) -> str:
    return f"over {limit:,}" if participants is None else f"{participants:,}"


def _range(pair: ComparedPair) -> str:
    ends = (pair.run_low, pair.run_high)
    if all(end is None for end in ends):
        return ABSENT
    low, high = ("more" if end is None else f"{end:,}" for end in ends)
    return f"{low} to {high}"
