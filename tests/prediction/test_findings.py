"""with_findings: volumes, shares, prevalence and refusals of one scan, by hand."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from crosswarp.atlas import Region
from crosswarp.bids.ids import ScanId
from crosswarp.documents import read_object
from crosswarp.errors import ScanError, ShapeError
from crosswarp.inputs.grid import Grid, whole_box
from crosswarp.models.bundle import Bundle, BundleCard
from crosswarp.models.bundle_card import ReferenceMaps
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.prediction import regional
from crosswarp.prediction.answer import ScanPrediction
from crosswarp.prediction.answers import AnswerKey, read_answers
from crosswarp.prediction.ask import answer_from, ask
from crosswarp.prediction.findings import (
    NO_PRIOR,
    OVERRIDDEN,
    Circumstances,
    with_findings,
)
from crosswarp.prediction.person import Person
from crosswarp.prediction.unlike import UNLIKE, refuse_unlike
from crosswarp.statistics.norms import moments_of
from crosswarp.study.findings import Doubt, Doubts, Level
from crosswarp.study.names import ANSWERS
from crosswarp.study.reference_group import ReferenceGroup, RegionSums

EXTENT = (4, 5, 6)
GRID = Grid("MNI152NLin2009cSym", 2, EXTENT, np.eye(4), whole_box(EXTENT))
KEY = AnswerKey(ScanId("sub-01"), "jsm", "0123456789", "digest")
NUMBERS = {"brain_volume_cm3": 1000.0}


class Mean(nn.Module):
    """Evidence is the mean of the log-Jacobian map."""

    def forward(self, t1w: Tensor, jsm: Tensor) -> Tensor:
        del t1w
        return torch.stack([torch.zeros(()), jsm.mean()])[None]


def halves(*_: object):
    labels = np.ones(EXTENT, int)
    labels[2:] = 2
    return labels, [Region(1, "hippocampus", "left"), Region(2, "hippocampus", "right")]


@pytest.fixture(autouse=True)
def _halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regional, "load_atlas", halves)
    monkeypatch.setattr(
        regional,
        "structures_of",
        lambda regions: [(r.name, r.hemisphere, [r.label]) for r in regions],
    )


def group(people: int = 12) -> ReferenceGroup:
    """Volumes of normal people: those of the template, less with age."""
    rng = np.random.default_rng(3)
    ages = np.linspace(60, 80, people)[:, None]
    sums = moments_of(ages, -0.01 * (ages[:, 0] - 70) + rng.normal(0, 0.02, people))
    regions = tuple(
        RegionSums(
            region="hippocampus",
            hemisphere=side,
            mean=sums.outcome_mean,
            products=tuple(sums.outcome_products),
            squares=sums.outcome_squares,
        )
        for side in ("left", "right")
    )
    return ReferenceGroup(
        participants=people,
        covariates=("age_years",),
        means=tuple(sums.means),
        products=tuple(tuple(row) for row in sums.products),
        regions=regions,
    )


def bundle(**changes: Any) -> Bundle:
    said = {
        "model": CATALOGUE["compact_jsm"],
        "classes": ("CN", "AD"),
        "space": GRID.space,
        "resolution": 2,
        "grid_extent": EXTENT,
        "box": GRID.box,
        "reference_group": group(),
        "reference_maps": ReferenceMaps(diagnosis="CN", participants=12),
        "class_prior": (0.5, 0.5),
    }
    zeros = torch.zeros(1, 1, *EXTENT)
    card = BundleCard.model_validate({**said, **changes})
    return Bundle(Mean(), card, (zeros, zeros) if card.reference_maps else None)


def answered(bundles: list[Bundle], **known: Any) -> ScanPrediction:
    """The left half shrank by 20 %."""
    jsm = torch.zeros(1, 1, *EXTENT)
    jsm[:, :, :2] = float(np.log(0.8))
    maps = (torch.zeros_like(jsm), jsm)
    asked = ask(bundles, *maps)
    answer = answer_from(bundles, KEY.scan, ("ok", ""), asked, NUMBERS)
    return with_findings(answer, bundles, asked, maps, GRID, Circumstances(**known))


def test_a_region_that_shrank_is_far_below_the_reference_group() -> None:
    found = answered([bundle()], person=Person(70.0)).regions
    left, right = found.regions
    assert (left.ratio, left.labels) == (0.8, (1,))
    assert left.z < -5
    assert left.percentile < 0.1
    assert abs(right.z) < 1
    assert right.centre_mm == (2.5, 2.0, 2.5)
    assert found.adjusted_for == ("age",)
    assert found.not_adjusted_for == ("sex", "head size")


def test_an_older_person_is_expected_to_have_less() -> None:
    young, old = (
        answered([bundle()], person=Person(age)).regions.regions[0]
        for age in (60.0, 80.0)
    )
    assert old.expected < young.expected
    assert old.z > young.z
    unknown = answered([bundle()]).regions
    assert unknown.adjusted_for == ()


def test_the_largest_group_is_taken_and_a_lack_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = [bundle(), bundle(reference_group=group(30))]
    assert answered(both).regions.participants == 30
    none = ReferenceGroup(participants=3, reason="3 CN participants")
    assert "3 CN" in answered([bundle(reference_group=none)]).regions.reason
    assert "earlier" in answered([bundle(reference_group=None)]).regions.reason

    def elsewhere(*_: object) -> None:
        msg = "another grid"
        raise ShapeError(msg)

    monkeypatch.setattr(regional, "load_atlas", elsewhere)
    assert answered([bundle()]).regions.reason == "another grid"


def test_shares_add_up_and_need_the_mean_maps() -> None:
    shares = answered([bundle(), bundle()]).shares
    assert shares.t1w == 0
    assert shares.jsm == pytest.approx(np.log(0.8) / 2, abs=1e-4)
    assert shares.whom == "12 CN participants of the training part"
    assert answered([bundle(), bundle(reference_maps=None)]).shares is None


def test_the_stated_prevalence_moves_the_odds() -> None:
    found = answered([bundle()], prevalence=0.1)
    positive = found.probabilities[1] / found.probabilities[0] / 9
    assert found.at_prevalence.probabilities["AD"] == pytest.approx(
        positive / (1 + positive), abs=1e-5
    )
    assert found.training_prior == {"CN": 0.5, "AD": 0.5}
    old = answered([bundle(class_prior=None)], prevalence=0.1)
    assert (old.at_prevalence, old.notes[-1]) == (None, NO_PRIOR)


def unlike(answer: ScanPrediction, level: Level) -> ScanPrediction:
    doubt = Doubt(name="embedding", value=9, level=level, sentence="It is far.")
    return replace(answer, doubts=Doubts(level=level, compared=(doubt,)))


def test_a_number_is_withheld_and_the_reason_written(tmp_path: Path) -> None:
    answer = answered([bundle()])
    refuse_unlike(tmp_path, KEY, answer, "scan.nii.gz")
    refuse_unlike(tmp_path, KEY, unlike(answer, Level.WARNING), "scan.nii.gz")
    assert not (tmp_path / ANSWERS).exists()
    with pytest.raises(
        ScanError, match=r"too unlike.*It is far.*`even_if_unlike=True`"
    ):
        refuse_unlike(tmp_path, KEY, unlike(answer, Level.REFUSAL), "scan.nii.gz")
    kept = read_object(tmp_path / ANSWERS / KEY.name)
    assert kept["quality"] == {"verdict": UNLIKE, "reason": "It is far."}
    assert "probabilities" not in kept
    assert read_answers(tmp_path)["quality"].tolist() == [UNLIKE]


def test_a_number_that_was_asked_for_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubts = unlike(answered([bundle()]), Level.REFUSAL).doubts
    monkeypatch.setattr("crosswarp.prediction.findings.doubts_of", lambda *_: doubts)
    found = answered([bundle()], even_if_unlike=True)
    assert found.doubts.overridden
    assert OVERRIDDEN in found.notes
    refuse_unlike(tmp_path, KEY, found, "scan.nii.gz")
    assert not answered([bundle()]).doubts.overridden
