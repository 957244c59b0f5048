"""Every test of every difference, one row each."""

from crosswarp.errors import MissingDerivativeError
from crosswarp.report.parts import Table
from crosswarp.report.run import Run
from crosswarp.report.tables.comparison import primary_words
from crosswarp.report.wording import interval, p_value
from crosswarp.study.comparisons import (
    BOOTSTRAP,
    DELONG,
    PERMUTATION,
    ModelComparison,
    T,
)
from crosswarp.study.comparisons import PRIMARY as PRIMARY_TEST
from crosswarp.study.names import FOLD_DIFFERENCES

PRIMARY = "Primary test: "

TESTS = {
    "Corrected DeLong (primary)": ("difference", PRIMARY_TEST),
    "Corrected resampled t-test": ("t", T),
    "DeLong": ("delong", DELONG),
    "Paired bootstrap": ("bootstrap", BOOTSTRAP),
    "Paired permutation": ("permutation", PERMUTATION),
}
"""Name of a test in the evaluation, and the start of its columns."""


def tabulate(run: Run) -> Table:
    """Show effect, interval and p of each test for each model."""
    reference = run.metrics.reference
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
        " ".join(
            f"{test}: {run.metrics.tests.columns[name].removeprefix(PRIMARY)}"
            for test, (name, _) in TESTS.items()
        )
        + " Tests that take the networks as they are find a difference between methods"
        " that is not there in 8 to 20\u00a0% of simulated studies. Interval and p of a"
        f" row are of the same test. {primary_words(run.metrics.primary)} Each fold"
        f" by itself is in {FOLD_DIFFERENCES} of the run.",
        is_for_paper=True,
    )


def _row(name: str, test: str, row: ModelComparison) -> list[str]:
    _, start = TESTS[test]
    found = row.tests[start]
    # The permutation test has no effect of its own.
    shown = None if start == PERMUTATION else found.difference
    return [name, test, interval(shown), p_value(found.p), p_value(found.p_holm)]
