"""Every test of every difference, one row each."""

from typing import Any

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.wording import interval, p_value

NOTES = ("difference", "delong", "t")
"""What the evaluation says of each test, in the order of the rows."""

TESTS = {
    "Paired permutation": ("", "p", "p_holm"),
    "DeLong": ("delong_", "delong_p", "delong_p_holm"),
    "Resampled t, trained again": ("t_", "t_p", "t_p_holm"),
}
"""Prefix of a test's interval, its p and its adjusted p, as columns."""


def tabulate(run: Run) -> Table:
    """Show effect, interval and p of each test for each model."""
    reference = run.metrics["reference"]
    by_model = run.comparisons
    rows = [
        _row(name, test, by_model[name])
        for name in run.compared()
        if name != reference
        for test in TESTS
    ]
    if not rows:
        msg = "there is one model only, so nothing to compare"
        raise MissingDerivativeError(msg)
    return Table(
        f"Differences in ROC-AUC to {reference}, by each test",
        ["Model", "Test", "Difference [95\u00a0%]", "p", "p, Holm"],
        rows,
        " ".join(run.metrics["tests"]["columns"][name] for name in NOTES)
        + " Only the last test is about methods; where networks are trained again the"
        " others find a difference that is not there more often than 5\u00a0% of the"
        " time. Each fold by itself is in fold_differences.tsv of the run.",
        is_for_paper=True,
    )


def _row(name: str, test: str, row: dict[str, Any]) -> list[str]:
    prefix, p, adjusted = TESTS[test]
    # The permutation's interval is the bootstrap's, under the names of the effect.
    ends = ("low", "high") if prefix else ("difference_low", "difference_high")
    low, high = (prefix + end for end in ends)
    estimate = {
        "value": row[f"{prefix}difference"],
        "low": row[low],
        "high": row[high],
    }
    return [name, test, interval(estimate), p_value(row[p]), p_value(row[adjusted])]
