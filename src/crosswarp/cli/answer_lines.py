"""The answer for one scan, as the command line says it."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from crosswarp.prediction.answer import ScanPrediction
    from crosswarp.study.findings import Changes

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
    if answer.changes is not None:
        lines += change_lines(answer.scan.participant_id, answer.changes)
    # The first note repeats the quality when there is something to check.
    return lines + list(answer.notes[1 if answer.reason else 0 :])


def change_lines(person: str, changes: "Changes") -> list[str]:
    """Put the changes between a person's sessions into lines, and what they are not.

    Args:
        person: Label of the person.
        changes: Later sessions beside the first.
    """
    lines = []
    for each in changes.sessions:
        between = ""
        if each.days is not None:
            between = f" in {each.days} days"
        elif each.years is not None:
            between = f" in {each.years:.2f} years"
        yearly = ""
        if each.probability_per_year is not None:
            yearly = (
                f"; {each.probability_per_year:+.3f} and"
                f" {each.log_odds_per_year:+.2f} per year"
            )
        lines.append(
            f"{person}: from {each.first} to {each.later}{between}: probability of"
            f" {changes.positive} {each.probability:+.3f}, log-odds"
            f" {each.log_odds:+.2f}{yearly}"
        )
    return [*lines, changes.note]


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
