"""ask: each network at its own threshold, all with one temperature, and said so."""

import math

import pytest
import torch
from torch import Tensor, nn

from crosswarp.bids.ids import ScanId
from crosswarp.models.bundle import Bundle, BundleCard, Calibration
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.prediction.ask import UNCALIBRATED, ask, notes_of
from crosswarp.statistics.temperature import (
    FITTED,
    PRIOR_SD,
    TOO_FEW,
)

MAP = torch.zeros(1, 1, 2, 2, 2)


class Fixed(nn.Module):
    """Answers with the same logits, whatever the maps."""

    def __init__(self, logits: tuple[float, ...]) -> None:
        super().__init__()
        self.logits = torch.tensor([logits])

    def forward(self, t1w: Tensor, jsm: Tensor) -> Tensor:
        del t1w, jsm
        return self.logits


def calibrated(temperature: float, threshold: float | None = 0.5) -> Calibration:
    return Calibration(
        temperature=temperature,
        temperature_log_se=0.2,
        temperature_rule=FITTED,
        threshold=threshold,
        threshold_rule="youden on validation",
        validation_scans=30,
    )


TOO_FEW_SCANS = Calibration(
    temperature=1.0,
    temperature_rule=TOO_FEW,
    threshold=0.5,
    threshold_rule="0.5, too few validation scans",
    validation_scans=6,
)


def bundle(
    logits: tuple[float, ...],
    calibration: Calibration | None,
    classes: tuple[str, ...] = ("CN", "AD"),
) -> Bundle:
    card = BundleCard.model_validate(
        {
            "model": CATALOGUE["compact_jsm"],
            "classes": classes,
            "space": "MNI152NLin2009cSym",
            "resolution": 2,
            "grid_extent": (2, 2, 2),
            "box": ((0, 2), (0, 2), (0, 2)),
            "calibration": calibration,
        }
    )
    return Bundle(Fixed(logits), card)


def notes(bundles: list[Bundle]) -> str:
    scan = ScanId("sub-01")
    return "\n".join(notes_of(bundles, scan, ask(bundles, MAP, MAP), False))


def test_the_temperature_is_applied() -> None:
    found = ask([bundle((0.0, 3.0), calibrated(2.0))], MAP, MAP)
    assert found.temperature.value == pytest.approx(2)
    assert found.each[0, 1] == pytest.approx(1 / (1 + math.exp(-1.5)))


def test_networks_share_one_temperature() -> None:
    """Two estimates of one error: precisions add up, the prior counts once."""
    bundles = [bundle((0.0, 3.0), calibrated(t)) for t in (2.0, 3.0)]
    found = ask(bundles, MAP, MAP)
    each, prior = 1 / 0.2**2, 1 / PRIOR_SD**2
    expected = each * (math.log(2) + math.log(3)) / (2 * (each - prior) + prior)
    assert math.log(found.temperature.value) == pytest.approx(expected)
    assert found.each[0, 1] == pytest.approx(found.each[1, 1])


def test_each_network_decides_at_its_own_threshold() -> None:
    """Probabilities 0.6, 0.6 and 0.4 against 0.7, 0.3 and 0.3: two say AD."""
    odds = math.log(0.6 / 0.4)
    bundles = [
        bundle((0.0, odds), calibrated(2.0, 0.7)),
        bundle((0.0, odds), calibrated(2.0, 0.3)),
        bundle((0.0, -odds), calibrated(2.0, 0.3)),
    ]
    votes = ask(bundles, MAP, MAP).votes
    assert (votes.decision, votes.count) == ("AD", 2)
    assert votes.thresholds == (0.7, 0.3, 0.3)
    assert ask(bundles[:2], MAP, MAP).votes.decision is None  # one each


def test_of_three_classes_the_most_probable_counts() -> None:
    classes = ("CN", "MCI", "AD")
    votes = ask(
        [bundle((0.0, 2.0, 1.0), calibrated(1.0, None), classes)], MAP, MAP
    ).votes
    assert votes.decision == "MCI"
    assert votes.thresholds == ()


def test_what_was_applied_is_said() -> None:
    said = notes([bundle((0.0, 1.0), calibrated(2.0, 0.7))])
    assert "temperature 2.00 (95 % interval 1.35 to 2.96)" in said
    assert "on 30 scans" in said
    assert "Threshold of each network, before scaling: 0.70 (youden" in said
    assert "never tested" not in said


def test_networks_together_were_never_tested() -> None:
    said = notes([bundle((0.0, 1.0), calibrated(2.0))] * 2)
    assert "mean of 2 networks" in said
    assert "never tested on held-out scans" in said
    assert "no confidence interval" in said


def test_too_few_scans_are_said() -> None:
    said = notes([bundle((0.0, 1.0), TOO_FEW_SCANS)])
    assert "too few validation scans (6)" in said
    assert "not scaled" in said


def test_a_bundle_of_an_earlier_version_is_read_and_said() -> None:
    old = bundle((0.0, 1.0), None)
    found = ask([old], MAP, MAP)
    assert found.temperature.value == 1
    assert found.votes.decision == "AD"
    assert UNCALIBRATED in notes([old])


def test_a_probability_of_nearly_one_can_be_scaled() -> None:
    found = ask([bundle((0.0, 40.0), calibrated(2.0))], MAP, MAP)
    assert 1 - found.each[0, 1] == pytest.approx(math.exp(-20), rel=1e-3)
