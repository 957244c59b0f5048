"""Ask trained networks about one scan's maps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.ids import ScanId
from crosswarp.models.bundle import Bundle
from crosswarp.models.embedding import Distance, answer_of, distance_of
from crosswarp.prediction.answer import Place, ScanPrediction, Votes, majority
from crosswarp.statistics.temperature import (
    TOO_FEW,
    Temperature,
    combined,
    scale,
)
from crosswarp.statistics.thresholds import DEFAULT
from crosswarp.types.scores import Probabilities
from crosswarp.types.tensors import Embedding, Volume

NOT_A_DEVICE = "Research software, not a medical device."

UNCALIBRATED = (
    "The bundle was written by an earlier version, without temperature and threshold:"
    " probabilities are as the network gives them, and the threshold is 0.5."
)

NEVER_TESTED = (
    "The probability is the mean of {count} networks, one a fold. These networks were"
    " tested one by one on the participants that each of them did not see: AUC,"
    " threshold and calibration in the run's metrics are those of single networks."
    " Their mean was never tested on held-out scans, and it is usually less extreme"
    " than a single network. The range over networks is no confidence interval."
)


@dataclass(frozen=True)
class Asked:
    """What the networks say.

    Attributes:
        each: Probability of each class by each network, after temperature scaling.
        temperature: Temperature that was applied.
        votes: What the networks decide.
        place: Where the scan lies among the training scans; None where a bundle does
            not say where those are, or its network has no embedding.
        distances: How far the scan lies from the training scans of each network; None
            where that is not known.
    """

    each: Probabilities
    temperature: Temperature
    votes: Votes
    place: Place | None = None
    distances: tuple[Distance | None, ...] = ()


def ask(bundles: Sequence[Bundle], t1w: Volume, jsm: Volume) -> Asked:
    """Ask every network, scale its logits, and decide at its own threshold.

    Args:
        bundles: Bundles of one model.
        t1w: Aligned T1w image, one scan of one channel, on the bundle's box.
        jsm: Log-Jacobian map on the same grid.
    """
    with torch.inference_mode():
        # In 64 bits: a probability that rounds to 1 could not be scaled.
        heard = [answer_of(b.network, t1w, jsm) for b in bundles]
        answers = [logits[0].double().softmax(dim=0) for logits, _ in heard]
    raw = torch.stack(answers).numpy()
    temperature = temperature_of(bundles)
    distances = _distances(bundles, [embedded for _, embedded in heard])
    return Asked(
        scale(raw, temperature.value),
        temperature,
        _votes(bundles, raw),
        _place(distances),
        distances,
    )


def answer_from(
    bundles: Sequence[Bundle],
    scan: ScanId,
    quality: tuple[str, str],
    asked: Asked,
    numbers: Mapping[str, float],
) -> ScanPrediction:
    """Put together what is said of a scan; notes are added by the caller.

    Args:
        bundles: Bundles that were asked.
        scan: Identifier of the scan.
        quality: Verdict of the quality control, and what to check.
        asked: What the networks say.
        numbers: Numbers of the quality control.
    """
    columns = (
        np.round(of(axis=0), 6).tolist()
        for of in (asked.each.mean, asked.each.min, asked.each.max)
    )
    mean, minimum, maximum = (tuple(column) for column in columns)
    return ScanPrediction(
        scan,
        *quality,
        bundles[0].card.model.name,
        bundles[0].card.classes,
        mean,
        minimum,
        maximum,
        len(bundles),
        asked.temperature,
        asked.votes,
        place=asked.place,
        numbers=numbers,
    )


def _distances(
    bundles: Sequence[Bundle], embedded: Sequence[Embedding | None]
) -> tuple[Distance | None, ...]:
    references = [
        None if (cohort := b.card.training_cohort) is None else cohort.embedding
        for b in bundles
    ]
    return tuple(
        None
        if each is None or reference is None
        else distance_of(each[0].double().tolist(), reference)
        for each, reference in zip(embedded, references, strict=True)
    )


def _place(distances: Sequence[Distance | None]) -> Place | None:
    found = [one for one in distances if one is not None]
    if len(found) < len(distances):
        return None
    typical = float(np.mean([one.typical for one in found]))
    return Place(round(typical, 6), 2 * sum(one.far for one in found) > len(found))


def temperature_of(bundles: Sequence[Bundle]) -> Temperature:
    """Put the temperatures of networks together; see `combined`."""
    return combined(
        [
            Temperature(
                found.temperature,
                found.temperature_rule,
                found.validation_scans,
                found.temperature_log_se,
                found.validation_scans,
            )
            for bundle in bundles
            if (found := bundle.card.calibration) is not None
        ]
    )


def _votes(bundles: Sequence[Bundle], raw: Probabilities) -> Votes:
    classes = bundles[0].card.classes
    if len(classes) > 2:
        decided = [classes[index] for index in raw.argmax(axis=1)]
        return Votes(*majority(decided), (), ())
    thresholds, rules = thresholds_of(bundles)
    decided = [
        classes[int(positive >= threshold)]
        for positive, threshold in zip(raw[:, -1], thresholds, strict=True)
    ]
    return Votes(*majority(decided), thresholds, rules)


def thresholds_of(
    bundles: Sequence[Bundle],
) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Return the threshold of each network, and how they were found.

    Returns:
        Nothing with more than two classes, where the most probable one counts.
    """
    if len(bundles[0].card.classes) > 2:
        return (), ()
    known = [bundle.card.calibration for bundle in bundles]
    thresholds = (
        DEFAULT if found is None or found.threshold is None else found.threshold
        for found in known
    )
    rules = {"0.5, not recorded" if f is None else f.threshold_rule for f in known}
    return tuple(thresholds), tuple(sorted(rules))


def notes_of(
    bundles: Sequence[Bundle], scan: ScanId, asked: Asked, skull_stripped: bool
) -> tuple[str, ...]:
    """Say what a reader of the answer must know."""
    notes = [NOT_A_DEVICE]
    if any(b.card.origin == "virtual" for b in bundles):
        notes.append(VIRTUAL_NOTICE)
    if any(b.card.saw(scan.participant_id) for b in bundles):
        notes.append(
            f"{scan.participant_id} is the name of a participant that was trained on;"
            " if it is the same person, this is not a prediction."
        )
    if skull_stripped:
        notes.append("The scan was given as already skull-stripped.")
    if len(bundles) > 1:
        notes.append(NEVER_TESTED.format(count=len(bundles)))
    return (*notes, *_calibration_notes(bundles, asked))


def _calibration_notes(bundles: Sequence[Bundle], asked: Asked) -> list[str]:
    if any(bundle.card.calibration is None for bundle in bundles):
        return [UNCALIBRATED]
    notes, found = [], asked.temperature
    if found.log_se is None:
        notes.append(
            f"Temperature {TOO_FEW} ({found.scans}): whether the probabilities are"
            " right was not looked at, and they were not scaled."
        )
    else:
        low, high = found.value * np.exp(np.array([-1.96, 1.96]) * found.log_se)
        notes.append(
            f"Logits were divided by the temperature {found.value:.2f} (95 % interval"
            f" {low:.2f} to {high:.2f}), {found.rule}, on {found.fitted_on} scans."
        )
    if asked.votes.thresholds:
        values = ", ".join(f"{value:.2f}" for value in asked.votes.thresholds)
        rules = " or ".join(asked.votes.rules)
        notes.append(f"Threshold of each network, before scaling: {values} ({rules}).")
    return notes
