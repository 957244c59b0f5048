"""Mean difference and effect size at each voxel."""

from pathlib import Path

import numpy as np
import pytest

from crosswarp.bids.ids import ScanId
from crosswarp.bids.tables import read_table, write_table
from crosswarp.errors import MissingDerivativeError, ShapeError
from crosswarp.report.group_maps import group_effect, group_moments
from crosswarp.report.maps import map_path, read_map
from crosswarp.report.run import Run
from crosswarp.types.arrays import SpatialMap
from tests.report.fake_run import save

AFFINE = np.diag([8.0, 8.0, 8.0, 1.0])
EXTENT = (4, 5, 6)


def log_jacobian(run: Path, number: int, session: str = "ses-M00") -> Path:
    return map_path(Run(run), ScanId(f"sub-{number:03d}", session), "logjacobian")


def random_maps(run: Path) -> dict[int, np.ndarray]:
    """Give every participant a small random map; odd numbers have AD."""
    rng = np.random.default_rng(0)
    maps = {}
    for number in range(16):
        maps[number] = rng.normal(0.1 * (number % 2), 1, EXTENT).astype(np.float32)
        save(log_jacobian(run, number), maps[number], AFFINE)
    return maps


def test_effect_is_the_one_of_all_maps_at_once(run: Path) -> None:
    maps = random_maps(run)
    log_jacobian(run, 14).unlink()
    ill = np.stack([maps[number] for number in range(1, 16, 2)]).astype(float)
    well = np.stack([maps[number] for number in range(0, 14, 2)]).astype(float)
    effect = group_effect(Run(run), "AD", "CN")
    assert (effect.above, effect.below) == (8, 7)
    difference = ill.mean(axis=0) - well.mean(axis=0)
    pooled = (7 * ill.var(axis=0, ddof=1) + 6 * well.var(axis=0, ddof=1)) / 13
    np.testing.assert_allclose(effect.difference.values, difference, atol=1e-6)
    np.testing.assert_allclose(
        effect.cohens_d.values, difference / np.sqrt(pooled), rtol=1e-5, atol=1e-6
    )
    swapped = group_effect(Run(run), "CN", "AD")
    np.testing.assert_allclose(swapped.cohens_d.values, -effect.cohens_d.values)


def test_nothing_varies_and_nothing_outside_the_brain(run: Path) -> None:
    for number in range(16):
        values = np.full(EXTENT, 0.3 if number % 2 else 0.1)
        values[0] += 0.01 * number
        save(log_jacobian(run, number), values, AFFINE)
    brain = np.ones(EXTENT, dtype=np.float32)
    brain[:, 0] = 0
    effect = group_effect(Run(run), "AD", "CN", SpatialMap(brain, AFFINE))
    assert np.all(effect.cohens_d.values[1:] == 0)
    assert np.all(effect.cohens_d.values[0, 1:] > 1)
    np.testing.assert_allclose(effect.difference.values[1:, 1:], 0.2, rtol=1e-5)
    for found in (effect.difference, effect.cohens_d):
        assert np.all(found.values[:, 0] == 0)


def test_a_person_counts_once(run: Path) -> None:
    maps = random_maps(run)
    path = run / "predictions.tsv"
    table = read_table(path)
    later = table[table["participant_id"] == "sub-001"].assign(session_id="ses-M12")
    write_table(path, type(table)(np.vstack([table, later]), columns=table.columns))
    visit = log_jacobian(run, 1, "ses-M12")
    visit.parent.mkdir(parents=True)
    save(visit, np.full(EXTENT, 100.0), AFFINE)
    moments = group_moments(Run(run), "AD")
    assert moments.count == 8
    first = np.stack([maps[number] for number in range(1, 16, 2)])
    np.testing.assert_allclose(moments.mean, first.mean(axis=0), atol=1e-6)


def test_one_person_is_no_group(run: Path) -> None:
    for number in range(3, 16, 2):
        log_jacobian(run, number).unlink()
    with pytest.raises(MissingDerivativeError, match=r"too few .* of AD .*: 1"):
        group_effect(Run(run), "AD", "CN")
    log_jacobian(run, 1).unlink()
    with pytest.raises(MissingDerivativeError, match=r"too few .* of AD .*: 0"):
        group_effect(Run(run), "AD", "CN")


def test_maps_on_other_grids_are_refused(run: Path) -> None:
    whole = read_map(log_jacobian(run, 0)).extent
    save(log_jacobian(run, 3), np.zeros(EXTENT), AFFINE)
    with pytest.raises(ShapeError, match=r"sub-003.* has extent \(4, 5, 6\), others"):
        group_moments(Run(run), "AD")
    for number in range(1, 16, 2):
        save(log_jacobian(run, number), np.zeros(EXTENT), AFFINE)
    with pytest.raises(ShapeError, match=rf"AD have extent .* \({whole[0]}, "):
        group_effect(Run(run), "AD", "CN")
