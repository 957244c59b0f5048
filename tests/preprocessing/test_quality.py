"""Quality: numbers by hand, verdicts at their limits, and reasons with both numbers."""

import dataclasses
import math

import numpy as np
import pytest

from crosswarp.errors import QualityError
from crosswarp.preprocessing.limits import Limits, QualityLimits
from crosswarp.preprocessing.quality import (
    SENTENCES,
    Quality,
    Verdict,
    brain_at_edge_cm2,
    brain_volume_cm3,
    check_quality,
    judge,
    overlap,
    sentences,
    similarity,
    verdict_of,
    worst,
)
from crosswarp.types.arrays import SpatialMap

GOOD = Quality(
    brain_volume_cm3=1400.0,
    brain_at_edge_cm2=1.0,
    intracranial_volume_cm3=1500.0,
    overlap=0.95,
    similarity=0.9,
    folded=0.0,
    log_jacobian_sd=0.2,
    log_jacobian_least=-0.6,
    log_jacobian_greatest=0.6,
)
NAMES = [field.name for field in dataclasses.fields(Quality)]
LIMITS = QualityLimits()


def test_volume_counts_millimetres() -> None:
    scan = SpatialMap(np.zeros((10, 10, 10)), np.diag([-2.0, 1.5, 1, 1]))
    brain = np.ones(scan.extent, bool)
    assert brain_volume_cm3(scan, brain) == pytest.approx(3.0)


def test_overlap_by_hand() -> None:
    one = np.array([[[True, True, False, False]]])
    other = np.array([[[True, False, True, False]]])
    assert overlap(one, other) == pytest.approx(0.5)
    assert overlap(one, one) == 1
    assert overlap(~one & one, ~one & one) == 0


def test_similarity_ignores_scale_and_the_outside(rng: np.random.Generator) -> None:
    one = rng.normal(size=(5, 6, 7))
    other = 3 * one + 2
    within = np.zeros(one.shape, bool)
    within[1:4] = True
    other[~within] = 100
    assert similarity(one, other, within) == pytest.approx(1)
    assert similarity(one, np.zeros_like(one), within) == 0


@pytest.mark.parametrize(
    ("axis", "plane"), [(0, 0), (0, 9), (1, 0), (1, 11), (2, 0), (2, 13)]
)
def test_a_brain_against_a_face_is_measured(
    rng: np.random.Generator, axis: int, plane: int
) -> None:
    affine = np.diag([2.0, -3.0, 5.0, 1])
    scan = SpatialMap(rng.random((10, 12, 14)), affine)
    brain = np.zeros(scan.extent, bool)
    brain[3:7, 3:7, 3:7] = True
    assert brain_at_edge_cm2(scan, brain) == 0
    face = [slice(3, 7)] * 3
    face[axis] = slice(plane, plane + 1)
    brain[tuple(face)] = True
    one = np.prod(np.delete([2, 3, 5], axis)) / 100
    assert brain_at_edge_cm2(scan, brain) == pytest.approx(16 * one)


def test_a_cut_head_filled_up_with_zeros_is_cut(rng: np.random.Generator) -> None:
    values = rng.random((12, 12, 12))
    values[:, :, 8:] = 0
    brain = np.zeros(values.shape, bool)
    brain[3:9, 3:9, 3:8] = True
    scan = SpatialMap(values, np.eye(4))
    assert brain_at_edge_cm2(scan, brain) == pytest.approx(0.36)
    # In a stripped scan emptiness begins where the brain ends.
    assert brain_at_edge_cm2(scan, brain, padded=False) == 0


def test_every_number_has_limits_and_words() -> None:
    assert list(QualityLimits.model_fields) == NAMES == list(SENTENCES)
    assert list(GOOD.as_row()) == NAMES


def test_what_was_not_reached_is_not_in_the_ledger() -> None:
    early = Quality(1400.0, 0.0)
    assert math.isnan(early.overlap)
    assert early.as_row() == {"brain_volume_cm3": 1400.0, "brain_at_edge_cm2": 0.0}


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (-0.1, "failed"),
        (0.0, "check"),
        (0.9, "check"),
        (1.0, "ok"),
        (2.0, "ok"),
        (2.5, "check"),
        (3.1, "failed"),
    ],
)
def test_ends_of_a_range_are_inside(value: float, verdict: str) -> None:
    assert verdict_of(value, Limits(fine=(1.0, 2.0), used=(0.0, 3.0))) == verdict


def test_open_ranges_have_one_end() -> None:
    assert verdict_of(1e9, Limits(fine=(1.0, None), used=(None, None))) == "ok"
    assert verdict_of(-1e9, Limits(fine=(1.0, None), used=(None, None))) == "check"


OUTSIDE = {
    "brain_volume_cm3": (20.0, "20 cm3; expected 700 to 2300"),
    "brain_at_edge_cm2": (70.0, "over 70 cm2; expected at most 40"),
    "intracranial_volume_cm3": (300.0, "is 300 cm3; expected 700 to 3000"),
    "overlap": (0.5, "by 0.500; expected at least 0.85"),
    "similarity": (0.1, "is 0.100; expected at least 0.5"),
    "folded": (0.002, "folds in 0.20% of the brain; expected at most 0"),
    "log_jacobian_sd": (1.5, "1.500; expected at most 1"),
    "log_jacobian_least": (-4.0, "down to -4.00; expected at least -3"),
    "log_jacobian_greatest": (4.0, "up to 4.00; expected at most 3"),
}


@pytest.mark.parametrize("name", NAMES)
def test_outside_its_limits_a_scan_is_refused(name: str) -> None:
    value, reason = OUTSIDE[name]
    with pytest.raises(QualityError) as caught:
        check_quality(dataclasses.replace(GOOD, **{name: value}), LIMITS)
    assert reason in str(caught.value)
    assert caught.value.numbers[name] == value


@pytest.mark.parametrize("name", [name for name in NAMES if name != "folded"])
def test_between_the_limits_a_scan_is_to_be_looked_at(name: str) -> None:
    limits = LIMITS.of(name)
    outer = OUTSIDE[name][0]
    inner = min((e for e in limits.fine if e is not None), key=lambda e: abs(e - outer))
    used = min((e for e in limits.used if e is not None), key=lambda e: abs(e - outer))
    between = (inner + used) / 2
    judgements = judge(dataclasses.replace(GOOD, **{name: between}).as_row(), LIMITS)
    assert worst(judgements) is Verdict.CHECK
    [found] = [j for j in judgements if j.verdict is not Verdict.OK]
    assert found.name == name
    assert 0 < found.severity < 1
    assert f"{inner:g}" in sentences(judgements, Verdict.CHECK)
    check_quality(dataclasses.replace(GOOD, **{name: between}), LIMITS)


def test_a_good_scan_is_ok() -> None:
    judgements = judge(GOOD.as_row(), LIMITS)
    assert worst(judgements) is Verdict.OK
    assert sentences(judgements, Verdict.CHECK) == ""
    assert max(j.severity for j in judgements) < 0
    assert worst([]) is Verdict.OK


def test_all_reasons_are_named_at_once() -> None:
    bad = dataclasses.replace(GOOD, overlap=0.5, similarity=0.1, log_jacobian_sd=0.7)
    with pytest.raises(QualityError) as caught:
        check_quality(bad, LIMITS)
    assert str(caught.value).count("expected") == 2


def test_the_sidecar_gets_number_verdict_and_limits() -> None:
    found = judge({"overlap": 0.9}, LIMITS)[0].as_json()
    assert found == {
        "Value": 0.9,
        "Verdict": "check",
        "Fine": [0.92, None],
        "Used": [0.85, None],
    }
