"""Quality: numbers by hand, and limits that refuse with both numbers said."""

import dataclasses

import numpy as np
import pytest

from crosswarp.derivatives.quality import (
    Quality,
    brain_volume_cm3,
    check_brain_volume,
    check_registration,
    overlap,
    similarity,
)
from crosswarp.derivatives.settings import QualityLimits
from crosswarp.errors import ScanError
from crosswarp.types.arrays import SpatialMap

GOOD = Quality(
    brain_volume_cm3=1400.0,
    overlap=0.95,
    similarity=0.9,
    folded=0.0,
    log_jacobian_sd=0.2,
    log_jacobian_least=-0.6,
    log_jacobian_greatest=0.6,
)


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


@pytest.mark.parametrize("volume", [20.0, 5000.0])
def test_implausible_volumes_are_refused(volume: float) -> None:
    with pytest.raises(ScanError, match=f"{volume:.0f} cm3; expected 700 to 2300"):
        check_brain_volume(volume, QualityLimits())


def test_a_plausible_scan_passes() -> None:
    check_brain_volume(1400.0, QualityLimits())
    check_registration(GOOD, QualityLimits())


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"overlap": 0.5}, "by 0.500; expected"), ({"similarity": 0.1}, "is 0.100; ex")],
    ids=["overlap", "similarity"],
)
def test_a_scan_off_the_template_is_refused(
    change: dict[str, float], reason: str
) -> None:
    with pytest.raises(ScanError, match=reason):
        check_registration(dataclasses.replace(GOOD, **change), QualityLimits())


def test_the_ledger_gets_every_number() -> None:
    assert set(GOOD.as_row()) == {f.name for f in dataclasses.fields(Quality)}
