"""An evaluation on another cohort in lines for a terminal."""

from collections.abc import Iterator

from crosswarp.evaluation.wording import estimate_text
from crosswarp.prediction.recalibrate import BEFORE, REST_AFTER, REST_BEFORE
from crosswarp.statistics.intervals import Estimate
from crosswarp.study.external import External, ShiftRow

_STAGES = {
    BEFORE: "all scans",
    REST_BEFORE: "outside the part, before recalibration",
    REST_AFTER: "outside the part, after recalibration",
}


def external_lines(found: External) -> Iterator[str]:
    """Yield the lines that sum an evaluation up.

    Args:
        found: Evaluation on another cohort.
    """
    if found.note:
        yield found.note
    counts = f"{found.participants} participants, {found.scans} scans"
    yield f"{found.networks.model} on {counts}"
    for reason, count in found.not_evaluated.items():
        yield f"not evaluated: {count} scans: {reason}"
    yield f"AUC {_text(found.metrics.overall.get('roc_auc'))}"
    point = found.operating_point
    if point is not None:
        at = ", ".join(f"{value:.2f}" for value in point.thresholds)
        yield (
            f"at the thresholds of training ({at}):"
            f" sensitivity {_text(point.sensitivity)},"
            f" specificity {_text(point.specificity)}"
        )
    yield from _calibration(found)
    for row in found.shift:
        yield f"shift: {_shift(row)}"
    if found.far is not None:
        far = Estimate(found.far.share, found.far.low, found.far.high)
        yield f"share far from the training scans: {estimate_text(far)} (expected 0.05)"
    yield from (f"not stated: {sentence}" for sentence in found.unstated)
    yield from (f"warning: {flag}" for flag in found.flags)


def _calibration(found: External) -> Iterator[str]:
    part = found.recalibration
    if part.method is None:
        yield f"not recalibrated: {part.reason}"
    else:
        yield (
            f"recalibrated on {part.participants} participants ({part.share:.0%},"
            f" seed {part.seed}): {part.method}"
        )
    for entry in found.calibration:
        yield (
            f"calibration of {entry.name}, {_STAGES[entry.stage]}:"
            f" slope {_text(entry.slope)}, in the large {_text(entry.in_the_large)},"
            f" Brier {_text(entry.brier)}"
        )


def _shift(row: ShiftRow) -> str:
    name = row.variable if row.level is None else f"{row.variable} {row.level}"
    both = (
        _value(row.training, row.training_sd),
        _value(row.external, row.external_sd),
    )
    difference = "" if row.difference is None else f", difference {row.difference:+.2f}"
    remark = "" if row.remark is None else f" ({row.remark})"
    return f"{name}: training {both[0]}, cohort {both[1]}{difference}{remark}"


def _value(mean: float | None, sd: float | None) -> str:
    if mean is None:
        return "not known"
    return f"{mean:.2f}" if sd is None else f"{mean:.2f} (SD {sd:.2f})"


def _text(value: Estimate | None) -> str:
    return "not defined" if value is None else estimate_text(value)
