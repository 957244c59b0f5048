"""The answer for one scan, as the command line says it."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from crosswarp.prediction.answer import ScanPrediction

FEW_PERCENT: Final = 2.5
"""Percentile of the reference group beyond which a region is named."""


def answer_lines(answer: "ScanPrediction") -> list[str]:
    """Put an answer into lines; whether the maps can be trusted comes first.

    Args:
        answer: As `predict_scan` returned it.
    """
    label, several = answer.scan.label, answer.networks > 1
    lines = [f"{label}: {answer.quality}"]
    if answer.doubts is not None:
        lines += [f"{label}: warning: {d.sentence}" for d in answer.doubts.raised]
    columns = zip(
        answer.classes,
        answer.probabilities,
        answer.minimum,
        answer.maximum,
        strict=True,
    )
    for name, mean, low, high in columns:
        spread = ""
        if several:
            spread = f" ({low:.2f} to {high:.2f}: {answer.spread})"
        lines.append(f"{label}: probability of {name} {mean:.3f}{spread}")
    votes = answer.votes
    decision = votes.decision or "none, the networks are divided"
    by = f", by {votes.count} of {answer.networks} networks" if several else ""
    lines.append(f"{label}: decision {decision}{by}")
    lines += [f"{label}: {line}" for line in _findings(answer)]
    # The first note repeats the quality when there is something to check.
    return lines + list(answer.notes[1 if answer.reason else 0 :])


def _findings(answer: "ScanPrediction") -> list[str]:
    """Say what each map brings, the probability elsewhere, and unusual regions."""
    lines, positive = [], answer.classes[-1]
    if answer.at_prevalence is not None:
        moved = answer.at_prevalence
        lines.append(
            f"probability of {positive} {moved.probabilities[positive]:.3f} where"
            f" {100 * moved.prevalence:g} % have it"
        )
    if answer.shares is not None:
        shares = answer.shares
        lines.append(
            f"evidence for {positive} of {shares.evidence:+.2f} logits: T1w image"
            f" {shares.t1w:+.2f}, log-Jacobian map {shares.jsm:+.2f}, mean maps of"
            f" {shares.whom} {shares.reference:+.2f}"
        )
    found = answer.regions
    if found is not None and found.reason:
        lines.append(f"regions: {found.reason}")
    lines += [
        f"{each.region} {each.hemisphere}: z {each.z:+.1f}, percentile"
        f" {each.percentile:.0f} of the reference group"
        for each in ([] if found is None else found.regions)
        if not FEW_PERCENT < each.percentile < 100 - FEW_PERCENT
    ]
    return lines
