"""smoothed: a Gaussian of the width that was asked for, in mm, one scan at a time."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.baselines.smoothing import smoothed


def width_mm(profile: np.ndarray, spacing: float) -> float:
    """Full width at half maximum from the second moment of a profile."""
    places = (np.arange(len(profile)) - profile.argmax()) * spacing
    return float(np.sqrt(8 * np.log(2) * (profile * places**2).sum() / profile.sum()))


def test_a_point_gets_the_width_in_mm_on_every_axis(tmp_path: Path) -> None:
    maps = np.zeros((2, 41, 31, 21), np.float16)
    maps[1, 20, 15, 10] = 1000
    with smoothed(maps, 8.0, (1.0, 2.0, 2.5), tmp_path) as seen:
        assert seen.dtype == np.float16
        assert not seen[0].any(), "a scan gets nothing of another"
        whole = seen[1].astype(np.float64)
    assert whole.sum() == pytest.approx(1000, rel=0.01)
    for axis, spacing in enumerate((1.0, 2.0, 2.5)):
        others = tuple(a for a in range(3) if a != axis)
        assert width_mm(whole.sum(axis=others), spacing) == pytest.approx(8, rel=0.05)
    assert not list(tmp_path.iterdir()), "nothing is left behind"


def test_no_smoothing_gives_the_maps_themselves(rng, tmp_path: Path) -> None:
    maps = rng.normal(size=(2, 4, 5, 6)).astype(np.float16)
    with smoothed(maps, 0.0, (2.0, 2.0, 2.0), tmp_path) as seen:
        assert seen is maps
