"""Results in words, for terminals."""

import math

from crosswarp.statistics.intervals import Estimate
from crosswarp.study.comparisons import ModelComparison
from crosswarp.study.metrics import PrimaryComparison


def estimate_text(estimate: Estimate, form: str = ".3f") -> str:
    """Write a value with its interval, or that it has none.

    Example:
        >>> estimate_text(Estimate(0.8, 0.7, 0.9))
        '0.800 [0.700, 0.900]'
        >>> estimate_text(Estimate(0.8, None, None))
        '0.800 (no interval)'
    """
    value = estimate.value
    ends = [e for e in (estimate.low, estimate.high) if e is not None and e == e]
    if len(ends) < 2:
        return f"{value:{form}} (no interval)"
    return f"{value:{form}} [{ends[0]:{form}}, {ends[1]:{form}}]"


def difference_text(row: ModelComparison, primary: PrimaryComparison) -> str:
    """Word a model's difference to the reference, by the primary test.

    Args:
        row: Comparison of the model with the reference.
        primary: Primary comparison of the run.

    Returns:
        What follows the model's AUC; empty for the reference itself.
    """
    if row.model == primary.reference:
        return ""
    named = f", difference to {primary.reference}"
    found = row.primary
    if math.isnan(found.p):
        return f"{named} not tested (it takes two folds with two of each class)"
    return (
        f"{named} {estimate_text(found.difference, '+.3f')}, p {found.p:.3f}"
        f"{_corrected(row, primary)}"
    )


def _corrected(row: ModelComparison, primary: PrimaryComparison) -> str:
    adjusted = row.primary.p_holm
    if math.isnan(adjusted):
        return f" ({row.role}, not corrected)"
    count, tasks = primary.comparisons, len(primary.tasks)
    over = f"{count} comparison{'' if count == 1 else 's'}"
    over += f" in {tasks} tasks" if tasks > 1 else ""
    role = ""
    if row.model == primary.model:
        role = f"primary, {'' if primary.declared else 'not '}declared; "
    return f" ({role}{adjusted:.3f} corrected for {over})"
