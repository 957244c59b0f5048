"""What a bundle keeps of its training scans: right, nobody's, and none of the test."""

import json
from pathlib import Path

import numpy as np
import pytest

from crosswarp.atlas import Region
from crosswarp.bids.ids import ScanId
from crosswarp.errors import ShapeError
from crosswarp.evaluation.facts import ScanFacts
from crosswarp.inputs.datamodule import FoldData
from crosswarp.inputs.grid import Grid, whole_box
from crosswarp.inputs.store import MapStore
from crosswarp.models.catalogue import CATALOGUE
from crosswarp.training import reference
from crosswarp.training.cell import CellRequest
from crosswarp.training.scans import CellScan
from crosswarp.training.settings import TrainingSettings

EXTENT = (6, 7, 8)
SPACE = "MNI152NLin2009cSym"


def halves(extent: tuple[int, int, int], _: np.ndarray):
    """The hippocampi fill the head: a stand-in for the atlas, which is larger."""
    labels = np.ones(extent, int)
    labels[extent[0] // 2 :] = 2
    return labels, [Region(1, "hippocampus", "left"), Region(2, "hippocampus", "right")]


@pytest.fixture(autouse=True)
def _halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "load_atlas", halves)
    monkeypatch.setattr(
        reference,
        "structures_of",
        lambda regions: [(r.name, r.hemisphere, [r.label]) for r in regions],
    )


def scan(number: int, split: str, diagnosis: str = "CN", **facts: object) -> CellScan:
    said = {
        "age_years": 60.0 + number,
        "sex": "FM"[number % 2],
        "quality": {"intracranial_volume_cm3": 1300.0 + 7 * (number % 5)},
    }
    known = ScanFacts(**{**said, **facts})
    return CellScan(ScanId(f"sub-{number:02d}"), diagnosis, "virtual", split, known)


def cell(scans: list[CellScan], seed: int = 0, **training: object):
    """A cell whose log-Jacobian is 0.01 a year of age, and its data."""
    rng = np.random.default_rng(seed)
    shape = (len(scans), *EXTENT)
    t1w = np.clip(rng.normal(0.6, 0.1, shape), 0.01, 1)
    ages = np.array([s.facts.age_years or 0.0 for s in scans])
    jsm = 0.01 * ages[:, None, None, None] + rng.normal(0, 0.001, shape)
    request = CellRequest(
        model=CATALOGUE["compact_jsm"],
        classes=("CN", "AD"),
        repeat=0,
        fold=0,
        seed=0,
        scans=tuple(scans),
        grid=Grid(SPACE, 2, EXTENT, np.eye(4), whole_box(EXTENT)),
        store=Path("cache"),
        folder=Path("fold"),
        fingerprint="f",
        training=TrainingSettings.model_validate({"epochs": 1, **training}),
        preprocessing=None,
    )
    data = FoldData(
        MapStore(t1w, jsm),
        [s.split for s in scans],
        [("CN", "AD").index(s.diagnosis) for s in scans],
        batch_size=2,
        seed=0,
    )
    data.participants = [s.scan.participant_id for s in scans]
    return request, data


def cohort(normal: int = 14) -> list[CellScan]:
    people = [scan(n, ("train", "val")[n % 3 == 0]) for n in range(normal)]
    ill = [scan(30 + n, "train", "AD") for n in range(6)]
    return [*people, *ill, *(scan(50 + n, "test") for n in range(5))]


def test_the_group_is_the_normal_part_and_its_slope_is_that_of_age() -> None:
    group = reference.reference_group(*cell(cohort()))
    assert (group.participants, group.reason) == (14, "")
    assert group.covariates == ("age_years", "male", "log_intracranial_volume")
    sums = group.regions[0]
    found = group.moments(sums).only([0])
    slope = found.outcome_products[0] / found.products[0, 0]
    assert slope == pytest.approx(0.01, rel=0.02)
    assert group.means[0] == pytest.approx(66.5)
    assert [(r.region, r.hemisphere) for r in group.regions] == [
        ("hippocampus", "left"),
        ("hippocampus", "right"),
    ]
    assert "sub-" not in json.dumps(group.model_dump())


def test_test_participants_change_nothing_that_is_kept() -> None:
    request, data = cell(cohort())
    other, changed = cell([*cohort()[:20], *(scan(50 + n, "test") for n in range(5))])
    changed.store.jsm[20:] += 5
    changed.store.t1w[20:] = 0.5
    for keep in (reference.reference_group, reference.usual_scans):
        assert keep(request, data) == keep(other, changed)
    kept, again = (
        reference.reference_maps(*c) for c in ((request, data), (other, changed))
    )
    assert kept is not None
    assert again is not None
    assert bool((kept[1][0] == again[1][0]).all())


def test_a_second_session_of_a_participant_counts_once() -> None:
    scans = cohort()
    later = CellScan(ScanId("sub-01", "ses-2"), "CN", "virtual", "train", ScanFacts())
    group = reference.reference_group(*cell([*scans, later]))
    assert group.participants == 14


def test_a_covariate_that_is_not_known_or_does_not_vary_is_left_out() -> None:
    scans = [scan(n, "train", sex="F", quality={}) for n in range(12)]
    scans.append(scan(12, "train", sex="F", quality={}, age_years=None))
    group = reference.reference_group(*cell(scans))
    assert (group.covariates, group.participants) == (("age_years",), 12)


def test_too_few_or_another_template_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    few = reference.reference_group(*cell(cohort(9)))
    assert few.regions == ()
    assert "9 CN participants were trained on, fewer than the 10" in few.reason

    def elsewhere(*_: object) -> None:
        msg = "another grid"
        raise ShapeError(msg)

    monkeypatch.setattr(reference, "load_atlas", elsewhere)
    assert reference.reference_group(*cell(cohort())).reason == "another grid"


def test_mean_maps_are_of_the_normal_part_or_of_all_or_of_nobody() -> None:
    request, data = cell(cohort())
    found = reference.reference_maps(request, data)
    assert found is not None
    card, (t1w, _) = found
    assert (card.diagnosis, card.participants) == ("CN", 14)
    assert card.whom == "14 CN participants of the training part"
    assert t1w[0, 0].numpy() == pytest.approx(data.store.t1w[:14].mean(axis=0))
    of_all = reference.reference_maps(*cell(cohort(5)))
    assert of_all is not None
    assert of_all[0].whom == "11 participants of the training part"
    assert reference.reference_maps(*cell(cohort(1))) is None


def test_usual_scans_hold_their_own_and_not_a_strange_one() -> None:
    usual = reference.usual_scans(*cell(cohort()))
    assert usual is not None
    assert usual.scans == 20
    assert {"intracranial_volume_cm3", "roughness"} <= set(usual.names)
    assert "filled" not in usual.names  # all heads fill this box
    assert list(usual.distances) == sorted(usual.distances)
    assert reference.usual_scans(*cell([scan(n, "train") for n in range(3)])) is None


def test_the_prior_is_what_training_made_of_the_classes() -> None:
    drawn = cell(cohort(), class_weights=False, balanced_sampling=False)
    normal = sum(s.split == "train" for s in cohort()[:14])
    share = normal / (normal + 6)
    assert reference.class_prior(*drawn) == pytest.approx((share, 1 - share))
    weighted = cell(cohort(), class_weights=True)
    assert reference.class_prior(*weighted) == (0.5, 0.5)
