"""Ask trained networks about one scan's maps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from crosswarp.bids.cohort import VIRTUAL_NOTICE
from crosswarp.bids.ids import ScanId
from crosswarp.models.bundle import Bundle
from crosswarp.prediction.answer import Votes, majority
from crosswarp.statistics.temperature import (
    TOO_FEW,
    Temperature,
    combined,
    scale,
)
from crosswarp.statistics.thresholds import DEFAULT
from crosswarp.types.scores import Probabilities
from crosswarp.types.tensors import Volume

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
    """

    each: Probabilities
    temperature: Temperature
    votes: Votes


def ask(bundles: Sequence[Bundle], t1w: Volume, jsm: Volume) -> Asked:
    """Ask every network, scale its logits, and decide at its own threshold.

    Args:
        bundles: Bundles of one model.
        t1w: Aligned T1w image, one scan of one channel, on the bundle's box.
        jsm: Log-Jacobian map on the same grid.
    """
    with torch.inference_mode():
        # In 64 bits: a probability that rounds to 1 could not be scaled.
        answers = [b.network(t1w, jsm)[0].double().softmax(dim=0) for b in bundles]
    raw = torch.stack(answers).numpy()
    temperature = temperature_of(bundles)
    return Asked(scale(raw, temperature.value), temperature, _votes(bundles, raw))


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
    known = [bundle.card.calibration for bundle in bundles]
    thresholds = [
        DEFAULT if found is None or found.threshold is None else found.threshold
        for found in known
    ]
    decided = [
        classes[int(positive >= threshold)]
        for positive, threshold in zip(raw[:, -1], thresholds, strict=True)
    ]
    rules = {"0.5, not recorded" if f is None else f.threshold_rule for f in known}
    return Votes(*majority(decided), tuple(thresholds), tuple(sorted(rules)))


def notes_of(
    bundles: Sequence[Bundle], scan: ScanId, asked: Asked, skull_stripped: bool
) -> tuple[str, ...]:
    """Say what a reader of the answer must know."""
    notes = [NOT_A_DEVICE]
    if any(b.card.origin == "virtual" for b in bundles):
        notes.append(VIRTUAL_NOTICE)
    if any(scan.participant_id in b.card.participants for b in bundles):
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
